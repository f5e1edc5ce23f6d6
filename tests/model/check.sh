#!/bin/bash
# check.sh [BUILD]
#
# Verifies ceiling.pml exhaustively with Spin, in BUILD/model (build/model): every scenario
# must hold, and every control, with a safeguard taken away, must hand something out twice.
# Prints what was checked, with the number of states; how a duplicate came about where none
# was expected.
set -euo pipefail

model=$(realpath "$(dirname "$0")/ceiling.pml")
mkdir -p "${1:-build}"
build=$(mktemp -d "$(realpath "${1:-build}")/model.XXXXXX")
trap 'rm -rf "$build"' EXIT
bounds=(losses=1 extensions=3 ordinals=6 length=2) # if nothing else is said
processors=$(nproc)
started=0
failed=0

# verify EXPECTED NAME SETTING...: in the background. EXPECTED is
#   holds     no ordinal is handed out twice
#   spare     the same, without a safeguard that the others make redundant
#   resumes   ordinals flow again after the last loss: so that what holds, holds of something
#   fails     an ordinal is handed out twice: a control, or a limit
verify() {
    local directory
    while [[ $(jobs -rp | wc -l) -ge $processors ]]; do
        wait -n
    done
    started=$((started + 1))
    directory=$build/$started
    mkdir "$directory"
    printf '%s\n' "$@" >"$directory/arguments"
    (
        cd "$directory"
        env "${bounds[@]}" "${@:3}" ../pan -E -m10000 -w20 >output 2>&1 || true
    ) &
}

# outcome FILE: the one word that pan's output says
outcome() {
    if grep -q 'assertion violated ((given&' "$1"; then
        echo fails
    elif grep -q 'assertion violated.*resume' "$1"; then
        echo resumes
    elif grep -Eqi 'violated|too small|out of memory|not completed|aborting' "$1" ||
        ! grep -q 'errors: 0$' "$1"; then
        echo incomplete
    else
        echo holds
    fi
}

# report NUMBER: one line of the table
report() {
    local directory=$build/$1 arguments expected found states result
    mapfile -t arguments <"$directory/arguments"
    expected=${arguments[0]}
    found=$(outcome "$directory/output")
    states=$(sed -nE 's/^ *([0-9]+) states, stored.*/\1/p' "$directory/output")
    result=ok
    [[ $found == "${expected/spare/holds}" ]] || result="FAILED: $found"
    printf '%-8s %-64s %9s  %s\n' "$expected" "${arguments[1]}" "${states:--}" "$result"
    [[ $result != ok ]] || return 0
    failed=$((failed + 1))
    printf '    %s\n' "${arguments[*]:2}"
    (
        cd "$directory"
        env "${bounds[@]}" "${arguments[@]:2}" ../pan -r 2>&1 || true
    ) | grep -E '^ *(server|extension)|violated' | sed 's/^ */    /' ||
        grep -Ei '^(error|pan):|out of memory|not completed' "$directory/output" | sed 's/^/    /' || true
}

(
    cd "$build"
    cp "$model" . # or trails would be written beside it
    spin -a ceiling.pml
    # -O2 takes longer than it saves. Bounds checks double the time, and are for whoever changes
    # how the model uses its arrays.
    gcc -O1 -DSAFETY -DNOREDUCE -DNOBOUNDCHECK -o pan pan.c
)

verify holds 'one lossy restart' disk=1
verify holds 'two lossy restarts' disk=1 losses=2
verify holds 'split brain' replica=1
verify holds 'split brain, back again: two promotions' replica=1 losses=2
verify holds 'restart or split brain, both proofs' disk=1 replica=1 extensions=2
verify holds 'restart and split brain, the replica has it on its disk' disk=1 replica=1 replica_disk=1 losses=2 extensions=2
verify holds 'confirms delayed past two losses and four extensions' disk=1 losses=2 extensions=4 ordinals=8
verify holds 'clean stops, an old confirm in flight, two lossy restarts' disk=1 settle=1 losses=2
verify holds 'clean stops, an old confirm in flight, split brain' replica=1 settle=1
verify holds 'ends of blocks given back, a lossy restart' disk=1 give_back=1 ordinals=4 extensions=2
verify holds 'ends of blocks given back, split brain' replica=1 give_back=1 ordinals=4 extensions=2
verify holds 'ends given back, clean stops, a lossy restart' disk=1 give_back=1 settle=1 ordinals=3 extensions=2

verify resumes 'after two lossy restarts' disk=1 losses=2 resume=1
verify resumes 'after two promotions' replica=1 losses=2 resume=1
verify resumes 'after a restart and a promotion, both proofs' disk=1 replica=1 replica_disk=1 losses=2 resume=1
verify resumes 'with clean stops and ends given back' disk=1 settle=1 give_back=1 resume=1

for loss in disk replica; do
    verify fails "$loss: without a proof before the confirm" $loss=1 without_proof=1
    verify fails "$loss: without adoption" $loss=1 without_adoption=1
    verify fails "$loss: adopting the confirmed ceiling, not the pending" $loss=1 without_pending_in_adoption=1
    verify fails "$loss: confirming what is pending, not what was proved" $loss=1 without_ceiling_in_confirm=1
    verify fails "$loss: settled, extended; confirm ignores the nonce" $loss=1 settle=1 without_nonce_in_confirm=1
    verify fails "$loss: settling without adopting" $loss=1 settle=1 without_token_in_settle=1
    verify fails "$loss: an end of a block given back twice" $loss=1 give_back=1 without_sending_once=1
    verify fails "$loss: handing out after adoption without a proof" $loss=1 losses=2 without_wait_after_adoption=1
done
verify fails 'disk: neither proof nor confirm look at the token' disk=1 losses=2 without_token_in_proof=1 without_token_in_confirm=1
verify fails 'restart or split brain: proof by the replica only' disk=1 replica=1 without_disk_proof=1
verify fails 'restart or split brain: proof by the disk only' disk=1 replica=1 without_replica_proof=1
verify fails 'limit: promoted, and restarted before it has it on its disk' disk=1 replica=1 losses=2 extensions=2

for loss in disk replica; do
    verify spare "$loss: confirm ignores the token" $loss=1 settle=1 without_token_in_confirm=1
    verify spare "$loss: a proof of another server's is believed" $loss=1 settle=1 without_token_in_proof=1
    verify spare "$loss: extend doesn't adopt, and leaves the token" $loss=1 settle=1 without_adoption_in_extend=1
done
wait

printf '%-8s %-64s %9s\n' result what states
for ((number = 1; number <= started; number++)); do
    report $number
done
printf '%d of %d as expected\n' $((started - failed)) "$started"
[[ $failed -eq 0 ]]
