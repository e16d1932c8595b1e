#!/usr/bin/env bash
# check-docs.sh SPICELEARN [PAGE…]: runs the commands that README.md and the pages of docs/ show, and compares what
# they print with what the pages say.
#
# A fenced block whose first line begins with "$ " is a session: each line "$ COMMAND" is run, and the lines up to
# the next one are its output, of both streams. Each page has a copy of netlists/, docs/ and Python/ of its own, in
# which its commands run in their order. A block of spice, csv, json or python below a line that ends with a name,
# as in "Save this as `divider.cir`:", is written there first.
#
#   ... or …      alone on a line: any number of lines; … within a line: any text
#   > TEXT        below `spicelearn serve`: TEXT is what it reads from standard input
#   numbers       may differ by one in 10,000, or by one in the last of three digits and more; those below 1e-9 are
#                 what rounding leaves, which is something else on another machine. Counts are what they are.
#   echo $?       the exit code before; a spicelearn that fails is a fault where no such line follows
#
# A block of commands that are not run begins without "$ ". Every option that a page names has to be a command's.
set -euo pipefail
[ $# -ge 1 ] || { echo "usage: Scripts/check-docs.sh SPICELEARN [PAGE…]" >&2; exit 64; }
program=$(realpath "$1")
shift
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/bin"
ln -s "$program" "$work/bin/spicelearn"
export PATH="$work/bin:$PATH" SPICELEARN="$program" PYTHONPATH="$root/Python" PYTHONDONTWRITEBYTECODE=1 LC_ALL=C
# Python is used where it has numpy: that of `make test-python`, or the system's.
python=""
for candidate in "$root/.build/python/bin/python" python3; do
    if "$candidate" -c 'import numpy' 2>/dev/null; then
        python=$(command -v "$candidate")
        break
    fi
done
if [ -n "$python" ]; then
    printf '#!/bin/sh\nexec "%s" "$@"\n' "$python" >"$work/bin/python3"
    chmod +x "$work/bin/python3"
fi

# plan PAGE FOLDER: what there is to do on a page, a file each in FOLDER: 0001.file with the name, 0001.line, and
# 0001.text; or 0002.command, 0002.line, 0002.input and 0002.expected.
plan() {
    awk -v folder="$2" '
        function start(name) { count++; stem = sprintf("%s/%04d.", folder, count); print NR > (stem "line"); close(stem "line"); put("block", fences "\n") }
        function put(suffix, text) { printf "%s", text > (stem suffix); close(stem suffix) }
        function flush() {
            if (command != "") { put("command", command "\n"); put("input", input); put("expected", expected) }
            command = input = expected = ""
        }
        /^[ ]*```/ && !fenced {
            fenced = 1; fences++; first = 1; session = 0; file = ""; text = ""
            language = $0; sub(/^[ ]*```/, "", language)
            if (language ~ /^(spice|csv|json|python)$/ && match(before, /`[^` ]+`:$/))
                file = substr(before, RSTART + 1, RLENGTH - 3)
            if (file != "") start()
            next
        }
        /^[ ]*```/ {
            fenced = 0
            if (file != "") { put("file", file "\n"); put("text", text) }
            flush()
            before = ""
            next
        }
        !fenced { if (NF) before = $0; next }
        first { first = 0; session = /^\$ / && file == "" }
        file != "" { text = text $0 "\n"; next }
        !session { next }
        continued { command = command "\n" $0; continued = /\\$/; next }
        /^\$ / { flush(); start(); command = substr($0, 3); continued = /\\$/; next }
        /^> / && command ~ /^spicelearn serve/ { input = input substr($0, 3) "\n"; next }
        { expected = expected $0 "\n" }
    ' "$1"
}

# agree EXPECTED ACTUAL: the cheapest way from one to the other, and nothing where it costs nothing. With "..." as
# a line that takes any number of lines.
agree() {
    awk '
        function plain(line) { gsub(/\t/, "    ", line); sub(/[ \r]+$/, "", line); return line }
        function wild(pattern, text,   parts, n, i, place, tail) {
            n = split(pattern, parts, "…")
            if (n < 2) return pattern == text
            if (substr(text, 1, length(parts[1])) != parts[1]) return 0
            text = substr(text, length(parts[1]) + 1)
            for (i = 2; i < n; i++) {
                place = index(text, parts[i])
                if (!place) return 0
                text = substr(text, place + length(parts[i]))
            }
            tail = parts[n]
            return length(text) >= length(tail) && substr(text, length(text) - length(tail) + 1) == tail
        }
        function number(token) { return token ~ /^[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[-+]?[0-9]+)?$/ }
        function size(x) { return x < 0 ? -x : x }
        # unit TEXT: what one is in the last digit, of a number of three digits and more.
        function unit(text,   mantissa, power, places) {
            mantissa = text; power = 0
            if (match(mantissa, /e/)) { power = substr(mantissa, RSTART + 1) + 0; mantissa = substr(mantissa, 1, RSTART - 1) }
            places = match(mantissa, /\./) ? length(mantissa) - RSTART : 0
            gsub(/[-+.]/, "", mantissa); sub(/^0+/, "", mantissa)
            return length(mantissa) < 3 ? 0 : 10 ^ (power - places)
        }
        function near(a, b,   larger, last) {
            sub(/(°|[;:)])+$/, "", a); sub(/(°|[;:)])+$/, "", b)
            if (!number(a) || !number(b)) return 0
            if (a ~ /^[-+]?[0-9]+$/ && b ~ /^[-+]?[0-9]+$/) return a == b
            last = unit(a)
            a += 0; b += 0
            larger = size(a) > size(b) ? size(a) : size(b)
            return larger < 1e-9 || size(a - b) <= 1e-4 * larger || size(a - b) <= 1.01 * last
        }
        function same(pattern, text,   a, b, n, i) {
            if (wild(pattern, text)) return 1
            sub(/^ +/, "", pattern); sub(/^ +/, "", text)
            n = split(pattern, a, /[ ,]+/)
            if (n != split(text, b, /[ ,]+/)) return 0
            for (i = 1; i <= n; i++) if (!wild(a[i], b[i]) && !near(a[i], b[i])) return 0
            return 1
        }
        FILENAME == ARGV[1] && m == 0 && plain($0) == "" { next }
        FILENAME == ARGV[1] { want[++m] = plain($0); any[m] = want[m] ~ /^ *(\.\.\.|…)$/; next }
        # Lines without text at the start and at the end are left to taste.
        k == 0 && plain($0) == "" { next }
        { got[++k] = plain($0) }
        END {
            while (k > 0 && got[k] == "") k--
            while (m > 0 && want[m] == "") m--
            for (i = 0; i <= m; i++)
                for (j = 0; j <= k; j++) {
                    if (i == 0 && j == 0) { cost[0, 0] = 0; continue }
                    best = 1e9; way = ""
                    if (i > 0 && j > 0 && !any[i] && cost[i - 1, j - 1] < best && same(want[i], got[j])) {
                        best = cost[i - 1, j - 1]; way = "="
                    }
                    if (j > 0 && cost[i, j - 1] + !any[i] < best) { best = cost[i, j - 1] + !any[i]; way = "+" }
                    if (i > 0 && cost[i - 1, j] + !any[i] < best) { best = cost[i - 1, j] + !any[i]; way = "-" }
                    cost[i, j] = best; from[i, j] = way
                }
            if (cost[m, k] == 0) exit 0
            i = m; j = k
            while (i > 0 || j > 0) {
                way = from[i, j]
                if (way == "=") { out[++n] = "      " want[i]; i--; j-- }
                else if (way == "-") { out[++n] = (any[i] ? "      " : "    - ") want[i]; i-- }
                else { if (!any[i]) out[++n] = "    + " got[j]; j-- }
            }
            for (; n > 0; n--) print out[n]
            exit 1
        }
    ' "$1" "$2"
}

