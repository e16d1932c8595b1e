#!/usr/bin/env bash
# A training step on square lattices, solved by Sparse 1.3 and by what is chosen without being told (KLU
# from some size on, where ngspice has it), in turn:
#
#     bench-solvers.sh [PROGRAM [OTHER]]      OTHER: a program to compare with, in place of Sparse 1.3
#
# SPICELEARN_NGSPICE names another ngspice than the installed one. Prints medians of milliseconds a step,
# and the median ratio of neighbours.
set -euo pipefail
program=${1:-"$(dirname "$0")/../.build/release/spicelearn"}
other=${2:-}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# Milliseconds that a training of so many steps takes.
run() { # program deck steps
    local start end status=0
    start=$(date +%s%N)
    "$1" train "$2" -o "$folder/out.cir" --rate 1e-12 --tolerance 1e-15 --steps "$3" \
        --isolation off >/dev/null 2>&1 || status=$?
    end=$(date +%s%N)
    [ "$status" -eq 2 ] || { echo "$1 train $2: exit status $status" >&2; exit 1; }
    echo $(((end - start) / 1000))
}

# Microseconds a step, without what comes before and after.
step() { # program deck steps
    local short long
    short=$(run "$1" "$2" 2)
    long=$(run "$1" "$2" $((2 + $3)))
    echo $(((long - short) / $3))
}

median() { sort -g | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }

printf '%10s %12s %12s %8s\n' resistors before/ms now/ms gain
for size in 8:400 12:200 23:60 71:4; do
    side=${size%:*} steps=${size#*:}
    "$program" generate lattice --rows "$side" --columns "$side" -o "$folder/now.cir" >/dev/null
    if [ -n "$other" ]; then
        cp "$folder/now.cir" "$folder/before.cir"
    else
        sed '1a .options sparse' "$folder/now.cir" >"$folder/before.cir"
    fi
    : >"$folder/before" >"$folder/now" >"$folder/ratio"
    for _ in 1 2 3 4 5; do
        before=$(step "${other:-$program}" "$folder/before.cir" "$steps")
        now=$(step "$program" "$folder/now.cir" "$steps")
        echo "$before" >>"$folder/before"
        echo "$now" >>"$folder/now"
        awk -v a="$before" -v b="$now" 'BEGIN { print a / b }' >>"$folder/ratio"
    done
    awk -v n=$((2 * side * (side - 1))) -v a="$(median <"$folder/before")" \
        -v b="$(median <"$folder/now")" -v r="$(median <"$folder/ratio")" \
        'BEGIN { printf "%10d %12.3f %12.3f %8.2f\n", n, a / 1000, b / 1000, r }'
done
