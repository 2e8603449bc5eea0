#include "seal.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "lib/util.h"

/*
 * A mount needs a user namespace where one may mount, but the program must be executed outside of
 * it: an address space belongs to the user namespace of its execve(2), and ours must stay out of
 * reach of ptrace(2) from inside. So a child that shares our descriptors makes the mount and ends.
 * It goes by the path, since /proc/self/exe leads to a mount of the namespace it has left
 * (open_tree(2), EINVAL).
 */
static int make_mount(void *result)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };
	char path[PATH_MAX];
	struct stat own, found;
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);

	if (n < 0 || stat("/proc/self/exe", &own) < 0)
		return 0;
	path[n] = '\0';
	autoclose int fd = open_tree(AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (fd < 0 && errno == EPERM)
		*(int *)result = -EPERM; /* A namespace without capabilities. */
	if (fd < 0 || fstat(fd, &found) < 0 || found.st_dev != own.st_dev ||
	    found.st_ino != own.st_ino)
		return 0;
	if (mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		*(int *)result = take_fd(&fd);
	return 0;
}

/* Also when it is sealed. */
static bool is_readonly(void)
{
	struct statvfs fs;

	return statvfs("/proc/self/exe", &fs) < 0 || fs.f_flag & ST_RDONLY;
}

/*
 * Owned by the caller, or writable for it: also while ETXTBSY guards it, which ends with the last
 * monitor.
 */
static bool is_ours(void)
{
	struct stat st;

	return stat("/proc/self/exe", &st) == 0 &&
	       (st.st_uid == geteuid() || access("/proc/self/exe", W_OK) == 0);
}

bool executable_is_exposed(void)
{
	return is_readonly() || is_ours();
}

int seal_executable(char **argv)
{
	static char stack[32768] __attribute__((aligned(16)));
	static char program[] = "tspod-monitor";
	char *sealed[8] = { program };
	int fd = -ETXTBSY;

	if (is_readonly() || !is_ours())
		return 0;
	int pid = clone(
		make_mount, stack + sizeof(stack),
		CLONE_VM | CLONE_VFORK | CLONE_FILES | CLONE_NEWUSER | CLONE_NEWNS | SIGCHLD, &fd);
	if (pid < 0)
		return 0; /* The monitor's own clone will fail alike, and be explained. */
	if (fd < 0)
		return fd;
	/*
	 * Nobody waits for the child, whose mount namespace takes its time to go; its parent soon
	 * ends.
	 */
	for (unsigned i = 0; i + 2 < ARRAY_SIZE(sealed) && argv[i]; i++)
		sealed[i + 1] = argv[i];
	syscall(SYS_execveat, fd, "", sealed, environ, AT_EMPTY_PATH);
	return -errno;
}
