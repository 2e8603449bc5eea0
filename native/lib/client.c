#include "lib/client.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "lib/report.h"
#include "lib/util.h"

/*
 * Left as they are: what the kernel says about ourselves, SIGCHLD, SIGURG, SIGPIPE (EPIPE tells),
 * and those that stop a background job at its terminal, which only work when nobody takes them.
 */
static const int left_alone[] = { SIGSEGV, SIGBUS,  SIGILL, SIGFPE,  SIGABRT, SIGTRAP, SIGSYS,
				  SIGCHLD, SIGPIPE, SIGURG, SIGTTIN, SIGTTOU, SIGPROF };

/* What nohup(1) or a shell without job control has us ignore is not for the container either. */
static bool is_ignored(int sig)
{
	struct sigaction action;

	return sigaction(sig, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

int client_open(struct client *client)
{
	sigset_t taken;

	sigfillset(&taken);
	for (size_t i = 0; i < ARRAY_SIZE(left_alone); i++)
		sigdelset(&taken, left_alone[i]);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sigismember(&taken, sig) == 1 && is_ignored(sig))
			sigdelset(&taken, sig);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGTTIN, SIG_DFL);
	signal(SIGTTOU, SIG_DFL);
	sigprocmask(SIG_BLOCK, &taken, &client->before);
	client->signals = signalfd(-1, &taken, SFD_CLOEXEC | SFD_NONBLOCK);
	return client->signals < 0 ? report_failure("signalfd", errno, NULL) : 0;
}

int client_enter(struct client *client)
{
	return client->terminal ? pty_raw_enter(STDIN_FILENO) : 0;
}

/* Let a blocked signal have its way, and block it again should we still be there. */
static void let_happen(int sig)
{
	sigset_t only;

	sigemptyset(&only);
	sigaddset(&only, sig);
	raise(sig);
	sigprocmask(SIG_UNBLOCK, &only, NULL);
	sigprocmask(SIG_BLOCK, &only, NULL);
}

enum client_event client_signal(struct client *client, int *sig)
{
	struct signalfd_siginfo info;

	if (read(client->signals, &info, sizeof(info)) != sizeof(info))
		return CLIENT_NOTHING;
	*sig = (int)info.ssi_signo;
	switch (*sig) {
	case SIGTSTP:
		pty_raw_leave();
		let_happen(SIGTSTP); /* We stop here until the shell's fg or bg. */
		client_enter(client);
		return CLIENT_RESIZE;
	case SIGCONT: /* Nobody gives the terminal back before a SIGSTOP; the shell did. */
		client_enter(client);
		return CLIENT_RESIZE;
	case SIGWINCH:
		return CLIENT_RESIZE;
	default:
		return CLIENT_OTHER;
	}
}

void client_detached(void)
{
	pty_raw_leave();
	if (isatty(STDOUT_FILENO))
		write_all(STDOUT_FILENO, "\n", 1);
}

void client_die(struct client *client, int sig)
{
	(void)client;
	pty_raw_leave();
	signal(sig, SIG_DFL);
	let_happen(sig);
	_exit(128 + sig);
}

int client_fail(struct client *client, const char *step, int err, char **args)
{
	size_t before = 0, behind = 0;
	char number[16];

	pty_raw_leave();
	while (client->explain && client->explain[before])
		before++;
	while (args && args[behind])
		behind++;
	char **argv = before > 0 ? calloc(before + behind + 3, sizeof(*argv)) : NULL;
	if (argv) {
		snprintf(number, sizeof(number), "%d", err);
		memcpy(argv, client->explain, before * sizeof(*argv));
		argv[before] = (char *)(uintptr_t)step;
		argv[before + 1] = number;
		if (behind > 0)
			memcpy(argv + before + 2, args, behind * sizeof(*argv));
		signal(SIGPIPE, SIG_DFL);
		sigprocmask(SIG_SETMASK, &client->before, NULL);
		execvp(argv[0], argv);
		free(argv);
	}
	return report_failure(step, err, behind > 0 ? args[0] : NULL);
}

/* Opening the master of a pty would make another pty: TIOCGPTN tells it from a terminal. */
static bool can_open_again(int fd, mode_t mode)
{
	unsigned number;

	return S_ISFIFO(mode) || (S_ISCHR(mode) && isatty(fd) && ioctl(fd, TIOCGPTN, &number) < 0);
}

void outlet_open(struct outlet *outlet, int fd)
{
	char link[32];
	struct stat st;

	*outlet = (struct outlet){ .fd = fd };
	if (fstat(fd, &st) < 0)
		return;
	outlet->is_socket = S_ISSOCK(st.st_mode);
	if (!can_open_again(fd, st.st_mode))
		return;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	int again = open(link, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (again >= 0)
		outlet->fd = again;
	else
		outlet->may_block = true;
}

ssize_t outlet_write(const struct outlet *outlet, const char *data, size_t len)
{
	ssize_t n;

	if (outlet->may_block && len > PIPE_BUF)
		len = PIPE_BUF; /* What poll(2) promises of a pipe: pipe(7). */
	do
		n = outlet->is_socket ? send(outlet->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL)
				      : write(outlet->fd, data, len);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}
