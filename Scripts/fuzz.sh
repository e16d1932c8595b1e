#!/usr/bin/env bash
# fuzz.sh [TARGET…]
# Runs each libFuzzer target for FUZZ_TIME seconds (3600 unless set) and prints executions and findings.
# Corpora and findings stay in Fuzz/.build; FUZZ_SLICE (default: all of the time) ends and starts the
# target anew after so many seconds, under the command in FUZZ_UNDER if there is one. An input that
# takes longer than FUZZ_TIMEOUT (10) seconds is a finding.
set -euo pipefail
cd "$(dirname "$0")/../Fuzz"
time=${FUZZ_TIME:-3600}
slice=${FUZZ_SLICE:-$time}
targets=("$@")
[ $# -gt 0 ] || targets=(deck expression csv compare checkpoint)
# Most of the time would go into the call stacks of allocations, and then into that of the crash.
export ASAN_OPTIONS=malloc_context_size=3 SWIFT_BACKTRACE=enable=no
# Swift's runtime keeps what it allocates, which would pass for a leak after every input.
options=(-timeout="${FUZZ_TIMEOUT:-10}" -report_slow_units="${FUZZ_TIMEOUT:-10}" -rss_limit_mb=2048 -detect_leaks=0 -print_final_stats=1)

# A folder with the decks, tables and expressions of the repository.
seed() {
    local target=$1 folder=$2 file
    mkdir -p "$folder"
    find "$folder" -type f -delete
    case $target in
    deck)
        for file in $(find ../netlists ../Tests -name '*.cir'); do
            cp "$file" "$folder/$(echo "$file" | tr / _)"
        done ;;
    csv)
        for file in $(find ../netlists ../Tests -name '*.csv'); do
            cp "$file" "$folder/$(echo "$file" | tr / _)"
        done ;;
    compare)
        for file in ../netlists/golden/*.cir; do
            { cat "../netlists/${file##*/}"; printf '\n---\n'; cat "$file"; } >"$folder/${file##*/}"
        done ;;
    checkpoint)
        cp Seeds/checkpoints/* "$folder/" ;;
    expression)
        split -l 1 Seeds/expressions.txt "$folder/"
        # The end of the line is none of the expression's.
        for file in "$folder"/*; do printf '%s' "$(cat "$file")" >"$file"; done ;;
    esac
}

status=0
for target in "${targets[@]}"; do
    corpus=.build/corpus/$target
    seeds=.build/seeds/$target
    findings=.build/findings/$target
    log=.build/$target.log
    mkdir -p "$corpus" "$findings"
    seed "$target" "$seeds"
    case $target in
    deck | compare) own=(-max_len=4096 -dict=Seeds/deck.dict) ;;
    checkpoint) own=(-max_len=4096 -dict=Seeds/checkpoint.dict) ;;
    expression) own=(-max_len=512 -dict=Seeds/expression.dict) ;;
    *) own=(-max_len=2048) ;;
    esac
    executed=0
    spent=0
    while [ "$spent" -lt "$time" ]; do
        # shellcheck disable=SC2086 # FUZZ_UNDER is a command with its arguments.
        ${FUZZ_UNDER:-} .build/release/"$target" "${options[@]}" "${own[@]}" \
            -max_total_time="$((slice < time - spent ? slice : time - spent))" \
            -artifact_prefix="$findings/" "$corpus" "$seeds" >"$log" 2>&1 || break
        executed=$((executed + $(awk '/^stat::number_of_executed_units/ { print $2 }' "$log")))
        spent=$((spent + $(awk '/^Done/ { print $(NF - 1) }' "$log")))
    done
    found=$(find "$findings" -type f | wc -l)
    echo "$target: $executed executions in $spent s, $(find "$corpus" -type f | wc -l) inputs kept, $found findings"
    if [ "$found" -gt 0 ]; then
        status=1
        find "$findings" -type f
        tail -n 30 "$log"
    fi
done
exit $status
