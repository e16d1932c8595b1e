#define _GNU_SOURCE
#include "CSystem.h"
#include "temporaries.h"

#include <errno.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

pid_t csystem_start(const char *program, char *const arguments[], char *const variables[],
                    const int files[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    short flags = POSIX_SPAWN_SETSIGMASK;
#if defined(POSIX_SPAWN_CLOEXEC_DEFAULT)
    flags |= POSIX_SPAWN_CLOEXEC_DEFAULT;
#endif
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    for (int file = 0; file < 3; file++) posix_spawn_file_actions_adddup2(&actions, files[file], file);
    sigset_t held;
    sigemptyset(&held);
    sigaddset(&held, SIGINT);
    sigaddset(&held, SIGTERM);
    sigaddset(&held, SIGHUP);
    posix_spawnattr_setsigmask(&attributes, &held);
    posix_spawnattr_setflags(&attributes, flags);

    pid_t process = -1;
    sigset_t outer;
    temporaries_lock(&outer);
    int code = posix_spawn(&process, program, &actions, &attributes, arguments, variables);
    if (code == 0) temporaries_add_process(process);
    temporaries_unlock(&outer);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    if (code == 0) return process;
    errno = code;
    return -1;
}

int csystem_wait(pid_t process, int milliseconds, int *status) {
    *status = 0;
    while (1) {
        siginfo_t end = {0};
        // Left to be reaped, so that the number is not given to another process while it is on the list.
        int options = WEXITED | WNOWAIT | (milliseconds < 0 ? 0 : WNOHANG);
        int code = waitid(P_PID, (id_t)process, &end, options);
        if (code == -1 && errno == EINTR) continue;
        if (code == -1 || end.si_pid == process) break;
        if (milliseconds-- == 0) return 0;
        struct timespec moment = {0, 1000000};
        nanosleep(&moment, NULL);
    }
    sigset_t outer;
    temporaries_lock(&outer);
    waitpid(process, status, WNOHANG);
    temporaries_drop_process(process);
    temporaries_unlock(&outer);
    return 1;
}

// MARK: With the other end of standard input

static const char *peers_folder;

/// A thread that waits for the other end to close would make ngspice and the C library take locks, which small
/// circuits would pay for. So it is a signal, which also comes where ngspice never returns.
static void look_for_peer(int number) {
    static int is_alone;
    (void)number;
    int saved = errno;
    struct pollfd input = {STDIN_FILENO, 0, 0};
    if (poll(&input, 1, 0) > 0) {
        // The first time, it may be about to leave by itself.
        if (is_alone) {
            csystem_remove_path(peers_folder);
            _exit(0);
        }
        is_alone = 1;
    }
    errno = saved;
}

void csystem_end_with_peer(const char *folder) {
    peers_folder = strdup(folder);
    if (!peers_folder) return;
    struct sigaction action = {.sa_handler = look_for_peer, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(SIGALRM, &action, NULL);
    struct timeval half_second = {0, 500000};
    struct itimerval timer = {half_second, half_second};
    setitimer(ITIMER_REAL, &timer, NULL);
}
