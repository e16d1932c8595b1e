#define _GNU_SOURCE
#include "CSystem.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static char *before, *after;
static int depth, interval, was_shown;
static time_t began, due;
static struct sigaction former;

static time_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec;
}

static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

// Another user of the timer may call it more often.
static void tell(int number) {
    (void)number;
    int saved = errno;
    time_t time = now();
    if (time >= due) {
        char digits[24], *start = digits + sizeof digits - 1;
        *start = 0;
        unsigned long seconds = (unsigned long)(time - began);
        do *--start = (char)('0' + seconds % 10);
        while (seconds /= 10);
        say(before);
        say(start);
        say(after);
        due = time + interval;
        was_shown = 1;
    }
    errno = saved;
}

void csystem_begin_waiting(const char *words_before, const char *words_after, int first, int next) {
    if (depth++) return;
    before = strdup(words_before);
    after = strdup(words_after);
    if (!before || !after) return;
    began = now();
    due = began + first;
    interval = next;
    was_shown = 0;
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(SIGALRM, &action, &former);
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
    struct itimerval timer = {{1, 0}, {1, 0}};
    setitimer(ITIMER_REAL, &timer, NULL);
}

int csystem_end_waiting(void) {
    if (--depth) return 0;
    if (before && after) {
        struct itimerval none = {{0, 0}, {0, 0}};
        setitimer(ITIMER_REAL, &none, NULL);
        sigaction(SIGALRM, &former, NULL);
    }
    free(before);
    free(after);
    before = after = NULL;
    return was_shown;
}
