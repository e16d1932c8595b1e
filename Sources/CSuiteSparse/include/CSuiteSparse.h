// CHOLMOD and KLU of SuiteSparse, whose libraries are loaded when they are needed: they bring BLAS with them
// (CLAPACK.h).
#ifndef SPICELEARN_CSUITESPARSE_H
#define SPICELEARN_CSUITESPARSE_H

#include <suitesparse/cholmod.h>
#include <suitesparse/klu.h>

#define CSUITESPARSE_CHOLMOD(ROUTINE) \
    ROUTINE(cholmod_start)            \
    ROUTINE(cholmod_finish)           \
    ROUTINE(cholmod_allocate_sparse)  \
    ROUTINE(cholmod_free_sparse)      \
    ROUTINE(cholmod_free_factor)      \
    ROUTINE(cholmod_free_dense)       \
    ROUTINE(cholmod_analyze)          \
    ROUTINE(cholmod_factorize)        \
    ROUTINE(cholmod_solve2)           \
    ROUTINE(cholmod_rcond)

#define CSUITESPARSE_KLU(ROUTINE) \
    ROUTINE(klu_defaults)         \
    ROUTINE(klu_analyze)          \
    ROUTINE(klu_factor)           \
    ROUTINE(klu_refactor)         \
    ROUTINE(klu_solve)            \
    ROUTINE(klu_tsolve)           \
    ROUTINE(klu_rgrowth)          \
    ROUTINE(klu_free_symbolic)    \
    ROUTINE(klu_free_numeric)

/// The routines, each of the type that its header gives it; all there after `csuitesparse_load` found no fault.
typedef struct {
#define CSUITESPARSE_MEMBER(name) __typeof__(name) *name;
    CSUITESPARSE_CHOLMOD(CSUITESPARSE_MEMBER)
    CSUITESPARSE_KLU(CSUITESPARSE_MEMBER)
#undef CSUITESPARSE_MEMBER
    /// Of OpenMP, if CHOLMOD was built with that.
    void (*omp_set_max_active_levels)(int);
} csuitesparse_routines;

/// Loads the libraries of the version whose headers these are, after BLAS. Returns NULL, or in words why there are
/// none. To be called once.
const char *csuitesparse_load(void);

csuitesparse_routines csuitesparse(void);

/// Lets parallel regions of the calling thread run on one thread, or again on several.
static inline void cholmod_use_threads(csuitesparse_routines routines, int several) {
    if (routines.omp_set_max_active_levels) routines.omp_set_max_active_levels(several ? 1 : 0);
}

/// Sets the only ordering to be tried; the methods are an array that Swift would see as a tuple of nine.
static inline void cholmod_set_ordering(cholmod_common *common, int ordering) {
    common->method[0].ordering = ordering;
}

#endif
