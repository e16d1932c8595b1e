#define _GNU_SOURCE
#include "CSuiteSparse.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#define TEXT(value) TEXT_OF(value)
#define TEXT_OF(value) #value
#if defined(__APPLE__)
#define FILE_NAME(name, version) "lib" name "." TEXT(version) ".dylib"
static const char *const folders[] = {"", "/opt/homebrew/lib/", "/usr/local/lib/", "/opt/local/lib/"};
#else
#define FILE_NAME(name, version) "lib" name ".so." TEXT(version)
static const char *const folders[] = {""};
#endif

static csuitesparse_routines routines;
static char reason[512];

static void *open_library(const char *file) {
    for (size_t index = 0; index < sizeof folders / sizeof *folders; index++) {
        char path[256];
        snprintf(path, sizeof path, "%s%s", folders[index], file);
        void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
        if (handle) return handle;
        if (index == 0)
            snprintf(reason, sizeof reason, "SuiteSparse can't be loaded: install %s [%s]", file, dlerror());
    }
    return NULL;
}

static int find(void *handle, const char *name, void *place) {
    void *symbol = dlsym(handle, name);
    if (!symbol) snprintf(reason, sizeof reason, "SuiteSparse has no routine %s", name);
    memcpy(place, &symbol, sizeof symbol);
    return symbol != NULL;
}

const char *csuitesparse_load(void) {
    void *cholmod = open_library(FILE_NAME("cholmod", CHOLMOD_MAIN_VERSION));
    if (!cholmod) return reason;
    void *klu = open_library(FILE_NAME("klu", KLU_MAIN_VERSION));
    if (!klu) return reason;
#define FIND_CHOLMOD(name) \
    if (!find(cholmod, #name, &routines.name)) return reason;
#define FIND_KLU(name) \
    if (!find(klu, #name, &routines.name)) return reason;
    CSUITESPARSE_CHOLMOD(FIND_CHOLMOD)
    CSUITESPARSE_KLU(FIND_KLU)
    void *optional = dlsym(cholmod, "omp_set_max_active_levels");
    memcpy(&routines.omp_set_max_active_levels, &optional, sizeof optional);
    return NULL;
}

csuitesparse_routines csuitesparse(void) { return routines; }
