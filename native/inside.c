/*
 * `inside PID START ROOT VERB..`: carry out another verb as root of the user and mount namespace of a
 * process, with ROOT as the root directory. PID was started at START, in clock ticks since boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <sys/pidfd.h>

#include "lib/path.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* All at once: the rights over the mounts come with the user namespace. setns(2) */
static int enter(pid_t pid, uint64_t start)
{
	uint64_t started;
	autoclose int pidfd = pidfd_open(pid, 0);

	if (pidfd < 0)
		return report_failure("pidfd_open", errno, NULL);
	int err = proc_start_time(pid, &started);
	if (err < 0 || started != start)
		return report_failure("pidfd_open", ESRCH, NULL); /* Another process has the number now. */
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return report_failure("setns", errno, NULL);
	if (setresgid(0, 0, 0) < 0)
		return report_failure("setresgid", errno, NULL);
	if (setgroups(0, NULL) < 0 && errno != EPERM) /* A map of one id has no setgroups(2). */
		return report_failure("setgroups", errno, NULL);
	return setresuid(0, 0, 0) < 0 ? report_failure("setresuid", errno, NULL) : 0;
}

int verb_inside(int argc, char **argv)
{
	uint64_t pid, start;

	if (argc < 5 || parse_number(argv[1], 10, INT_MAX, &pid) < 0 ||
	    parse_number(argv[2], 10, UINT64_MAX, &start) < 0)
		return report_failure("inside", EINVAL, "arguments");
	path_procfs();
	int err = enter((pid_t)pid, start);
	if (err < 0)
		return err;
	if (chroot(argv[3]) < 0 || chdir("/") < 0)
		return report_failure("chroot", errno, argv[3]);
	return verb_named(argc - 4, argv + 4);
}
