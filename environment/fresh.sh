# Read by reproduce.sh and image.sh: clones of what is committed, and the default job in them.

# fresh_clone FOLDER: clones this checkout there. Go, Python and the kernel's tools are this checkout's, by link, because they
# are pinned and checked; the kernel is registered anew, and nothing computed is taken along.
fresh_clone() {
	local folder=$1 name
	git clone --quiet --no-hardlinks . "$folder"
	mkdir -p "$folder/.local/stamps"
	for name in python go bin pjrt_cpu_plugin.so; do
		ln -s "$(realpath ".local/$name")" "$folder/.local/$name"
	done
	cp .local/stamps/python .local/stamps/tools "$folder/.local/stamps/"
}

# default_job FOLDER [COMMAND...]: runs the default job in a clone, from an empty cache, by way of the command.
default_job() {
	local folder=$1
	shift
	env -u DATASET -u WEIGHTS -u PROFILE -u INPLACE -u MAKEFLAGS -u MAKELEVEL ANNCAPACITY_HOME="$folder/cache" \
		"$@" make --no-print-directory -C "$folder" notebooks
}

# say_uncommitted: tells what a clone does not hold.
say_uncommitted() {
	git diff --quiet HEAD || echo '== what is not committed is not part of this'
}
