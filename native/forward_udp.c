/*
 * Datagrams of published ports. Each client has a socket of its own in the container's network
 * namespace, so that answers find back to it, until a minute has passed without any.
 */
#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "forward.h"
#include "lib/util.h"

#define IDLE_MS 60000
#define SESSIONS_MAX 1024
#define DATAGRAM_MAX 65536
#define DATAGRAMS_AT_ONCE 32

struct session {
	struct source source;
	struct session *next; /* the last used is first */
	struct listener *listener;
	int fd;
	int64_t used_ms;
	struct sockaddr_storage client;
	socklen_t client_len;
	/*
	 * Which of the host's addresses the client wrote to, in the form of a control message: it
	 * answers.
	 */
	char control[CMSG_SPACE(sizeof(struct in6_pktinfo))];
	size_t control_len;
};

static struct session *sessions;
static unsigned session_count;
static char datagram[DATAGRAM_MAX];

static void end_session(struct session **at)
{
	struct session *session = *at;

	*at = session->next;
	close(session->fd);
	session->fd = -1;
	session_count--;
	forward_bury(session);
}

/*
 * What the kernel says of a datagram's way in is what it wants to hear for the way out: ip(7),
 * ipv6(7).
 */
static void keep_address(struct session *session, struct msghdr *msg)
{
	session->control_len = 0;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
			struct in_pktinfo info;
			memcpy(&info, CMSG_DATA(c), sizeof(info));
			info.ipi_spec_dst = info.ipi_addr;
			info.ipi_ifindex = 0;
			memcpy(CMSG_DATA(c), &info, sizeof(info));
		} else if (c->cmsg_level != IPPROTO_IPV6 || c->cmsg_type != IPV6_PKTINFO) {
			continue;
		}
		session->control_len = CMSG_ALIGN(c->cmsg_len);
		memcpy(session->control, c, c->cmsg_len);
		return;
	}
}

static void answer(struct source *source, uint32_t events)
{
	struct session *session = (struct session *)source;

	(void)events;
	for (int i = 0; i < DATAGRAMS_AT_ONCE && session->fd >= 0; i++) {
		ssize_t n = recv(session->fd, datagram, sizeof(datagram), 0);
		if (n < 0)
			return; /* None left, or nobody listens there (ECONNREFUSED). */
		struct iovec data = { .iov_base = datagram, .iov_len = (size_t)n };
		struct msghdr msg = {
			.msg_name = &session->client,
			.msg_namelen = session->client_len,
			.msg_iov = &data,
			.msg_iovlen = 1,
			.msg_control = session->control_len ? session->control : NULL,
			.msg_controllen = session->control_len,
		};
		sendmsg(session->listener->fd, &msg, MSG_NOSIGNAL);
		session->used_ms = now_ms();
	}
}

static bool is_same_client(const struct session *session, const struct listener *listener,
			   const struct msghdr *msg)
{
	return session->listener == listener && session->client_len == msg->msg_namelen &&
	       memcmp(&session->client, msg->msg_name, msg->msg_namelen) == 0;
}

/* The last of the list has waited longest. */
static void make_room(void)
{
	struct session **at = &sessions;

	while (*at && (*at)->next)
		at = &(*at)->next;
	if (*at)
		end_session(at);
}

static struct session *open_session(struct listener *listener, const struct msghdr *msg)
{
	if (session_count >= SESSIONS_MAX)
		make_room();
	struct session *session = calloc(1, sizeof(*session));
	if (!session)
		return NULL;
	session->source.ready = answer;
	session->listener = listener;
	session->client_len = msg->msg_namelen;
	memcpy(&session->client, msg->msg_name, msg->msg_namelen);
	session->fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (session->fd < 0 ||
	    connect(session->fd, (struct sockaddr *)&listener->target,
		    sizeof(listener->target)) < 0 ||
	    forward_watch(session->fd, &session->source, EPOLLIN) < 0) {
		if (session->fd >= 0)
			close(session->fd);
		free(session);
		return NULL;
	}
	session_count++;
	return session;
}

/* The session of a datagram, first in the list from now on. */
static struct session *find_session(struct listener *listener, struct msghdr *msg)
{
	struct session **at = &sessions, *session;

	while (*at && !is_same_client(*at, listener, msg))
		at = &(*at)->next;
	session = *at;
	if (session)
		*at = session->next;
	else
		session = open_session(listener, msg);
	if (!session)
		return NULL;
	session->next = sessions;
	sessions = session;
	session->used_ms = now_ms();
	keep_address(session, msg);
	return session;
}

void udp_receive(struct source *source, uint32_t events)
{
	struct listener *listener = (struct listener *)source;

	(void)events;
	for (int i = 0; i < DATAGRAMS_AT_ONCE; i++) {
		struct sockaddr_storage client;
		char control[256];
		struct iovec data = { .iov_base = datagram, .iov_len = sizeof(datagram) };
		struct msghdr msg = {
			.msg_name = &client,
			.msg_namelen = sizeof(client),
			.msg_iov = &data,
			.msg_iovlen = 1,
			.msg_control = control,
			.msg_controllen = sizeof(control),
		};
		ssize_t n = recvmsg(listener->fd, &msg, 0);
		if (n < 0)
			return;
		struct session *session = find_session(listener, &msg);
		if (session)
			send(session->fd, datagram, (size_t)n, MSG_NOSIGNAL);
	}
}

int udp_expire(void)
{
	int64_t now = sessions ? now_ms() : 0;

	for (struct session **at = &sessions; *at;) {
		if (now - (*at)->used_ms >= IDLE_MS)
			end_session(at);
		else
			at = &(*at)->next;
	}
	return sessions ? IDLE_MS / 4 : -1;
}
