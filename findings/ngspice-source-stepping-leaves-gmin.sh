#!/usr/bin/env bash
# ngspice 39.3 (Debian 12) solves a circuit with gmin from each node to ground, once source stepping has found a point
# of it.
#
# Guessed: `op` twice without a change between prints the same voltage twice.
# Seen: 1 nA into 1 GΩ is 1 V, and 0.999001 V in the second op: 1/(1 nS + gmin), with gmin = 1 pS. At its end,
# gillespie_src in cktop.c sets CKTdiagGmin to gmin, where the other ways of stepping set it to gshunt, which is 0.
# Points of a sweep after the first and a transient analysis are solved so, too.
# The same with 44.2 and 47.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/deck.cir" <<'DECK'
each op goes to source stepping at once
I1 0 a 1n
R1 a 0 1g
.options noopiter gminsteps=0
.control
op
print v(a)
op
print v(a)
.endc
.end
DECK
ngspice --version | grep -o 'ngspice-[0-9.]*' | head -1
voltages=$({ ngspice -n -b "$work/deck.cir" 2>/dev/null || true; } | awk '/^v\(a\) = /{printf "%s%.6f", sep, $3; sep=" "}')
echo "$voltages"
[ "$voltages" = "1.000000 0.999001" ]
