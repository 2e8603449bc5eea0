/*
 * `forward PID ADDRESS [PROTOCOL HOST-ADDRESS HOST-PORT PORT strict|lenient]..`: publish ports. The
 * sockets are opened here, in the host's network namespace; then the process enters the monitor
 * PID's namespaces, so that it ends with it, gives up every privilege, and connects from in there
 * to ADDRESS. `lenient` passes over an address family that the host does not have.
 *
 * Once every port is open the pid of the process that serves them goes to standard output. Of a
 * port that cannot be opened the report's detail is its number in the list.
 */
#include "forward.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <sys/epoll.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define EVENTS_AT_ONCE 64
#define STARVED_MS 1000

int forward_epoll = -1;

static void **graves;
static size_t grave_count, grave_room;

int forward_watch(int fd, struct source *source, uint32_t events)
{
	struct epoll_event event = { .events = events, .data.ptr = source };

	if (epoll_ctl(forward_epoll, EPOLL_CTL_MOD, fd, &event) == 0)
		return 0;
	if (errno != ENOENT || epoll_ctl(forward_epoll, EPOLL_CTL_ADD, fd, &event) < 0)
		return -errno;
	return 0;
}

void forward_bury(void *memory)
{
	if (grave_count == grave_room) {
		size_t room = grave_room ? 2 * grave_room : 64;
		void **bigger = realloc(graves, room * sizeof(*graves));
		if (!bigger)
			return; /* Lost rather than freed too early. */
		graves = bigger;
		grave_room = room;
	}
	graves[grave_count++] = memory;
}

static void end(struct source *source, uint32_t events)
{
	(void)source;
	(void)events;
	_exit(0);
}

/* The monitor's end is ours, also where it has no pid namespace of its own. */
static int watch_monitor(int pidfd)
{
	static struct source monitor = { .ready = end };

	return forward_watch(pidfd, &monitor, EPOLLIN);
}

/*
 * Without a pid namespace of its own the monitor's is the host's, which nobody may enter: there the
 * container sees us, who are of its user namespace and hold less than its root, but have the host's
 * files. Not dumpable, we let nobody in: ptrace(2), access mode checks.
 */
static int enter(int pidfd)
{
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return report_failure("prctl", errno, NULL);
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNET | CLONE_NEWPID) == 0)
		return 0;
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNET) < 0)
		return report_failure("setns", errno, NULL);
	return 0;
}

static int drop_privileges(void)
{
	struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
	struct __user_cap_data_struct none[2] = { { 0 } };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return report_failure("no-new-privs", errno, NULL);
	if (syscall(SYS_capset, &header, none) < 0)
		return report_failure("capset", errno, NULL);
	return 0;
}

/* Each connection takes two descriptors. */
static void raise_limit(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
}

/* Nothing of the caller's stays open, or its pipes would never end. */
static void leave_caller(void)
{
	int null = open("/dev/null", O_RDWR | O_CLOEXEC);

	for (int fd = 0; fd <= 2; fd++)
		dup2(null, fd);
	setsid();
	for (int sig = 1; sig < _NSIG; sig++)
		signal(sig, SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	if (chdir("/") < 0)
		_exit(1);
}

/* How long to wait for an event, in milliseconds; -1: as long as it takes. */
static int patience(void)
{
	int ms = udp_expire();

	return tcp_is_starved() && (ms < 0 || ms > STARVED_MS) ? STARVED_MS : ms;
}

static _Noreturn void serve(void)
{
	struct epoll_event events[EVENTS_AT_ONCE];

	for (;;) {
		int n = epoll_wait(forward_epoll, events, EVENTS_AT_ONCE, patience());
		for (int i = 0; i < n; i++) {
			struct source *source = events[i].data.ptr;
			source->ready(source, events[i].events);
		}
		if (grave_count > 0 || n == 0)
			tcp_resume();
		while (grave_count > 0)
			free(graves[--grave_count]);
	}
}

/* A pid namespace takes in only children: setns(2). */
static int serve_in_child(void)
{
	pid_t child = fork();

	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child == 0) {
		leave_caller();
		serve();
	}
	char line[16];
	int n = snprintf(line, sizeof(line), "%d\n", (int)child);
	return write_all(STDOUT_FILENO, line, (size_t)n);
}

int verb_forward(int argc, char **argv)
{
	uint64_t pid;

	if (argc < 3 || (argc - 3) % FORWARD_WORDS != 0 ||
	    parse_number(argv[1], 10, INT_MAX, &pid) < 0)
		return report_failure("forward", EINVAL, "arguments");
	raise_limit();
	close_range(4, ~0U, 0);
	autoclose int pidfd = pidfd_open((pid_t)pid, 0);
	forward_epoll = epoll_create1(EPOLL_CLOEXEC);
	if (pidfd < 0 || forward_epoll < 0)
		return report_failure(pidfd < 0 ? "pidfd_open" : "epoll_create", errno, NULL);
	int err = forward_listen((argc - 3) / FORWARD_WORDS, argv + 3, argv[2]);
	if (err < 0 || (err = watch_monitor(pidfd)) < 0 || (err = enter(pidfd)) < 0)
		return err;
	return (err = drop_privileges()) < 0 ? err : serve_in_child();
}
