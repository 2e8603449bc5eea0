#include "stream.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>

#include "clients.h"
#include "lib/frame.h"
#include "loop.h"

/* One container a monitor: its streams. A pty is source 0 and input at once. */
static int sources[2] = { -1, -1 };
static int input = -1;
static int master = -1;
/* Bytes that each may still have had when init died; -1: it lives. */
static ssize_t rest[2] = { -1, -1 };
/* Keeps a pty from hanging up while init has closed its own ends for a moment. */
static int slave = -1;

static int make_pipe(int *ours, int *inner, bool we_read)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -errno;
	*ours = ends[we_read ? 0 : 1];
	*inner = ends[we_read ? 1 : 0];
	return fcntl(*ours, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

static void close_all(void)
{
	if (input != master)
		drop_fd(&input);
	input = -1;
	for (unsigned i = 0; i < 2; i++) {
		if (sources[i] != master)
			drop_fd(&sources[i]);
		sources[i] = -1;
		rest[i] = -1;
	}
	drop_fd(&master);
	drop_fd(&slave);
}

int stream_open(struct monitor *m, int inner[3])
{
	int err = 0;

	close_all();
	if (m->set.tty)
		return 0;
	for (int fd = 0; fd < 3; fd++)
		inner[fd] = fd; /* Those of `run` when passed through; else 0 is /dev/null. */
	if (m->set.passthrough)
		return 0;
	if (m->set.stdin_open)
		err = make_pipe(&input, &inner[0], false);
	for (unsigned i = 0; err == 0 && i < 2; i++)
		err = make_pipe(&sources[i], &inner[i + 1], true);
	/* Only who is mapped below may change their owner there: user_namespaces(7). */
	for (unsigned fd = 0; err == 0 && m->set.nested && fd < 3; fd++)
		if (inner[fd] > STDERR_FILENO &&
		    fchown(inner[fd], m->set.nested_uid, m->set.nested_gid) < 0)
			err = -errno;
	return err;
}

void stream_close_inner(const int inner[3])
{
	for (unsigned i = 0; i < 3; i++)
		if (inner[i] > STDERR_FILENO)
			close(inner[i]);
}

void stream_set_tty(int fd)
{
	close_all();
	fcntl(fd, F_SETFL, O_NONBLOCK);
	master = sources[0] = input = fd;
	slave = ioctl(fd, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
}

static void close_source(unsigned i)
{
	if (sources[i] == master)
		input = -1;
	if (sources[i] == master)
		drop_fd(&master);
	else
		drop_fd(&sources[i]);
	sources[i] = -1;
}

/* Read one chunk and hand it on: its length, 0 when there is none now. */
static ssize_t read_source(struct monitor *m, unsigned i)
{
	static char chunk[FRAME_MAX];
	ssize_t n = read(sources[i], chunk, sizeof(chunk));

	if (n > 0) {
		log_write(&m->set.log, i == 0 ? LOG_STDOUT : LOG_STDERR, chunk, (size_t)n);
		clients_output(i == 0 ? FRAME_STDOUT : FRAME_STDERR, chunk, (size_t)n);
		return n;
	}
	if (n == 0 || (errno != EINTR && errno != EAGAIN))
		close_source(i);
	return 0;
}

/* What nobody has taken yet stays in the pipe: the container waits for the slowest. */
static bool may_read(const struct monitor *m)
{
	return clients_idle() && !log_holds(&m->set.log);
}

static void source_ready(struct monitor *m, unsigned i)
{
	if (sources[i] >= 0 && may_read(m))
		read_source(m, i);
}

static void log_ready(struct monitor *m, unsigned unused)
{
	(void)unused;
	log_resume(&m->set.log);
}

static void input_ready(struct monitor *m, unsigned unused)
{
	(void)unused;
	clients_resume(m);
}

void stream_watch(struct monitor *m)
{
	bool wanted = !m->await_client && m->phase == PHASE_RUNNING && may_read(m);

	for (unsigned i = 0; wanted && i < 2; i++)
		loop_watch(sources[i], POLLIN, source_ready, i);
	if (clients_stalled() && input < 0)
		clients_resume(m); /* Nobody reads any more: it is thrown away. */
	if (clients_stalled())
		loop_watch(input, POLLOUT, input_ready, 0);
	if (log_holds(&m->set.log))
		loop_watch(m->set.log.fd, POLLOUT, log_ready, 0);
}

/* The most that a source holds. A terminal has less than what pipes of users may have: pipe(7). */
static ssize_t capacity(int source)
{
	int size = fcntl(source, F_GETPIPE_SZ);

	return size < 0 ? 1 << 20 : size;
}

/*
 * Who could write more is dead, but for those whom init has left behind in a pid namespace that is
 * another's: what they write from now on is nobody's.
 */
bool stream_drain(struct monitor *m)
{
	for (unsigned i = 0; i < 2; i++) {
		if (sources[i] >= 0 && rest[i] < 0)
			rest[i] = capacity(sources[i]);
		while (sources[i] >= 0) {
			if (!may_read(m))
				return false;
			ssize_t n = read_source(m, i);
			rest[i] -= n;
			if (sources[i] >= 0 && (n == 0 || rest[i] <= 0))
				close_source(i);
		}
	}
	close_all();
	log_end(&m->set.log);
	return may_read(m);
}

size_t stream_input(const char *data, size_t len)
{
	if (input < 0)
		return len;
	ssize_t n = write(input, data, len);
	if (n >= 0)
		return (size_t)n;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	if (input != master)
		drop_fd(&input);
	return len;
}

const char *stream_close_input(void)
{
	static char eof;
	struct termios mode;

	if (input < 0)
		return NULL;
	if (input != master) {
		drop_fd(&input);
		return NULL;
	}
	/* termios(3), VEOF */
	eof = tcgetattr(master, &mode) == 0 ? (char)mode.c_cc[VEOF] : 4;
	return &eof;
}

int stream_resize(unsigned short rows, unsigned short columns)
{
	struct winsize size = { .ws_row = rows, .ws_col = columns };

	return master < 0 ? -ENOTTY : ioctl(master, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}
