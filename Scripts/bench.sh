#!/usr/bin/env bash
# What a training step costs, over what the same operating points cost in a bare C loop, on lattices of
# 12 to 9940 resistors (minutes), or on those of the sides given; and what it costs and gains to run ngspice
# in processes of its own.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"
make --no-print-directory -C floors bare_loop
swift build -c release --product step-cost >/dev/null
# Threads of BLAS would count as processor time, though nothing here has work for them.
OPENBLAS_NUM_THREADS=1 .build/release/step-cost floors/bare_loop "$@"
swift build -c release --product worker-speed >/dev/null
.build/release/worker-speed
