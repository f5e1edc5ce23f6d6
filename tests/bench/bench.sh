#!/usr/bin/env bash
#
# Measures seqd side by side with what it is to be measured against, on this machine,
# and prints Markdown. Starts all it needs on free ports, and stops it again.
#
#   BUILD          where seqd, tests/floor and tests/take are (build)
#   BENCH_ROUNDS   rounds of each comparison; medians are printed (11)
#   BENCH_SECONDS  of load in a round (1)
#   BENCH_MANY     sequences for the memory measurement (100000)
#
# Opponents take turns, and who begins changes from round to round. A ratio is the
# median of the rounds' own ratios: what else the machine does meets both in a round.
set -euo pipefail

readonly here=${BASH_SOURCE[0]%/*}
readonly build=${BUILD:-build}
readonly rounds=${BENCH_ROUNDS:-11}
readonly seconds=${BENCH_SECONDS:-1}
readonly many=${BENCH_MANY:-100000}
readonly seqd=$build/seqd floor=$build/tests/floor take=$build/tests/take
threads=$(getconf _NPROCESSORS_ONLN)
ticks=$(getconf CLK_TCK)
work=$(mktemp -d "${TMPDIR:-/tmp}/seqd-bench.XXXXXX")
readonly threads ticks work
readonly results=$work/results
pids=()

fail() {
    echo "bench.sh: $*" >&2
    exit 1
}

# -- processes -------------------------------------------------------------------

# Last started, first stopped: seqd gives its numbers back while Redis still runs.
stop_from() { # INDEX
    local i
    for ((i = ${#pids[@]} - 1; i >= $1; i--)); do
        kill "${pids[i]}" 2>/dev/null || true
        wait "${pids[i]}" 2>/dev/null || true
        unset "pids[$i]"
    done
}

clean_up() {
    stop_from 0
    rm -rf "$work"
}

# Sets `pid`; what it prints goes to $work/NAME.log.
start() { # NAME COMMAND...
    local name=$1
    shift
    : >"$work/$name.log" # here, so that nobody reads an older one
    "$@" >>"$work/$name.log" 2>&1 &
    pid=$!
    pids+=("$pid")
}

# Until the command succeeds.
within() { # SECONDS COMMAND...
    local deadline=$((SECONDS + $1))
    until "${@:2}" >/dev/null 2>&1; do
        ((SECONDS < deadline)) || return 1
        sleep 0.02
    done
}

is_open() { # PORT
    (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null
}

# Below the kernel's own range, so that no client is given it meanwhile.
free_port() {
    local port
    for _ in {1..50}; do
        port=$((10240 + RANDOM % 20000))
        is_open "$port" || { echo "$port" && return; }
    done
    fail "there is no free port"
}

start_redis() { # [OPTION...]
    redis_port=$(free_port)
    start redis redis-server --port "$redis_port" --bind 127.0.0.1 --dir "$work" \
        --save '' --appendonly no "$@"
    within 10 redis-cli -p "$redis_port" ping || fail "redis-server does not answer"
}

start_webdis() {
    webdis_port=$(free_port)
    cat >"$work/webdis.json" <<JSON
{"redis_host": "127.0.0.1", "redis_port": $redis_port, "http_host": "127.0.0.1",
 "http_port": $webdis_port, "threads": $threads, "daemonize": false, "database": 0,
 "acl": [{"disabled": ["DEBUG"]}], "verbosity": 0, "logfile": "/dev/null"}
JSON
    start webdis webdis "$work/webdis.json"
    webdis_pid=$pid
    within 10 is_open "$webdis_port" || fail "webdis does not answer"
}

start_floor() {
    start floor "$floor"
    floor_pid=$pid
    within 10 test -s "$work/floor.log" || fail "floor does not start"
    floor_port=$(head -n 1 "$work/floor.log")
}

start_seqd() { # [OPTION...]
    start seqd "$seqd" --listen 127.0.0.1:0 --redis "redis://127.0.0.1:$redis_port/0" "$@"
    seqd_pid=$pid
    within 10 grep -q '"listening"' "$work/seqd.log" || fail "seqd does not start"
    seqd_port=$(sed -n 's/.*"address":"[^"]*:\([0-9]*\)".*/\1/p' "$work/seqd.log" | head -n 1)
    seqd_url=http://127.0.0.1:$seqd_port
    within 10 curl -fs "$seqd_url/readyz" || fail "seqd is not ready"
}

