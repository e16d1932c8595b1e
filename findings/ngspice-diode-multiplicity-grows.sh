#!/usr/bin/env bash
# ngspice 39.3 (Debian 12) gives a diode with area= and m= another operating point in each analysis of one session.
#
# Guessed: `op` three times without a change between prints the same voltage three times.
# Seen: with area=1 m=2 behind 1 kΩ at 3 V, is=1e-14 A, the first op has 0.659 V and each further one is lower by some
# vt·ln 2, 17.7 mV: the area is multiplied by m once more whenever numbers are processed for the temperature, with
# which every analysis begins. With area=2 or m=2 alone, the voltage stays.
# Needs ngspice 39.3.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
solve() {
    cat >"$work/deck.cir" <<DECK
a diode
V1 in 0 3
R1 in a 1k
D1 a 0 dd $1
.model dd d is=1e-14
.control
op
print v(a)
op
print v(a)
op
print v(a)
.endc
.end
DECK
    { ngspice -n -b "$work/deck.cir" 2>/dev/null || true; } |
        awk '/^v\(a\) = /{printf "%s%.4f", sep, $3; sep=" "}'
}
version=$(ngspice --version | grep -o 'ngspice-[0-9.]*' | head -1)
both=$(solve "area=1 m=2")
scaled=$(solve area=2)
multiplied=$(solve m=2)
echo "$version"
echo "area=1 m=2: $both"
echo "area=2:     $scaled"
echo "m=2:        $multiplied"
[ "$version" = ngspice-39 ] || [ "$version" = ngspice-39.3 ]
read -r first second third <<<"$both"
awk -v a="$first" -v b="$second" -v c="$third" \
    'BEGIN { exit !(a - b > 0.015 && a - b < 0.02 && b - c > 0.015 && b - c < 0.02) }'
for constant in "$scaled" "$multiplied"; do
    read -r first second third <<<"$constant"
    [ "$first" = "$second" ] && [ "$second" = "$third" ]
done
