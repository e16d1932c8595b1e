#define _GNU_SOURCE
#include "alarms.h"

#include <pthread.h>
#include <string.h>

alarms_former alarms_begin(void (*handler)(int), struct timeval interval) {
    alarms_former former;
    memset(&former, 0, sizeof former);
    struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(SIGALRM, &action, &former.action);
    sigset_t alarm;
    sigemptyset(&alarm);
    sigaddset(&alarm, SIGALRM);
    pthread_sigmask(SIG_UNBLOCK, &alarm, NULL);
    struct itimerval timer = {interval, interval};
    setitimer(ITIMER_REAL, &timer, &former.timer);
    return former;
}

void alarms_end(const alarms_former *former) {
    setitimer(ITIMER_REAL, &former->timer, NULL);
    sigaction(SIGALRM, &former->action, NULL);
}
