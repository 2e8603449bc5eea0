#include "lib/fds.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "lib/util.h"

#define FDS_MAX 64

union fd_message {
	char room[CMSG_SPACE(sizeof(int) * FDS_MAX)];
	struct cmsghdr align;
};

ssize_t send_fds(int sock, const void *data, size_t len, const int *fds, unsigned count, int flags)
{
	union fd_message control = { 0 };
	struct iovec iov = { .iov_base = (void *)(uintptr_t)data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };

	if (count > FDS_MAX)
		return -EMSGSIZE;
	if (count > 0) {
		msg.msg_control = control.room;
		msg.msg_controllen = CMSG_SPACE(sizeof(int) * count);
		struct cmsghdr *c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * count);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * count);
	}
	for (;;) {
		ssize_t n = sendmsg(sock, &msg, flags | MSG_NOSIGNAL);
		if (n >= 0)
			return n;
		if (errno != EINTR)
			return -errno;
	}
}

/* Move the descriptors of one control message to fds; those without room are closed. */
static bool keep_fds(struct cmsghdr *c, int *fds, unsigned *used, unsigned room)
{
	unsigned count = (unsigned)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
	bool fits = true;

	for (unsigned i = 0; i < count; i++) {
		int fd;
		memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (*used < room) {
			fds[(*used)++] = fd;
		} else {
			close(fd);
			fits = false;
		}
	}
	return fits;
}

ssize_t recv_fds(int sock, void *data, size_t len, int *fds, unsigned *count, int flags)
{
	union fd_message control = { 0 };
	struct iovec iov = { .iov_base = data, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.room,
			      .msg_controllen = sizeof(control.room) };
	unsigned room = *count, used = 0;
	bool fits = true;
	ssize_t n;

	*count = 0;
	do
		n = recvmsg(sock, &msg, flags | MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -errno;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			fits &= keep_fds(c, fds, &used, room);
	*count = used;
	if (fits && !(msg.msg_flags & MSG_CTRUNC))
		return n;
	while (used > 0)
		close(fds[--used]);
	*count = 0;
	return -EMSGSIZE;
}
