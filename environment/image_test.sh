# Sourced by image.sh: builds the image from a fresh clone of the committed files, and checks a container without a network from
# inside. Then runs the default job in a container and in the clone, and compares the data, which must have the same bytes.

work=$(mktemp -d "${TMPDIR:-/var/tmp}/image.XXXXXX")
chmod 755 "$work" # for the container's user

# sizes: prints the sizes of the parts of the image in MB: Debian; Go and XLA within the wheels; all wheels; the kernel's tools; the
# command; modules; and compiled packages.
sizes() {
	run_in -- sh -c 'du -xsm /usr .local/python/lib/python3.*/site-packages/go .local/python/lib/python3.*/site-packages/xla_plugins &&
		du -xsm .local/python .local/bin bin ~/go ~/.cache'
}

say_uncommitted
say "building the image with $engine"
fresh_clone "$work/outside"
build "$work/outside"
say 'sizes of its parts, in MB'
sizes
say 'checks inside a container'
run_in -- .local/python/bin/python environment/image_probe.py "$(sed -n 's/^CMD //p' Dockerfile)" "$(sed -n 's/^    CMD //p' Dockerfile)"
say 'the default job in a container, without a network'
(unset DATASET WEIGHTS PROFILE && run "$work/inside")
say 'the default job outside'
default_job "$work/outside"
say 'comparison of the data'
.local/python/bin/python environment/compare.py "$work/inside" "$work/outside"
