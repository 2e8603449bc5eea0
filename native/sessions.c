#include "sessions.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "event.h"
#include "lib/fds.h"
#include "loop.h"

#define SESSIONS_MAX 128
#define NOBODY (~0U)

static struct session {
	pid_t pid;         /* 0: free */
	pid_t host_pid;
	int status;        /* until its execve; then -1 */
	int master;        /* of its pty */
	unsigned client;   /* who waits, or NOBODY */
	bool drains;       /* nobody reads the pty any more */
	bool leaves;       /* the client is told `r` and no more */
	char id[SESSION_ID + 1]; /* "" without */
} sessions[SESSIONS_MAX];

static struct client *waiting(const struct session *session)
{
	return session->client == NOBODY ? NULL : client_at(session->client);
}

/* The client's part is over; its connection closes when the last word has gone. */
static void part(struct session *session)
{
	struct client *client = waiting(session);

	session->client = NOBODY;
	if (client)
		client->state = CLIENT_LEAVING;
}

static void name_record(const struct monitor *m, const struct session *session,
			char name[SESSION_ID + 32])
{
	snprintf(name, SESSION_ID + 32, "exec.%s.%d", session->id, m->pid);
}

static void add_record(const struct monitor *m, const struct session *session)
{
	char name[SESSION_ID + 32];

	name_record(m, session, name);
	autoclose int fd = -1;
	if (*session->id)
		fd = openat(m->run_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static void remove_record(const struct monitor *m, const struct session *session)
{
	char name[SESSION_ID + 32];

	name_record(m, session, name);
	if (*session->id)
		unlinkat(m->run_dir, name, 0);
}

int session_begin(struct monitor *m, struct client *client, struct exec_request *request)
{
	unsigned i = 0;

	while (i < SESSIONS_MAX && sessions[i].pid != 0)
		i++;
	if (i == SESSIONS_MAX)
		return -EAGAIN;
	struct session *session = &sessions[i];
	*session = (struct session){ .status = -1, .master = -1, .client = client_index(client),
				     .leaves = request->detach, .drains = request->detach };
	int pid = start_exec(m, request, &session->status, &session->host_pid);
	if (pid < 0)
		return pid;
	session->pid = pid;
	snprintf(session->id, sizeof(session->id), "%s", request->id ? request->id : "");
	add_record(m, session);
	client->session = i;
	client->state = CLIENT_EXEC;
	event_record(m, "exec");
	return 0;
}

static void started(struct session *session)
{
	struct client *client = waiting(session);
	char text[16];

	drop_fd(&session->status);
	if (!client)
		return;
	if (session->leaves)
		part(session);
	if (session->master < 0 || session->drains) {
		client_reply(client, FRAME_RUNNING, "%d", session->host_pid);
		return;
	}
	int n = snprintf(text, sizeof(text), "%d", session->host_pid);
	if (frame_send_fds(client->fd, FRAME_RUNNING, text, (size_t)n, &session->master, 1) < 0)
		client_drop(client);
}

static void failed(struct session *session, const struct status_message *message)
{
	struct client *client = waiting(session);

	drop_fd(&session->status);
	part(session);
	if (client)
		client_reply(client, FRAME_FAILED, "%u %d", message->op, message->err);
}

static void read_status(struct session *session)
{
	while (session->status >= 0) {
		struct status_message message;
		int fd = -1;
		unsigned count = 1;
		ssize_t n = recv_fds(session->status, &message, sizeof(message), &fd, &count,
				     MSG_DONTWAIT);

		if (n == -EAGAIN)
			return;
		if (n != (ssize_t)sizeof(message)) {
			/* Closed by execve, or by a death that the exit code will tell. */
			started(session);
		} else if (message.kind == STATUS_TTY && count == 1) {
			session->master = fd;
		} else {
			if (count == 1)
				close(fd);
			failed(session, &message);
		}
	}
}

static void status_ready(struct monitor *m, unsigned index)
{
	(void)m;
	read_status(&sessions[index]);
}

static void master_ready(struct monitor *m, unsigned index)
{
	char discarded[4096];
	struct session *session = &sessions[index];

	(void)m;
	if (session->master < 0)
		return;
	fcntl(session->master, F_SETFL, O_NONBLOCK);
	ssize_t n = read(session->master, discarded, sizeof(discarded));
	if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
		drop_fd(&session->master);
}

void sessions_watch(void)
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		const struct session *session = &sessions[i];
		if (session->pid == 0)
			continue;
		loop_watch(session->status, POLLIN, status_ready, i);
		if (session->drains)
			loop_watch(session->master, POLLIN, master_ready, i);
	}
}

bool session_ended(struct monitor *m, pid_t pid, int code)
{
	for (unsigned i = 0; i < SESSIONS_MAX; i++) {
		struct session *session = &sessions[i];
		if (session->pid != pid)
			continue;
		read_status(session);
		drop_fd(&session->status);
		drop_fd(&session->master);
		session->pid = 0;
		/* First the traces, then the answer: who has it may look at once. */
		remove_record(m, session);
		event_record_exit(m, "exec_died", code);
		struct client *client = waiting(session);
		part(session);
		if (client)
			client_reply(client, FRAME_EXITED, "%d", code);
		return true;
	}
	return false;
}

void session_abandoned(unsigned index)
{
	struct session *session = &sessions[index];

	session->client = NOBODY;
	if (!session->drains)
		drop_fd(&session->master); /* The last master: the kernel hangs the terminal up. */
}

void session_detach(unsigned index)
{
	sessions[index].drains = true;
}
