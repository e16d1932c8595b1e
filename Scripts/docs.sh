#!/usr/bin/env bash
# docs.sh BUILD OUTPUT: makes the documentation of the package's libraries by docc, from the doc comments of a
# finished build (.build/release) and the catalogs Sources/*/*.docc: one archive in OUTPUT, for any web server.
#
# Links that lead nowhere and all else that docc warns of are faults, but for parameters without a word: a comment
# explains those that need it. So are public types and functions that a landing page does not name.
set -euo pipefail
[ $# -eq 2 ] || { echo "usage: Scripts/docs.sh BUILD OUTPUT" >&2; exit 64; }
build=$(realpath "$1")
cd "$(dirname "$0")/.."
mkdir -p "$2"
output=$(realpath "$2")
archive=$output/spicelearn.doccarchive
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# shellcheck source=Scripts/built-modules.sh
. Scripts/built-modules.sh
triple=$(swiftc -print-target-info | sed -n 's/^ *"triple": "\(.*\)",$/\1/p' | head -n 1)
platform=(-target "$triple")
docc=(docc)
if [ "$(uname -s)" = Darwin ]; then
    platform+=(-sdk "$(xcrun --show-sdk-path)")
    docc=(xcrun docc)
fi

faults=0
archives=()
for library in $(sed -n 's/^ *\.library(name: "\([A-Za-z]*\)".*/\1/p' Package.swift); do
    mkdir "$work/$library"
    swift symbolgraph-extract -module-name "$library" "${platform[@]}" "${modules[@]}" \
        -minimum-access-level public -skip-inherited-docs -skip-synthesized-members \
        -emit-extension-block-symbols -output-dir "$work/$library"
    catalog=()
    [ ! -d "Sources/$library/$library.docc" ] || catalog=("Sources/$library/$library.docc")
    status=0
    "${docc[@]}" convert ${catalog[@]+"${catalog[@]}"} --additional-symbol-graph-dir "$work/$library" \
        --fallback-display-name "$library" --fallback-bundle-identifier "spicelearn.$library" \
        --fallback-default-module-kind Library \
        --output-path "$work/$library.doccarchive" >"$work/log" 2>&1 || status=$?
    # A paragraph for each diagnostic.
    awk 'BEGIN { RS = ""; ORS = "\n\n" } !/^warning: Parameter .* is missing documentation/' "$work/log" \
        >"$work/diagnostics"
    if [ "$status" -ne 0 ] || grep -qE '^(warning|error):' "$work/diagnostics"; then
        echo "docs: $library"
        cat "$work/diagnostics"
        faults=$((faults + 1))
    fi
    # A landing page names each public type and function under the idea that it belongs to.
    if [ -n "${catalog[*]-}" ]; then
        page=Sources/$library/$library.docc/$library.md
        for name in $(grep -rhoE --include='*.swift' \
            '^public (final |indirect )*(struct|class|enum|protocol|actor|typealias|func) +[A-Za-z0-9]+' \
            "Sources/$library" | awk '{ print $NF }'); do
            grep -qE "^- \`\`$name(\(|\`\`)" "$page" && continue
            echo "docs: $page does not name $name"
            faults=$((faults + 1))
        done
    fi
    archives+=("$work/$library.doccarchive")
done
if [ "$faults" -gt 0 ]; then
    echo "docs: $faults faults"
    exit 1
fi
rm -rf "$archive"
"${docc[@]}" merge "${archives[@]}" --synthesized-landing-page-name spicelearn --output-path "$archive" >"$work/log" 2>&1 ||
    { cat "$work/log"; exit 1; }
echo "docs: ${#archives[@]} libraries in $archive, in $SECONDS s"
