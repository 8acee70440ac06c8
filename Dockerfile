# An image with everything that the default job and JupyterLab need: its containers work without a network.
# environment/image.sh builds, runs and tests it (make image, image-run, image-lab, image-test).
#
# Behind a proxy with its own certificates: --secret id=certificates,src=FILE. The image keeps neither the file nor build arguments.

# --build-arg BASE=… sets a digest or a mirror.
ARG BASE=debian:trixie-20260803-slim

FROM ${BASE} AS system
# The time of the snapshot of Debian's packages. Empty: the package sources of the base.
ARG SNAPSHOT=20260803T000000Z
RUN set -eu; \
    if [ -n "$SNAPSHOT" ]; then \
        . /etc/os-release; archive=http://snapshot.debian.org/archive; \
        rm -rf /etc/apt/sources.list.d; \
        printf 'deb [check-valid-until=no] %s\n' \
            "$archive/debian/$SNAPSHOT $VERSION_CODENAME main" \
            "$archive/debian/$SNAPSHOT $VERSION_CODENAME-updates main" \
            "$archive/debian-security/$SNAPSHOT $VERSION_CODENAME-security main" >/etc/apt/sources.list; \
    fi; \
    export DEBIAN_FRONTEND=noninteractive; \
    apt-get update -qq; \
    apt-get install -qq -y --no-install-recommends ca-certificates gcc libc6-dev make python3 python3-venv; \
    rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/log/* /usr/share/doc /usr/share/man /usr/share/locale
# To bind folders of the host, set UID to the ID of their owner.
ARG UID=1000
RUN useradd --create-home --uid "$UID" ann && install -d -o ann /data /home/ann/anncapacity
USER ann
WORKDIR /home/ann/anncapacity

FROM system AS build
# Git applies the patches to the kernel.
USER root
RUN apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends git
USER ann
# Mirrors of registries, for this stage only.
ARG GOPROXY
ARG GOSUMDB
ARG PIP_INDEX_URL
COPY --chown=ann environment/network.sh environment/setup.sh environment/gonb.py environment/kernel.py environment/requirements.txt environment/plugin.txt environment/
COPY --chown=ann environment/tools environment/tools
COPY --chown=ann environment/gonb environment/gonb
# The sources of the kernel's tools are not kept.
RUN --mount=type=secret,id=certificates,mode=0444 . environment/network.sh; \
    environment/setup.sh python && GOPATH=/tmp/tools GOCACHE=/tmp/tools/cache environment/setup.sh tools && rm -rf .local/gonb
COPY --chown=ann . .
# Cells are compiled with the packages that are built here and need the go.mod of every module. Archives are not needed again, nor are
# the modules of the command, which a worker of `scale` has with s3://, gs:// and Spark.
RUN --mount=type=secret,id=certificates,mode=0444 . environment/network.sh; \
    make --no-print-directory setup && \
    export PATH=$PWD/.local/go/bin:$PATH GOTOOLCHAIN=local GOFLAGS=-buildvcs=false && \
    go list -m all >/dev/null && go build -tags notebooks ./lib/... && \
    GOMODCACHE=/tmp/modules GOCACHE=/tmp/modules/cache \
        go build -C lib/cmd/allengines -modcacherw -tags noduckdb -o "$PWD/bin/anncapacity" . && rm -rf /tmp/modules && \
    find "$HOME/go/pkg/mod/cache" -name '*.zip' -delete && \
    mkdir -p out figures

FROM system
COPY --from=build --chown=ann /home/ann /home/ann
# Modules that are missing in the image are not downloaded; -e GOPROXY=… changes this.
ENV ANNCAPACITY_HOME=/data GOPROXY=off
VOLUME ["/data", "/home/ann/anncapacity/out", "/home/ann/anncapacity/figures"]
EXPOSE 8888
HEALTHCHECK --interval=30s --timeout=10s --start-period=60s --retries=3 \
    CMD ["/home/ann/anncapacity/.local/python/bin/python", "/home/ann/anncapacity/environment/health.py"]
CMD ["make", "--no-print-directory", "lab", "ARGS=--ip=0.0.0.0 --port=8888 --ServerApp.port_retries=0 --no-browser"]
ARG REVISION=unknown
ARG BASE
LABEL org.opencontainers.image.title="anncapacity" \
      org.opencontainers.image.description="Does an approximate index return the true neighbours? A Go library with notebooks in JupyterLab; works offline." \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.base.name="${BASE}"
