#!/usr/bin/env bash
# Updates through Python against steps in process, with the numpy of PyPI: Scripts/bench-serve.sh SPICELEARN
set -euo pipefail
cd "$(dirname "$0")/.."
spicelearn=$(realpath "${1:?Scripts/bench-serve.sh SPICELEARN}")

venv=.build/python
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import numpy' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy
fi
PYTHONPATH=Python "$venv/bin/python" -B Benchmarks/serve/bench.py "$spicelearn" "${@:2}"
