#!/bin/sh
# check-decks.sh DECKS REPORTS: for every DECKS/NAME.cir trains it, compares the result with DECKS/golden/NAME.cir,
# and checks the outputs of the golden deck. REPORTS gets NAME.xml, JUnit's XML, and NAME.html, a page to look at.
set -u
decks=$1
reports=$2
mkdir -p "$reports"
failures=0

# run COMMAND…: shows what a command prints only where it fails.
run() {
    status=0
    "$@" >"$reports/log" 2>&1 || status=$?
    [ "$status" -eq 0 ] && return
    echo "exit code $status: $*"
    sed 's/^/    /' "$reports/log"
    failures=$((failures + 1))
}

for deck in "$decks"/*.cir; do
    name=$(basename "$deck" .cir)
    # Beside the deck, so that it finds the same data.
    run spicelearn train "$deck" -o "$decks/$name.trained" --report "$reports/$name.html"
    run spicelearn compare "$decks/golden/$name.cir" "$decks/$name.trained" --rtol 1e-6
    run spicelearn check "$decks/golden/$name.cir" --junit "$reports/$name.xml"
    echo "$name: done"
done
rm -f "$reports/log"
[ "$failures" -eq 0 ]
