#!/usr/bin/env bash
# bench-optimizers.sh SPICELEARN
# How many steps each optimizer takes on each deck of netlists/ and netlists/circuits/, on conductances and on
# their logarithms, as the table of docs/optimizers.md: – where it does not reach its targets in 2,000
# steps. The deck's own rate and optimizer, where it has any, are left out.
set -euo pipefail
spicelearn=$(realpath "$1")
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# steps DECK FLAGS…: the steps to the tolerance, or –.
steps() {
    local deck=$1
    shift
    timeout 100 "$spicelearn" train "$deck" -o "$work/out.cir" --json --steps 2000 "$@" \
        >"$work/json" 2>/dev/null || { echo "–"; return; }
    sed -n 's/^  "steps" : \([0-9]*\),*$/\1/p' "$work/json"
}

echo "| deck | auto | plain | momentum | adam | plain, log | momentum, log | adam, log |"
echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
for deck in netlists/*.cir netlists/circuits/*.cir; do
    grep -q -i '^\* Golden *none' "$deck" && continue
    # Beside the deck, so that its data and includes are found.
    copy=$(dirname "$deck")/.bench-$$.cir
    sed 's/ rate=[^ ]*//; s/ optimizer=[^ ]*//' "$deck" >"$copy"
    trap 'rm -rf "$work" "$copy"' EXIT
    row="| $(basename "$deck" .cir) | $(steps "$copy" --optimizer auto)"
    for vary in conductance log; do
        for optimizer in plain momentum adam; do
            row+=" | $(steps "$copy" --optimizer $optimizer --vary $vary)"
        done
    done
    echo "$row |"
    rm -f "$copy"
done
