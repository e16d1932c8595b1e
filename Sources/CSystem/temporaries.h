#ifndef SPICELEARN_TEMPORARIES_H
#define SPICELEARN_TEMPORARIES_H

#include <signal.h>
#include <sys/types.h>

// The list is changed, and what is on it made and removed, by one thread at a time, on which no signal comes
// meanwhile: a signal finds it whole, and nothing made that is not on it.

void temporaries_lock(sigset_t *outer);
void temporaries_unlock(const sigset_t *outer);

/// For good, where no thread has it: the one that has may be where the process crashed. Whether it was free.
int temporaries_try_lock(void);

/// With the list locked.
void temporaries_add_process(pid_t process);
void temporaries_drop_process(pid_t process);

/// Ends and removes everything; with the list locked.
void temporaries_clear(void);

#endif
