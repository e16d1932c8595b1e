// The four routines of LAPACK that the analysis needs, with one signature on Linux (liblapacke-dev's
// lapack.h) and macOS (Accelerate, which also answers to -llapack). Column-major; the value returned
// is LAPACK's info; a workspace of length -1 asks for the best one, which comes in work[0].
#ifndef SPICELEARN_CLAPACK_SHIM_H
#define SPICELEARN_CLAPACK_SHIM_H

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#define SPICELEARN_LAPACK(name) name##_
#else
#include <lapack.h>
#define SPICELEARN_LAPACK(name) LAPACK_##name
// Threads inside OpenBLAS make small factorizations slower by orders of magnitude on a busy machine;
// other implementations do not have this function.
extern void openblas_set_num_threads(int) __attribute__((weak));
#endif

static inline void clapack_use_one_thread(void) {
#if !defined(__APPLE__)
    if (openblas_set_num_threads) openblas_set_num_threads(1);
#endif
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

/// x of A x = b for a square matrix, in place of b; info > 0 if A is singular.
static inline int clapack_dgesv(int n, double *a, int *pivots, double *b) {
    int one = 1;
    int info = 0;
    SPICELEARN_LAPACK(dgesv)(&n, &one, a, &n, pivots, b, &n, &info);
    return info;
}

#endif
