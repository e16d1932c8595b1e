#!/usr/bin/env bash
# golden.sh check|remake SPICELEARN
# Trains every deck in netlists/ and compares with (or replaces) netlists/golden/, and the steps and losses in
# the table of netlists/README.md. Decks whose headers have a line "Golden none" take too long for that.
set -euo pipefail
mode=$1
spicelearn=$(realpath "$2")
cd "$(dirname "$0")/../netlists"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failures=0
: >"$work/results"

# number KEY [INDENTATION]: what a training printed.
number() {
    sed -n "s/^${2-  }\"$1\" : \([^,]*\),*$/\1/p" "$work/json"
}

# loss VALUE: two digits; below 1e-12 it is rounding, which is another one on another machine.
loss() {
    awk -v loss="$1" -v unit="$2" 'BEGIN { print (loss < 1e-12 ? "< 1e-12" : sprintf("%.2g", loss)) unit }' |
        sed 's/e-0/e-/'
}

for deck in *.cir; do
    if grep -q -i '^\* Golden *none' "$deck"; then
        printf '%s\t–\t–\n' "$deck" >>"$work/results"
        continue
    fi
    trained=$work/$deck
    # 2 is the answer for the decks whose headers say that their target can't be reached.
    expected=0
    grep -q -i 'exit status 2' "$deck" && expected=2
    status=0
    "$spicelearn" train "$deck" -o "$trained" --json >"$work/json" 2>"$work/log" || status=$?
    if [ "$status" -ne "$expected" ]; then
        echo "$deck: exit $status instead of $expected"
        cat "$work/log"
        failures=$((failures + 1))
        continue
    fi
    steps=$(number steps)
    epochs=$(number epochs | sed 's/^1$/1 epoch/; s/[0-9]$/& epochs/')
    unit=""
    [ "$(number lossName)" = '"squared"' ] && unit=" V²"
    printf '%s\t%s\t%s\n' "$deck" "$steps${epochs:+ ($epochs)}" \
        "$(loss "$(number final '    ')" "$unit")" >>"$work/results"
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

# The last two cells of each deck's row.
awk -F '\t' -v OFS=' | ' '
    NR == FNR { steps[$1] = $2; loss[$1] = $3; next }
    match($0, /^\| \[[^]]*\.cir\]/) {
        deck = substr($0, 4, RLENGTH - 4)
        count = split($0, cells, / \| /)
        if (deck in steps) {
            row = cells[1]
            for (i = 2; i <= count - 2; i++) row = row " | " cells[i]
            $0 = row " | " steps[deck] " | " loss[deck] " |"
            delete steps[deck]
        }
    }
    { print }
    END { for (deck in steps) print "there is no row for " deck > "/dev/stderr" }
' "$work/results" README.md >"$work/README.md" 2>"$work/missing"
if [ -s "$work/missing" ]; then
    cat "$work/missing"
    failures=$((failures + 1))
fi
if [ "$mode" = remake ]; then
    cat "$work/README.md" >README.md
elif ! diff README.md "$work/README.md" >"$work/log"; then
    echo "the table of netlists/README.md does not say what the trainings did:"
    cat "$work/log"
    failures=$((failures + 1))
fi
[ "$failures" -eq 0 ]
