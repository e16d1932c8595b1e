#!/usr/bin/env bash
# What a training step costs, over what the same operating points cost in a bare C loop, and what it costs and
# gains to run ngspice in processes of its own.
set -euo pipefail
cd "$(dirname "$0")/../Benchmarks"
make --no-print-directory -C bare-loop
swift build -c release --product step-cost >/dev/null
.build/release/step-cost ../netlists/random-64.cir bare-loop/bare_loop
swift build -c release --product worker-speed >/dev/null
.build/release/worker-speed