create() { # NAME CACHE
    curl -fsS -o "$work/created" "$seqd_url/v1/sequences" -H 'Content-Type: application/json' \
        -d "{\"name\": \"$1\", \"cache\": $2}"
}

# -- measuring -------------------------------------------------------------------

cpu_ticks() { # PID
    local line
    read -r line <"/proc/$1/stat"
    # The fields behind the command's name, which may hold anything.
    awk '{print $12 + $13}' <<<"${line##*) }"
}

resident_kib() { # PID
    awk '/^VmRSS:/ {print $2}' "/proc/$1/status"
}

# A line in the results: case, opponent, requests/s, CPU µs a request, p50, p99 (µs).
load() { # CASE OPPONENT PID CONNECTIONS SECONDS METHOD URL [SQL]
    local before after rate requests errors p50 p99 wrk_threads=$((threads < $4 ? threads : $4))
    before=$(cpu_ticks "$3")
    read -r rate requests errors p50 p99 < <(wrk -t"$wrk_threads" -c"$4" -d"$5s" \
        -s "$here/load.lua" "$7" -- "${@:6:1}" "${@:8}" | tail -n 1)
    after=$(cpu_ticks "$3")
    ((errors == 0)) || fail "$1, $2: $errors of $requests requests failed"
    awk -v OFS='\t' -v case="$1" -v who="$2" -v rate="$rate" -v p50="$p50" -v p99="$p99" \
        -v us="$(((after - before) * 1000000 / ticks))" -v requests="$requests" \
        'BEGIN {print case, who, rate, us / requests, p50, p99}' >>"$results"
}

median() { # CASE OPPONENT FIELD
    awk -F'\t' -v case="$1" -v who="$2" -v field="$3" \
        '$1 == case && $2 == who {print $field}' "$results" | median_of
}

# Of a round's own ratios, the first opponent's to the second's.
median_ratio() { # CASE OPPONENT OPPONENT FIELD
    awk -F'\t' -v case="$1" -v a="$2" -v b="$3" -v field="$4" '
        $1 == case && $2 == a {x[++n] = $field}
        $1 == case && $2 == b {y[++m] = $field}
        END {for (i = 1; i <= n; i++) print x[i] / y[i]}' "$results" | median_of
}

median_of() {
    sort -g | awk '{v[NR] = $1} END {print (v[int((NR + 1) / 2)] + v[int(NR / 2) + 1]) / 2}'
}

compute() { # FORMAT EXPRESSION
    awk "BEGIN {printf \"$1\", $2}"
}

ms_since() { # EPOCHREALTIME
    compute %.1f "($EPOCHREALTIME - $1) * 1000"
}

# -- the comparisons -------------------------------------------------------------

# Runs each function once a round, in turn.
take_turns() { # FUNCTION FUNCTION
    local round
    for ((round = 0; round < rounds; round++)); do
        if ((round % 2)); then "$1" && "$2"; else "$2" && "$1"; fi
    done
}

load_floor() {
    load "$case" floor "$floor_pid" "$connections" "$seconds" POST "http://127.0.0.1:$floor_port/"
}

load_seqd() {
    load "$case" seqd "$seqd_pid" "$connections" "$seconds" POST "$seqd_url/v1/sequences/hot/nextval"
}

from_cache() { # CONNECTIONS
    local connections=$1 case="cache $1"
    take_turns load_floor load_seqd
    printf '| %d | %.0f | %.0f | **%.2f** | %.1f | %.1f | %.2f |\n' "$connections" \
        "$(median "$case" seqd 3)" "$(median "$case" floor 3)" \
        "$(median_ratio "$case" seqd floor 3)" \
        "$(median "$case" seqd 4)" "$(median "$case" floor 4)" \
        "$(median_ratio "$case" seqd floor 4)"
}

compare_from_cache() {
    local connections
    create hot '"auto"'
    # Lets the block grow to what such a load wants.
    load warmup seqd "$seqd_pid" 32 2 POST "$seqd_url/v1/sequences/hot/nextval"
    load warmup floor "$floor_pid" 32 1 POST "http://127.0.0.1:$floor_port/"
    echo '### nextval from the cache, and the least reply that libmicrohttpd can send'
    echo
    echo '| connections | seqd, requests/s | floor | ratio | seqd, CPU µs/request | floor | ratio |'
    echo '|---:|---:|---:|---:|---:|---:|---:|'
    for connections in 32 1 128 256; do
        from_cache "$connections"
    done
}

