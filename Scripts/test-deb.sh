#!/usr/bin/env bash
# test-deb.sh RELEASE [PACKAGE]
# Installs the Debian package in a bare Debian of a release, made by debootstrap, in which there is no Swift: trains
# decks there, writes a page, and takes the package away again.
#
# PACKAGE is one that was made on this release; left out, it is made: here, if this machine has the release, and
# otherwise by Scripts/test-ngspice.sh, with this machine's Swift (half an hour or more).
#
# The release stays in .build-deb/RELEASE for the next run, and each run works on a copy. Everything happens in a
# mount and process namespace of its own: whatever ends the script, nothing stays mounted and nothing goes on
# running. `rm -rf .build-deb` removes all of it.
set -euo pipefail

usage="usage: test-deb.sh RELEASE [PACKAGE], with RELEASE bookworm, trixie or another of Debian's"
release=${1:?"$usage"}
case $release in
*[!a-z]*) echo "$release is not the name of a Debian release, such as bookworm or trixie" >&2; exit 64 ;;
esac
if [ "$(uname -s)" != Linux ]; then
    echo "a Debian in a folder needs Linux" >&2
    exit 1
fi
package=${2:+$(realpath "$2")}
cd "$(dirname "$0")/.."
if [ -z "$package" ]; then
    if [ "$(. /etc/os-release && echo "$ID ${VERSION_CODENAME:-}")" = "debian $release" ]; then
        make deb
        made=.build/deb
    else
        # With the packages that were resolved out here.
        Scripts/test-ngspice.sh "$release" sh -c 'mkdir -p .build/install &&
            cp -a .build/repositories .build/checkouts .build/workspace-state.json .build/install && make deb'
        made=.build-ngspice/$release/srv/spicelearn/.build/deb
    fi
    package=$(find "$PWD/$made" -name 'spicelearn_*.deb' -printf '%T@ %p\n' | sort -n | sed -n '$s/[^ ]* //p')
fi
[ -s "$package" ] || { echo "there is no package $package" >&2; exit 66; }
[ "$(id -u)" -eq 0 ] || exec sudo env "PATH=$PATH" "$PWD/Scripts/test-deb.sh" "$release" "$package"
if [ "${SPICELEARN_NAMESPACE:-}" != own ]; then
    SPICELEARN_NAMESPACE=own unshare --mount --propagation private --pid --mount-proc --fork --kill-child \
        "$PWD/Scripts/test-deb.sh" "$release" "$package" </dev/null &
    inner=$!
    # It takes no notice of other signals. With it goes all that it has started.
    trap 'kill -KILL $inner; exit 130' INT
    trap 'kill -KILL $inner; exit 143' TERM HUP
    wait $inner
    exit
fi
unset SPICELEARN_NAMESPACE

say() { echo "== $*"; }
fail() {
    echo "FAILED: $*" >&2
    exit 1
}
bare=$PWD/.build-deb/$release
folder=$PWD/.build-deb/$release.run
inside() {
    chroot "$folder" /usr/bin/env -i HOME=/root LANG=C.UTF-8 TERM=dumb DEBIAN_FRONTEND=noninteractive \
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$@"
}
# What a user types, and what it prints.
shown() {
    echo "\$ $*"
    inside sh -c 'cd /srv && exec "$@"' sh "$@"
}

# One run at a time in a folder.
mkdir -p .build-deb
exec 9>".build-deb/$release.lock"
flock -n 9 || { echo "another run uses $folder" >&2; exit 1; }

# 1. The release, once, and a copy of it.
if [ ! -e "$bare/etc/apt/apt.conf.d/90spicelearn" ]; then
    command -v debootstrap >/dev/null ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }
    say "debootstrap $release"
    rm -rf --one-file-system "$bare"
    debootstrap --variant=minbase --include=ca-certificates "$release" "$bare" ${DEBIAN_MIRROR:-} >"$bare.log" ||
        { tail "$bare.log" >&2; fail "debootstrap $release"; }
    # A mirror that lags behind serves as well.
    printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Check-Valid-Until "false";' \
        >"$bare/etc/apt/apt.conf.d/90spicelearn"
fi
rm -rf --one-file-system "$folder"
cp -a --reflink=auto "$bare" "$folder"
cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
cp "$package" netlists/two-output.cir netlists/diodes.cir netlists/xor.csv "$folder/srv/"
cp netlists/golden/two-output.cir "$folder/srv/golden.cir"

# 2. What a user does.
say "$release: apt-get install ./$(basename "$package")"
inside apt-get update -qq
inside sh -c 'apt-get install -y -qq "/srv/$1" >/tmp/log 2>&1 || { cat /tmp/log; exit 1; }' sh "$(basename "$package")" ||
    fail "the package does not install"
# Nothing that would stand in for what the package should bring.
for other in swift ngspice neato; do
    inside sh -c "command -v $other" && fail "there is $other"
done
shown spicelearn --version
shown spicelearn train two-output.cir -o trained.cir --report page.html
shown spicelearn compare golden.cir trained.cir --rtol 1e-6
# The other libraries: a worker with ngspice, CVODE, LAPACK.
shown spicelearn check trained.cir --engine ngspice --isolation on
shown spicelearn train diodes.cir -o diodes-trained.cir
shown spicelearn train two-output.cir -o continuous.cir --time continuous --duration 1000
shown spicelearn analyze trained.cir
grep -qi '^<!doctype html>' "$folder/srv/page.html" && grep -q 'Two outputs on one network' "$folder/srv/page.html" ||
    fail "the page is none"
echo "page.html: $(stat -c %s "$folder/srv/page.html") bytes"
for file in /usr/share/man/man1/spicelearn-train.1.gz /usr/share/bash-completion/completions/spicelearn \
    /usr/share/zsh/vendor-completions/_spicelearn /usr/share/fish/vendor_completions.d/spicelearn.fish \
    /usr/share/doc/spicelearn/copyright; do
    [ -s "$folder$file" ] || fail "$file is not there"
done

# 3. And away.
files=$(inside dpkg -L spicelearn)
inside apt-get purge -y -qq spicelearn >/dev/null
for file in $files; do
    case $file in *spicelearn*) [ ! -e "$folder$file" ] || fail "$file stays" ;; esac
done
say "$release: installed, trained, purged; ngspice $(inside dpkg-query -W -f '${Version}' libngspice0)"
umount -R "$folder/dev" "$folder/proc"
rm -rf --one-file-system "$folder"
