#!/usr/bin/env bash
# Each step of a training on 1,001,112 resistors in two dimensions and on 1,014,300 in three (minutes).
set -euo pipefail
cd "$(dirname "$0")/.."
source Scripts/prepare-engine-steps.sh
cd Benchmarks
swift build -c release --product large-lattices >/dev/null

.build/release/large-lattices 2 708 20
.build/release/large-lattices 3 70 20
