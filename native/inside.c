/*
 * `inside PID START ROOT VERB..`: carry out another verb as root of the user and mount namespace of
 * a process, with ROOT as the root directory; `-` is its own without what is mounted below, `+` its
 * own in a copy of the mount namespace, for verbs that mount. PID was started at START, in clock
 * ticks since boot.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/pidfd.h>
#include <sys/prctl.h>

#include "lib/become.h"
#include "lib/identity.h"
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
		/* Another process has the number now. */
		return report_failure("pidfd_open", ESRCH, NULL);
	/*
	 * The container's root may not look into us, or open our executable, with --pid=host:
	 * ptrace(2).
	 */
	if (prctl(PR_SET_DUMPABLE, 0) < 0)
		return report_failure("prctl", errno, NULL);
	if (setns(pidfd, CLONE_NEWUSER | CLONE_NEWNS) < 0)
		return report_failure("setns", errno, NULL);
	err = become_root(true);
	if (err < 0)
		return err;
	/* Again: a change of ids sets it to /proc/sys/fs/suid_dumpable. */
	return prctl(PR_SET_DUMPABLE, 0) < 0 ? report_failure("prctl", errno, NULL) : 0;
}

/* A copy of the mount alone: open_tree(2) without AT_RECURSIVE. */
static int enter_bare_root(void)
{
	autoclose int mount = open_tree(AT_FDCWD, "/", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (mount < 0 || fchdir(mount) < 0 || chroot(".") < 0)
		return -errno;
	return 0;
}

/* What is mounted from here on is nobody else's: mount_namespaces(7). */
static int enter_copy(void)
{
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) < 0)
		return -errno;
	return 0;
}

static int enter_root(const char *root)
{
	if (strcmp(root, "-") == 0)
		return enter_bare_root();
	if (strcmp(root, "+") == 0)
		return enter_copy();
	return chroot(root) < 0 ? -errno : 0;
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
	err = enter_root(argv[3]);
	if (err < 0 || chdir("/") < 0)
		return report_failure("chroot", err < 0 ? -err : errno, argv[3]);
	return verb_named(argc - 4, argv + 4);
}
