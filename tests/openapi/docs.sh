#!/usr/bin/env bash
# Starts seqd, opens its documentation page in a real browser, and reads a number there.
# usage: docs.sh path/to/seqd
set -euo pipefail
seqd=$1
directory=$(mktemp -d)
"$seqd" --listen 127.0.0.1:0 --data-dir "$directory/data" 2>"$directory/log" &
pid=$!
trap 'kill "$pid" 2>/dev/null; wait "$pid" || true; rm -rf "$directory"' EXIT

address=
for _ in $(seq 100); do
    address=$(sed -n 's/.*"event":"listening","address":"\([^"]*\)".*/\1/p' "$directory/log")
    [ -n "$address" ] && curl -sf "http://$address/readyz" >/dev/null && break
    sleep 0.1 # a poll, with the deadline of the loop
done
curl -sf -X POST "http://$address/v1/sequences" -H 'Content-Type: application/json' \
    -d '{"name": "user_id_seq", "start": 1000}' >/dev/null
node "$(dirname "$0")/docs.spec.mjs" "http://$address" user_id_seq 1000
