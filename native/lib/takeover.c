#include "lib/takeover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/util.h"

/* bytes; smaller ones are on their way to the disk at once */
#define LARGE (1 << 20)
/* bytes; less memory is not worth it */
#define HUGE (64 << 20)

static bool look_at(int dir, const char *name, struct statx *stx)
{
	return statx(dir, name, AT_SYMLINK_NOFOLLOW, STATX_BASIC_STATS | STATX_BTIME, stx) == 0;
}

static bool is_older(const struct statx_timestamp *a, const struct statx_timestamp *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

/*
 * A file of a lower layer is older than the root directory, which the upper one gave its time of
 * birth: overlayfs.rst.
 */
static bool is_of_upper(const struct statx *file)
{
	struct statx root;

	return S_ISREG(file->stx_mode) && look_at(AT_FDCWD, "/", &root) &&
	       file->stx_mask & root.stx_mask & STATX_BTIME &&
	       !is_older(&file->stx_btime, &root.stx_btime);
}

/*
 * ext4 and btrfs begin to write a file to the disk when it is renamed over another, and the call
 * takes as long as that; not so when they change places. A file of a lower layer would be copied up
 * for that.
 */
static bool may_exchange(int dir, const char *from, const char *to)
{
	struct statx new, old;

	return look_at(dir, from, &new) && S_ISREG(new.stx_mode) && new.stx_size >= LARGE &&
	       look_at(dir, to, &old) && is_of_upper(&old);
}

void drop_cache(int dir, const char *name)
{
	struct statx old;

	if (!look_at(dir, name, &old) || old.stx_size < HUGE || !is_of_upper(&old))
		return;
	autoclose int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0)
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
}

int take_over(int dir, const char *from, const char *to)
{
	if (may_exchange(dir, from, to) && renameat2(dir, from, dir, to, RENAME_EXCHANGE) == 0)
		return unlinkat(dir, from, 0) < 0 ? -errno : 0;
	return renameat(dir, from, dir, to) < 0 ? -errno : 0;
}

int write_over(const char *staged, const char *path)
{
	autoclose int from = open(staged, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	autoclose int to = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_NOFOLLOW);
	ssize_t n;

	if (from < 0 || to < 0)
		return -errno;
	while ((n = sendfile(to, from, NULL, 1 << 30)) > 0)
		;
	return n < 0 ? -errno : unlink(staged) < 0 ? -errno : 0;
}
