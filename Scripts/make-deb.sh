#!/usr/bin/env bash
# make-deb.sh PROGRAM [FOLDER]
# Makes a Debian package of a program that holds Swift's libraries, as `make install` builds it, and says where it
# is: in FOLDER, or .build/deb.
#
# A package is for the release of Debian (or of Ubuntu) on which it is made, and says so in its version: each has its
# own SUNDIALS and SuiteSparse, whose libraries have other names. What the program is linked with is found by
# dpkg-shlibdeps; what it opens at run time by the names of files that it holds.
set -euo pipefail
program=$(realpath "${1:?"usage: make-deb.sh PROGRAM [FOLDER]"}")
cd "$(dirname "$0")/.."
folder=${2:-.build/deb}

command -v dpkg-deb >/dev/null || { echo "dpkg-deb is missing: a package is made on Debian or Ubuntu" >&2 && exit 1; }
if ! command -v dpkg-shlibdeps >/dev/null; then
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends dpkg-dev
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
# Files of a package are readable by all, whoever makes it.
umask 022

# The same bytes for the same commit.
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
    SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null) || SOURCE_DATE_EPOCH=$(date +%s)
fi
export SOURCE_DATE_EPOCH

ZSH_FUNCTIONS=vendor-completions Scripts/install.sh "$program" "$root/usr"
find "$root/usr/share/man" -name '*.1' -exec gzip -9n {} +
install -D -m 644 Scripts/debian-copyright "$root/usr/share/doc/spicelearn/copyright"

release=$(. /etc/os-release && printf '%s%s' "$ID" "${VERSION_ID:-}")
version=$("$program" --version | sed -n 's/^spicelearn //p')+$release

# Which package has a library that the program opens.
package_of() {
    local file
    file=$(ldconfig -p | awk -v name="$1" '$1 == name { print $NF; exit }')
    if [ -z "$file" ]; then
        echo "the program opens $1, which is not installed here: Scripts/install-dependencies.sh" >&2
        exit 1
    fi
    dpkg-query --search "$(realpath "$file")" | sed 's/:.*//; q'
}
# ngspice's name is too short to be a text of its own among the program's.
opened=$(grep -aoE 'lib(cholmod|klu)\.so\.[0-9]+' "$program" | sort -u)
[ "$(wc -w <<<"$opened")" = 2 ] || { echo "the program opens no libcholmod and libklu: $opened" >&2 && exit 1; }
# OpenBLAS comes first: any LAPACK serves, but the reference one is slow, and this variant starts no threads where
# none are asked for.
depends="libopenblas0-openmp | liblapack3 | liblapack.so.3"
for library in libngspice.so.0 $opened; do
    package=$(package_of "$library")
    depends+=", $package"
done
mkdir "$work/debian"
printf 'Source: spicelearn\n\nPackage: spicelearn\nArchitecture: any\n' >"$work/debian/control"
linked=$(cd "$work" && dpkg-shlibdeps -O "$root/usr/bin/spicelearn" 2>"$work/complaints") ||
    { cat "$work/complaints" >&2 && exit 1; }
depends+=", ${linked#shlibs:Depends=}"

mkdir "$root/DEBIAN"
cat >"$root/DEBIAN/control" <<END
Package: spicelearn
Version: $version
Architecture: $(dpkg --print-architecture)
Maintainer: ${DEBFULLNAME:-the spicelearn authors}${DEBEMAIL:+ <$DEBEMAIL>}
Installed-Size: $(du -sk --apparent-size "$root/usr" | cut -f 1)
Depends: $depends
Recommends: graphviz, ngspice
Suggests: gnuplot-nox
Section: electronics
Priority: optional
Description: train the resistors of a SPICE netlist by local learning rules
 It reads a netlist, lets ngspice solve the circuit, changes each resistor by
 a rule that looks only at its own voltage drops (Equilibrium Propagation,
 Coupled Learning, Adjoint Coupled Learning), and writes the trained netlist
 back. Graphviz lays out the networks of its reports; ngspice has the code
 models of A devices and of POLY sources; gnuplot draws the figures of its
 studies.
END
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"

# In one move: what is interrupted leaves no half of a package.
package=spicelearn_${version}_$(dpkg --print-architecture).deb
dpkg-deb --root-owner-group --build "$root" "$work/$package" >/dev/null
mkdir -p "$folder"
cp "$work/$package" "$folder/$package.new"
mv "$folder/$package.new" "$folder/$package"
echo "$folder/$package"
