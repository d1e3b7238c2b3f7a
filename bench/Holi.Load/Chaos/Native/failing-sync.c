// Loaded before libc (LD_PRELOAD): fsync and fdatasync fail with EIO while the file FAILING_SYNC_MARK exists.
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

static int fails(void)
{
    const char *path = getenv("FAILING_SYNC_MARK");
    return path && access(path, F_OK) == 0;
}

static int sync_by(long call, int file)
{
    if (!fails())
        return (int)syscall(call, file);
    errno = EIO;
    return -1;
}

int fsync(int file)
{
    return sync_by(SYS_fsync, file);
}

int fdatasync(int file)
{
    return sync_by(SYS_fdatasync, file);
}
