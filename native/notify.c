#include "notify.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

/* What the manager does not get is not waited for: it may be gone. */
static void send_state(struct monitor *m, const char *text)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	size_t len = m->set.notify_socket ? strlen(m->set.notify_socket) : 0;

	if (m->notify < 0 || len == 0 || len >= sizeof(address.sun_path))
		return;
	memcpy(address.sun_path, m->set.notify_socket, len);
	if (address.sun_path[0] == '@')
		address.sun_path[0] = '\0'; /* An abstract address: unix(7). */
	sendto(m->notify, text, strlen(text), MSG_NOSIGNAL, (struct sockaddr *)&address,
	       (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

int notify_listen(struct monitor *m)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };

	if (m->set.notify_mode != NOTIFY_CONTAINER || m->notify < 0)
		return 0;
	m->notify_inside = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (m->notify_inside < 0)
		return -errno;
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/notify", m->run_dir);
	unlinkat(m->run_dir, "notify", 0);
	if (bind(m->notify_inside, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -errno;
	/* Any user inside may report; outside, the directory above is closed to others. */
	return fchmodat(m->run_dir, "notify", 0777, 0) < 0 ? -errno : 0;
}

static void send_ready(struct monitor *m)
{
	char text[64];

	snprintf(text, sizeof(text), "MAINPID=%d\nREADY=1", m->pid);
	send_state(m, text);
}

void notify_running(struct monitor *m)
{
	char text[32];

	if (m->set.notify_mode == NOTIFY_CONMON) {
		send_ready(m);
	} else if (m->set.notify_mode == NOTIFY_CONTAINER) {
		snprintf(text, sizeof(text), "MAINPID=%d", m->pid);
		send_state(m, text);
		m->is_ready = false;
	}
}

/*
 * Only readiness goes on, and once: the container may not name a main pid or change timeouts. One
 * datagram at a time, so that one that never ends keeps us from nothing else.
 */
void notify_forward(struct monitor *m)
{
	char text[4096];
	ssize_t n = recv(m->notify_inside, text, sizeof(text) - 1, 0);

	if (n < 0 || m->is_ready)
		return;
	text[n] = '\0';
	for (char *rest = text, *line; (line = strsep(&rest, "\n"));)
		m->is_ready |= strcmp(line, "READY=1") == 0;
	if (m->is_ready)
		send_ready(m);
}

void notify_stopping(struct monitor *m)
{
	if (m->set.notify_mode != NOTIFY_IGNORE)
		send_state(m, "STOPPING=1");
}
