#!/usr/bin/env bash
# ngspice 39.3 (Debian 12) takes the temperature of a resistor for its resistance, where the temperature is an
# expression of `temper`.
#
# Guessed: `R1 a 0 1k temp={temper+3}` is 1 kΩ at 30 °C, as with temp=30.
# Seen: it is 30 Ω, and nothing is said: a resistor whose line has an expression of `temper` becomes a behavioural
# one, and the first expression on the line its resistance. temp={27+3} is read as 30 °C.
# The same with 44.2 and 47.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/deck.cir" <<'DECK'
1 A through 1 kOhm at 30 degrees, said in three ways
I1 0 ambient 1
R1 ambient 0 1k temp={temper+3}
I2 0 number 1
R2 number 0 1k temp=30
I3 0 expression 1
R3 expression 0 1k temp={27+3}
.control
op
print v(ambient) v(number) v(expression)
.endc
.end
DECK
ngspice --version | grep -o 'ngspice-[0-9.]*' | head -1
{ ngspice -n -b "$work/deck.cir" || true; } >"$work/out" 2>&1
values=$(awk '/^v\(/{printf "%s%g", sep, $3; sep=" "}' "$work/out")
echo "$values; lines that say error or warning: $(grep -ciE 'error|warning' "$work/out" || true)"
[ "$values" = "30 1000 1000" ] && ! grep -qiE 'error|warning' "$work/out"