if [ $# -gt 0 ]; then pages=("$@"); else
    pages=(README.md)
    while IFS= read -r page; do pages+=("$page"); done < <(find docs -name '*.md' | sort)
fi
commands=0 files=0 failures=0 skipped=0 shown=0
for page in "${pages[@]}"; do
    steps=$work/steps
    rm -rf "$steps" "$work/page"
    mkdir "$steps" "$work/page"
    plan "$page" "$steps"
    ls "$steps" | grep -q . || continue
    shown=$((shown + 1))
    cp -R README.md netlists docs Python "$work/page"
    status=0 without=""
    for lines in "$steps"/*.line; do
        stem=${lines%.line}
        place=$page:$(cat "$lines")
        if [ -e "$stem.file" ]; then
            mkdir -p "$work/page/$(dirname "$(cat "$stem.file")")"
            cp "$stem.text" "$work/page/$(cat "$stem.file")"
            files=$((files + 1))
            continue
        fi
        command=$(cat "$stem.command")
        # What follows Python in a session may want what it has written.
        if [ "$(cat "$stem.block")" = "$without" ]; then
            skipped=$((skipped + 1))
            continue
        fi
        # What a pipe or a list begins with is what is looked at.
        case ${command%%[ |;]*} in
        spicelearn | ngspice | awk | cat | cmp | cp | cut | diff | echo | grep | head | ls | mkdir | mv | printf | rm | sed | sh | sort | tail | wc) ;;
        python3)
            if [ -z "$python" ]; then
                without=$(cat "$stem.block")
                skipped=$((skipped + 1))
                continue
            fi
            ;;
        *)
            echo "$place: check-docs does not run ${command%%[ |;]*}: begin the block without \"$ \", or add it to the list in Scripts/check-docs.sh"
            failures=$((failures + 1))
            continue
            ;;
        esac
        commands=$((commands + 1))
        before=$status
        status=0
        (
            cd "$work/page"
            # A time limit of its own, where the system has one.
            limit=$(command -v timeout || true)
            ${limit:+"$limit" 60} bash -c "(exit $before); $command" <"$stem.input"
        ) >"$work/actual" 2>&1 || status=$?
        if ! agree "$stem.expected" "$work/actual" >"$work/difference"; then
            echo "$place: $command"
            head -n 60 "$work/difference"
            failures=$((failures + 1))
        fi
        # The next command has to be `echo $?` where a command of spicelearn does not succeed.
        case $command in
        spicelearn*)
            next=$(printf '%s/%04d.command' "$steps" "$((10#$(basename "$stem") + 1))")
            if [ "$status" -ne 0 ] && ! grep -q '^echo \$?$' "$next" 2>/dev/null; then
                echo "$place: $command"
                echo "    ends with exit code $status, which the page does not show by \"$ echo \$?\""
                failures=$((failures + 1))
            fi
            ;;
        esac
    done
done

# Every option that is named, in a session or not, has to be one of a command's.
for words in solve analyze train report plot predict serve check compare lint export \
    "generate "{lattice,random,layered,kite,crossbar,diodes,nmos} \
    "study "{convergence,kite,genericity,conservation,nudging}; do
    spicelearn help $words
done | grep -oE -e '--[a-z][a-z-]*' | sort -u >"$work/options"
grep -onE -e '--[a-z][a-z-]*' "${pages[@]}" /dev/null | awk -F : '
    FILENAME == ARGV[1] { known[$1]; next }
    !($3 in known) { print $1 ":" $2 ": no command has " $3 }
' "$work/options" - >"$work/unknown"
cat "$work/unknown"
failures=$((failures + $(wc -l <"$work/unknown")))

echo "check-docs: ran $commands commands and wrote $files files of $shown pages in $SECONDS s"
[ "$skipped" -eq 0 ] || echo "check-docs: left out $skipped commands, since no python3 with numpy was found"
if [ "$failures" -gt 0 ]; then
    echo "check-docs: $failures faults; - is what the page says, + is what was printed"
    exit 1
fi
