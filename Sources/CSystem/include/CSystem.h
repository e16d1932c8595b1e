// What Swift can't do by itself, or not at any moment: the program's own arguments and file, a list of what has
// to be gone when the process ends, and what happens when a signal comes.
#ifndef SPICELEARN_CSYSTEM_H
#define SPICELEARN_CSYSTEM_H

#include <sys/types.h>

// MARK: The program

/// The arguments that the system started the program with, NULL after the last; NULL where it did not say.
/// Swift's own come from /proc, which is not everywhere.
char *const *csystem_arguments(void);

/// The path of the program's file. Stays the same program where the file is replaced and /proc is there.
const char *csystem_program(void);

/// Closes all files from this descriptor on.
void csystem_close_from(int first);

// MARK: What may not outlive the process
//
// Whatever is on this list is ended or removed when it is forgotten, when the process exits, and when one of the
// caught signals ends it. All functions may be called on any thread.

typedef struct csystem_temporary csystem_temporary;

/// Makes an empty folder of this user's alone; NULL with errno where that fails.
csystem_temporary *csystem_make_folder(const char *parent);

/// Notes a file that is about to be made.
csystem_temporary *csystem_note_file(const char *path);

/// The real path of a folder, or that of a file as it was given.
const char *csystem_path(const csystem_temporary *item);

/// Removes a folder with all that is in it, or a file, from disk and from the list.
void csystem_remove(csystem_temporary *item);

/// Takes a file off the list: it has its final name.
void csystem_forget(csystem_temporary *item);

/// Removes a folder with all that is in it, or a file. Follows no link; may be called within a signal.
void csystem_remove_path(const char *path);

// MARK: Processes

/// Starts a program with these files for its standard input, output and errors; the signals by which a terminal or a
/// batch system ends programs are held back until it is ready for them.
///
/// Returns its identifier, or -1 with errno. It is killed with this process.
pid_t csystem_start(const char *program, char *const arguments[], char *const variables[],
                    const int files[3]);

/// Waits until a process has ended, or for so many milliseconds (-1: as long as it takes). Returns whether it has
/// ended, and how.
int csystem_wait(pid_t process, int milliseconds, int *status);

/// For the process at the other end of standard input: ends this one within a second after that one has gone,
/// whatever it is doing, and removes a folder.
void csystem_end_with_peer(const char *folder);

/// Has Linux continue this process where it is stopped when its parent ends, so that it sees that.
void csystem_wake_with_parent(void);

// MARK: Limits

/// From now on the process ends with exit code 70, after what is on the list is gone, once so many seconds have
/// passed (`late` is said) or its largest resident size has grown by so many KiB (`large` is said).
void csystem_limit(double seconds, long kibibytes, const char *late, const char *large);

/// Takes the limit back. One limit at a time.
void csystem_end_limit(void);

// MARK: Waiting

/// From now on these words, with the seconds that have passed between them, are written to standard error: for the
/// first time after `first` seconds, then after each `next`. By the timer's signal, since a second thread would
/// have ngspice take a lock for every piece of memory. One within another says nothing.
void csystem_begin_waiting(const char *before, const char *after, int first, int next);

/// Ends what was begun last. Returns whether anything was written.
int csystem_end_waiting(void);

// MARK: Signals

/// From now on SIGINT, SIGTERM and SIGHUP end the process with exit code 128 + their number, after what is on the
/// list is gone, with these last words on standard error; SIGQUIT and SIGXCPU as usual, but with nothing left.
/// A crash is told of in a line, with nothing left if that is possible, and ends the process by its signal.
/// Those that are ignored stay so, and those are again that the parent had ignored (bit n for signal n).
void csystem_catch_signals(const char *last_words, unsigned long ignored);

/// The first of SIGINT, SIGTERM and SIGHUP is only noted from now on; the second ends the process as before.
void csystem_note_first_signal(void);

/// The number of the signal that was noted, or 0.
int csystem_noted_signal(void);

#endif
