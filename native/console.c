/*
 * The pty of a container's process: made in the container's own devpts, kept by the monitor or a
 * client.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <termios.h>
#include <unistd.h>

#include "init.h"
#include "lib/fds.h"
#include "lib/path.h"

/* Of /dev/ptmx: Documentation/admin-guide/devices.txt of the kernel. */
#define PTMX_MAJOR 5
#define PTMX_MINOR 2

/* /dev/console is the terminal, as the OCI runtime spec asks. */
static int bind_console(struct inside *in)
{
	autoclose int target = path_ensure(in->root, "/dev/console", PATH_FILE, 0600);

	if (target < 0)
		return target;
	autoclose int mount =
		open_tree(in->slave, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
	if (mount < 0)
		return -errno;
	return move_onto(mount, target);
}

/*
 * The kernel's own, before anything is asked of it or the monitor has it: what a container serves
 * by FUSE gives any answer to ioctl(2), and close(2) waits for it.
 */
static bool is_devpts(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == DEVPTS_SUPER_MAGIC;
}

/* A device node, which no file system of a container's own can have: user_namespaces(7). */
static bool is_ptmx_node(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) &&
	       st.st_rdev == makedev(PTMX_MAJOR, PTMX_MINOR);
}

/*
 * With /dev of the host, its devpts lets nobody open the ptmx within, as a rule: the mount option
 * ptmxmode=000. The node beside it leads there all the same: pts(4).
 */
static int open_ptmx(struct inside *in)
{
	int fd = path_open(in->root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	bool is_ours = fd < 0 || is_devpts(fd);

	if (fd == -EACCES) {
		fd = path_open(in->root, "/dev/ptmx", O_RDWR | O_NOCTTY);
		is_ours = fd < 0 || is_ptmx_node(fd);
	}
	if (is_ours)
		return fd;
	close(fd);
	return -ENOTTY;
}

int console_make(struct inside *in)
{
	struct status_message message = { .kind = STATUS_TTY };
	autoclose int master = open_ptmx(in);
	int unlock = 0;

	if (master < 0)
		return master;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return -errno;
	struct winsize size = { .ws_row = in->launch->rows, .ws_col = in->launch->columns };
	if (size.ws_row && ioctl(master, TIOCSWINSZ, &size) < 0)
		return -errno;
	in->slave = ioctl(master, TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (in->slave < 0)
		return -errno;
	int err = in->pivoted ? 0 : bind_console(in);
	if (err < 0)
		return err;
	ssize_t n = send_fds(in->launch->status, &message, sizeof(message), &master, 1, 0);
	return n < 0 ? (int)n : 0;
}
