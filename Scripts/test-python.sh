#!/usr/bin/env bash
# The tests of the Python package, with the numpy of PyPI in a folder of their own: Scripts/test-python.sh SPICELEARN
set -euo pipefail
cd "$(dirname "$0")/.."
SPICELEARN=$(realpath "${1:?Scripts/test-python.sh SPICELEARN}")
export SPICELEARN

venv=.build/python
if ! [ -x "$venv/bin/python" ] || ! "$venv/bin/python" -c 'import numpy' 2>/dev/null; then
    python3 -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check numpy
fi
# As a user has it: installed from the folder, which stays as it was.
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
cp -R Python/spicelearn Python/pyproject.toml Python/README.md "$copy"
"$venv/bin/python" -m pip install --quiet --disable-pip-version-check --force-reinstall --no-deps "$copy"
python=$PWD/$venv/bin/python
tests=$PWD/Python/tests
cd "$copy/.."
"$python" -B -m unittest discover -s "$tests" "${@:2}"
