#ifndef SPICELEARN_ALARMS_H
#define SPICELEARN_ALARMS_H

#include <signal.h>
#include <sys/time.h>

/// Has the timer call a handler again and again, also where a parent has left its signal blocked. What used it before
/// is kept, to be put back by `alarms_end`.
typedef struct {
    struct sigaction action;
    struct itimerval timer;
} alarms_former;

alarms_former alarms_begin(void (*handler)(int), struct timeval interval);
void alarms_end(const alarms_former *former);

#endif
