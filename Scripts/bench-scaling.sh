#!/usr/bin/env bash
# bench-scaling.sh [SECTION …] [--sides SIDE …]
# How the cost of a step grows with resistors and samples, how far it is from bare CHOLMOD, how long a start takes:
# tables into docs/performance.md, figures into docs/figures. Sections and options are those of
# Benchmarks/scaling/measure.py; what is not measured anew stays as it was measured last.
set -euo pipefail
cd "$(dirname "$0")/.."
make --no-print-directory -C Benchmarks/floors bare_cholmod bare_start
source Scripts/prepare-engine-steps.sh

python3 Benchmarks/scaling/measure.py "$@"
PYTHONPATH=Benchmarks python3 Benchmarks/scaling/report.py docs/performance.md
