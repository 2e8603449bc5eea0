/*
 * The queues of published TCP ports: each connection gets a socket to the container, and waits
 * where there is none to be had.
 */
#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "forward.h"
#include "lib/util.h"

static struct listener *starved; /* had no descriptor or memory left for a connection */

static bool connect_to(int fd, const struct sockaddr_in *target)
{
	return connect(fd, (const struct sockaddr *)target, sizeof(*target)) == 0 ||
	       errno == EINPROGRESS;
}

/* Its queue is left alone: it would be reported over and over. */
static void starve(struct listener *listener)
{
	epoll_ctl(forward_epoll, EPOLL_CTL_DEL, listener->fd, NULL);
	listener->next = starved;
	starved = listener;
}

static bool is_lack(int err)
{
	return err == EMFILE || err == ENFILE || err == ENOBUFS || err == ENOMEM;
}

/* The other socket first: without it the client had better wait in the queue. */
void tcp_accept(struct source *source, uint32_t events)
{
	struct listener *listener = (struct listener *)source;
	autoclose int server = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	int client = server < 0 ? -1 :
				  accept4(listener->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

	(void)events;
	if (client < 0) {
		if (is_lack(errno))
			starve(listener);
		return;
	}
	if (connect_to(server, &listener->target) && tcp_join(client, server))
		take_fd(&server);
	else
		tcp_close(client, true);
}

void tcp_resume(void)
{
	for (; starved; starved = starved->next)
		if (forward_watch(starved->fd, &starved->source, EPOLLIN) < 0)
			return;
}

bool tcp_is_starved(void)
{
	return starved != NULL;
}
