#!/bin/bash
# build_image.sh
#
# Builds the Dockerfile's image and checks it, where no Docker engine runs and no image
# can be pulled: buildah builds it, in a chroot, on a base image that debootstrap makes.
# Root only. The Debian mirror, proxy, certificates and npm registry are this host's own,
# so the host must be a Debian of the image's release. Everything lies in one temporary
# directory, which is removed.
set -euo pipefail

release=bookworm
here=$(cd "$(dirname "$0")" && pwd)
source=$(cd "$here/../.." && pwd)
tmp=$(mktemp -d "${TMPDIR:-/tmp}/seqd-image.XXXXXX")
seqd_pid=

fail() {
    printf 'build_image: %s\n' "$@" >&2
    exit 1
}

# What a build leaves mounted goes first; whatever still is, rm leaves alone.
clean_up() {
    [[ -z $seqd_pid ]] || kill -KILL "$seqd_pid" 2>/dev/null || true
    awk -v "under=$tmp/" 'index($5, under) == 1 {print $5}' /proc/self/mountinfo | sort -r |
        while read -r mount; do umount --lazy "$mount"; done
    rm -rf --one-file-system "$tmp"
}
trap clean_up EXIT

[[ $(id -u) -eq 0 ]] || fail "only root can"
for command in buildah debootstrap jq ip pgrep unshare nsenter; do
    command -v "$command" >/dev/null || fail "no $command; needed are the packages" \
        "    buildah debootstrap jq iproute2 procps util-linux"
done

# --- The base images -----------------------------------------------------------------

# One sources.list line for each of this host's own suites of the release.
host_sources() {
    # shellcheck disable=SC2016 # apt-get's own variables
    apt-get indextargets --format '$(SITE) $(RELEASE)' 'Created-By: Packages' 'Component: main' |
        awk -v "release=$release" '$2 ~ "^" release "(-updates|-security)?$" {
            print "deb", $1, $2, "main"
        }' | sort -u
}

# How this host's apt reaches its mirror.
host_apt_access() {
    apt-config dump --format '%F "%v";%n' |
        grep -iE '^Acquire::(https?|ftp)::|^Acquire::(Check-Valid-Until|Check-Date|Retries) ' || true
}

