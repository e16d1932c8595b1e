#ifndef CSUNDIALS_SHIM_H
#define CSUNDIALS_SHIM_H

#include <string.h>

#include <sundials/sundials_config.h>

// What differs between SUNDIALS 6 (Debian 12) and 7 (Debian 13, Homebrew), and what Swift can't import.

#if SUNDIALS_VERSION_MAJOR >= 7
#include "core.h"
#if SUNDIALS_MPI_ENABLED && !__has_include(<mpi.h>)
// sundials_types.h would include <mpi.h>: it is included here from where it is, and the header told that
// there is no MPI. The stand-ins that it then defines are replaced by MPI's own.
#include "mpi-elsewhere.h"
#if defined(OMPI_MAJOR_VERSION) && OMPI_MAJOR_VERSION >= 6
#include "open-mpi-6.h"
#endif
#undef SUNDIALS_MPI_ENABLED
#define SUNDIALS_MPI_ENABLED 0
#define SUNComm csundials_comm_without_mpi
#include <sundials/sundials_types.h>
#undef SUNComm
#undef SUN_COMM_NULL
#define SUNComm MPI_Comm
#define SUN_COMM_NULL MPI_COMM_NULL
#endif
#endif

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sunlinsol/sunlinsol_spgmr.h>

static inline int csundials_context_create(SUNContext *context) {
#if SUNDIALS_VERSION_MAJOR >= 7
    return SUNContext_Create(SUN_COMM_NULL, context);
#else
    return SUNContext_Create(NULL, context);
#endif
}

// Bytes of a message kept, its terminating zero included.
enum { CSUNDIALS_MESSAGE_CAPACITY = 512 };

static inline void csundials_keep(const char *message, void *data) {
    char *kept = (char *)data;
    if (!kept || !message) return;
    strncpy(kept, message, CSUNDIALS_MESSAGE_CAPACITY - 1);
    kept[CSUNDIALS_MESSAGE_CAPACITY - 1] = 0;
}

#if SUNDIALS_VERSION_MAJOR >= 7
static void csundials_handler(int line, const char *function, const char *file, const char *message,
                              SUNErrCode code, void *data, SUNContext context) {
    csundials_keep(message, data);
}
#else
static void csundials_handler(int code, const char *module, const char *function, char *message,
                              void *data) {
    csundials_keep(message, data);
}
#endif

// Keeps CVODE's last message in `kept` instead of printing it on standard error.
static inline int csundials_keep_messages(SUNContext context, void *cvode, char *kept) {
#if SUNDIALS_VERSION_MAJOR >= 7
    // All handlers are called, so the first of them goes, which prints; warnings of short steps, of which no
    // handler hears, are printed in any case.
    SUNContext_ClearErrHandlers(context);
    CVodeSetMaxHnilWarns(cvode, -1);
    return SUNContext_PushErrHandler(context, csundials_handler, kept);
#else
    return CVodeSetErrHandlerFn(cvode, csundials_handler, kept);
#endif
}

#endif
