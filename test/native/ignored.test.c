/* native/ignored.c. */
#include "ignored.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include "tap.h"

static void handler(int sig)
{
	(void)sig;
}

static int in_system_call(pid_t pid, long number)
{
	char name[32], text[256];

	snprintf(name, sizeof(name), "/proc/%d/syscall", pid);
	return read_file_at(AT_FDCWD, name, text, sizeof(text)) > 0 &&
	       strtol(text, NULL, 10) == number;
}

int main(void)
{
	struct monitor m = { .init.host_pid = getpid() };
	sigset_t set;

	m.set.ns[NS_PID].mode = NS_NEW;
	ok(signal_is_ignored(&m, SIGTERM),
	   "the first process of a container does not notice a signal without a handler");
	ok(!signal_is_ignored(&m, SIGKILL), "but for SIGKILL");
	signal(SIGTERM, handler);
	ok(!signal_is_ignored(&m, SIGTERM) && signal_is_ignored(&m, SIGUSR1),
	   "a handler notices its signal");
	signal(SIGTERM, SIG_DFL);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGRTMIN + 3);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ok(!signal_is_ignored(&m, SIGTERM) && !signal_is_ignored(&m, SIGRTMIN + 3),
	   "one that is blocked may be waited for");
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	m.set.ns[NS_PID].mode = NS_HOST;
	ok(!signal_is_ignored(&m, SIGTERM),
	   "elsewhere a signal without a handler ends the process");
	signal(SIGTERM, SIG_IGN);
	ok(signal_is_ignored(&m, SIGTERM), "unless it ignores it");
	pid_t waiting = fork();
	if (waiting == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		sigprocmask(SIG_BLOCK, &set, NULL);
		int sig = 0;
		sigwait(&set, &sig);
		_exit(0);
	}
	m.set.ns[NS_PID].mode = NS_NEW;
	m.init.host_pid = waiting;
	while (!in_system_call(waiting, SYS_rt_sigtimedwait))
		sched_yield();
	ok(!signal_is_ignored(&m, SIGTERM),
	   "one that is waited for is noticed, although the mask does not show it");
	kill(waiting, SIGKILL);
	waitpid(waiting, NULL, 0);
	m.init.host_pid = 0x7fffffff;
	ok(!signal_is_ignored(&m, SIGTERM), "what cannot be seen is not guessed");
	return done();
}
