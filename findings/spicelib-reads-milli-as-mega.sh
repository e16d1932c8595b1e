#!/usr/bin/env bash
# spicelib 1.6.4 (PyPI) and ngspice read the same netlist's values differently.
#
# Guessed: a library that edits SPICE netlists for ngspice and LTspice reads suffixes as they do, M for
# milli (only MEG is mega) and mil for 25.4e-6.
# Seen: get_component_floatvalue gives 1e6 for 1M, 2.2e6 for 2M2, 1e-3 for 1mil, 1 for 1F and 1 for 1d3;
# ngspice 39.3 solves the same lines as 1e-3, 2e-3, 25.4e-6, 1e-15 and 1e3 Ω. So a script that reads a
# value with spicelib, scales it and writes it back changes it by nine decades.
# Needs python3 with venv, and ngspice for the second column.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet spicelib==1.6.4
cat >"$work/deck.cir" <<'DECK'
* a current of 1 A through each resistor: its voltage is its resistance
I1 0 n1 1
R1 n1 0 1M
I2 0 n2 1
R2 n2 0 2M2
I3 0 n3 1
R3 n3 0 1mil
I4 0 n4 1
R4 n4 0 1F
I5 0 n5 1
R5 n5 0 1d3
.end
DECK
cat >"$work/read.py" <<'PYTHON'
import sys
from spicelib import SpiceEditor
deck = SpiceEditor(sys.argv[1])
print(*(f"{deck.get_component_floatvalue(f'R{i}'):g}" for i in range(1, 6)))
PYTHON
read=$("$work/env/bin/python" "$work/read.py" "$work/deck.cir" | tail -1)
sed '$d' "$work/deck.cir" >"$work/batch.cir"
printf '.control\nset numdgt=6\nop\nprint v(n1) v(n2) v(n3) v(n4) v(n5)\n.endc\n.end\n' >>"$work/batch.cir"
solved=$({ ngspice -n -b "$work/batch.cir" 2>/dev/null || true; } | awk '/^v\(n[1-5]\) = /{printf "%s%g", sep, $3; sep=" "}')
echo "spicelib: $read"
echo "ngspice:  $solved"
[ "$read" = "1e+06 2.2e+06 0.001 1 1" ]
[ "$solved" = "0.001 0.002 2.54e-05 1e-15 1000" ]
