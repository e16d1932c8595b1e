#define _GNU_SOURCE
#include "temporaries.h"
#include "CSystem.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#if defined(__linux__)
#include <sys/syscall.h>
#else
#include <dirent.h>
#endif

struct csystem_temporary {
    struct csystem_temporary *next, *previous;
    // 0 for a path.
    pid_t process;
    char path[];
};

static struct csystem_temporary list = {&list, &list, 0};
static atomic_flag is_locked = ATOMIC_FLAG_INIT;

static void doze(void) {
    struct timespec moment = {0, 1000000};
    nanosleep(&moment, NULL);
}

static void clear_at_exit(void) {
    sigset_t outer;
    temporaries_lock(&outer);
    temporaries_clear();
    temporaries_unlock(&outer);
}

static void prepare_exit(void) { atexit(clear_at_exit); }

void temporaries_lock(sigset_t *outer) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, outer);
    while (atomic_flag_test_and_set_explicit(&is_locked, memory_order_acquire)) doze();
    pthread_once(&once, prepare_exit);
}

int temporaries_try_lock(void) {
    return !atomic_flag_test_and_set_explicit(&is_locked, memory_order_acquire);
}

void temporaries_unlock(const sigset_t *outer) {
    atomic_flag_clear_explicit(&is_locked, memory_order_release);
    pthread_sigmask(SIG_SETMASK, outer, NULL);
}

// MARK: The list

static struct csystem_temporary *add(const char *path, pid_t process) {
    size_t length = strlen(path) + 1;
    struct csystem_temporary *item = malloc(sizeof *item + length);
    if (!item) return NULL;
    memcpy(item->path, path, length);
    item->process = process;
    item->next = list.next;
    item->previous = &list;
    list.next->previous = item;
    list.next = item;
    return item;
}

static void drop(struct csystem_temporary *item) {
    item->previous->next = item->next;
    item->next->previous = item->previous;
    free(item);
}

csystem_temporary *csystem_make_folder(const char *parent) {
    char *real = realpath(parent, NULL);
    if (!real) return NULL;
    size_t size = strlen(real) + sizeof "/spicelearn-XXXXXX";
    char path[size];
    snprintf(path, size, "%s/spicelearn-XXXXXX", strcmp(real, "/") ? real : "");
    free(real);
    sigset_t outer;
    temporaries_lock(&outer);
    csystem_temporary *item = mkdtemp(path) ? add(path, 0) : NULL;
    int number = errno;
    temporaries_unlock(&outer);
    errno = number;
    return item;
}

csystem_temporary *csystem_note_file(const char *path) {
    sigset_t outer;
    temporaries_lock(&outer);
    csystem_temporary *item = add(path, 0);
    temporaries_unlock(&outer);
    return item;
}

const char *csystem_path(const csystem_temporary *item) { return item->path; }

void csystem_remove(csystem_temporary *item) {
    if (!item) return;
    sigset_t outer;
    temporaries_lock(&outer);
    csystem_remove_path(item->path);
    drop(item);
    temporaries_unlock(&outer);
}

void csystem_forget(csystem_temporary *item) {
    if (!item) return;
    sigset_t outer;
    temporaries_lock(&outer);
    drop(item);
    temporaries_unlock(&outer);
}

void temporaries_add_process(pid_t process) { add("", process); }

void temporaries_drop_process(pid_t process) {
    for (struct csystem_temporary *item = list.next; item != &list; item = item->next) {
        if (item->process == process) return drop(item);
    }
}

void temporaries_clear(void) {
    for (struct csystem_temporary *item = list.next; item != &list; item = item->next) {
        if (item->process > 0) kill(item->process, SIGKILL);
    }
    // What they write to is removed only when they have ended; one that the system can't end is left to it.
    int patience = 2000;
    for (struct csystem_temporary *item = list.next; item != &list; item = item->next) {
        while (item->process > 0 && waitpid(item->process, NULL, WNOHANG) == 0 && patience-- > 0) doze();
    }
    for (struct csystem_temporary *item = list.next; item != &list; item = item->next) {
        if (item->process == 0) csystem_remove_path(item->path);
    }
    // Not freed, which a signal may not do.
    list.next = list.previous = &list;
}

// MARK: Removal

enum { deepest = 8 };

static void remove_at(int parent, const char *name, int depth);

static void empty(int folder, int depth) {
#if defined(__linux__)
    // readdir takes memory, which a signal may not do.
    struct entry {
        uint64_t number;
        int64_t offset;
        unsigned short size;
        unsigned char type;
        char name[];
    };
    _Alignas(8) char entries[2048];
    long size;
    while ((size = syscall(SYS_getdents64, folder, entries, sizeof entries)) > 0) {
        for (long place = 0; place < size;) {
            struct entry *entry = (struct entry *)(entries + place);
            remove_at(folder, entry->name, depth);
            place += entry->size;
        }
    }
#else
    int copy = dup(folder);
    DIR *entries = copy < 0 ? NULL : fdopendir(copy);
    if (!entries) return;
    for (struct dirent *entry; (entry = readdir(entries));) remove_at(folder, entry->d_name, depth);
    closedir(entries);
#endif
}

static void remove_at(int parent, const char *name, int depth) {
    if (!strcmp(name, ".") || !strcmp(name, "..")) return;
    if (unlinkat(parent, name, 0) == 0 || errno == ENOENT || depth == deepest) return;
    int folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (folder < 0) return;
    // Some file systems skip entries while others are removed.
    for (int round = 0; round < 4; round++) {
        empty(folder, depth + 1);
        if (unlinkat(parent, name, AT_REMOVEDIR) == 0) break;
        lseek(folder, 0, SEEK_SET);
    }
    close(folder);
}

void csystem_remove_path(const char *path) { remove_at(AT_FDCWD, path, 0); }
