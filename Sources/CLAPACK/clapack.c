#define _GNU_SOURCE
#include "CLAPACK.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#if defined(__APPLE__)
static const char *const names[] = {"/System/Library/Frameworks/Accelerate.framework/Accelerate"};
#else
static const char *const names[] = {"liblapack.so.3", "libopenblas.so.0", "liblapack.so", "libopenblas.so"};
#endif

// Fortran passes the lengths of texts behind all other arguments.
typedef const char *text;
typedef const int *integer;

static struct {
    void (*dgemm)(text, text, integer, integer, integer, const double *, const double *, integer,
                  const double *, integer, const double *, double *, integer, size_t, size_t);
    void (*dtrsm)(text, text, text, text, integer, integer, const double *, const double *, integer,
                  double *, integer, size_t, size_t, size_t, size_t);
    void (*dtrmv)(text, text, text, integer, const double *, integer, double *, integer, size_t, size_t,
                  size_t);
    void (*dtrsv)(text, text, text, integer, const double *, integer, double *, integer, size_t, size_t,
                  size_t);
    void (*dgeqrf)(integer, integer, double *, integer, double *, double *, integer, int *);
    void (*dorgqr)(integer, integer, integer, double *, integer, const double *, double *, integer, int *);
    void (*dgesdd)(text, integer, integer, double *, integer, double *, double *, integer, double *,
                   integer, double *, integer, int *, int *, size_t);
    void (*dpotrf)(text, integer, double *, integer, int *, size_t);
    void (*dpotrs)(text, integer, integer, const double *, integer, double *, integer, int *, size_t);
    void (*dgesv)(integer, integer, double *, integer, int *, double *, integer, int *);
    void (*openblas_set_num_threads)(int);
    void (*omp_set_num_threads)(int);
    int (*openblas_get_parallel)(void);
    char *(*openblas_get_corename)(void);
} library;

static const struct {
    const char *name;
    void *place;
    int is_needed;
} symbols[] = {
    {"dgemm_", &library.dgemm, 1},
    {"dtrsm_", &library.dtrsm, 1},
    {"dtrmv_", &library.dtrmv, 1},
    {"dtrsv_", &library.dtrsv, 1},
    {"dgeqrf_", &library.dgeqrf, 1},
    {"dorgqr_", &library.dorgqr, 1},
    {"dgesdd_", &library.dgesdd, 1},
    {"dpotrf_", &library.dpotrf, 1},
    {"dpotrs_", &library.dpotrs, 1},
    {"dgesv_", &library.dgesv, 1},
    {"openblas_set_num_threads", &library.openblas_set_num_threads, 0},
    {"omp_set_num_threads", &library.omp_set_num_threads, 0},
    {"openblas_get_parallel", &library.openblas_get_parallel, 0},
    {"openblas_get_corename", &library.openblas_get_corename, 0},
};

static char reason[512];
static int is_confined;

// MARK: Addresses

/// OpenBLAS's buffer for each thread, and two for the process, on x86; the libraries themselves.
static const size_t buffer_size = (size_t)128 << 20, library_size = (size_t)80 << 20;

static int has_room(size_t buffers) {
    size_t size = buffers * buffer_size + library_size;
    void *room = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANON, -1, 0);
    if (room == MAP_FAILED) return 0;
    munmap(room, size);
    return 1;
}

/// Whether OpenBLAS, if it is that, finds what it takes.
static int make_room(void) {
#if !defined(__APPLE__)
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    if (has_room(2 + (size_t)(processors > 0 ? processors : 1))) return 1;
    if (!has_room(2)) return 0;
    is_confined = 1;
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
#endif
    return 1;
}

// MARK: Kernels

/// The core for whose kernels of OpenBLAS this processor has all instructions: the widest of AVX-512 and AVX2; NULL
/// for another processor.
static const char *widest_core(void) {
#if defined(__x86_64__) && !defined(__APPLE__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return NULL;
}

/// A better core than the one chosen: one from before AVX2 on a processor that has it.
///
/// OpenBLAS knows processors by their model: Debian 12's 0.3.21 takes the Xeons of 2023 for a Prescott of 2004, with
/// whose kernels the factorization of a three-dimensional lattice of 10⁶ edges takes three times as long. It reads
/// the variable that says otherwise when it is loaded, and never again.
static const char *better_core(void *handle) {
    char *(*chosen)(void) = NULL;
    *(void **)&chosen = dlsym(handle, "openblas_get_corename");
    if (!chosen || getenv("OPENBLAS_CORETYPE")) return NULL;
    static const char *const old[] = {"Core2", "Dunnington", "Nehalem", "Penryn", "Prescott"};
    for (size_t index = 0; index < sizeof old / sizeof *old; index++) {
        if (!strcmp(chosen(), old[index])) return widest_core();
    }
    return NULL;
}

// MARK: Loading

