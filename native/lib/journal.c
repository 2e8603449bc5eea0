#include "lib/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <sys/un.h>

#include "lib/fds.h"
#include "lib/util.h"

/* The label of a short id: what `ps` shows. */
#define SHORT_ID 12
#define SETTLE_MS 1000

/* The fields that all entries of a container share. */
static int make_labels(struct log *log)
{
	size_t len;
	FILE *out = open_memstream(&log->labels, &len);

	if (!out)
		return -ENOMEM;
	fprintf(out, "CONTAINER_ID_FULL=%s\nCONTAINER_ID=%.*s\n", log->id, SHORT_ID, log->id);
	fprintf(out, "CONTAINER_NAME=%s\nSYSLOG_IDENTIFIER=%s\n", log->name,
		*log->tag ? log->tag : log->name);
	if (*log->tag)
		fprintf(out, "CONTAINER_TAG=%s\n", log->tag);
	return fclose(out) == 0 ? 0 : -ENOMEM;
}

static int connect_journal(struct log *log)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if ((size_t)snprintf(address.sun_path, sizeof(address.sun_path), "%s", log->path) >=
	    sizeof(address.sun_path))
		return -ENAMETOOLONG;
	autoclose int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	/* Connected, so that poll(2) tells of room in the journal's queue and not in ours alone. */
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	drop_fd(&log->fd);
	log->fd = take_fd(&fd);
	return 0;
}

int journal_open(struct log *log)
{
	int err = make_labels(log);

	return err < 0 ? err : connect_journal(log);
}

/* What is too long for a datagram goes as a file in memory that nobody can change any more. */
static int send_as_file(const struct log *log, const struct iovec *parts, int count)
{
	autoclose int fd = memfd_create("tspod-log", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0 || writev(fd, parts, count) < 0)
		return -errno;
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) < 0)
		return -errno;
	ssize_t n = send_fds(log->fd, "", 0, &fd, 1, MSG_DONTWAIT);
	return n < 0 ? (int)n : 0;
}

/* A journal that has made its socket anew. */
static bool has_moved(int err)
{
	return err == ECONNREFUSED || err == ECONNRESET || err == ENOTCONN;
}

static int send_entry(struct log *log, enum log_stream stream, const char *text, size_t len,
		      bool whole)
{
	uint64_t size = htole64(len);
	const char *priority = stream == LOG_STDERR ? "PRIORITY=3\n" : "PRIORITY=6\n";
	const char *partial = whole ? "" : "CONTAINER_PARTIAL_MESSAGE=true\n";
	struct iovec parts[] = {
		{ log->labels, strlen(log->labels) },
		{ (void *)(uintptr_t)priority, strlen(priority) },
		{ (void *)(uintptr_t)partial, strlen(partial) },
		/* with its length, as a line may hold any byte */
		{ (void *)(uintptr_t)"MESSAGE\n", 8 },
		{ &size, sizeof(size) },
		{ (void *)(uintptr_t)text, len },
		{ (void *)(uintptr_t)"\n", 1 },
	};
	struct msghdr message = { .msg_iov = parts, .msg_iovlen = ARRAY_SIZE(parts) };

	for (int tries = 0; sendmsg(log->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0;) {
		int err = errno;
		if (err == EMSGSIZE)
			return send_as_file(log, parts, (int)ARRAY_SIZE(parts));
		if (has_moved(err) && tries++ == 0 && connect_journal(log) == 0)
			continue;
		if (err != EINTR)
			return -err;
	}
	return 0;
}

int journal_write(struct log *log, enum log_stream stream, const char *data, size_t len,
		  size_t *taken)
{
	int err = 0;

	for (*taken = 0; *taken < len && err == 0;) {
		const char *line = data + *taken;
		const char *newline = memchr(line, '\n', len - *taken);
		size_t size = newline ? (size_t)(newline - line) : len - *taken;

		err = send_entry(log, stream, line, size, newline != NULL);
		if (err != -EAGAIN)
			*taken += size + (newline != NULL);
	}
	return err;
}

/*
 * What a datagram socket has sent is its own until the receiver reads it (unix(7), SIOCOUTQ), and
 * nothing but asking again tells when that is: poll(2) calls a queue with one short entry writable.
 */
void journal_settle(const struct log *log)
{
	int queued = 0;

	for (int64_t until = now_ms() + SETTLE_MS; now_ms() < until;) {
		if (ioctl(log->fd, SIOCOUTQ, &queued) < 0 || queued == 0)
			return;
		poll(NULL, 0, 1);
	}
}
