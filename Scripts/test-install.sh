#!/usr/bin/env bash
# What `make install` puts where, and whether it works: Scripts/test-install.sh SPICELEARN
# Manual pages are formatted, and completions asked for, by those of man, mandoc, groff, bash, zsh and fish that are
# installed; bash always is.
set -euo pipefail
program=$(realpath "${1:?Scripts/test-install.sh SPICELEARN}")
cd "$(dirname "$0")/.."
repository=$PWD
netlists=$PWD/netlists
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
failed=0
fail() {
    echo "FAILED: $*" >&2
    failed=1
}
have() { command -v "$1" >/dev/null; }

# 1. Files. Below another folder than that of the prefix, as packages are made.
Scripts/install.sh "$program" "$work/stage/usr/local"
cd "$work/stage/usr/local"
listed=$("$program" --help | sed -n '/^SUBCOMMANDS:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
[ "$(wc -w <<<"$listed")" -ge 10 ] || fail "--help lists no commands: $listed"
for file in bin/spicelearn share/man/man1/spicelearn.1 share/bash-completion/completions/spicelearn \
    share/zsh/site-functions/_spicelearn share/fish/vendor_completions.d/spicelearn.fish \
    $(printf 'share/man/man1/spicelearn-%s.1 ' $listed); do
    [ -s "$file" ] || fail "$file is not there"
done
pages=$(find share/man -name '*.1' | wc -l)
[ "$pages" = "$(($(wc -w <<<"$listed") + 1))" ] || fail "there are $pages pages for: $listed"
[ "$(stat -c %a bin/spicelearn share/man/man1/spicelearn.1 2>/dev/null | tr '\n' ' ')" = "755 644 " ] ||
    fail "permissions"
if have readelf && readelf -S bin/spicelearn | grep -q '\.symtab'; then fail "symbols are left"; fi
export PATH=$work/stage/usr/local/bin:$PATH
spicelearn train "$netlists/two-output.cir" -o "$work/trained.cir" >/dev/null || fail "train, stripped"
# A worker is the same program once more.
spicelearn solve "$netlists/two-output.cir" --engine ngspice --isolation on >/dev/null ||
    fail "a worker, stripped"

# 2. Manual pages: every flag of --help is there, and nothing is wrong with the form.
for command in "" $listed; do
    page=share/man/man1/spicelearn${command:+-$command}.1
    for section in NAME SYNOPSIS DESCRIPTION 'EXIT STATUS' 'SEE ALSO'; do
        grep -qE "^\.SH \"?$section\"?$" "$page" || fail "$page has no $section"
    done
    for flag in $("$program" help $command | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -oE -- '--[a-z-]+'); do
        grep -qF -- "\\fB${flag//-/\\-}\\fR" "$page" || fail "$page does not tell of $flag"
    done
done
[ "$(SOURCE_DATE_EPOCH=86400 "$program" manual-pages "$work" && sed -n 's/.* 1 \(1970-01-02\) .*/\1/p' "$work/spicelearn.1")" = 1970-01-02 ] ||
    fail "SOURCE_DATE_EPOCH does not date the pages"
for page in share/man/man1/*.1; do
    if have mandoc; then mandoc -T lint -W warning "$page" || fail "mandoc on $page"; fi
    if have groff; then
        complaints=$(groff -man -ww -Tutf8 "$page" 2>&1 >/dev/null)
        [ -z "$complaints" ] || fail "groff on $page: $complaints"
    fi
    if have man; then
        complaints=$(MANWIDTH=80 LC_ALL=C.UTF-8 man --warnings -E UTF-8 -l "$page" 2>&1 >"$work/formatted")
        [ -z "$complaints" ] || fail "man on $page: $complaints"
        grep -q 'EXIT STATUS' "$work/formatted" || fail "man shows nothing of $page"
    fi
done

# 3. Completions.
mkdir "$work/folder" "$work/folder/circuits"
cd "$work/folder"
touch deck.cir other.sp notes.pdf train.csv run.jsonl page.html
# Completes the last of these words as bash does, and prints what there is to choose from.
complete_bash() {
    bash --norc -c '
        source "$1"
        shift
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*"
        COMP_POINT=${#COMP_LINE} COMPREPLY=()
        _spicelearn "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        printf "%s\n" "${COMPREPLY[@]}" | sort | tr "\n" " "
    ' _ "$work/stage/usr/local/share/bash-completion/completions/spicelearn" spicelearn "$@"
}
complete_fish() {
    fish --no-config -c '
        source $argv[1]
        complete -C (string join -- " " spicelearn $argv[2..]) | string replace -r "\t.*" ""
    ' "$work/stage/usr/local/share/fish/vendor_completions.d/spicelearn.fish" "$@" | sort -u | tr '\n' ' '
}
# offers SHELL EXPECTED WORDS…: what is offered for the last word, exactly.
offers() {
    local shell=$1 expected=$2 found
    shift 2
    found=$("complete_$shell" "$@" 2>&1) || true
    [ "$found" = "$expected" ] || fail "$shell: spicelearn $*: offers '$found', not '$expected'"
}
names() { printf '%s\n' "$@" | sort | tr '\n' ' '; }
for shell in bash fish; do
    have "$shell" || continue
    offers "$shell" "$(names ep al cl gradient)" train deck.cir --rule ""
    offers "$shell" "$(names auto ngspice sparse native)" train deck.cir --engine ""
    offers "$shell" "$(names auto plain momentum adam)" train deck.cir --optimizer ""
    offers "$shell" "$(names conductance log resistance root value)" train deck.cir --vary ""
    offers "$shell" "$(names centered one-sided limit)" solve deck.cir --nudging ""
    offers "$shell" "$(names spe hs lt ps ki eg)" solve deck.cir --compat ""
    offers "$shell" "$(names given shuffled)" train deck.cir --order ""
    offers "$shell" "$(names constant cosine step)" train deck.cir --schedule ""
    offers "$shell" "$(names deck random)" train deck.cir --start ""
    offers "$shell" "$(names squared cross-entropy hinge)" train deck.cir --loss ""
    offers "$shell" "native ngspice " train deck.cir --engine n
    offers "$shell" "train " tr
done
# Flags, too, may follow here.
offers bash "$(names -h --help --version lattice random layered kite crossbar diodes nmos)" generate ""
offers bash "$(names -h --help --version convergence kite genericity conservation nudging)" study ""
offers bash "circuits deck.cir other.sp " train ""
offers bash "circuits deck.cir other.sp " train deck.cir -o ""
offers bash "circuits train.csv " train deck.cir --data ""
offers bash "circuits run.jsonl train.csv " train deck.cir --history ""
offers bash "circuits page.html " report deck.cir -o ""
offers bash "circuits deck.cir other.sp " compare deck.cir ""
offers bash "deck.cir " solve de
if have zsh; then
    zsh -n "$work/stage/usr/local/share/zsh/site-functions/_spicelearn" || fail "zsh can't read its completions"
fi

# 4. Away again: nothing stays but what is not this program's.
touch "$work/stage/usr/local/bin/another"
"$repository/Scripts/install.sh" --uninstall "$work/stage/usr/local"
left=$(cd "$work/stage" && find . -type f)
[ "$left" = ./usr/local/bin/another ] || fail "after uninstalling there are $left"

[ "$failed" = 0 ] || exit 1
formatted=$(for name in mandoc groff man; do if have "$name"; then printf ' %s' "$name"; fi; done)
asked=$(for name in bash zsh fish; do if have "$name"; then printf ' %s' "$name"; fi; done)
echo "installed and uninstalled; $pages pages formatted by${formatted:- nothing}; completions read by$asked"