print_latency() {
    local who
    echo '### Latency at 32 connections, as fast as they can (µs)'
    echo
    echo '| | p50 | p99 |'
    echo '|---|---:|---:|'
    for who in seqd floor; do
        printf '| %s | %.0f | %.0f |\n' "$who" "$(median 'cache 32' "$who" 5)" \
            "$(median 'cache 32' "$who" 6)"
    done
}

redis_calls() { # COMMAND
    redis-cli -p "$redis_port" info commandstats |
        sed -n "s/^cmdstat_$1:calls=\([0-9]*\),.*/\1/p" | grep . || echo 0
}

values_of() { # SEQUENCE: how many were handed out
    curl -fsS "$seqd_url/v1/sequences/$1" | sed -n 's/.*"last_value": *\([0-9]*\).*/\1/p'
}

load_webdis() {
    load strict webdis "$webdis_pid" 64 "$seconds" GET "http://127.0.0.1:$webdis_port/INCR/webdis"
}

load_strict() {
    load strict seqd "$seqd_pid" 64 "$seconds" POST "$seqd_url/v1/sequences/strict/nextval"
}

compare_strict() {
    local calls who
    create strict 1
    calls=$(redis_calls incrby)
    take_turns load_webdis load_strict
    calls=$(($(redis_calls incrby) - calls))
    echo '### cache: 1, each value from Redis, and INCR through webdis (64 connections)'
    echo
    echo '| | requests/s | ratio | CPU µs/request | p50, µs | p99, µs | values per INCRBY |'
    echo '|---|---:|---:|---:|---:|---:|---:|'
    for who in seqd webdis; do
        printf '| %s | %.0f | **%.2f** | %.1f | %.0f | %.0f | %s |\n' "$who" \
            "$(median strict "$who" 3)" \
            "$(median_ratio strict "$who" webdis 3)" \
            "$(median strict "$who" 4)" "$(median strict "$who" 5)" "$(median strict "$who" 6)" \
            "$([[ $who == seqd ]] && compute %.1f "$(values_of strict) / $calls" || echo 1)"
    done
}

load_bare() {
    load "$case" bare "$bare_pid" "$connections" "$seconds" POST "$bare_url/$sequence/nextval"
}

load_guarded() {
    load "$case" fsync "$seqd_pid" "$connections" "$seconds" POST \
        "$seqd_url/v1/sequences/$sequence/nextval"
}

# Until the window is of the size that such a load wants: a proof takes 5 s.
warm_up() { # URL CONNECTIONS
    wrk -t1 -c"$2" -d14s -s "$here/load.lua" "$1" -- POST >>"$work/warmup.log"
}

ceiling_row() { # WHAT SEQUENCE CONNECTIONS
    local case="ceiling $2" sequence=$2 connections=$3
    warm_up "$bare_url/$2/nextval" "$3"
    warm_up "$seqd_url/v1/sequences/$2/nextval" "$3"
    take_turns load_bare load_guarded
    printf '| %s, %d connections | %.0f | %.0f | **%.2f** | %.1f | %.1f |\n' "$1" "$3" \
        "$(median "$case" fsync 3)" "$(median "$case" bare 3)" \
        "$(median_ratio "$case" fsync bare 3)" "$(median "$case" fsync 4)" "$(median "$case" bare 4)"
}

# Two on one Redis, with keys of their own.
compare_ceiling() {
    start_redis --appendonly yes --appendfsync everysec
    start_seqd --durability none --key-prefix bare:
    create hot '"auto"'
    create strict 1
    bare_pid=$seqd_pid bare_url=$seqd_url/v1/sequences
    start_seqd --durability fsync
    create hot '"auto"'
    create strict 1
    echo '### The ceiling: durability fsync (appendfsync everysec), and none'
    echo
    echo '| | fsync, requests/s | none | ratio | fsync, CPU µs/request | none |'
    echo '|---|---:|---:|---:|---:|---:|'
    ceiling_row 'from the cache' hot 32
    ceiling_row 'cache: 1' strict 64
    stop_from 0
}

