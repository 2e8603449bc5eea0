#include "lib/copyparts.h"

#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Byte by byte, in the kernel where it can: copy_file_range(2). */
static int copy_range(struct copy *copy, int src, int dst, off_t at, off_t end)
{
	while (at < end && !copy->no_range) {
		off_t from = at, to = at;
		ssize_t n = copy_file_range(src, &from, dst, &to, (size_t)(end - at), 0);
		if (n == 0)
			return 0; /* shorter than it was */
		if (n > 0)
			at += n;
		else if (errno == ENOSPC || errno == EDQUOT || errno == EIO)
			return -errno;
		else
			copy->no_range = true;
	}
	while (at < end) {
		size_t want = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
		ssize_t n = pread(src, copy->buf, want, at);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t m = pwrite(dst, copy->buf + done, (size_t)(n - done), at + done);
			if (m < 0)
				return -errno;
			done += m;
		}
		at += n;
	}
	return 0;
}

/* Share the content, else copy what is no hole: lseek(2), SEEK_DATA. */
int copy_content(struct copy *copy, int src, int dst, off_t size)
{
	if (!copy->no_clone && ioctl(dst, FICLONE, src) == 0)
		return 0;
	copy->no_clone = true;
	for (off_t at = 0, end; at < size; at = end) {
		at = lseek(src, at, SEEK_DATA);
		if (at < 0 && errno == ENXIO)
			break; /* a hole to the end */
		end = at < 0 ? size : lseek(src, at, SEEK_HOLE);
		int err = copy_range(copy, src, dst, at < 0 ? 0 : at, end < 0 ? size : end);
		if (err < 0)
			return err;
		end = end < 0 ? size : end;
	}
	return ftruncate(dst, size) < 0 ? -errno : 0;
}
