#include "ignored.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>

/* A line of /proc/PID/status with a mask of signals: proc(5). */
static bool has_signal(const char *status, const char *name, int sig)
{
	const char *line = strstr(status, name);

	return line && (strtoull(line + strlen(name), NULL, 16) >> (sig - 1) & 1);
}

/* In 32-bit programs. */
#define COMPAT_RT_SIGTIMEDWAIT 177
#define COMPAT_RT_SIGTIMEDWAIT_TIME64 421

/*
 * As long as a process is in sigwait(3) the kernel keeps its mask elsewhere, and SigBlk does not
 * show what it waits for. The number of its system call is the first of /proc/PID/syscall: proc(5).
 * True when that is hidden.
 */
static bool may_be_waiting(const struct monitor *m)
{
	char name[32], text[256];

	snprintf(name, sizeof(name), "/proc/%d/syscall", m->init.host_pid);
	if (read_file_at(AT_FDCWD, name, text, sizeof(text)) < 0)
		return true;
	long number = strtol(text, NULL, 10); /* 0 for `running` */
	return number == SYS_rt_sigtimedwait || number == COMPAT_RT_SIGTIMEDWAIT ||
	       number == COMPAT_RT_SIGTIMEDWAIT_TIME64;
}

/*
 * A signal that is blocked waits, for sigwait(3) or signalfd(2) say. One that is neither blocked
 * nor caught does nothing to the first process of a pid namespace, unless it is one of the two:
 * pid_namespaces(7).
 */
bool signal_is_ignored(const struct monitor *m, int sig)
{
	char name[32], text[4096];

	if (sig == SIGKILL || sig == SIGSTOP || may_be_waiting(m))
		return false;
	snprintf(name, sizeof(name), "/proc/%d/status", m->init.host_pid);
	if (read_file_at(AT_FDCWD, name, text, sizeof(text)) < 0 || !strstr(text, "\nSigCgt:") ||
	    may_be_waiting(m))
		return false;
	if (has_signal(text, "\nSigCgt:", sig) || has_signal(text, "\nSigBlk:", sig))
		return false;
	return m->set.ns[NS_PID].mode == NS_NEW || has_signal(text, "\nSigIgn:", sig);
}
