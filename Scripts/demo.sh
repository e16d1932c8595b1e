#!/usr/bin/env bash
# demo.sh SPICELEARN: trains a deck and lets plain ngspice confirm it.
set -euo pipefail
spicelearn=$1
deck=netlists/two-output.cir
trained=.build/demo/two-output-trained.cir
history=.build/demo/history.csv
mkdir -p .build/demo

echo
echo "== The deck: $deck"
cat "$deck"
echo
echo "== spicelearn train $deck -o $trained"
"$spicelearn" train "$deck" -o "$trained" --history "$history"
echo
echo "== The loss, from $history"
awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) column[$i] = i; next }
    { step[NR - 1] = $column["step"]; loss[NR - 1] = $column["loss"]; rows = NR - 1 }
    END {
        stride = int((rows + 9) / 10)
        for (i = 1; i <= rows; i += stride) {
            bar = int(3 * (16 + log(loss[i] + 1e-300) / log(10)))
            printf "  step %4d  loss %.3e V²  ", step[i], loss[i]
            for (j = 0; j < bar; j++) printf "▇"
            print ""
        }
        if ((rows - 1) % stride) printf "  step %4d  loss %.3e V²\n", step[rows], loss[rows]
    }' "$history"
echo
echo "== What changed"
diff "$deck" "$trained" || true
echo
echo "== ngspice -b $trained"
ngspice -b "$trained" 2>&1 | awk '
    /^\t?Node/ { show = 1 }
    /^\t?Source/ { show = 0 }
    show && NF'
echo
echo "The targets were:"
grep -i 'learn output' "$deck"
