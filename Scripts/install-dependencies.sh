#!/usr/bin/env bash
# Installs what the package needs and does not find: libngspice, SUNDIALS and LAPACK (on macOS
# Accelerate has it) with their headers, the ngspice program that the tests compare with, gnuplot for the
# figures of studies, and Graphviz, which lays out the networks of reports.
set -euo pipefail

if ! command -v swift >/dev/null; then
    echo "swift is missing: install it from https://www.swift.org/install" >&2
    exit 1
fi

have_header() {
    [ -e "/usr/include/$1" ] || [ -e "/usr/local/include/$1" ] || [ -e "/opt/homebrew/include/$1" ]
}

have_lapack() {
    [ "$(uname -s)" = Darwin ] || have_header lapack.h
}

if have_header ngspice/sharedspice.h && have_header cvode/cvode.h && have_lapack &&
    have_header suitesparse/cholmod.h && command -v ngspice >/dev/null && command -v gnuplot >/dev/null &&
    command -v neato >/dev/null; then
    exit 0
fi

needed="ngspice, libngspice (ngspice/sharedspice.h), SUNDIALS (cvode/cvode.h), LAPACK (lapack.h), \
SuiteSparse (suitesparse/cholmod.h), gnuplot and Graphviz (neato)"
case "$(uname -s)" in
Darwin)
    brew install ngspice libngspice sundials suite-sparse gnuplot graphviz
    ;;
Linux)
    as_root=""
    [ "$(id -u)" -eq 0 ] || as_root="sudo"
    if ! command -v apt-get >/dev/null; then
        echo "install $needed with this system's packages" >&2
        exit 1
    fi
    $as_root apt-get update -qq
    # OpenBLAS takes the place of the slow reference implementation. It comes first, so that what needs
    # some BLAS is content with this one: the variant with threads of its own starts them in every
    # process, and ngspice is slower by a third where a process has a second thread.
    # From Graphviz 14 on (Debian sid), neato's layout is a package of its own.
    neato=$(apt-cache pkgnames libgvplugin-neato-layout | grep -v dev || true)
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq \
        --no-install-recommends libopenblas-openmp-dev ngspice libngspice0-dev libsundials-dev \
        liblapacke-dev libsuitesparse-dev gnuplot-nox graphviz $neato
    ;;
*)
    echo "install $needed" >&2
    exit 1
    ;;
esac
