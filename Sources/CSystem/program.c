#define _GNU_SOURCE
#include "CSystem.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <signal.h>
#elif defined(__APPLE__)
#include <mach-o/dyld.h>
#endif

static char *const *arguments;
static char own_file[PATH_MAX];

// glibc and macOS hand these on to whatever runs before main.
#if defined(__GLIBC__) || defined(__APPLE__)
__attribute__((constructor)) static void keep(int count, char **values) {
    if (count > 0) arguments = values;
#if defined(__APPLE__)
    uint32_t size = sizeof own_file;
    if (_NSGetExecutablePath(own_file, &size) != 0) own_file[0] = 0;
#else
    // Relative to the folder that is current now.
    const char *started = (const char *)getauxval(AT_EXECFN);
    if (!started || !realpath(started, own_file)) own_file[0] = 0;
#endif
}
#endif

char *const *csystem_arguments(void) { return arguments; }

const char *csystem_program(void) {
#if defined(__linux__)
    static const char same[] = "/proc/self/exe";
    if (access(same, X_OK) == 0) return same;
#endif
    return own_file;
}

void csystem_close_from(int first) {
#if defined(__linux__) && defined(SYS_close_range)
    if (syscall(SYS_close_range, (unsigned)first, ~0u, 0) == 0) return;
#endif
    long end = sysconf(_SC_OPEN_MAX);
    if (end < 0 || end > 65536) end = 65536;
    for (int file = first; file < end; file++) close(file);
}

void csystem_wake_with_parent(void) {
#if defined(__linux__)
    prctl(PR_SET_PDEATHSIG, SIGCONT);
#endif
}
