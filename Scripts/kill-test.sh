#!/usr/bin/env bash
# kill-test.sh SPICELEARN [KILLS]
# Kills trainings (SIGKILL) at random moments, goes on from their checkpoints until they end, and compares
# netlist, history and JSON with those of a training that nothing disturbed.
set -euo pipefail
spicelearn=$(realpath "$1")
wanted=${2:-1000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$spicelearn" generate lattice --rows 5 --columns 5 --outputs 3 -o deck.cir >log
"$spicelearn" generate random --nodes 12 --edges 24 --samples 6 -o many.cir >log
variants=(
    "deck.cir --tolerance 1e-9"
    "deck.cir --tolerance 1e-9 --rule cl --superposition off"
    "many.cir --tolerance 1e-9 --optimizer momentum --superposition off --rule ep"
    "many.cir --tolerance 1e-9 --optimizer adam"
    "deck.cir --tolerance 1e-9 --engine sparse"
    "many.cir --tolerance 1e-10 --engine sparse --optimizer momentum"
)

now() { date +%s%N; }
# But for the seconds that it took, and for what ngspice confirmed, which is told of the last run alone.
kept() { grep -vE '"(seconds|states|largestDifference)"' "$1"; }
same_json() { cmp -s <(kept "$1") <(kept "$2"); }

# What each training gives undisturbed, and how long it takes in nanoseconds.
for index in "${!variants[@]}"; do
    read -r deck flags <<<"${variants[$index]}"
    start=$(now)
    # shellcheck disable=SC2086
    "$spicelearn" train "$deck" $flags -o out.cir --history out.csv --json >out.json
    durations[index]=$(($(now) - start))
    mkdir "expected-$index"
    mv out.* "expected-$index"
done

kills=0 trainings=0 same=0 wrong=0
report() {
    wrong=$((wrong + 1))
    echo "$1: ${variants[$index]}"
    cat errors
}

while [ "$kills" -lt "$wanted" ]; do
    index=$((trainings % ${#variants[@]}))
    read -r deck flags <<<"${variants[$index]}"
    rm -f out.* run.ckpt*
    echo 'what was there before' >out.cir
    trainings=$((trainings + 1))
    while true; do
        if [ -e run.ckpt ]; then
            command=(train "$deck" --resume run.ckpt --json)
        else
            # shellcheck disable=SC2206
            command=(train "$deck" $flags -o out.cir --history out.csv --json
                --checkpoint run.ckpt --every 3)
        fi
        "$spicelearn" "${command[@]}" >out.json 2>errors &
        pid=$!
        # Up to twice what a whole training takes.
        delay=$((durations[index] / 1000 * (RANDOM % 2000) / 1000))
        sleep "$(printf '%d.%06d' $((delay / 1000000)) $((delay % 1000000)))"
        kill -9 "$pid" 2>/dev/null || true
        status=0
        wait "$pid" 2>/dev/null || status=$?
        if [ "$status" -eq 137 ]; then
            kills=$((kills + 1))
            # The netlist is the old one or the new one, never a part of either.
            if ! grep -qx 'what was there before' out.cir &&
                ! cmp -s out.cir "expected-$index/out.cir"; then
                report "a netlist cut short"
                break
            fi
        elif [ "$status" -eq 0 ]; then
            if cmp -s out.cir "expected-$index/out.cir" &&
                cmp -s out.csv "expected-$index/out.csv" &&
                same_json out.json "expected-$index/out.json"; then
                same=$((same + 1))
            else
                report "other bits"
            fi
            break
        else
            report "exit $status"
            break
        fi
    done
done
echo "$kills kills in $trainings trainings: $same ended with the same netlist, history and JSON, $wrong did not"
[ "$wrong" -eq 0 ]
