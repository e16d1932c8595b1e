#!/usr/bin/env bash
# bench-nonlinear.sh SPICELEARN [OPTION …] [CASE …]
# What a step costs in spicelearn and in what PyPI has for nonlinear circuits, on the same circuits and in the same run.
# The table goes into docs/performance.md. Options and cases are those of Benchmarks/nonlinear/bench.py. The Python
# environments are made again where the versions they should have changed; without circulax its row is left out.
set -euo pipefail
spicelearn=$(realpath "${1:?bench-nonlinear.sh SPICELEARN [OPTION …] [CASE …]}")
cd "$(dirname "$0")/.."
peers=Benchmarks/nonlinear

# prepare FOLDER REQUIREMENTS
prepare() {
    cmp -s "$2" "$1/requirements.txt" && return
    rm -rf "$1"
    python3 -m venv "$1" &&
        "$1/bin/python" -m pip install --quiet --disable-pip-version-check --requirement "$2" &&
        cp "$2" "$1/requirements.txt"
}

prepare "$peers/.venv" "$peers/requirements.txt"
if ! prepare "$peers/.venv-circulax" "$peers/requirements-circulax.txt"; then
    echo "circulax can't be installed here"
    rm -rf "$peers/.venv-circulax"
fi

uptime
"$peers/.venv/bin/python" "$peers/bench.py" "$spicelearn" "${@:2}"
PYTHONPATH=Benchmarks "$peers/.venv/bin/python" "$peers/report.py" docs/performance.md
uptime
