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
#include <sys/vfs.h>
#include <termios.h>

#include "init.h"
#include "lib/fds.h"
#include "lib/path.h"

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

int console_make(struct inside *in)
{
	struct status_message message = { .kind = STATUS_TTY };
	autoclose int master = path_open(in->root, "/dev/pts/ptmx", O_RDWR | O_NOCTTY);
	int unlock = 0;

	if (master < 0)
		return master;
	if (!is_devpts(master))
		return -ENOTTY;
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
