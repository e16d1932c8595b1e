#!/usr/bin/env bash
# Installs what the package needs and does not find: libngspice and SUNDIALS with their headers, and
# the ngspice program that the tests compare with.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "swift is missing: install it from https://www.swift.org/install" >&2
    exit 1
fi

have_header() {
    [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] || [ -e "/opt/homebrew/include/$1" ]
}

if have_header ngspice/sharedspice.h && have_header cvode/cvode.h && command -v ngspice >/dev/null; then
    exit 0
fi

case "$(uname -s)" in
Darwin)
    brew install ngspice libngspice sundials
    ;;
Linux)
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    if ! command -v apt-get >/dev/null; then
        echo "install ngspice and the development files of libngspice and SUNDIALS with this system's packages" >&2
        exit 1
    fi
    $as_root apt-get update -qq
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq ngspice libngspice0-dev libsundials-dev
    ;;
*)
    echo "install ngspice, libngspice and SUNDIALS, with ngspice/sharedspice.h and cvode/cvode.h" >&2
    exit 1
    ;;
esac
