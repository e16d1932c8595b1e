#!/usr/bin/env bash
# Opens reports in a real browser and reads them back: Scripts/test-page.sh SPICELEARN [FOLDER]
#
# With a FOLDER it leaves pictures of the pages there, to be looked at.
set -euo pipefail
cd "$(dirname "$0")/.."
spicelearn=$(realpath "${1:?Scripts/test-page.sh SPICELEARN [FOLDER]}")

# Debian's own python, which is the one that has Debian's selenium.
ready() {
    command -v chromedriver >/dev/null && command -v chromium >/dev/null && command -v neato >/dev/null &&
        /usr/bin/python3 -c 'import selenium' 2>/dev/null
}
if ! ready; then
    if ! command -v apt-get >/dev/null; then
        echo "the test of the page needs chromium, chromedriver, python3 with selenium, and graphviz" >&2
        exit 1
    fi
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends \
        chromium chromium-driver python3-selenium graphviz >/dev/null
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

cat >"$folder/three.cir" <<'DECK'
Three resistors
V1 in 0 5
R1 in a 1k
R2 a out 1k
R3 out 0 1k
*.learn trainable R1 R3
*.learn output V(out)=3.3
*.learn train tolerance=1e-9
.op
.end
DECK
cat >"$folder/current.cir" <<'DECK'
A current and a voltage
V1 in 0 5
R1 in a 1k
R2 a 0 2k
R3 a b 1k
Vm b 0 0
*.learn input V1
*.learn output I(Vm)=1m V(a)=1.5
*.learn train tolerance=1e-7
.end
DECK
# A title, a node and a device that would run a script if they were read as HTML.
cat >"$folder/hostile.cir" <<'DECK'
</title></script><script>document.body.dataset.taken=1</script><img src=x onerror=document.body.dataset.taken=2>
V<svg/onload> <b>in 0 5
R<i>1 <b>in out</script> 1k
R2 out</script> 0 1k
*.learn output V(out</script>)=3.3
.end
DECK
"$spicelearn" generate lattice --rows 8 --columns 8 -o "$folder/lattice-112.cir" >/dev/null
"$spicelearn" generate lattice --rows 39 --columns 40 -o "$folder/lattice-3041.cir" >/dev/null
cp netlists/iris.cir netlists/iris.csv netlists/nmos.cir netlists/nmos.csv netlists/diodes.cir netlists/xor.csv "$folder/"
cat >"$folder/plain.cir" <<'DECK'
No directives
V1 a 0 1
R1 a b 1k
D1 b 0 dm
.model dm d
.end
DECK

for deck in three current hostile lattice-112 lattice-3041 iris nmos diodes; do
    "$spicelearn" train "$folder/$deck.cir" -o "$folder/$deck.out.cir" --report "$folder/$deck.html" \
        --json >"$folder/$deck.json"
done
"$spicelearn" report "$folder/plain.cir" -o "$folder/plain.html" >/dev/null
# A training that does not end by itself; the browser ends it.
"$spicelearn" train "$folder/lattice-112.cir" -o "$folder/live.cir" --rate 1e-11 --tolerance 1e-15 --steps 1000000000 --engine sparse \
    --live >/dev/null 2>"$folder/live.err" &
echo $! >"$folder/live.pid"
# It takes its own folder away.
trap 'kill "$(cat "$folder/live.pid")" 2>/dev/null || true; wait; rm -rf "$folder"' EXIT
/usr/bin/python3 Scripts/test-page.py "$folder" ${2:+"$2"}
