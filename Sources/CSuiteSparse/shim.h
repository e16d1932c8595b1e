// CHOLMOD of SuiteSparse, which has no pkg-config file in Debian 12.
#ifndef SPICELEARN_CSUITESPARSE_SHIM_H
#define SPICELEARN_CSUITESPARSE_SHIM_H

#include <suitesparse/cholmod.h>

#endif
