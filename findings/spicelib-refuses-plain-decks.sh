#!/usr/bin/env bash
# spicelib 1.6.4 (PyPI) refuses decks that ngspice reads, and reads 1meg as a thousandth.
#
# Guessed: an editor of SPICE netlists takes any first line for the title, device names in any case, a file without
# .end, and comments where ngspice has them.
# Seen: a title that doesn't begin with * (or .title) is an EncodingDetectError, a device r1 a NotImplementedError,
# a missing .end a SyntaxError, a comment behind $ an UnrecognizedSyntaxError; of 1k;load the value is "1k;load";
# 1meg is 0.001 (1Meg and 1MEG are 1e6). ngspice 39.3 solves all of them alike. `spicelearn lint --fix` mends them.
# Needs python3 with venv, and ngspice for the second column.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet spicelib==1.6.4
cat >"$work/read.py" <<'PYTHON'
import logging, sys
logging.disable(logging.CRITICAL)
from spicelib import SpiceEditor
try:
    deck = SpiceEditor(sys.argv[1])
    print([(name, deck.get_component_value(name)) for name in deck.get_components()],
          deck.get_component_floatvalue("R1"))
except Exception as error:
    print(type(error).__name__)
PYTHON
ask() {
    printf "$1" >"$work/deck.cir"
    { head -1 "$work/deck.cir"; printf '.control\nop\nprint v(b)\n.endc\n'; tail -n +2 "$work/deck.cir"; } >"$work/batch.cir"
    read=$("$work/env/bin/python" "$work/read.py" "$work/deck.cir" 2>/dev/null | tail -1)
    solved=$({ ngspice -n -b "$work/batch.cir" 2>/dev/null || true; } | awk '/^v\(b\) = /{printf "%g", $3}')
    echo "spicelib: $read · ngspice: v(b) = $solved"
    [[ "$read" == *"$2"* ]] && [ "$solved" = 0.5 ]
}
ask 'divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n.end\n' EncodingDetectError
ask '* divider\nV1 a 0 1\nr1 a b 1k\nR2 b 0 1k\n.end\n' NotImplementedError
ask '* divider\nV1 a 0 1\nR1 a b 1k\nR2 b 0 1k\n' SyntaxError
ask '* divider\nV1 a 0 1\nR1 a b 1k $ load\nR2 b 0 1k\n.end\n' UnrecognizedSyntaxError
ask '* divider\nV1 a 0 1\nR1 a b 1k;load\nR2 b 0 1k\n.end\n' '1k;load'
ask '* divider\nV1 a 0 1\nR1 a b 1meg\nR2 b 0 1e6\n.end\n' ' 0.001'
