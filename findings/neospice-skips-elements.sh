#!/usr/bin/env bash
# neospice 0.2.0 (PyPI) leaves out an element that it can't read, and answers for the rest.
#
# Guessed: a behavioural source with ngspice's ternary operator is solved, or ends with an exception.
# Seen: a line on standard error ("unexpected character '?' … skipping"), the source is gone from the circuit, and
# dc() returns normally with 0 V at the node that it drives; ngspice 39.3 says 2 V. A script that looks only at
# results and exceptions takes the 0 V for the answer.
# Needs python3 with venv, and ngspice for the second line.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet neospice==0.2.0
printf 'comparator\nV1 a 0 1\nB1 b 0 v=v(a)>0.5 ? 2 : 3\nR1 b 0 1k\nR2 a 0 1k\n' >"$work/head.cir"
{ cat "$work/head.cir"; printf '.op\n.end\n'; } >"$work/deck.cir"
{ cat "$work/head.cir"; printf '.control\nop\nprint v(b)\n.endc\n.end\n'; } >"$work/batch.cir"
cat >"$work/solve.py" <<'PYTHON'
import sys
import neospice
print(neospice.dc(sys.argv[1]).voltage("b"))
PYTHON
found=$("$work/env/bin/python" "$work/solve.py" "$work/deck.cir" 2>"$work/errors" | tail -1)
solved=$({ ngspice -n -b "$work/batch.cir" 2>/dev/null || true; } | awk '/^v\(b\) = /{printf "%g", $3}')
grep -h skipping "$work/errors" || true
echo "neospice: $found"
echo "ngspice:  $solved"
grep -q 'skipping' "$work/errors"
[ "$found" = 0.0 ]
[ "$solved" = 2 ]
