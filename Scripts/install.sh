#!/usr/bin/env bash
# install.sh PROGRAM FOLDER       puts the program, its manual pages and the completions of bash, zsh and fish below FOLDER
# install.sh --uninstall FOLDER   takes these files away
# Pages and completions are made by the program itself.
set -euo pipefail
program=${1:?"usage: install.sh PROGRAM|--uninstall FOLDER"}
folder=${2:?"usage: install.sh PROGRAM|--uninstall FOLDER"}

bin=$folder/bin
man=$folder/share/man/man1
bash=$folder/share/bash-completion/completions
zsh=$folder/share/zsh/${ZSH_FUNCTIONS:-site-functions}
fish=$folder/share/fish/vendor_completions.d

if [ "$program" = --uninstall ]; then
    rm -f "$bin/spicelearn" "$man"/spicelearn.1 "$man"/spicelearn-*.1 "$bash/spicelearn" \
        "$zsh/_spicelearn" "$fish/spicelearn.fish"
    exit
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
mkdir "$made/man"
"$program" manual-pages "$made/man"
for shell in bash zsh fish; do
    "$program" --generate-completion-script "$shell" >"$made/$shell"
done

install -d "$bin" "$man" "$bash" "$zsh" "$fish"
cp "$program" "$made/spicelearn"
# Symbols are for debuggers. Apple's linker leaves them in files of their own.
[ "$(uname -s)" != Linux ] || strip "$made/spicelearn"
install -m 755 "$made/spicelearn" "$bin/"
# Of an older version, which may have had other commands.
rm -f "$man"/spicelearn.1 "$man"/spicelearn-*.1
install -m 644 "$made"/man/*.1 "$man/"
install -m 644 "$made/bash" "$bash/spicelearn"
install -m 644 "$made/zsh" "$zsh/_spicelearn"
install -m 644 "$made/fish" "$fish/spicelearn.fish"
