#!/usr/bin/env bash
# Installs what the package needs and does not find: libngspice with its header, the ngspice program
# that the tests compare with, and LAPACK (on macOS Accelerate has it).
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "swift is missing: install it from https://www.swift.org/install" >&2
    exit 1
fi

have_header() {
    [ -e /usr/include/ngspice/sharedspice.h ] || [ -e /usr/local/include/ngspice/sharedspice.h ] ||
        [ -e /opt/homebrew/include/ngspice/sharedspice.h ]
}

have_lapack() {
    [ "$(uname -s)" = Darwin ] || [ -e /usr/include/lapack.h ] || [ -e /usr/local/include/lapack.h ]
}

if have_header && have_lapack && command -v ngspice >/dev/null; then
    exit 0
fi

case "$(uname -s)" in
Darwin)
    brew install ngspice libngspice
    ;;
Linux)
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    if ! command -v apt-get >/dev/null; then
        echo "install ngspice and the development files of libngspice and LAPACK (lapack.h)" \
            "with this system's packages" >&2
        exit 1
    fi
    $as_root apt-get update -qq
    # OpenBLAS takes the place of the slow reference implementation.
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq ngspice libngspice0-dev \
        liblapacke-dev libopenblas0-serial
    ;;
*)
    echo "install ngspice, libngspice (ngspice/sharedspice.h) and LAPACK (lapack.h)" >&2
    exit 1
    ;;
esac
