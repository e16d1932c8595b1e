#!/usr/bin/env bash
# neospice 0.2.0 (PyPI) and ngspice give one expression two values.
#
# Guessed: a program that reads ngspice's netlists evaluates -x**2 and 2**3**2 as ngspice does, −x² and (2³)².
# Seen: neospice's minus binds before the power and its power is right-associative: with v(a) = 2, −v(a)**2 in a
# B source is +4 (ngspice 39.3: −4), .param {-2**2} is +4 (−4), and .param {2**3**2} is 512 (64). Python would
# give −4 and 512, so neither program agrees with it on both.
# Needs python3 with venv, and ngspice for the second line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet neospice==0.2.0
cat >"$work/head.cir" <<'DECK'
powers
.param x={-2**2} y={2**3**2}
V1 a 0 2
V2 x 0 {x}
V3 y 0 {y}
B1 b 0 v=-v(a)**2
R1 a 0 1k
R2 b 0 1k
R3 x 0 1k
R4 y 0 1k
DECK
{ cat "$work/head.cir"; printf '.op\n.end\n'; } >"$work/deck.cir"
{ cat "$work/head.cir"; printf '.control\nop\nprint v(b) v(x) v(y)\n.endc\n.end\n'; } >"$work/batch.cir"
cat >"$work/solve.py" <<'PYTHON'
import sys
import neospice
result = neospice.dc(sys.argv[1])
print(*(f"{result.voltage(node):g}" for node in ("b", "x", "y")))
PYTHON
found=$("$work/env/bin/python" "$work/solve.py" "$work/deck.cir" 2>/dev/null | tail -1)
solved=$({ ngspice -n -b "$work/batch.cir" 2>/dev/null || true; } | awk '/^v\([bxy]\) = /{printf "%s%g", sep, $3; sep=" "}')
echo "neospice: $found"
echo "ngspice:  $solved"
[ "$found" = "4 4 512" ]
[ "$solved" = "-4 -4 64" ]
