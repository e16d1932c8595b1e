#define _GNU_SOURCE
#include "CSystem.h"
#include "alarms.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static char *before, *after;
static int depth, interval, was_shown;
static time_t began, due;
static alarms_former former;

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
    former = alarms_begin(tell, (struct timeval){1, 0});
}

int csystem_end_waiting(void) {
    if (--depth) return 0;
    if (before && after) alarms_end(&former);
    free(before);
    free(after);
    before = after = NULL;
    return was_shown;
}
