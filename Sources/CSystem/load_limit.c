#define _GNU_SOURCE
#include "CSystem.h"
#include "temporaries.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <unistd.h>

static char *if_late, *if_large;
static int looks, most_looks;
static long most_memory;
static struct sigaction former;
static struct itimerval former_timer;

/// The largest resident size so far, in KiB.
static long largest_memory(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
#ifdef __APPLE__
    return usage.ru_maxrss / 1024;
#else
    return usage.ru_maxrss;
#endif
}

static void end(const char *words) {
    // For good: no other thread makes anything any more.
    sigset_t outer;
    temporaries_lock(&outer);
    temporaries_clear();
    if (write(STDERR_FILENO, words, strlen(words)) < 0) _exit(70);
    _exit(70);
}

static void look(int number) {
    int saved = errno;
    if (++looks > most_looks) end(if_late);
    if (largest_memory() > most_memory) end(if_large);
    // What used the timer before still does.
    if (former.sa_handler != SIG_DFL && former.sa_handler != SIG_IGN) former.sa_handler(number);
    errno = saved;
}

void csystem_limit(double seconds, long kibibytes, const char *late, const char *large) {
    if_late = strdup(late);
    if_large = strdup(large);
    if (!if_late || !if_large) return;
    looks = 0;
    most_looks = seconds < 1e7 ? (int)(seconds * 50) : 1000000000;
    most_memory = largest_memory() + kibibytes;
    struct sigaction action = {.sa_handler = look, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(SIGALRM, &action, &former);
    // A parent may have left it blocked.
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
    struct timeval fiftieth = {0, 20000};
    struct itimerval timer = {fiftieth, fiftieth};
    setitimer(ITIMER_REAL, &timer, &former_timer);
}

void csystem_end_limit(void) {
    setitimer(ITIMER_REAL, &former_timer, NULL);
    sigaction(SIGALRM, &former, NULL);
    free(if_late);
    free(if_large);
    if_late = if_large = NULL;
}
