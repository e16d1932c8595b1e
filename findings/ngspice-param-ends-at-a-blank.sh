#!/usr/bin/env bash
# ngspice 39.3 (Debian 12) cuts the expression of a parameter off at its first blank, if another parameter stands on
# the line.
#
# Guessed: `.param y = 8 - 3` is 5 however many parameters stand beside it, or an error.
# Seen: alone on its card it is 5. Beside others it is 8, what follows the blank is dropped, and z behind it is read
# as it stands; nothing is said. In braces, {8 - 3}, it is 5 in both.
# The same with 44.2 and 47.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/deck.cir" <<'DECK'
the same expression alone and in company
.param w = 8 - 3
.param x = 1 y = 8 - 3 z = 2
.param u = 1 v = {8 - 3}
V1 alone 0 {w}
R1 alone 0 1k
V2 company 0 {y}
R2 company 0 1k
V3 behind 0 {z}
R3 behind 0 1k
V4 braces 0 {v}
R4 braces 0 1k
.control
op
print v(alone) v(company) v(behind) v(braces)
.endc
.end
DECK
ngspice --version | grep -o 'ngspice-[0-9.]*' | head -1
{ ngspice -n -b "$work/deck.cir" || true; } >"$work/out" 2>&1
values=$(awk '/^v\(/{printf "%s%g", sep, $3; sep=" "}' "$work/out")
echo "$values; lines that say error or warning: $(grep -ciE 'error|warning' "$work/out" || true)"
[ "$values" = "5 8 2 5" ] && ! grep -qiE 'error|warning' "$work/out"
