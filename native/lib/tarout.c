#include <errno.h>
#include <string.h>
#include <sys/sendfile.h>

#include "lib/tarwriteparts.h"
#include "lib/util.h"

int tar_flush(struct tar_writer *w)
{
	int err = write_all(w->fd, w->buffer, w->used);

	w->used = 0;
	return err;
}

int tar_write(struct tar_writer *w, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		if (w->used == BUFFER) {
			int err = tar_flush(w);
			if (err < 0)
				return err;
		}
		size_t take = len < BUFFER - w->used ? len : BUFFER - w->used;
		memcpy(w->buffer + w->used, p, take);
		w->used += take;
		p += take;
		len -= take;
	}
	return 0;
}

int tar_write_zeros(struct tar_writer *w, uint64_t len)
{
	static const char zeros[4096];

	for (uint64_t take; len > 0; len -= take) {
		take = len < sizeof(zeros) ? len : sizeof(zeros);
		int err = tar_write(w, zeros, (size_t)take);
		if (err < 0)
			return err;
	}
	return 0;
}

int tar_put_data(struct tar_writer *w, const void *data, size_t len)
{
	w->written += len;
	return tar_write(w, data, len);
}

/* From the page cache into the pipe: sendfile(2). How many bytes went, or -errno. */
static int64_t send_some(struct tar_writer *w, int fd, uint64_t offset, uint64_t len)
{
	off_t at = (off_t)offset;
	int err = tar_flush(w);

	if (err < 0)
		return err;
	for (uint64_t rest = len; rest > 0;) {
		ssize_t n = sendfile(w->fd, fd, &at, rest < (1u << 30) ? (size_t)rest : 1u << 30);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && (errno == EINVAL || errno == ENOSYS)) {
			w->no_sendfile = true;
			break;
		}
		if (n <= 0)
			return n < 0 ? -errno : (int64_t)(len - rest);
		rest -= (uint64_t)n;
	}
	return at - (off_t)offset;
}

int tar_put_file(struct tar_writer *w, int fd, uint64_t offset, uint64_t len)
{
	w->written += len;
	if (!w->no_sendfile) {
		int64_t sent = send_some(w, fd, offset, len);
		if (sent < 0)
			return (int)sent;
		offset += (uint64_t)sent;
		len -= (uint64_t)sent;
	}
	while (len > 0 && w->no_sendfile) {
		int err = w->used == BUFFER ? tar_flush(w) : 0;
		if (err < 0)
			return err;
		size_t room = BUFFER - w->used;
		ssize_t n = pread(fd, w->buffer + w->used, len < room ? (size_t)len : room,
				  (off_t)offset);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		w->used += (size_t)n;
		offset += (uint64_t)n;
		len -= (uint64_t)n;
	}
	return tar_write_zeros(w, len);
}
