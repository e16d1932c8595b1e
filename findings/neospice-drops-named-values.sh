#!/usr/bin/env bash
# neospice 0.2.0 (PyPI) leaves out a resistor with r=, takes dc=1 for 0, and tells nodes apart by their case.
#
# Guessed: a simulator that reads ngspice's netlists solves R1 a b r=1k, V1 a 0 dc=1 and node A for a, or refuses them.
# Seen: dc() returns normally with 0 V where ngspice 39.3 has 0.5 V; of the first and the last it says on standard
# error that a node floats. `spicelearn lint --fix` mends them.
# Needs python3 with venv, and ngspice for the second column.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/env"
"$work/env/bin/pip" install --quiet neospice==0.2.0
ask() {
    printf "* divider\n$1.end\n" >"$work/deck.cir"
    printf "* divider\n.control\nop\nprint v(b)\n.endc\n$1.end\n" >"$work/batch.cir"
    found=$("$work/env/bin/python" -c 'import neospice, sys; print(neospice.dc(sys.argv[1]).voltage("b"))' \
        "$work/deck.cir" 2>/dev/null | tail -1)
    solved=$({ ngspice -n -b "$work/batch.cir" 2>/dev/null || true; } | awk '/^v\(b\) = /{printf "%g", $3}')
    echo "neospice: $found · ngspice: $solved"
    [ "$found" = 0.0 ] && [ "$solved" = 0.5 ]
}
ask 'V1 a 0 1\nR1 a b r=1k\nR2 b 0 1k\n'
ask 'V1 a 0 dc=1\nR1 a b 1k\nR2 b 0 1k\n'
ask 'V1 A 0 1\nR1 a b 1k\nR2 b 0 1k\n'
