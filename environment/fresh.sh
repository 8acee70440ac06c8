# Sourced by reproduce.sh and image.sh: makes clones of the committed files and runs the default job in them.

# fresh_clone FOLDER: clones this checkout into FOLDER. Links give the clone this checkout's Go, Python and kernel tools, which are
# pinned and checked. The clone registers its own kernel and gets no results.
fresh_clone() {
	local folder=$1 name
	git clone --quiet --no-hardlinks . "$folder"
	mkdir -p "$folder/.local/stamps"
	for name in python go bin pjrt_cpu_plugin.so; do
		ln -s "$(realpath ".local/$name")" "$folder/.local/$name"
	done
	cp .local/stamps/python .local/stamps/tools "$folder/.local/stamps/"
}

# default_job FOLDER [COMMAND...]: runs the default job in a clone, with an empty cache, under COMMAND.
default_job() {
	local folder=$1
	shift
	env -u DATASET -u WEIGHTS -u PROFILE -u INPLACE -u MAKEFLAGS -u MAKELEVEL ANNCAPACITY_HOME="$folder/cache" \
		"$@" make --no-print-directory -C "$folder" notebooks
}

# say_uncommitted: warns about uncommitted changes, which a clone does not have.
say_uncommitted() {
	git diff --quiet HEAD || echo '== warning: uncommitted changes are not part of this test'
}