static void *open_first(void) {
    size_t used = 0;
    for (size_t index = 0; index < sizeof names / sizeof *names; index++) {
        void *handle = dlopen(names[index], RTLD_NOW | RTLD_LOCAL);
        if (handle) return handle;
        const char *error = dlerror();
        if (used < sizeof reason) {
            used += (size_t)snprintf(
                reason + used, sizeof reason - used, "%s%s",
                used ? "; " : "LAPACK can't be loaded: install liblapack3 and libopenblas0-openmp [", error);
        }
    }
    if (used < sizeof reason) snprintf(reason + used, sizeof reason - used, "]");
    return NULL;
}

const char *clapack_load(void) {
    if (!make_room()) {
        snprintf(reason, sizeof reason,
                 "LAPACK takes %zu MB of addresses, and this process may not have so many: give it more "
                 "(ulimit -v)",
                 (2 * buffer_size + library_size) >> 20);
        return reason;
    }
    void *handle = open_first();
    if (!handle) return reason;
    const char *core = better_core(handle);
    if (core) {
        setenv("OPENBLAS_CORETYPE", core, 1);
        // Where somebody else uses the library, this is the same one again.
        dlclose(handle);
        handle = open_first();
        if (!handle) return reason;
    }
    for (size_t index = 0; index < sizeof symbols / sizeof *symbols; index++) {
        void *symbol = dlsym(handle, symbols[index].name);
        if (!symbol && symbols[index].is_needed) {
            snprintf(reason, sizeof reason, "LAPACK has no routine %s", symbols[index].name);
            return reason;
        }
        memcpy(symbols[index].place, &symbol, sizeof symbol);
    }
    return NULL;
}

int clapack_is_confined(void) { return is_confined; }

// MARK: Routines

void clapack_use_one_thread(void) {
    if (library.openblas_set_num_threads) library.openblas_set_num_threads(1);
    // OpenBLAS 0.3.29 for OpenMP takes the number that OpenMP has for this thread all the same.
    if (clapack_openblas_threading() == 2 && library.omp_set_num_threads) library.omp_set_num_threads(1);
}

int clapack_openblas_threading(void) {
    return library.openblas_get_parallel ? library.openblas_get_parallel() : -1;
}

const char *clapack_openblas_core(void) {
    return library.openblas_get_corename ? library.openblas_get_corename() : NULL;
}

void clapack_dgemm(int transposed, int m, int n, int k, const double *a, const double *b, double beta,
                   double *c) {
    double one = 1;
    int ldb = transposed ? n : k;
    library.dgemm("N", transposed ? "T" : "N", &m, &n, &k, &one, a, &m, b, &ldb, &beta, c, &m, 1, 1);
}

int clapack_dgeqrf(int m, int n, double *a, int lda, double *tau, double *work, int lwork) {
    int info = 0;
    library.dgeqrf(&m, &n, a, &lda, tau, work, &lwork, &info);
    return info;
}

int clapack_dorgqr(int m, int n, double *a, int lda, const double *tau, double *work, int lwork) {
    int info = 0;
    library.dorgqr(&m, &n, &n, a, &lda, tau, work, &lwork, &info);
    return info;
}

void clapack_dtrsm_lower(int m, int n, const double *c, double *b, int ldb) {
    double one = 1;
    library.dtrsm("L", "L", "N", "N", &m, &n, &one, c, &m, b, &ldb, 1, 1, 1, 1);
}

void clapack_dtrmv_lower(int transposed, int n, const double *c, double *x) {
    int one = 1;
    library.dtrmv("L", transposed ? "T" : "N", "N", &n, c, &n, x, &one, 1, 1, 1);
}

void clapack_dtrsv_lower(int transposed, int n, const double *c, double *x) {
    int one = 1;
    library.dtrsv("L", transposed ? "T" : "N", "N", &n, c, &n, x, &one, 1, 1, 1);
}

int clapack_dgesdd_values(int n, double *a, double *s, double *work, int lwork, int *iwork) {
    int info = 0, one = 1;
    double none = 0;
    library.dgesdd("N", &n, &n, a, &n, s, &none, &one, &none, &one, work, &lwork, iwork, &info, 1);
    return info;
}

int clapack_dgesdd(int n, double *a, double *s, double *u, double *vt, double *work, int lwork,
                   int *iwork) {
    int info = 0;
    library.dgesdd("A", &n, &n, a, &n, s, u, &n, vt, &n, work, &lwork, iwork, &info, 1);
    return info;
}

int clapack_dpotrf(int n, double *a, int lda) {
    int info = 0;
    library.dpotrf("L", &n, a, &lda, &info, 1);
    return info;
}

int clapack_dpotrf_upper(int n, double *a, int lda) {
    int info = 0;
    library.dpotrf("U", &n, a, &lda, &info, 1);
    return info;
}

void clapack_dpotrs_upper(int n, int count, double *u, double *b) {
    int info = 0;
    library.dpotrs("U", &n, &count, u, &n, b, &n, &info, 1);
}

int clapack_dgesv(int n, int count, double *a, int *pivots, double *b) {
    int info = 0;
    library.dgesv(&n, &count, a, &n, pivots, b, &n, &info);
    return info;
}
