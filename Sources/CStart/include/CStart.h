#ifndef CSTART_H
#define CSTART_H

/// The signals that the process which started this one ignored, of SIGINT, SIGTERM and SIGHUP: bit n for signal n.
///
/// It is noted before the constructors of libraries run, for which this has to be linked into a program. UCX, which
/// SUNDIALS 7 brings along with MPI, catches SIGHUP in its constructor, whatever was there: later nothing shows
/// that `nohup` started the program.
unsigned long cstart_ignored_signals(void);

#endif
