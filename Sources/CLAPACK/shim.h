// The routines of BLAS and LAPACK that are needed, with one signature on Linux (liblapacke-dev's
// lapack.h) and macOS (Accelerate, which also answers to -llapack). Column-major; the value returned
// is LAPACK's info; a workspace of length -1 asks for the best one, which comes in work[0].
#ifndef SPICELEARN_CLAPACK_SHIM_H
#define SPICELEARN_CLAPACK_SHIM_H

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#define SPICELEARN_LAPACK(name) name##_
#else
#include <lapack.h>
extern void dgemm_(const char *, const char *, const int *, const int *, const int *, const double *,
                   const double *, const int *, const double *, const int *, const double *, double *,
                   const int *);
#define SPICELEARN_LAPACK(name) LAPACK_##name
// Threads inside OpenBLAS make small factorizations slower by orders of magnitude on a busy machine;
// other implementations do not have this function.
extern void openblas_set_num_threads(int) __attribute__((weak));
extern int openblas_get_parallel(void) __attribute__((weak));
extern char *openblas_get_corename(void) __attribute__((weak));
#endif

static inline void clapack_use_one_thread(void) {
#if !defined(__APPLE__)
    if (openblas_set_num_threads) openblas_set_num_threads(1);
#endif
}

/// How this OpenBLAS was built: 0 for programs with one thread, 1 with threads of its own, 2 for OpenMP; -1 for
/// another library.
static inline int clapack_openblas_threading(void) {
#if defined(__APPLE__)
    return -1;
#else
    return openblas_get_parallel ? openblas_get_parallel() : -1;
#endif
}

/// The processor for whose like OpenBLAS chose its kernels; NULL for another library.
static inline const char *clapack_openblas_core(void) {
#if defined(__APPLE__)
    return 0;
#else
    return openblas_get_corename ? openblas_get_corename() : 0;
#endif
}

/// The core for whose kernels of OpenBLAS this processor has all instructions: the widest of AVX-512 and AVX2;
/// NULL for another processor.
static inline const char *clapack_widest_core(void) {
#if defined(__x86_64__) && !defined(__APPLE__)
    __builtin_cpu_init();
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512vl"))
        return "SkylakeX";
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return "Haswell";
#endif
    return 0;
}

/// C = A B + beta C, or with Bᵀ, A being m × k and C m × n.
static inline void clapack_dgemm(int transposed, int m, int n, int k, const double *a,
                                 const double *b, double beta, double *c) {
    char plain = 'N', second = transposed ? 'T' : 'N';
    double one = 1;
    int ldb = transposed ? n : k;
    dgemm_(&plain, &second, &m, &n, &k, &one, a, &m, b, &ldb, &beta, c, &m);
}

/// A = Q R of an m × n matrix.
static inline int clapack_dgeqrf(int m, int n, double *a, int lda, double *tau, double *work,
                                 int lwork) {
    int info = 0;
    SPICELEARN_LAPACK(dgeqrf)(&m, &n, a, &lda, tau, work, &lwork, &info);
    return info;
}

/// A = U diag(s) Vᵀ of an n × n matrix, by divide and conquer; iwork has 8 n integers.
static inline int clapack_dgesdd(int n, double *a, double *s, double *u, double *vt, double *work,
                                 int lwork, int *iwork) {
    char job = 'A';
    int info = 0;
    SPICELEARN_LAPACK(dgesdd)(&job, &n, &n, a, &n, s, u, &n, vt, &n, work, &lwork, iwork, &info);
    return info;
}

/// A = L Lᵀ of a symmetric n × n matrix, in its lower triangle; info > 0 if it is not positive definite.
static inline int clapack_dpotrf(int n, double *a, int lda) {
    char triangle = 'L';
    int info = 0;
    SPICELEARN_LAPACK(dpotrf)(&triangle, &n, a, &lda, &info);
    return info;
}

/// A = Uᵀ U of a symmetric n × n matrix, in its upper triangle; info > 0 if it is not positive definite.
static inline int clapack_dpotrf_upper(int n, double *a, int lda) {
    char triangle = 'U';
    int info = 0;
    SPICELEARN_LAPACK(dpotrf)(&triangle, &n, a, &lda, &info);
    return info;
}

/// x of Uᵀ U x = b for several right-hand sides, in place of b.
static inline void clapack_dpotrs_upper(int n, int count, double *u, double *b) {
    char triangle = 'U';
    int info = 0;
    SPICELEARN_LAPACK(dpotrs)(&triangle, &n, &count, u, &n, b, &n, &info);
}

/// x of A x = b for a square matrix and several b, in place of these; info > 0 if A is singular.
static inline int clapack_dgesv(int n, int count, double *a, int *pivots, double *b) {
    int info = 0;
    SPICELEARN_LAPACK(dgesv)(&n, &count, a, &n, pivots, b, &n, &info);
    return info;
}

#endif
