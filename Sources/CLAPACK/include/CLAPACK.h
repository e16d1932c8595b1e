// The routines of BLAS and LAPACK that are needed, of a library that is loaded when the first of them is: OpenBLAS
// takes some 300 MB of addresses when it is loaded, and searches without end where there are none.
// Column-major; the value returned is LAPACK's info; a workspace of length -1 asks for the best one, which comes in
// work[0].
#ifndef SPICELEARN_CLAPACK_H
#define SPICELEARN_CLAPACK_H

/// Loads the library. Returns NULL, or in words why there is none; `clapack_…` are to be called only after NULL.
/// To be called once.
const char *clapack_load(void);

/// Whether addresses are so scarce that only one thread may call the library at a time.
int clapack_is_confined(void);

/// Threads inside OpenBLAS make small factorizations slower by orders of magnitude on a busy machine; other
/// implementations do not have this function.
void clapack_use_one_thread(void);

/// How this OpenBLAS was built: 0 for programs with one thread, 1 with threads of its own, 2 for OpenMP; -1 for
/// another library.
int clapack_openblas_threading(void);

/// The processor for whose like OpenBLAS chose its kernels; NULL for another library.
const char *clapack_openblas_core(void);

/// C = A B + beta C, or with Bᵀ, A being m × k and C m × n.
void clapack_dgemm(int transposed, int m, int n, int k, const double *a, const double *b, double beta,
                   double *c);

/// A = Q R of an m × n matrix.
int clapack_dgeqrf(int m, int n, double *a, int lda, double *tau, double *work, int lwork);

/// The first n columns of Q, in place of what dgeqrf left of an m × n matrix.
int clapack_dorgqr(int m, int n, double *a, int lda, const double *tau, double *work, int lwork);

/// X of C X = B for a lower triangular m × m matrix C and n columns, in place of B.
void clapack_dtrsm_lower(int m, int n, const double *c, double *b, int ldb);

/// C x or Cᵀ x for a lower triangular n × n matrix C, in place of x.
void clapack_dtrmv_lower(int transposed, int n, const double *c, double *x);

/// The solution of C y = x or of Cᵀ y = x for a lower triangular n × n matrix C, in place of x.
void clapack_dtrsv_lower(int transposed, int n, const double *c, double *x);

/// The singular values alone of an n × n matrix, which is lost; iwork has 8 n integers.
int clapack_dgesdd_values(int n, double *a, double *s, double *work, int lwork, int *iwork);

/// A = U diag(s) Vᵀ of an n × n matrix, by divide and conquer; iwork has 8 n integers.
int clapack_dgesdd(int n, double *a, double *s, double *u, double *vt, double *work, int lwork,
                   int *iwork);

/// A = L Lᵀ of a symmetric n × n matrix, in its lower triangle; info > 0 if it is not positive definite.
int clapack_dpotrf(int n, double *a, int lda);

/// A = Uᵀ U of a symmetric n × n matrix, in its upper triangle; info > 0 if it is not positive definite.
int clapack_dpotrf_upper(int n, double *a, int lda);

/// x of Uᵀ U x = b for several right-hand sides, in place of b.
void clapack_dpotrs_upper(int n, int count, double *u, double *b);

/// x of A x = b for a square matrix and several b, in place of these; info > 0 if A is singular.
int clapack_dgesv(int n, int count, double *a, int *pivots, double *b);

#endif