# What Docker's Debian images have besides Debian: no caches, manuals or translations,
# and nothing is started by installing it.
slim() {
    local root=$1
    printf 'path-exclude /usr/share/%s/*\n' doc info locale man lintian groff \
        >"$root/etc/dpkg/dpkg.cfg.d/slim"
    rm -rf "$root"/usr/share/{doc,info,locale,man,lintian,groff}/* "$root"/var/lib/apt/lists/* \
        "$root"/var/log/*.log
    printf 'DPkg::Post-Invoke {"rm -f /var/cache/apt/archives/*.deb /var/cache/apt/*.bin || true";};\n' \
        >"$root/etc/apt/apt.conf.d/slim"
    printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
    chmod 0755 "$root/usr/sbin/policy-rc.d"
}

make_base_root() {
    local root=$1 mirror
    mirror=$(awk -v "release=$release" '$3 == release {print $2; exit}' <<<"$sources")
    [[ -n $mirror ]] || fail "this host's apt knows no mirror of $release"
    debootstrap --variant=minbase "$release" "$root" "$mirror" >"$tmp/debootstrap.log" 2>&1 || {
        tail -n 20 "$tmp/debootstrap.log" >&2
        fail "debootstrap failed"
    }
    printf '%s\n' "$sources" >"$root/etc/apt/sources.list"
    host_apt_access >"$root/etc/apt/apt.conf.d/host"
    rm -f "$root"/var/cache/apt/archives/*.deb
    slim "$root"
}

# Only where npm runs: this host's registry and certificates.
add_npm_access() {
    local root=$1 bundle=${NODE_EXTRA_CA_CERTS:-/etc/ssl/certs/ca-certificates.crt} registry=
    command -v npm >/dev/null && registry=$(npm config get registry 2>/dev/null)
    {
        [[ -z $registry ]] || printf 'registry=%s\n' "$registry"
        [[ ! -r $bundle ]] || printf 'cafile=/root/host-ca.crt\n'
    } >"$root/root/.npmrc"
    [[ ! -r $bundle ]] || cp -L "$bundle" "$root/root/host-ca.crt"
}

storage=(--root "$tmp/storage" --runroot "$tmp/run" --storage-driver vfs)
policy=(--signature-policy "$tmp/policy.json")
printf '{"default": [{"type": "insecureAcceptAnything"}]}\n' >"$tmp/policy.json"

import_root() {
    local root=$1 name=$2 container
    container=$(buildah "${storage[@]}" from "${policy[@]}" scratch)
    tar -C "$root" -cf "$tmp/root.tar" --exclude='./dev/*' --exclude='./proc/*' --exclude='./sys/*' .
    buildah "${storage[@]}" add --quiet "$container" "$tmp/root.tar" / >/dev/null
    buildah "${storage[@]}" config --cmd bash "$container"
    buildah "${storage[@]}" commit --quiet --rm "${policy[@]}" "$container" "$name" >/dev/null
    rm "$tmp/root.tar"
}

make_base_images() {
    sources=$(host_sources)
    make_base_root "$tmp/base"
    base_mb=$(du -sm "$tmp/base" | cut -f1)
    import_root "$tmp/base" localhost/debian:base
    add_npm_access "$tmp/base"
    import_root "$tmp/base" localhost/debian:build
    rm -rf --one-file-system "$tmp/base"
}

build_image() {
    buildah "${storage[@]}" bud "${policy[@]}" --isolation chroot --format docker --pull-never \
        --build-arg BASE=localhost/debian:base --build-arg BUILD_BASE=localhost/debian:build \
        --tag localhost/seqd:test "$source" >"$tmp/build.log" 2>&1 || {
        tail -n 60 "$tmp/build.log" >&2
        fail "the build failed"
    }
}

# --- The checks ----------------------------------------------------------------------

passed=0
failed=0

# check SENTENCE COMMAND...
check() {
    local sentence=$1
    shift
    if "$@" >"$tmp/output" 2>&1; then
        passed=$((passed + 1))
        printf 'ok      %s\n' "$sentence"
    else
        failed=$((failed + 1))
        printf 'FAILED  %s\n' "$sentence"
        sed 's/^/        /' "$tmp/output"
    fi
}

config_is() {
    local got
    got=$(jq -c "$1" <"$tmp/image.json")
    [[ $got == "$2" ]] || { echo "$1 is $got, not $2" && false; }
}

# prints_nothing COMMAND...: whatever its exit status is
prints_nothing() {
    local output
    output=$("$@" 2>/dev/null || true)
    printf '%s\n' "$output"
    [[ -z $output ]]
}

programs() {
    local program
    for program in "$@"; do
        find "$root"/{usr/,usr/local/,}{bin,sbin}/ -name "$program"
    done
}

lacks() {
    prints_nothing programs "$@"
}

all_there() {
    local program
    for program in "$@"; do
        [[ $(programs "$program" 2>/dev/null) ]] || { echo "no $program" && return 1; }
    done
}

has_no_leftovers() {
    prints_nothing find "$root"/{src,out,root/.npmrc,root/.npm,root/host-ca.crt,usr/include} \
        "$root"/var/{lib/apt/lists,cache/apt} -type f ! -name lock
}

links_completely() {
    local libraries
    libraries=$(in_image ldd /usr/local/bin/seqd)
    printf '%s\n' "$libraries"
    [[ $libraries == *libmicrohttpd* && $libraries != *'not found'* ]]
}

in_image() {
    buildah "${storage[@]}" run --isolation chroot "$container" -- "$@"
}

in_image_prints() {
    local wanted=$1 got
    shift
    got=$(in_image "$@")
    printf '%s\n' "$got"
    # shellcheck disable=SC2053 # a pattern
    [[ $got == $wanted ]]
}

# As a pod runs it: process 1 of its own process and network namespaces, on a root file
# system that is read-only, as the image's user and with the image's environment, no
# capabilities and no way to new ones. $seqd_pid is the process, or empty.
start_seqd() {
    local deadline=$((SECONDS + 30)) user
    user=$(jq -r '.Docker.config.User | split(":")[0]' <"$tmp/image.json")
    mkdir -p "$tmp/volume"
    install -d -o "$user" -g "$user" -m 0700 "$tmp/volume"
    cat >"$tmp/pod.sh" <<-'POD'
	root=$1 user=$2 volume=$3
	shift 3
	ip link set lo up
	mount --bind "$root" "$root"
	mount --bind "$volume" "$root/data"
	mount -t proc proc "$root/proc"
	mount -t tmpfs tmpfs "$root/dev"
	mknod -m 0666 "$root/dev/null" c 1 3
	mknod -m 0666 "$root/dev/urandom" c 1 9
	mount -o remount,bind,ro "$root"
	cd "$root"
	exec env -i "$@" chroot . /usr/bin/setpriv --reuid "$user" --regid "$user" --clear-groups \
	    --inh-caps=-all --bounding-set=-all --no-new-privs /usr/local/bin/seqd
	POD
    unshare --mount --net --pid --fork --kill-child bash -euo pipefail "$tmp/pod.sh" "$root" \
        "$user" "$tmp/volume" "${environment[@]}" >"$tmp/seqd.log" 2>&1 &
    unshare_pid=$!
    until seqd_pid=$(pgrep --parent "$unshare_pid") && grep -q '"listening"' "$tmp/seqd.log"; do
        [[ -d /proc/$unshare_pid && $SECONDS -lt $deadline ]] || return 1
        sleep 0.05
    done
}

starts() {
    local status=0
    start_seqd || status=1
    cat "$tmp/seqd.log"
    return "$status"
}

# In the pod, as the image's user.
in_pod() {
    local user
    user=$(awk '$1 == "Uid:" {print $2}' "/proc/$seqd_pid/status")
    nsenter --target "$seqd_pid" --mount --net --pid --root --wd --setuid "$user" --setgid "$user" \
        "$@"
}

# process_has FIELD VALUE, as in /proc/PID/status
process_has() {
    local got
    got=$(awk -v "field=$1:" '$1 == field {$1 = ""; print substr($0, 2)}' "/proc/$seqd_pid/status")
    [[ $got == "$2" ]] || { echo "$1 is $got" && false; }
}

# request METHOD PATH BODY: prints status and body, by nothing but the image's own bash
request() {
    # shellcheck disable=SC2016 # for the bash in there
    in_pod /bin/bash -c 'exec 3<>/dev/tcp/127.0.0.1/8080
        printf "%s %s HTTP/1.0\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" \
            "$1" "$2" "${#3}" "$3" >&3
        read -r _ status _ <&3 && echo "$status"
        while read -r line && [[ $line != $'"'\r'"' ]]; do :; done <&3
        cat <&3' bash "$@"
}

# answers STATUS JQ-CONDITION METHOD PATH BODY
answers() {
    local status=$1 condition=$2 got
    shift 2
    got=$(request "$@")
    printf '%s\n' "$got"
    [[ ${got%%$'\n'*} == "$status" ]] && jq -e "$condition" <<<"${got#*$'\n'}" >/dev/null
}

is_ready() {
    local deadline=$((SECONDS + 30))
    until answers 200 '.status == "ready"' GET /readyz ''; do
        [[ $SECONDS -lt $deadline ]] || return 1
        sleep 0.05
    done
}

health_check_succeeds() {
    local command
    mapfile -t command < <(jq -r '.Docker.config.Healthcheck.Test[1:][]' <"$tmp/image.json")
    in_pod /usr/bin/env -i "${environment[@]}" "${command[@]}" "$@"
}

health_check_fails() {
    ! health_check_succeeds "$@"
}

stops_at_sigterm() {
    local status=0
    kill -TERM "$seqd_pid"
    wait "$unshare_pid" || status=$?
    seqd_pid=
    cat "$tmp/seqd.log"
    [[ $status -eq 0 ]]
}

check_config() {
    check "it runs as a fixed user who is not root" config_is .Docker.config.User '"10001:10001"'
    check "its entry point has the exec form" \
        config_is .Docker.config.Entrypoint '["/usr/local/bin/seqd"]'
    check "its health check has the exec form" \
        config_is '.Docker.config.Healthcheck.Test[0]' '"CMD"'
    check "it has a volume, /data" config_is '.Docker.config.Volumes | keys' '["/data"]'
    check "it shows port 8080" config_is '.Docker.config.ExposedPorts | keys' '["8080/tcp"]'
}

check_content() {
    check "seqd, redis-server and bash are in it" all_there seqd redis-server bash
    check "there is no compiler in it" lacks cc gcc 'gcc-*' c99 ld as make
    check "there is no node and no npm in it" lacks node nodejs npm npx
    check "there is no downloader in it" lacks curl wget
    check "there are no leftovers of the build in it" has_no_leftovers
    check "every library of seqd is there" links_completely
    check "id says 10001" in_image_prints 10001 id -u
    check "seqd --version answers" in_image_prints '*[0-9].[0-9]*.[0-9]*' \
        /usr/local/bin/seqd --version
}

check_service() {
    check "seqd starts, on a read-only root file system" starts
    [[ -n $seqd_pid ]] || return 0
    check "it is process 1" process_has NSpid "$seqd_pid 1"
    check "it is not root" process_has Uid '10001 10001 10001 10001'
    check "it has no capability" process_has CapEff 0000000000000000
    check "its own redis-server answers" is_ready
    check "a sequence is created" answers 201 '.name == "orders"' \
        POST /v1/sequences '{"name": "orders"}'
    check "nextval is 1" answers 200 '.value == 1' POST /v1/sequences/orders/nextval ''
    check "nextval is 2" answers 200 '.value == 2' POST /v1/sequences/orders/nextval ''
    check "the health check succeeds" health_check_succeeds
    check "the health check succeeds for /readyz" health_check_succeeds /readyz
    check "the health check fails for what is not there" health_check_fails /nothing
    check "SIGTERM stops it with exit status 0" stops_at_sigterm
    check "it starts again, on the same volume" starts
    [[ -n $seqd_pid ]] || return 0
    check "its own redis-server answers again" is_ready
    check "nextval is 3" answers 200 '.value == 3' POST /v1/sequences/orders/nextval ''
    check "SIGTERM stops it again" stops_at_sigterm
}

make_base_images
build_image
buildah "${storage[@]}" inspect --type image localhost/seqd:test >"$tmp/image.json"
mapfile -t environment < <(jq -r '.Docker.config.Env[]' <"$tmp/image.json")
container=$(buildah "${storage[@]}" from "${policy[@]}" --pull-never localhost/seqd:test)
root=$(buildah "${storage[@]}" mount "$container")

check_config
check_content
check_service
printf 'the image: %s MB, its base: %s MB (unpacked)\n' "$(du -sm --one-file-system "$root" | cut -f1)" \
    "$base_mb"
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
