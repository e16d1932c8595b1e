#!/usr/bin/env bash
# OpenBLAS 0.3.29 for OpenMP (Debian 13's libopenblas0-openmp) uses several threads after it was set to one.
#
# Guessed: after openblas_set_num_threads(1), dgemm runs in the calling thread and openblas_get_num_threads()
# stays 1, in Debian 12 (0.3.21) and in Debian 13 (0.3.29) alike.
# Seen: so it is in 0.3.21. 0.3.29 doesn't tell OpenMP: omp_get_max_threads() stays 2, the next dgemm starts a
# second thread, and openblas_get_num_threads() is 2 again. omp_set_num_threads(1) in the calling thread,
# before the first call, helps.
# Needs a C compiler, dpkg and apt-get with Debian's keys. Both packages run with their own C library, from a
# temporary folder; nothing is installed.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/threads.c" <<'C'
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

static int threads(void) {
    int count = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (struct dirent *task; tasks && (task = readdir(tasks));) count += task->d_name[0] != '.';
    return count;
}

int main(int count, char **arguments) {
    enum { n = 600 };
    void *blas = count > 1 ? dlopen(arguments[1], RTLD_NOW | RTLD_GLOBAL) : NULL;
    if (!blas) return fprintf(stderr, "%s\n", dlerror()), 1;
    void (*set)(int) = (void (*)(int))dlsym(blas, "openblas_set_num_threads");
    int (*get)(void) = (int (*)(void))dlsym(blas, "openblas_get_num_threads");
    int (*most)(void) = (int (*)(void))dlsym(blas, "omp_get_max_threads");
    void (*dgemm)(int, int, int, int, int, int, double, const double *, int, const double *, int, double,
                  double *, int) = (void (*)(int, int, int, int, int, int, double, const double *, int,
                                             const double *, int, double, double *, int))dlsym(blas, "cblas_dgemm");
    double *a = calloc(n * n, sizeof *a), *b = calloc(n * n, sizeof *b), *c = calloc(n * n, sizeof *c);
    set(1);
    if (count > 2) ((void (*)(int))dlsym(blas, "omp_set_num_threads"))(1);
    printf("set %d, OpenMP %d", get(), most());
    dgemm(102, 111, 111, n, n, n, 1, a, n, b, n, 0, c, n);
    printf("; after dgemm %d, threads %d\n", get(), threads());
    return 0;
}
C
cc -O1 -o "$work/threads" "$work/threads.c" -ldl

# The mirror that this machine's own apt-get uses.
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null || true; } |
    grep -E '^(URIs:|deb )' | grep -oE 'https?://[^ ]*/debian/?( |$)' | head -1)

# unpack RELEASE VERSION
unpack() {
    local folder=$work/$1
    mkdir -p "$folder/state/lists/partial" "$folder/cache/archives/partial" "$folder/root"
    echo "deb ${mirror:?no mirror of Debian is known} $1 main" >"$folder/sources.list"
    : >"$folder/status"
    local options=(-qq -o "Dir::Etc::sourcelist=$folder/sources.list" -o Dir::Etc::sourceparts=-
        -o "Dir::State=$folder/state" -o "Dir::State::status=$folder/status" -o "Dir::Cache=$folder/cache"
        -o APT::Sandbox::User=root)
    apt-get "${options[@]}" update >&2
    (cd "$folder" && apt-get "${options[@]}" download "libopenblas0-openmp=$2" libgfortran5 libgomp1 \
        libquadmath0 libgcc-s1 libc6 >&2)
    for package in "$folder"/*.deb; do dpkg-deb -x "$package" "$folder/root"; done
}

# answer RELEASE [also]
answer() {
    local root=$work/$1/root libraries
    libraries=$(find "$root" -name 'lib*.so*' -printf '%h\n' | sort -u | paste -sd:)
    OMP_NUM_THREADS=2 "$(find "$root" -name 'ld-linux-*.so.*' | head -1)" --library-path "$libraries" \
        "$work/threads" "$(find "$root" -name libopenblas.so.0)" "${@:2}"
}

unpack bookworm 0.3.21+ds-4
unpack trixie 0.3.29+ds-3
old=$(answer bookworm)
new=$(answer trixie)
told=$(answer trixie also)
echo "0.3.21: $old"
echo "0.3.29: $new"
echo "0.3.29, and omp_set_num_threads(1): $told"
[ "$old" = "set 1, OpenMP 1; after dgemm 1, threads 1" ]
[ "$new" = "set 1, OpenMP 2; after dgemm 2, threads 2" ]
[ "$told" = "set 1, OpenMP 1; after dgemm 1, threads 1" ]