print_fence() {
    local ports=()
    start_redis
    for _ in 1 2 3; do
        start_seqd
        ports+=("$seqd_port")
    done
    echo '### A change at one node, and the others'
    echo
    echo '| ms | median | 95 % | most |'
    echo '|---|---:|---:|---:|'
    node "$here/fence.mjs" "${ports[@]}"
    stop_from 0
}

# As another user when this one is root, whom PostgreSQL does not serve.
as_postgres() {
    if [[ $(id -u) -eq 0 ]]; then
        setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
    else
        "$@"
    fi
}

# With its own settings, on a unix socket.
start_postgres() {
    local bin
    bin=$(pg_config --bindir)
    mkdir "$work/postgres"
    chmod 711 "$work"
    if [[ $(id -u) -eq 0 ]]; then chown postgres "$work/postgres"; fi
    as_postgres "$bin/initdb" -D "$work/postgres/data" -A trust -U postgres >"$work/initdb.log" ||
        fail "initdb failed: $(tail -n 3 "$work/initdb.log")"
    start postgres as_postgres "$bin/postgres" -D "$work/postgres/data" -k "$work/postgres" \
        -c listen_addresses=
    within 20 psql -X -h "$work/postgres" -U postgres -c 'CREATE SEQUENCE hot' ||
        fail "PostgreSQL does not start: $(tail -n 3 "$work/postgres.log")"
    echo "SELECT nextval('hot');" >"$work/nextval.sql"
}

load_sql() {
    load sql sql "$seqd_pid" 32 "$seconds" POST "$seqd_url/v1/sql" "SELECT nextval('hot')"
}

load_rest() {
    load sql rest "$seqd_pid" 32 "$seconds" POST "$seqd_url/v1/sequences/hot/nextval"
}

# A line like load()'s; pgbench has no percentiles without a log of each transaction.
load_pgbench() {
    local rate
    rate=$("$(pg_config --bindir)/pgbench" -n -h "$work/postgres" -U postgres -c 32 -j "$threads" \
        -T "$seconds" -f "$work/nextval.sql" postgres | sed -n 's/^tps = \([0-9.]*\).*/\1/p')
    printf 'sql\tpostgres\t%s\t0\t0\t0\n' "$rate" >>"$results"
}

load_rest_and_postgres() {
    load_rest
    load_pgbench
}

compare_sql() {
    local who
    create hot '"auto"'
    load warmup sql "$seqd_pid" 32 2 POST "$seqd_url/v1/sql" "SELECT nextval('hot')"
    take_turns load_sql load_rest_and_postgres
    echo "### SELECT nextval('hot') at 32 connections"
    echo
    echo '| | requests/s | SQL is | CPU µs/request |'
    echo '|---|---:|---:|---:|'
    for who in sql rest; do
        printf '| seqd, %s | %.0f | **%.2f** | %.1f |\n' \
            "$([[ $who == sql ]] && echo 'POST /v1/sql' || echo 'POST .../nextval')" \
            "$(median sql "$who" 3)" "$(median_ratio sql sql "$who" 3)" "$(median sql "$who" 4)"
    done
    printf '| PostgreSQL, pgbench | %.0f | **%.2f** | |\n' "$(median sql postgres 3)" \
        "$(median_ratio sql sql postgres 3)"
}

print_take() {
    echo '### One number, without HTTP (ns for each take of a thread)'
    echo
    echo '| | 1 thread | 2 threads, one sequence |'
    echo '|---|---:|---:|'
    "$take" | awk -F'\t' '{printf "| %s | %s | %s |\n", $1, $2, $3}'
}

