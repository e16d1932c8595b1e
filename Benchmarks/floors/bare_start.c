/* The floor for the start of a program that uses ngspice: opens libngspice, initialises it, ends.
 *
 *   bare_start [LIBRARY]
 *
 * To be timed from outside, as a whole process.
 */
#include <dlfcn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include <ngspice/sharedspice.h>

typedef int initialize(SendChar *, SendStat *, ControlledExit *, SendData *, SendInitData *,
                       BGThreadRunning *, void *);

static int on_text(char *text, int id, void *user) {
    (void)text, (void)id, (void)user;
    return 0;
}

static int on_exit_request(int status, NG_BOOL now, NG_BOOL quit, int id, void *user) {
    (void)now, (void)quit, (void)id, (void)user;
    exit(status ? status : 70);
}

int main(int argc, char **argv) {
#ifdef __APPLE__
    const char *library = argc > 1 ? argv[1] : "libngspice.dylib";
#else
    const char *library = argc > 1 ? argv[1] : "libngspice.so.0";
#endif
    setenv("SPICE_SCRIPTS", "", 1); /* no start-up script of the system */
    void *handle = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    initialize *start = handle ? (initialize *)dlsym(handle, "ngSpice_Init") : NULL;
    if (!start) {
        fprintf(stderr, "%s\n", dlerror());
        return 70;
    }
    return start(on_text, NULL, on_exit_request, NULL, NULL, NULL, NULL);
}
