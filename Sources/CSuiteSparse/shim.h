// CHOLMOD of SuiteSparse, which has no pkg-config file in Debian 12.
#ifndef SPICELEARN_CSUITESPARSE_SHIM_H
#define SPICELEARN_CSUITESPARSE_SHIM_H

#include <suitesparse/cholmod.h>

/// Sets the only ordering to be tried; the methods are an array that Swift would see as a tuple of nine.
static inline void cholmod_set_ordering(cholmod_common *common, int ordering) {
    common->method[0].ordering = ordering;
}

#endif
