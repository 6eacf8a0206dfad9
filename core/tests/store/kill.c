/* Loaded before everything else (LD_PRELOAD): kills its process at the N-th call that touches a folder.
 *
 * KILL_FOLDER   the folder
 * KILL_AT       which call, from 1; 0 for none
 * KILL_HOW      "before" the call, "after" it, or in the middle of it ("half": half of the bytes of a write)
 * KILL_COUNT    a file to which one line is appended for each call: its name
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

static int calls;

static int below(const char *path) {
    const char *folder = getenv("KILL_FOLDER");
    return folder && path && strncmp(path, folder, strlen(folder)) == 0;
}

static int open_below(int descriptor) {
    char link[64], path[PATH_MAX];
    snprintf(link, sizeof link, "/proc/self/fd/%d", descriptor);
    ssize_t length = readlink(link, path, sizeof path - 1);
    if (length < 0) return 0;
    path[length] = 0;
    return below(path);
}

static void die(void) {
    kill(getpid(), SIGKILL);
    for (;;) pause();
}

static int how(const char *wanted) {
    const char *chosen = getenv("KILL_HOW");
    return chosen && strcmp(chosen, wanted) == 0;
}

/* Whether this call is the one; dies here if it has to die before it. */
static int now(const char *name) {
    static int (*open_it)(const char *, int, ...);
    static ssize_t (*write_it)(int, const void *, size_t);
    if (!open_it) open_it = dlsym(RTLD_NEXT, "open");
    if (!write_it) write_it = dlsym(RTLD_NEXT, "write");
    const char *at = getenv("KILL_AT"), *count = getenv("KILL_COUNT");
    calls++;
    if (count) {
        int file = open_it(count, O_WRONLY | O_CREAT | O_APPEND, 0600);
        if (file >= 0) {
            if (write_it(file, name, strlen(name)) < 0 || write_it(file, "\n", 1) < 0) die();
            close(file);
        }
    }
    if (!at || atoi(at) != calls) return 0;
    if (how("before")) die();
    return 1;
}

#define REAL(name) real_##name = dlsym(RTLD_NEXT, #name)

static int opened(const char *symbol, const char *path, int flags, mode_t mode) {
    static int (*real)(const char *, int, ...);
    if (!real) real = dlsym(RTLD_NEXT, symbol);
    if (!below(path)) return real(path, flags, mode);
    int last = now(flags & O_CREAT ? "create" : "open");
    int descriptor = real(path, flags, mode);
    if (last) die();
    return descriptor;
}

#define MODE(flags) \
    mode_t mode = 0; \
    if (flags & O_CREAT) { va_list more; va_start(more, flags); mode = va_arg(more, int); va_end(more); }

int open(const char *path, int flags, ...) { MODE(flags) return opened("open", path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return opened("open64", path, flags, mode); }

ssize_t write(int descriptor, const void *bytes, size_t length) {
    static ssize_t (*real_write)(int, const void *, size_t);
    if (!real_write) REAL(write);
    if (!open_below(descriptor)) return real_write(descriptor, bytes, length);
    int last = now("write");
    ssize_t written = real_write(descriptor, bytes, last && how("half") ? length / 2 : length);
    if (last) die();
    return written;
}

int fsync(int descriptor) {
    static int (*real_fsync)(int);
    if (!real_fsync) REAL(fsync);
    if (!open_below(descriptor)) return real_fsync(descriptor);
    int last = now("fsync");
    int result = real_fsync(descriptor);
    if (last) die();
    return result;
}

int rename(const char *from, const char *to) {
    static int (*real_rename)(const char *, const char *);
    if (!real_rename) REAL(rename);
    if (!below(to)) return real_rename(from, to);
    int last = now("rename");
    int result = real_rename(from, to);
    if (last) die();
    return result;
}

int unlink(const char *path) {
    static int (*real_unlink)(const char *);
    if (!real_unlink) REAL(unlink);
    if (!below(path)) return real_unlink(path);
    int last = now("unlink");
    int result = real_unlink(path);
    if (last) die();
    return result;
}

int mkdir(const char *path, mode_t mode) {
    static int (*real_mkdir)(const char *, mode_t);
    if (!real_mkdir) REAL(mkdir);
    if (!below(path)) return real_mkdir(path, mode);
    int last = now("mkdir");
    int result = real_mkdir(path, mode);
    if (last) die();
    return result;
}
