# docker build --tag seqd .
# docker run --rm --publish 127.0.0.1:8080:8080 --volume seqd:/data seqd
#
# Without SEQD_REDIS it keeps its sequences in a redis-server of its own, in /data.

# Any image of Debian 12; what is built in BUILD_BASE runs in BASE.
ARG BASE=debian:12-slim
ARG BUILD_BASE=debian:12-slim

FROM ${BUILD_BASE} AS build
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        ca-certificates gcc libc6-dev libhiredis-dev libjansson-dev libmicrohttpd-dev liburcu-dev \
        make nodejs npm uthash-dev \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY openapi/package.json openapi/package-lock.json openapi/.npmrc openapi/
RUN npm --prefix openapi ci --omit=dev && touch openapi/node_modules/.built
COPY . .
RUN make -j"$(nproc)" OPTIMIZE=-O2 && make OPTIMIZE=-O2 DESTDIR=/out install

FROM ${BASE}
RUN apt-get update \
 && DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
        libhiredis0.14 libjansson4 libmicrohttpd12 liburcu8 redis-server \
 && rm -rf /var/lib/apt/lists/* \
 && install -d -o 10001 -g 10001 -m 0700 /data
COPY --from=build /out/usr/local/bin/seqd /usr/local/bin/
COPY deploy/healthcheck.sh /usr/local/bin/seqd-healthcheck

ENV SEQD_LISTEN=0.0.0.0:8080 \
    SEQD_DATA_DIR=/data
USER 10001:10001
WORKDIR /
VOLUME /data
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s \
    CMD ["/usr/local/bin/seqd-healthcheck"]
ENTRYPOINT ["/usr/local/bin/seqd"]
