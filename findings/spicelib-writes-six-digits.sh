#!/usr/bin/env bash
# spicelib 1.6.4 (PyPI) keeps six digits of a value that it writes.
#
# Guessed: set_component_value(name, x) writes a decimal from which x is read back.
# Seen: 12345.678912345 is written as 12.3457k, off by 1.7e-6 of itself, so that a circuit trained or fitted to
# 1e-9 loses three digits when its values pass through the library. Given as a text, the value is written
# as it is: pass repr(x).
# Needs python3 with venv.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet spicelib==1.6.4
printf '* divider\nV1 in 0 1\nR1 in out 1k\nR2 out 0 1k\n.end\n' >"$work/deck.cir"
cat >"$work/write.py" <<'PYTHON'
import sys
from spicelib import SpiceEditor
deck = SpiceEditor(sys.argv[1])
value = 12345.678912345
deck.set_component_value("R1", value)
deck.set_component_value("R2", repr(value))
deck.save_netlist(sys.argv[2])
PYTHON
"$work/env/bin/python" "$work/write.py" "$work/deck.cir" "$work/written.cir" >/dev/null
grep '^R' "$work/written.cir"
grep -qx 'R1 in out 12.3457k' "$work/written.cir"
grep -qx 'R2 out 0 12345.678912345' "$work/written.cir"
