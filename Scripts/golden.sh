#!/usr/bin/env bash
# golden.sh check|remake SPICELEARN
# Trains every deck in netlists/ and compares with (or replaces) netlists/golden/.
set -euo pipefail
mode=$1
spicelearn=$(realpath "$2")
cd "$(dirname "$0")/../netlists"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0

for deck in *.cir; do
    trained=$work/$deck
    # 2 is the answer for the decks whose headers say that their target can't be reached.
    expected=0
    grep -q -i 'exit status 2' "$deck" && expected=2
    status=0
    "$spicelearn" train "$deck" -o "$trained" >"$work/log" 2>&1 || status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "$deck: exit $status instead of $expected"
        cat "$work/log"
        failures=$((failures + 1))
        continue
    fi
    if [ "$mode" = remake ]; then
        cp "$trained" "golden/$deck"
        # What decks name lies beside them.
        for file in *.inc *.csv; do ln -sf "../$file" "golden/$file"; done
        echo "golden/$deck"
    elif "$spicelearn" compare "golden/$deck" "$trained" --rtol 1e-6 >"$work/log"; then
        echo "$deck: as golden/$deck"
    else
        echo "$deck: differs from golden/$deck"
        cat "$work/log"
        failures=$((failures + 1))
    fi
done
[ "$failures" -eq 0 ]