# wrk stops only when its time is over, or when it is told to.
ask_many() { # create|nextval
    local first=${#pids[@]}
    start "many-$1" wrk -t1 -c64 -d120s -s "$here/many.lua" "$seqd_url" -- "$1" "$many"
    within 120 grep -qx 'done' "$work/many-$1.log" || fail "$1 of $many sequences: no end"
    stop_from "$first"
}

# In a seqd and a Redis of their own.
print_memory() {
    local first=${#pids[@]} idle full
    start_redis
    start_seqd
    idle=$(resident_kib "$seqd_pid")
    ask_many create
    ask_many nextval
    full=$(resident_kib "$seqd_pid")
    [[ $(redis-cli -p "$redis_port" dbsize) -ge $((2 * many)) ]] || fail "not all were created"
    stop_from "$first"
    echo '### Resident memory'
    echo
    echo '| | MiB |'
    echo '|---|---:|'
    printf '| idle | %.1f |\n' "$(compute %f "$idle / 1024")"
    printf '| %d sequences, each used | %.1f |\n' "$many" "$(compute %f "$full / 1024")"
    printf '| bytes a sequence | %.0f |\n' "$(compute %f "($full - $idle) * 1024 / $many")"
}

over_socket() { # PATH...: curl's arguments
    curl -fs -o /dev/null --unix-socket "$work/http.sock" "http://seqd$1" "${@:2}"
}

start_until_ready() {
    local first=${#pids[@]} began=$EPOCHREALTIME
    start cold "$seqd" --listen "unix:$work/http.sock" --redis "redis://127.0.0.1:$redis_port/0"
    until over_socket /readyz; do :; done
    ms_since "$began"
    stop_from "$first"
}

start_until_first_value() { # ROUND
    local first=${#pids[@]} began=$EPOCHREALTIME
    start cold "$seqd" --listen "unix:$work/http.sock" --data-dir "$work/data$1"
    until over_socket /v1/sequences -H 'Content-Type: application/json' -d '{"name": "s"}'; do :; done
    over_socket /v1/sequences/s/nextval -X POST
    ms_since "$began"
    stop_from "$first"
}

print_start() {
    local round
    for round in {1..5}; do
        start_until_ready >>"$work/ready" && echo >>"$work/ready"
        start_until_first_value "$round" >>"$work/first" && echo >>"$work/first"
    done
    echo '### Start'
    echo
    echo '| | ms |'
    echo '|---|---:|'
    printf '| until /readyz answers 200, with a Redis that runs | %.0f |\n' "$(median_of <"$work/ready")"
    printf '| until the first nextval of a new sequence, with its own Redis | %.0f |\n' \
        "$(median_of <"$work/first")"
}

print_commands() {
    echo '### Commands'
    echo
    echo '```'
    echo "redis-server --port P --bind 127.0.0.1 --save '' --appendonly no"
    echo "$seqd --listen 127.0.0.1:0 --redis redis://127.0.0.1:P/0"
    echo "$floor"
    echo "webdis with \"threads\": $threads, \"verbosity\": 0"
    local wrk="wrk -t$threads -d${seconds}s -s $here/load.lua" url=http://127.0.0.1:P
    echo "$wrk -cN $url/v1/sequences/hot/nextval -- POST"
    echo "$wrk -c64 $url/v1/sequences/strict/nextval -- POST"
    echo "$wrk -c64 $url/INCR/webdis -- GET"
    echo "$wrk -c32 $url/v1/sql -- POST \"SELECT nextval('hot')\""
    echo "pgbench -n -c 32 -j $threads -T $seconds -f nextval.sql  # SELECT nextval('hot');"
    echo "redis-server ... --appendonly yes; $seqd ... --durability fsync; $seqd ... --durability none --key-prefix bare:"
    echo "wrk -t1 -c64 -d120s -s $here/many.lua $url -- create|nextval $many"
    echo "$take"
    echo '```'
}

main() {
    local program
    for program in "$seqd" "$floor" "$take" redis-server redis-cli webdis wrk curl psql pg_config node; do
        command -v "$program" >/dev/null || fail "there is no $program"
    done
    trap clean_up EXIT
    trap 'exit 130' INT TERM
    printf '%s, %d CPUs, Linux %s; medians of %d rounds of %s s; load before: %s\n\n' \
        "$(sed -n 's/^model name.*: //p' /proc/cpuinfo | head -n 1)" "$threads" "$(uname -r)" \
        "$rounds" "$seconds" "$(cut -d' ' -f1 /proc/loadavg)"
    start_redis
    start_floor
    start_seqd
    compare_from_cache && echo
    print_latency && echo
    start_webdis
    compare_strict && echo
    stop_from 0
    compare_ceiling && echo
    print_fence && echo
    start_redis
    start_seqd
    start_postgres
    compare_sql && echo
    stop_from 0
    print_take && echo
    print_memory && echo
    start_redis
    print_start && echo
    print_commands
}

main
