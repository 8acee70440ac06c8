#!/usr/bin/env bash
# Builds, runs and tests the pinned image with docker, podman or buildah, the first of them that works here.
#
#   environment/image.sh build         builds the image from this checkout
#   environment/image.sh run [FOLDER]  runs the default job in a container without a network; figures and notebooks in FOLDER/figures
#                                      and FOLDER/out, by default in out/image. DATASET, WEIGHTS and PROFILE as for make notebooks
#   environment/image.sh lab           opens JupyterLab on port 8888 of this machine alone (PORT=); the log prints the address with the token
#   environment/image.sh test          builds the image from a fresh clone, runs the job inside and outside, compares the data
#   environment/image.sh clean         removes the image, and buildah's storage below .local/image
#
# ENGINE=docker|podman|buildah selects the program. BASE=IMAGE replaces the Dockerfile's base, SNAPSHOT= the day of Debian's packages.
# CERTIFICATES=FILE, GOPROXY, GOSUMDB and PIP_INDEX_URL apply while the image is built, for machines behind a proxy or a mirror.
# Only buildah needs neither a daemon nor a registry: as root, with chroot isolation, on a base made by debootstrap.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. environment/fresh.sh

image=localhost/anncapacity
storage=$PWD/.local/image
home=/home/ann/anncapacity

say() { printf '== %s\n' "$*"; }
fail() { printf 'image: %s\n' "$*" >&2; exit 1; }

find_engine() {
	if docker info >/dev/null 2>&1; then
		echo docker
	elif podman info >/dev/null 2>&1; then
		echo podman
	elif command -v buildah >/dev/null && ((EUID == 0)); then
		echo buildah
	else
		fail 'neither docker nor podman works here, nor buildah as root. On Debian: sudo apt-get install -y podman, or buildah debootstrap'
	fi
}

buildah_() { buildah --root "$storage/store" --runroot "$storage/run" --storage-driver vfs "$@"; }

# user: prints the ID of the image's user, that of the caller. For root it is 1000: a container never runs as root.
user() { if ((EUID)); then id -u; else echo 1000; fi; }

build() {
	local arguments=(--build-arg "REVISION=$(git -C "$1" describe --always --dirty 2>/dev/null || echo unknown)" --build-arg "UID=$(user)") name
	for name in GOPROXY GOSUMDB PIP_INDEX_URL; do
		[[ -z ${!name:-} ]] || arguments+=(--build-arg "$name=${!name}")
	done
	[[ -z ${CERTIFICATES:-} ]] || arguments+=(--secret "id=certificates,src=$CERTIFICATES")
	if [[ $engine == buildah && -z ${BASE:-} ]]; then
		make_base
		arguments+=(--build-arg "BASE=$image-base" --build-arg "SNAPSHOT=${SNAPSHOT:-}")
	else
		[[ -z ${BASE:-} ]] || arguments+=(--build-arg "BASE=$BASE")
		[[ -z ${SNAPSHOT+set} ]] || arguments+=(--build-arg "SNAPSHOT=$SNAPSHOT")
	fi
	case $engine in
	docker) DOCKER_BUILDKIT=1 docker build "${arguments[@]}" --tag "$image" "$1" ;;
	podman) podman build --format docker "${arguments[@]}" --tag "$image" "$1" ;;
	buildah) buildah_ bud --isolation chroot --format docker "${arguments[@]}" --tag "$image" "$1" ;;
	esac
}

# make_base: makes the base image from Debian's packages, once.
make_base() {
	local folder name
	if buildah_ inspect --type image "$image-base" >/dev/null 2>&1; then return; fi
	command -v debootstrap >/dev/null || fail 'debootstrap is missing: apt-get install -y debootstrap'
	say 'making a base of Debian 13 with debootstrap'
	mkdir -p "$storage"
	folder=$(mktemp -d "$storage/base.XXXXXX")
	debootstrap --variant=minbase trixie "$folder" ${MIRROR:+"$MIRROR"} >"$storage/debootstrap.log" ||
		fail "debootstrap: $(tail -1 "$storage/debootstrap.log")"
	name=$(buildah_ from scratch)
	buildah_ add --quiet "$name" "$folder" / >/dev/null
	buildah_ commit --quiet --rm "$name" "$image-base" >/dev/null
	rm -rf "$folder"
}

# run_in FLAG... -- COMMAND...: runs a command in a container without a network. Flags are -e and -v. With buildah, all commands
# share one container, because without an overlay each container is a copy of the image.
container=
run_in() {
	local flags=()
	while [[ $1 != -- ]]; do
		flags+=("$1")
		shift
	done
	shift
	case $engine in
	docker) docker run --rm --init --no-healthcheck --network none "${flags[@]}" "$image" "$@" ;;
	podman) podman run --rm --init --no-healthcheck --network none "${same_user[@]}" "${flags[@]}" "$image" "$@" ;;
	buildah)
		if [[ -z $container ]]; then
			container=$(buildah_ from "$image")
			# The image's volumes would hide those of the flags.
			buildah_ config --volume /data- --volume "$home/out-" --volume "$home/figures-" "$container"
		fi
		without_network buildah_ run --isolation chroot "${flags[@]}" "$container" -- "$@"
		;;
	esac
}

at_exit() {
	[[ -z $container ]] || buildah_ rm "$container" >/dev/null
	[[ -z $work ]] || { chmod -R u+w "$work" && rm -rf "$work"; }
}

# without_network COMMAND...: runs a command with a loopback network only, which the kernels of Jupyter need.
without_network() {
	export -f buildah_
	export storage
	unshare --net bash -euc 'ip link set lo up; "$@"' - "$@"
}

run() {
	local folder=$1 flags=() name value
	mkdir -p "$folder/out" "$folder/figures"
	((EUID)) || chown "$(user)" "$folder/out" "$folder/figures"
	for name in DATASET WEIGHTS PROFILE; do
		value=${!name:-}
		if [[ -e $value ]]; then
			flags+=(-v "$(realpath "$value"):/data/$(basename "$value"):ro")
			value=/data/$(basename "$value")
		fi
		[[ -z $value ]] || flags+=(-e "$name=$value")
	done
	folder=$(realpath "$folder")
	run_in "${flags[@]}" -v "$folder/out:$home/out" -v "$folder/figures:$home/figures" -- make --no-print-directory notebooks
}

lab() {
	local folder=out/image port=${PORT:-8888}
	[[ $engine != buildah ]] || fail 'JupyterLab in a container needs docker or podman; `make lab` starts it without one'
	mkdir -p "$folder/out" "$folder/figures"
	((EUID)) || chown "$(user)" "$folder/out" "$folder/figures"
	folder=$(realpath "$folder")
	exec "$engine" run --rm --init --interactive "${same_user[@]}" --publish "127.0.0.1:$port:8888" \
		-v "$folder/out:$home/out" -v "$folder/figures:$home/figures" "$image"
}

case ${1:-} in
build | run | lab | test | clean) ;;
*) sed -n '2,/^set/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
esac
engine=${ENGINE:-$(find_engine)}
same_user=()
[[ $engine != podman ]] || ((EUID == 0)) || same_user=(--userns keep-id)
work=
trap at_exit EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
case $1 in
build) build . ;;
run) run "${2:-out/image}" ;;
lab) lab ;;
test) . environment/image_test.sh ;;
clean)
	if [[ $engine == buildah ]]; then rm -rf "$storage"; else "$engine" rmi "$image"; fi
	;;
esac
