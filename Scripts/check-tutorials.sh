#!/usr/bin/env bash
# check-tutorials.sh BUILD [ARTICLE…]: compiles and runs the programs of the tutorials in Sources/*/*.docc, and
# compares what they print with what the articles say.
#
# BUILD is the folder of a finished build, as .build/release. The blocks of an article are
#
#   swift         the program, all of them together; one that begins with // swift-tools-version is the manifest,
#                 which must name every library that the program imports
#   no language   what the program prints, all of them together
#   spice, csv    below a line that ends with a name, as in "Save this as `divider.cir`:", a file beside the program
#
# and any other is not looked at. Words have to be the same; numbers may differ by one part in 10⁹, or by one in the
# last of three digits and more; those below 1e-12 are what rounding leaves.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: Scripts/check-tutorials.sh BUILD [ARTICLE…]" >&2; exit 64; }
build=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
root=$PWD
articles=("$@")
if [ $# -eq 0 ]; then
    while IFS= read -r article; do articles+=("$article"); done \
        < <(grep -l '^```swift' Sources/*/*.docc/*.md | sort)
fi
[ ${#articles[@]} -gt 0 ] || { echo "check-tutorials: there are no tutorials"; exit 1; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=Scripts/built-modules.sh
. Scripts/built-modules.sh
# All that the program is made of, but for what is its own.
objects=()
for folder in Sources/*/; do
    name=$(basename "$folder")
    case $name in spicelearn | CStart) continue ;; esac
    [ -d "$build/$name.build" ] || continue
    while IFS= read -r object; do objects+=("$object"); done < <(find "$build/$name.build" -name '*.o')
done

# take ARTICLE FOLDER: main.swift, manifest, expected, and the files that the article says to save.
take() {
    awk -v folder="$2" '
        /^```/ && !fenced {
            fenced = 1; first = 1; file = ""
            language = substr($0, 4)
            if (language == "swift") file = "main.swift"
            else if (language == "") file = "expected"
            else if (language ~ /^(spice|csv)$/ && match(before, /`[^` ]+`:$/))
                file = substr(before, RSTART + 1, RLENGTH - 3)
            next
        }
        /^```/ { fenced = 0; before = ""; next }
        fenced {
            if (first && file == "main.swift" && /^\/\/ swift-tools-version/) file = "manifest"
            first = 0
            if (file != "") print > (folder "/" file)
            next
        }
        /[^ ]/ { before = $0 }
    ' "$1"
}

# agree EXPECTED ACTUAL: whether the texts are the same, and else how they differ.
agree() {
    awk '
        function number(token) { return token ~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/ }
        function size(x) { return x < 0 ? -x : x }
        # What one is in the last digit, of a number of three digits and more.
        function unit(text,   power, places) {
            power = 0
            if (match(text, /e/)) { power = substr(text, RSTART + 1) + 0; text = substr(text, 1, RSTART - 1) }
            places = match(text, /\./) ? length(text) - RSTART : 0
            gsub(/[-+.]/, "", text); sub(/^0+/, "", text)
            return length(text) < 3 ? 0 : 10 ^ (power - places)
        }
        function near(a, b,   last, larger) {
            gsub(/^[\[(]+|[\]),:;]+$/, "", a); gsub(/^[\[(]+|[\]),:;]+$/, "", b)
            if (!number(a) || !number(b)) return 0
            if (a ~ /^[-+]?[0-9]+$/ && b ~ /^[-+]?[0-9]+$/) return a == b
            last = unit(a)
            a += 0; b += 0
            larger = size(a) > size(b) ? size(a) : size(b)
            return larger < 1e-12 || size(a - b) <= 1e-9 * larger || size(a - b) <= 1.01 * last
        }
        function same(a, b,   x, y, n, i) {
            if (a == b) return 1
            n = split(a, x, / +/)
            if (n != split(b, y, / +/)) return 0
            for (i = 1; i <= n; i++) if (x[i] != y[i] && !near(x[i], y[i])) return 0
            return 1
        }
        FILENAME == ARGV[1] { want[++m] = $0; next }
        { got[++k] = $0 }
        END {
            for (i = 1; i <= m || i <= k; i++) {
                if (i <= m && i <= k && same(want[i], got[i])) continue
                faults++
                if (i <= m) print "    - " want[i]
                if (i <= k) print "    + " got[i]
            }
            exit faults > 0
        }
    ' "$1" "$2"
}

failures=0
for article in "${articles[@]}"; do
    folder=$work/$(basename "$article" .md)
    mkdir "$folder"
    : >"$folder/expected"
    take "$article" "$folder"
    if [ ! -e "$folder/main.swift" ] || [ ! -e "$folder/manifest" ]; then
        echo "$article: has no program, or no manifest"
        failures=$((failures + 1))
        continue
    fi
    for module in $(sed -n 's/^import \([A-Za-z]*\)$/\1/p' "$folder/main.swift"); do
        if [ -d "Sources/$module" ] && ! grep -q "\.product(name: \"$module\", package: \"spicelearn\")" "$folder/manifest"; then
            echo "$article: the manifest lacks $module"
            failures=$((failures + 1))
        fi
    done
    if ! swiftc -swift-version 6 -warnings-as-errors "${modules[@]}" -o "$folder/program" "$folder/main.swift" \
        "${objects[@]}" >"$folder/log" 2>&1; then
        echo "$article: does not compile"
        sed "s|$folder/||; s/^/    /" "$folder/log" | head -n 40
        failures=$((failures + 1))
        continue
    fi
    status=0
    # A time limit of its own, where the system has one.
    limit=$(command -v timeout || true)
    (cd "$folder" && ${limit:+"$limit" 60} ./program) >"$folder/actual" 2>"$folder/errors" || status=$?
    if [ "$status" -ne 0 ]; then
        echo "$article: ends with exit code $status"
        sed 's/^/    /' "$folder/errors" | head -n 40
        failures=$((failures + 1))
    fi
    if ! agree "$folder/expected" "$folder/actual" >"$folder/difference"; then
        echo "$article: prints other text"
        head -n 60 "$folder/difference"
        failures=$((failures + 1))
    fi
done
echo "check-tutorials: ran ${#articles[@]} programs in $SECONDS s"
if [ "$failures" -gt 0 ]; then
    echo "check-tutorials: $failures faults; - is what the article says, + is what was printed"
    exit 1
fi
