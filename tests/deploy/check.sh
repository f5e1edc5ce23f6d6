#!/bin/bash
# check.sh SEQD
#
# Checks deploy/ and the Dockerfile against themselves and against the binary SEQD: what
# they name of it, options, metrics, version, must exist.
set -euo pipefail

seqd=$(realpath "$1")
cd "$(dirname "$0")/../.."
tmp=$(mktemp -d "${TMPDIR:-/tmp}/seqd-deploy.XXXXXX")
seqd_pid=
passed=0
failed=0

stop() {
    [[ $seqd_pid ]] || return 0
    kill -TERM "$seqd_pid" || true
    wait "$seqd_pid" || true
    seqd_pid=
}
trap 'stop; rm -rf "$tmp"' EXIT

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

# contains FILE: prints the lines of the input that FILE hasn't, and fails if there are any
contains() {
    ! grep --invert-match --line-regexp --fixed-strings --file "$1"
}

unit_is_valid() {
    sed "s|^ExecStart=/usr/local/bin/seqd$|ExecStart=$seqd|" deploy/seqd.service >"$tmp/seqd.service"
    grep -qF "ExecStart=$seqd" "$tmp/seqd.service"
    systemd-analyze verify --man=no "$tmp/seqd.service" >"$tmp/verify" 2>&1 || echo refused >>"$tmp/verify"
    cat "$tmp/verify"
    [[ ! -s $tmp/verify ]]
}

options_exist() {
    "$seqd" --help | grep -o 'SEQD_[A-Z_]*[A-Z]' | sort -u >"$tmp/options"
    grep -oh 'SEQD_[A-Z_]*[A-Z]' Dockerfile deploy/* | sort -u | contains "$tmp/options"
}

metrics_exist() {
    local deadline=$((SECONDS + 30)) address=
    "$seqd" --listen 127.0.0.1:0 --data-dir "$tmp/data" 2>"$tmp/log" &
    seqd_pid=$!
    until address=$(jq -r 'select(.event == "listening") | .address' "$tmp/log") && [[ $address ]]; do
        [[ -d /proc/$seqd_pid && $SECONDS -lt $deadline ]] || { cat "$tmp/log" && return 1; }
        sleep 0.05
    done
    curl --silent --show-error --fail "http://$address/metrics" |
        awk '$1 == "#" && $2 == "TYPE" {print $3}' >"$tmp/metrics"
    grep -oh 'seqd_[a-z_]*' deploy/prometheus-rules.yaml | sed 's/_bucket$//' | sort -u |
        contains "$tmp/metrics"
}

image_tag_is_the_version() {
    local version
    version=$("$seqd" --version | grep -oE '[0-9]+\.[0-9]+\.[0-9]+')
    grep -F "image: seqd:$version" deploy/sidecar-pod.yaml
}

for command in jq curl promtool node; do
    command -v "$command" >/dev/null || { echo "check.sh: no $command" >&2 && exit 1; }
done
check "the manifests are sound" node tests/deploy/manifests.mjs
check "the alerts' rules are sound" promtool check rules deploy/prometheus-rules.yaml
check "the alerts fire when they should" promtool test rules tests/deploy/prometheus-rules.test.yaml
check "the alerts name metrics that exist" metrics_exist
check "the options that are set exist" options_exist
check "the pod's image has the version's tag" image_tag_is_the_version
if command -v systemd-analyze >/dev/null; then
    check "systemd takes the unit" unit_is_valid
else
    echo "SKIPPED systemd takes the unit: there is no systemd-analyze here"
fi
printf '%d passed, %d failed\n' "$passed" "$failed"
[[ $failed -eq 0 ]]
