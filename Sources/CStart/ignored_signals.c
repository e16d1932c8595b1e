#define _GNU_SOURCE
#include "CStart.h"

#include <signal.h>
#include <stddef.h>

#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>

static unsigned long ignored;

// Sanitizers are not ready yet: neither code nor functions of theirs may run.
__attribute__((disable_sanitizer_instrumentation)) static void note_ignored(void) {
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t index = 0; index < sizeof numbers / sizeof *numbers; index++) {
        // The kernel's structure, which is smaller, begins with the handler.
        void (*action[16])(int) = {SIG_DFL};
        long failed = syscall(SYS_rt_sigaction, numbers[index], NULL, action, 8);
        if (!failed && action[0] == SIG_IGN) ignored |= 1UL << numbers[index];
    }
}

__attribute__((section(".preinit_array"), used)) static void (*const before_libraries)(void) =
    note_ignored;

unsigned long cstart_ignored_signals(void) { return ignored; }
#else
unsigned long cstart_ignored_signals(void) { return 0; }
#endif
