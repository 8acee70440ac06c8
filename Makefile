# Every target first does the set-up that it needs, once. Everything is installed into .local (see environment/setup.sh).

SHELL := /bin/bash
.DELETE_ON_ERROR:
.SUFFIXES:
.DEFAULT_GOAL := help

# The pinned Go and the project's settings replace those of the user.
export PATH := $(CURDIR)/.local/go/bin:$(CURDIR)/.local/bin:$(PATH)
export GOTOOLCHAIN := local
export GOWORK := off
# FAISS and hnswlib are compiled in if a C++ compiler and Debian's libfaiss-dev or libhnswlib-dev are installed.
TAGS := $(shell command -v $(CXX) >/dev/null && for header in faiss/IndexHNSW.h hnswlib/hnswlib.h; do \
	test -f /usr/include/$$header && printf ',%s' $${header%%/*}; done)
export GOFLAGS := -buildvcs=false -mod=readonly$(if $(TAGS), -tags=$(TAGS:,%=%))
# DuckDB, Milvus, Weaviate, the stores s3:// and gs://, and Spark's client need many more modules. They are in modules of their own, and in the
# command after `make cloud` or `make engines`, and in that of the image.
CLOUD := lib/cmd/allengines -tags noduckdb$(TAGS)
COMMAND = $(if $(wildcard .local/stamps/engines),lib/cmd/allengines,$(if $(wildcard .local/stamps/cloud),$(CLOUD),lib/cmd/anncapacity))
DRIVERS := lib/engine/duckdb/driver lib/engine/milvus/driver lib/engine/weaviate/driver
SCALE := lib/scale/cloud lib/scale/spark
export CGO_ENABLED := 1
unexport GOROOT GOBIN GOOS GOARCH

# The job of the notebooks. environment/notebooks.py sets the defaults and resolves paths.
export DATASET WEIGHTS PROFILE

NOTEBOOKS = $(sort $(wildcard notebooks/[0-9]_*.ipynb))
JUPYTER := .local/python/bin/python environment/notebooks.py
SOURCES := $(shell find lib -name testdata -prune -o -type f -not -name '*_test.go' -print)

.PHONY: help setup python peers notebooks lab lint lock test sift cloud engines engines-test scale-test audit-demo advise-check storage-peers browser-test bench reproduce image image-run image-lab image-test clean

help:
	@echo 'make notebooks [DATASET=generated|imagenette|stl10|FOLDER] [WEIGHTS=untrained|imagenet1k_v1|imagenet1k_v2|FILE] [PROFILE=quick|paper]'
	@echo '                 runs the notebooks headless; results in out/notebooks/<data set> and figures/.'
	@echo '                 The first value of each is the default. imagenette, stl10 and weights of imagenet1k are downloaded once'
	@echo '                 (99 MB, 2.6 GB and 103 MB). INPLACE=1 also writes the executed notebooks to notebooks/'
	@echo 'make lab         opens the notebooks in JupyterLab (same variables; ARGS= are arguments of JupyterLab)'
	@echo 'make setup       does only the set-up and builds bin/anncapacity'
	@echo 'make test        runs all tests and linters'
	@echo 'make lint        runs only the linters: gofmt, go vet, staticcheck, govulncheck'
	@echo 'make lock        checks that pinned versions are consistent: go.sum, hashes of wheels, the kernel, the image'
	@echo 'make cloud       builds bin/anncapacity with the stores s3:// and gs:// and with the clients of Spark and Milvus, for its command'
	@echo '                 scale (350 MB of modules with an empty cache, compiled in minutes)'
	@echo 'make engines     installs PostgreSQL with pgvector, vss for DuckDB, Milvus, PyNNDescent, usearch, Qdrant, LanceDB, ScaNN,'
	@echo '                 Redis, libSQL, ClickHouse, and Lucene and JVector with a Java runtime (2.5 GB; needs Maven), and builds'
	@echo '                 bin/anncapacity with all engines, Weaviate among them (160 MB of modules, compiled in minutes)'
	@echo 'make engines-test  tests every engine, DuckDB, Milvus and Weaviate included'
	@echo 'make scale-test  tests data and work folders on servers of S3 and GCS that it builds (minutes), the runner of Spark on a cluster'
	@echo '                 of this machine, and manifests with the schema of Kubernetes (0.6 GB)'
	@echo 'make audit-demo  audits a table of 200,000 rows in a PostgreSQL of its own, with and without filters; reports in out/audit-demo'
	@echo 'make advise-check  builds FAISS, hnswlib and usearch 20 times on each of four data sets and counts how often the efSearch that'
	@echo '                 advise gives reaches the recall on fresh queries (an hour on one core; ADVISE_CHECK_SETS= names the sets)'
	@echo 'make storage-peers  installs DiskANN, LanceDB and, where Python 3.9 is found, SPTAG (0.9 GB), for the study of vectors on storage'
	@echo 'make browser-test  runs the notebooks in JupyterLab in Chromium; screenshots in out/browser'
	@echo 'make bench       compares the speed with ONNX Runtime, FAISS, hnswlib and usearch, and writes docs/speeds.md (ARGS=-h lists flags;'
	@echo '                 ARGS=-full takes sets of up to 1,000,000 points, ARGS="-growth FOLDER" gives the records of figure Growth)'
	@echo 'make reproduce   runs the default job in two fresh clones, on all cores and on one core, and compares the data'
	@echo 'make image       builds the pinned image with docker, podman or buildah (environment/image.sh lists the settings)'
	@echo 'make image-run   runs the notebooks in a container without a network; results in out/image'
	@echo 'make image-lab   opens JupyterLab in a container, on port 8888'
	@echo 'make image-test  builds the image from a fresh clone and compares its results with a run outside of it'
	@echo 'make peers       installs the programs that tests compare with'
	@echo 'make sift        installs OpenCV, which bin/anncapacity sift needs (250 MB)'
	@echo 'make clean       removes .local and bin; keeps the results in out and figures'

setup: bin/anncapacity
	@environment/setup.sh tools kernel sift

python:
	@environment/setup.sh python

peers:
	@environment/setup.sh peers

sift:
	@environment/setup.sh sift

# The order-only prerequisite installs Go. The command is built again when its sources change.
bin/anncapacity: go.mod go.sum $(SOURCES) | python
	go build -C $(COMMAND) -o $(CURDIR)/$@ .

notebooks: setup
	@test -n '$(NOTEBOOKS)' || { echo 'there are no notebooks in notebooks/' >&2; exit 1; }
	@$(JUPYTER) fetch
	@$(JUPYTER) execute --html $(if $(INPLACE),--in-place) $(NOTEBOOKS)

lab: setup
	@$(JUPYTER) fetch
	@$(JUPYTER) lab $(ARGS)

lint: python
	@environment/setup.sh lint
	@environment/lint.sh

lock: setup
	go test -count=1 ./lib/internal/lock

test: setup peers sift lint
	go test -timeout 25m ./...

# The stamp keeps the choice of the command for later builds.
cloud: python
	go build -C $(CLOUD) -o $(CURDIR)/bin/anncapacity .
	@touch .local/stamps/cloud

engines: setup
	@environment/setup.sh java jars engines
	go build -C lib/cmd/allengines -o $(CURDIR)/bin/anncapacity .

engines-test: engines
	go test -timeout 25m ./lib/internal/process ./lib/engine/... ./lib/audit/... ./lib/compare/...
	for driver in $(DRIVERS); do go test -C $$driver -timeout 25m ./... || exit 1; done

scale-test: setup peers
	@environment/setup.sh java s3 gcs scale
	go test -count=1 -timeout 25m ./lib/scale/...
	for module in $(SCALE); do go test -C $$module -count=1 -timeout 25m ./... || exit 1; done

audit-demo: engines
	go run ./lib/cmd/auditdemo $(ARGS)

advise-check: setup peers
	@environment/setup.sh bench engines
	ADVISE_CHECK=20 go test -count=1 -timeout 10h -v -run TestFreshQueriesReachTheRecall ./lib/advise

storage-peers: peers
	@environment/setup.sh storage

browser-test: setup
	@if command -v chromium >/dev/null; then \
		environment/setup.sh browser && .local/browser/bin/python environment/browser.py $(ARGS); \
	else echo 'skipped: there is no Chromium. To install it: apt-get install -y chromium'; fi

bench: setup peers
	@environment/setup.sh bench
	go run ./lib/cmd/bench $(ARGS)

reproduce:
	@environment/setup.sh python tools
	@environment/reproduce.sh $(ARGS)

image:
	@environment/image.sh build

image-run:
	@environment/image.sh run

image-lab:
	@environment/image.sh lab

image-test:
	@environment/setup.sh python tools
	@environment/image.sh test

clean:
	rm -rf .local bin
