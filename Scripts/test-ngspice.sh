#!/usr/bin/env bash
# test-ngspice.sh RELEASE [COMMAND…]
# Runs `make demo` and `make test` (or COMMAND) in a Debian of another release, and so with another
# ngspice, another SUNDIALS and another C library.
#
# The release is made by debootstrap in .build-ngspice/RELEASE, which stays for the next run: there only
# what changed is built. What is tested is the working tree: all files that git tracks or would. Swift is
# this machine's, seen in there at the same place; libraries that it needs and the release no longer has
# come along. Everything happens in a mount and process namespace of its own: whatever ends the script,
# nothing stays mounted and nothing goes on running. `rm -rf .build-ngspice` removes all of it.
set -euo pipefail

release=${1:?"usage: test-ngspice.sh RELEASE [COMMAND…], with RELEASE trixie, sid or another of Debian's"}
shift
cd "$(dirname "$0")/.."
case $release in
*[!a-z]*) echo "$release is not the name of a Debian release, such as trixie or sid" >&2; exit 64 ;;
esac
if [ "$(uname -s)" != Linux ]; then
    echo "a Debian in a folder needs Linux" >&2
    exit 1
fi
[ "$(id -u)" -eq 0 ] || exec sudo env "PATH=$PATH" "$PWD/Scripts/test-ngspice.sh" "$release" "$@"
if [ "${SPICELEARN_NAMESPACE:-}" != own ]; then
    SPICELEARN_NAMESPACE=own unshare --mount --propagation private --pid --mount-proc --fork --kill-child \
        "$PWD/Scripts/test-ngspice.sh" "$release" "$@" </dev/null &
    inner=$!
    # It takes no notice of other signals. With it goes all that it has started.
    trap 'kill -KILL $inner; exit 130' INT
    trap 'kill -KILL $inner; exit 143' TERM HUP
    wait $inner
    exit
fi
unset SPICELEARN_NAMESPACE

folder=$PWD/.build-ngspice/$release
mirror=${DEBIAN_MIRROR:-}
toolchain=$(swift -print-target-info | sed -n 's|.*"runtimeResourcePath" *: *"\(.*\)/lib/swift".*|\1|p')
if [ ! -x "$toolchain/bin/swift" ] || [ "$toolchain" = /usr ]; then
    echo "Swift has to lie in a folder of its own, not in '$toolchain'" >&2
    exit 1
fi

say() { echo "== $*"; }
# What a script starts in the background ignores SIGINT, and so would all that tests send it to.
inside() {
    chroot "$folder" /usr/bin/env -i --default-signal=INT HOME=/root LANG=C.UTF-8 TERM="${TERM:-dumb}" \
        PATH="$toolchain/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" \
        DEBIAN_FRONTEND=noninteractive "$@"
}

# One run at a time in a folder.
mkdir -p .build-ngspice
exec 9>".build-ngspice/$release.lock"
flock -n 9 || { echo "another run uses $folder" >&2; exit 1; }

# 1. The release, once.
settings=$folder/etc/apt/apt.conf.d/90spicelearn
if [ ! -e "$settings" ]; then
    command -v debootstrap >/dev/null ||
        { apt-get update -qq && apt-get install -y -qq --no-install-recommends debootstrap; }
    say "debootstrap $release"
    rm -rf --one-file-system "$folder"
    debootstrap --variant=minbase --include=ca-certificates "$release" "$folder" $mirror
    # A mirror that lags behind serves as well.
    printf '%s\n' 'APT::Install-Recommends "false";' 'Acquire::Check-Valid-Until "false";' \
        >"$settings"
fi
cp -L /etc/resolv.conf "$folder/etc/resolv.conf"
mount -t proc proc "$folder/proc"
mount --rbind /dev "$folder/dev"
mkdir -p "$folder$toolchain"
mount --bind -o ro "$toolchain" "$folder$toolchain"

if [ ! -e "$folder/etc/spicelearn-ready" ]; then
    say "what Swift needs"
    inside apt-get update -qq
    inside apt-get install -y -qq make git g++ binutils-gold libc6-dev libcurl4 libedit2 libncurses6 \
        libsqlite3-0 pkg-config tzdata
    # What this machine's Swift was built with and the release has in another version only.
    own=/usr/local/lib/swift-toolchain
    mkdir -p "$folder$own"
    echo "$own" >"$folder/etc/ld.so.conf.d/swift-toolchain.conf"
    for round in 1 2 3 4; do
        # Not all of them are programs and libraries.
        missing=$(inside sh -c "ldd $toolchain/bin/* $own/* 2>/dev/null; true" |
            sed -n 's/^[[:space:]]*\([^ ]*\) => not found$/\1/p' | sort -u)
        for name in $missing; do
            file=$(ldconfig -p | awk -v name="$name" '$1 == name && !found { print $NF; found = 1 }')
            [ -z "$file" ] || cp -L "$file" "$folder$own/$name"
        done
        inside ldconfig
        [ -n "$missing" ] || break
    done
    echo "from this machine: $(ls "$folder$own")"
    touch "$folder/etc/spicelearn-ready"
fi

# 2. The working tree, with the packages that it has resolved.
say "copying the working tree"
swift package resolve >/dev/null
clone=/srv/spicelearn
find "$folder$clone" -mindepth 1 -maxdepth 1 ! -name .build -exec rm -rf {} + 2>/dev/null || true
mkdir -p "$folder$clone/.build"
git ls-files -z --cached --others --exclude-standard |
    while IFS= read -r -d '' file; do [ ! -e "$file" ] || printf '%s\0' "$file"; done |
    tar --create --null --files-from=- | tar --extract --directory "$folder$clone" --no-same-owner
for part in Package.resolved .build/repositories .build/checkouts .build/workspace-state.json; do
    [ ! -e "$part" ] || { rm -rf "$folder$clone/$part" && cp -a "$part" "$folder$clone/$part"; }
done

# 3. What a new user does.
[ $# -gt 0 ] || set -- sh -c 'make demo && make test'
say "$release: $*"
status=0
inside sh -c 'cd "$0" && exec "$@"' "$clone" "$@" || status=$?
say "$release: ngspice $(inside dpkg-query -W -f '${Version}' ngspice 2>/dev/null), SUNDIALS \
$(inside dpkg-query -W -f '${Version}' libsundials-dev 2>/dev/null), exit status $status"
exit $status
