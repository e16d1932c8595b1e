#define _GNU_SOURCE
#include "CSystem.h"
#include "temporaries.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};
static const int others[] = {SIGQUIT, SIGXCPU};
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZER_TELLS_OF_CRASHES
#endif
#endif
static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
static const char *last_words;
static atomic_int notes_first, noted;

static int is_ending(int number) {
    return number == SIGINT || number == SIGTERM || number == SIGHUP;
}

static void say(const char *text) {
    size_t length = strlen(text);
    if (write(STDERR_FILENO, text, length) < 0) return;
}

static void end(int number) {
    // For good: no other thread makes anything any more.
    sigset_t outer;
    temporaries_lock(&outer);
    temporaries_clear();
    if (!is_ending(number)) {
        signal(number, SIG_DFL);
        sigset_t alone;
        sigemptyset(&alone);
        sigaddset(&alone, number);
        raise(number);
        sigprocmask(SIG_UNBLOCK, &alone, NULL);
    }
    // Behind the line of progress.
    if (isatty(STDERR_FILENO)) say("\r\033[K");
    say(last_words);
    say("\n");
    _exit(128 + number);
}

static void receive(int number) {
    int saved = errno, none = 0;
    if (is_ending(number) && atomic_load(&notes_first) &&
        atomic_compare_exchange_strong(&noted, &none, number)) {
        errno = saved;
        return;
    }
    end(number);
}

static void catch(int number, int is_ignored) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) != 0 || action.sa_handler == SIG_IGN) return;
    memset(&action, 0, sizeof action);
    action.sa_handler = is_ignored ? SIG_IGN : receive;
    action.sa_flags = SA_RESTART;
    sigemptyset(&action.sa_mask);
    sigaction(number, &action, NULL);
}

/// Swift's own handler starts a program that tells of the stack, which may take minutes and keeps what it
/// writes to open.
static void crash(int number) {
    if (temporaries_try_lock()) temporaries_clear();
    say("spicelearn: error: the program, or ngspice within it, crashed\n");
    signal(number, SIG_DFL);
    raise(number);
}

static void catch_crashes(void) {
#if !defined(SANITIZER_TELLS_OF_CRASHES)
    for (size_t index = 0; index < sizeof crashes / sizeof *crashes; index++) {
        struct sigaction action = {.sa_handler = crash, .sa_flags = SA_ONSTACK | SA_NODEFER};
        sigemptyset(&action.sa_mask);
        sigaction(crashes[index], &action, NULL);
    }
#endif
}

void csystem_catch_signals(const char *words, unsigned long ignored) {
    last_words = strdup(words);
    if (!last_words) last_words = "";
    // So that nothing is left to be prepared within a signal.
    sigset_t outer;
    temporaries_lock(&outer);
    temporaries_unlock(&outer);
    sigset_t caught;
    sigemptyset(&caught);
    for (size_t index = 0; index < sizeof endings / sizeof *endings; index++) {
        catch(endings[index], ignored >> endings[index] & 1);
        sigaddset(&caught, endings[index]);
    }
    for (size_t index = 0; index < sizeof others / sizeof *others; index++) catch(others[index], 0);
    catch_crashes();
    // A parent may have left them blocked.
    pthread_sigmask(SIG_UNBLOCK, &caught, NULL);
}

void csystem_note_first_signal(void) { atomic_store(&notes_first, 1); }

int csystem_noted_signal(void) { return atomic_load(&noted); }
