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
    { rows = NR - 1; step[rows] = $column["step"]; loss[rows] = $column["loss"] }
    function show(i) {
        printf "  step %4d  loss %.3e V²  ", step[i], loss[i]
        bar = int(40 * log(loss[i] / loss[rows]) / log(loss[1] / loss[rows]))
        for (j = 0; j < bar; j++) printf "▇"
        print ""
    }
    END {
        stride = int((rows + 9) / 10)
        for (i = 1; i < rows; i += stride) show(i)
        show(rows)
    }' "$history"
echo
echo "== What changed"
diff "$deck" "$trained" || true
echo
echo "== ngspice -b $trained"
# Another analysis in the same deck could leave something behind for .op to answer from.
awk 'NR == 1 || tolower($1) !~ /^\.(op|tran|ac|dc|noise|sens|pz|tf|disto|pss|sp|hb)$/' "$trained" |
    awk 'tolower($1) == ".end" { print ".op" } { print }' > "${trained%.cir}-op.cir"
ngspice -b "${trained%.cir}-op.cir" 2>&1 | awk '
    /^\t?Node/ { show = 1 }
    /^\t?Source/ { show = 0 }
    show && NF && !/---/'
echo
echo "The targets were:"
grep -i '^\*.learn output' "$deck"
