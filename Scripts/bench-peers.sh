#!/usr/bin/env bash
# bench-peers.sh [OPTION …] [CELL …]
# What a training step costs in spicelearn and in what one could use instead, on the same circuits and in the same
# run; a CELL is SIDExSAMPLES. The tables go into docs/performance.md. Options are those of
# Benchmarks/peers/bench.py. The Python environment is made anew where the versions it should have changed.
set -euo pipefail
cd "$(dirname "$0")/.."
peers=Benchmarks/peers
python=$peers/.venv/bin/python

if ! cmp -s "$peers/requirements.txt" "$peers/.venv/requirements.txt"; then
    rm -rf "$peers/.venv"
    python3 -m venv "$peers/.venv"
    "$python" -m pip install --quiet --requirement "$peers/requirements.txt"
    cp "$peers/requirements.txt" "$peers/.venv/"
fi
source Scripts/prepare-engine-steps.sh

"$python" "$peers/bench.py" "$@"
PYTHONPATH=Benchmarks "$python" "$peers/report.py" docs/performance.md
