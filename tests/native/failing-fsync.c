// Loaded before libc (LD_PRELOAD): fsync fails with EIO while the file FAILING_SYNC_FOLDER/fail exists, and each call is noted in
// FAILING_SYNC_FOLDER/synced as "ok NAME" or "failed NAME". What was to be written stays where the system has it, as after a real EIO.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int fsync(int fd)
{
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
    const char *folder = getenv("FAILING_SYNC_FOLDER");
    char link[64], target[4096], path[4096], line[4200];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, target, sizeof target - 1);
    target[length < 0 ? 0 : length] = 0;
    const char *name = strrchr(target, '/') ? strrchr(target, '/') + 1 : target;

    snprintf(path, sizeof path, "%s/fail", folder);
    int fails = access(path, F_OK) == 0;
    int result = fails ? -1 : real(fd);
    int error = fails ? EIO : errno;

    snprintf(path, sizeof path, "%s/synced", folder);
    int log = open(path, O_WRONLY | O_CREAT | O_APPEND, 0600);
    int bytes = snprintf(line, sizeof line, "%s %s\n", result == 0 ? "ok" : "failed", name);
    if (log >= 0 && write(log, line, bytes) != bytes)
        abort();
    close(log);
    errno = error;
    return result;
}
