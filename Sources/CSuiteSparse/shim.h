// CHOLMOD and KLU of SuiteSparse, which has no pkg-config file in Debian 12.
#ifndef SPICELEARN_CSUITESPARSE_SHIM_H
#define SPICELEARN_CSUITESPARSE_SHIM_H

#include <suitesparse/cholmod.h>
#include <suitesparse/klu.h>

// CHOLMOD's own threads are those of OpenMP, where it was built with that.
extern void omp_set_max_active_levels(int) __attribute__((weak));

/// Lets parallel regions of the calling thread run on one thread, or again on several.
static inline void cholmod_use_threads(int several) {
    if (omp_set_max_active_levels) omp_set_max_active_levels(several ? 1 : 0);
}

/// Sets the only ordering to be tried; the methods are an array that Swift would see as a tuple of nine.
static inline void cholmod_set_ordering(cholmod_common *common, int ordering) {
    common->method[0].ordering = ordering;
}

#endif
