/* The host's sockets of published ports. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "forward.h"
#include "lib/report.h"
#include "lib/util.h"

#define BACKLOG 4096

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

static socklen_t parse_address(const char *text, uint16_t port, union address *address)
{
	memset(address, 0, sizeof(*address));
	if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
		address->v4.sin_family = AF_INET;
		address->v4.sin_port = htons(port);
		return sizeof(address->v4);
	}
	if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) != 1)
		return 0;
	address->v6.sin6_family = AF_INET6;
	address->v6.sin6_port = htons(port);
	return sizeof(address->v6);
}

static int set(int fd, int level, int option)
{
	int one = 1;

	return setsockopt(fd, level, option, &one, sizeof(one)) < 0 ? -errno : 0;
}

/*
 * Of each family its own socket: with one for both, `0.0.0.0` would open more than was asked for.
 */
static int open_socket(const union address *address, socklen_t len, bool udp)
{
	int family = address->any.sa_family;
	autoclose int fd =
		socket(family, (udp ? SOCK_DGRAM : SOCK_STREAM) | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int err = fd < 0 ? -errno : 0;

	if (err == 0 && family == AF_INET6)
		err = set(fd, IPPROTO_IPV6, IPV6_V6ONLY);
	if (err == 0 && !udp)
		err = set(fd, SOL_SOCKET, SO_REUSEADDR); /* After a restart: tcp(7), TIME_WAIT. */
	if (err == 0 && udp)
		err = family == AF_INET6 ? set(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO) :
					   set(fd, IPPROTO_IP, IP_PKTINFO);
	if (err == 0 && bind(fd, &address->any, len) < 0)
		err = -errno;
	if (err == 0 && !udp && listen(fd, BACKLOG) < 0)
		err = -errno;
	return err < 0 ? err : take_fd(&fd);
}

static bool is_missing_family(int err)
{
	return err == -EAFNOSUPPORT || err == -EADDRNOTAVAIL;
}

/* The words of one port. 1: its family is not there and need not be. */
static int open_listener(struct listener *listener, char **words, const char *target)
{
	union address address, inside;
	uint16_t host_port, port;

	if (parse_uint16(words[2], &host_port) < 0 || parse_uint16(words[3], &port) < 0)
		return -EINVAL;
	listener->udp = strcmp(words[0], "udp") == 0;
	socklen_t len = parse_address(words[1], host_port, &address);
	if (len == 0 || parse_address(target, port, &inside) != sizeof(inside.v4))
		return -EINVAL;
	listener->target = inside.v4;
	listener->source.ready = listener->udp ? udp_receive : tcp_accept;
	listener->fd = open_socket(&address, len, listener->udp);
	if (is_missing_family(listener->fd) && strcmp(words[4], "lenient") == 0)
		return 1;
	if (listener->fd < 0)
		return listener->fd;
	return forward_watch(listener->fd, &listener->source, EPOLLIN);
}

static struct listener *listeners; /* They live as long as we do. */

int forward_listen(int count, char **words, const char *target)
{
	listeners = calloc((size_t)count + 1, sizeof(*listeners));
	if (!listeners)
		return report_failure("calloc", ENOMEM, NULL);
	for (int i = 0; i < count; i++) {
		char number[16];
		int err = open_listener(&listeners[i], words + i * FORWARD_WORDS, target);
		snprintf(number, sizeof(number), "%d", i);
		if (err < 0)
			return report_failure("port", -err, number);
	}
	return 0;
}
