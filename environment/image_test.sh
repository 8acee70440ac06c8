# Read by image.sh: the image is built from a fresh clone of what is committed; a container of it, without a network, is looked at
# from inside and runs the default job, which runs in the clone itself too; the data of both must be the same to the byte.

work=$(mktemp -d "${TMPDIR:-/var/tmp}/image.XXXXXX")
chmod 755 "$work" # the container's user reads what is bound

# sizes tells what the image consists of, in MB: Debian; Go and XLA within the wheels, and all of these; the kernel's tools;
# the command; modules; and the packages built of them.
sizes() {
	run_in -- sh -c 'du -xsm /usr .local/python/lib/python3.*/site-packages/go .local/python/lib/python3.*/site-packages/xla_plugins &&
		du -xsm .local/python .local/bin bin ~/go ~/.cache'
}

say_uncommitted
say "building the image with $engine"
fresh_clone "$work/outside"
build "$work/outside"
say 'what it consists of, in MB'
sizes
say 'a container seen from inside'
run_in -- .local/python/bin/python environment/image_probe.py "$(sed -n 's/^CMD //p' Dockerfile)" "$(sed -n 's/^    CMD //p' Dockerfile)"
say 'the default job in a container, without a network'
(unset DATASET WEIGHTS PROFILE && run "$work/inside")
say 'the default job outside'
default_job "$work/outside"
say 'the data of both'
.local/python/bin/python environment/compare.py "$work/inside" "$work/outside"
