#!/usr/bin/env bash
# trace-malicious.sh SPICELEARN
# Runs every command on every deck of Tests/spicelearnTests/Malicious under strace, in a temporary home and
# folder, and shows each system call that starts a program or could change a file, but for those that
# belong to the run: the outputs that were asked for, and the private folders below TMPDIR in which
# ngspice stands. Prints what it counted; fails if it shows anything.
set -euo pipefail
spicelearn=$(realpath "$1")
decks=$(realpath "$(dirname "$0")/../Tests/spicelearnTests/Malicious")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir "$work/home" "$work/tmp" "$work/out"
cp -r "$decks" "$work/decks"
cp "$decks/.spiceinit" "$decks/spinit" "$work/home"
cd "$work/decks"
export HOME=$work/home TMPDIR=$work/tmp SPICE_SCRIPTS=$work/decks SPICE_LIB_DIR=$work/decks
calls=execve,execveat,fork,vfork,clone,clone3,open,openat,openat2,creat,rename,renameat,renameat2
calls+=,unlink,unlinkat,link,linkat,symlink,symlinkat,mkdir,mkdirat,rmdir,mknod,mknodat,truncate
calls+=,chmod,fchmodat,chown,socket,ptrace,bind,connect

# The calls in the traces that are not the run's own.
strangers() {
    awk -v program="$spicelearn" -v out="$work/out/" -v tmp="$work/tmp/spicelearn-" '
        # Whether every path that the call names, relative ones from the folder in <>, is the run'"'"'s own.
        function own(line,   rest, path, folder, found) {
            rest = line; found = 0; folder = ""
            while (match(rest, /<[^>]*>|"[^"]*"/)) {
                path = substr(rest, RSTART + 1, RLENGTH - 2)
                if (substr(rest, RSTART, 1) == "<") folder = path
                else {
                    found = 1
                    if (path !~ /^\//) path = folder "/" path
                    if (index(path, out) != 1 && index(path, tmp) != 1 && path != "/dev/null") return 0
                }
                rest = substr(rest, RSTART + RLENGTH)
            }
            return found
        }
        /^[0-9]+ +(<\.\.\.|\+\+\+|---|\?\?\?)/ { next }
        { sub(/^[0-9]+ +/, ""); total++ }
        /^(clone|clone3)\(.*CLONE_THREAD/ { next }
        # One program, and the same again for its workers.
        /^execve\(/ && index($0, "execve(\"" program "\"") == 1 { next }
        /^execve\(/ && index($0, "execve(\"/proc/self/exe\", [\"/proc/self/exe\", \"ngspice-worker\"]") == 1 { next }
        /^(clone|clone3|vfork)\(/ && index($0, "CLONE_VFORK") { workers++; next }
        /^(open|openat|openat2)\(/ && !/O_WRONLY|O_RDWR|O_CREAT|O_TRUNC|O_APPEND/ { next }
        # What a link in a private folder leads to is read, not written.
        { written = $0; if (/^symlink/) sub(/\("[^"]*"/, "(", written) }
        own(written) { next }
        { print FILENAME ": " $0; strange = 1 }
        END {
            printf "%d calls looked at, %d workers started\n", total, workers >"/dev/stderr"
            exit strange
        }' "$@"
}

count=0
for deck in *.cir; do
    for trust in "" --untrusted; do
        for command in solve train analyze export compare; do
            arguments=("$command" "$deck")
            case $command in
            train) arguments+=(-o "$work/out/out.cir" --checkpoint "$work/out/checkpoint") ;;
            export) arguments+=(--self-learning -o "$work/out/out.cir") ;;
            compare) arguments+=("$deck") ;;
            esac
            strace -f -y -qq -s 4096 -e trace="$calls" -e signal=none \
                -o "$work/trace-$deck-$command$trust" \
                "$spicelearn" "${arguments[@]}" $trust >/dev/null 2>&1 </dev/null || true
            count=$((count + 1))
        done
    done
done
strangers "$work"/trace-*
echo "$count runs over $(find . -maxdepth 1 -name '*.cir' | wc -l) decks: nothing but $(basename "$spicelearn") was started," \
    "nothing but the outputs and the private folders was written to"
