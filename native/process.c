/* The last steps of a container's process: who it is, what it holds, what it may do. */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>

#include "init.h"
#include "lib/child.h"
#include "lib/path.h"
#include "security.h"

/* Errors name the op they belong to, not `exec`. */
static int blame(struct inside *in, const struct op *op, int err)
{
	if (err < 0 && op)
		in->launch->step = (unsigned)(op - in->launch->ops->list);
	return err;
}

static int find_kind(struct inside *in, enum op_kind kind, int err)
{
	const struct ops *ops = in->launch->ops;

	for (unsigned i = 0; err < 0 && i < ops->count; i++)
		if (ops->list[i].kind == kind)
			return blame(in, &ops->list[i], err);
	return err;
}

/* Two passes, since one descriptor's place may be where another still is. */
static int place_kept(struct launch *l, int above)
{
	for (unsigned i = 0; i < l->keep_fds; i++)
		if ((l->kept[i] = fcntl(l->kept[i], F_DUPFD_CLOEXEC, above)) < 0)
			return -errno;
	for (unsigned i = 0; i < l->keep_fds; i++)
		if (dup2(l->kept[i], 3 + (int)i) < 0)
			return -errno;
	return 0;
}

static int move_above(int *fd, int above)
{
	int moved = *fd < 0 ? -1 : fcntl(*fd, F_DUPFD_CLOEXEC, above);

	if (*fd >= 0 && moved < 0)
		return -errno;
	*fd = moved;
	return 0;
}

/*
 * Here and not at the execve: until then an image's working directory or program could be
 * /proc/self/fd/N of a directory of the host, and the way out of the container with it.
 */
static int close_others(struct inside *in, int first_free)
{
	int status = first_free, seccomp = first_free + 1;

	if (dup3(in->launch->status, status, O_CLOEXEC) < 0)
		return -errno;
	in->launch->status = status;
	if (in->seccomp >= 0 && (in->seccomp = dup3(in->seccomp, seccomp, O_CLOEXEC)) < 0)
		return -errno;
	in->root = in->slave = in->masking = -1;
	return close_range((unsigned)seccomp + (in->seccomp >= 0), ~0U, 0) < 0 ? -errno : 0;
}

/*
 * Move the descriptors to where the process expects them, behind them the two that we need still,
 * and close all others.
 */
static int place_descriptors(struct inside *in)
{
	struct launch *l = in->launch;
	int first_free = 3 + (int)l->keep_fds, above = first_free + 2;
	int err = move_above(&l->status, above);

	if (err == 0)
		err = move_above(&in->seccomp, above);
	for (int fd = 0; err == 0 && fd < 3; fd++) {
		if (l->tty)
			l->stdio[fd] = in->slave;
		/* Copied above all targets first: a later target may be an earlier source. */
		err = move_above(&l->stdio[fd], above);
	}
	for (int fd = 0; err == 0 && fd < 3; fd++)
		if (l->stdio[fd] >= 0 && dup2(l->stdio[fd], fd) < 0)
			err = -errno;
	if (err == 0)
		err = place_kept(l, above);
	return err < 0 ? err : close_others(in, first_free);
}

/*
 * The user may open /dev/stdout anew: pipes of ours and the pty become theirs, nothing else does.
 */
static int own_stdio(struct inside *in, const struct user *user)
{
	struct stat st;

	if (in->launch->tty)
		return fchown(0, user->uid, (gid_t)-1) < 0 ? -errno : 0;
	for (int fd = 0; in->launch->own_stdio && fd < 3; fd++)
		if (fstat(fd, &st) == 0 && S_ISFIFO(st.st_mode) &&
		    fchown(fd, user->uid, (gid_t)-1) < 0)
			return -errno;
	return 0;
}

static int make_cwd(struct inside *in, const struct user *user)
{
	const struct op *op = in->cwd;
	struct stat st;

	if (strcmp(op->argv[1], "1") != 0 || stat(op->argv[0], &st) == 0)
		return 0;
	autoclose int fd = path_ensure(in->root, op->argv[0], PATH_DIRECTORY, 0755);
	if (fd < 0)
		return fd;
	return fchownat(fd, "", user->uid, user->gid, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

static int change_ids(const struct user *user)
{
	if (prctl(PR_SET_KEEPCAPS, 1) < 0)
		return -errno;
	/*
	 * EPERM: setgroups(2) is denied in a single-id map; then only the one group is there
	 * anyway.
	 */
	if (!user->keep_groups && setgroups(user->group_count, user->groups) < 0 && errno != EPERM)
		return -errno;
	if (setresgid(user->gid, user->gid, user->gid) < 0 ||
	    setresuid(user->uid, user->uid, user->uid) < 0)
		return -errno;
	return 0;
}

/*
 * Without no_new_privs a filter needs CAP_SYS_ADMIN, so it comes before capabilities go:
 * seccomp(2).
 */
static int filter_when(struct inside *in, bool last)
{
	if (in->seccomp < 0 || in->no_new_privs != last)
		return 0;
	return find_kind(in, OP_SECCOMP, install_seccomp(in->seccomp));
}

/*
 * A monitor that died before this sends no signal any more, but its end of our socket is closed.
 * Who the parent is tells nothing: an orphan has another, and 0 stands for all outside of a pid
 * namespace that was joined.
 */
static int die_with_monitor(const struct launch *l)
{
	char byte;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return recv(l->status, &byte, 1, MSG_DONTWAIT) == 0 ? -ECANCELED : 0;
}

static int become(struct inside *in, const struct user *user)
{
	int err = in->caps ? blame(in, in->caps, drop_bounding(in->caps)) : 0;
	if (err == 0)
		err = filter_when(in, false);
	/*
	 * As root first: the user may be one who has no way into a directory of the host. Where
	 * root has none, in a FUSE mount say, the user may.
	 */
	bool entered = err == 0 && in->cwd && chdir(in->cwd->argv[0]) == 0;
	if (err == 0)
		err = blame(in, in->user, change_ids(user));
	if (err == 0 && in->caps)
		err = blame(in, in->caps, set_capabilities(in->caps));
	if (err == 0 && in->cwd && !entered && chdir(in->cwd->argv[0]) < 0)
		err = blame(in, in->cwd, -errno);
	if (err == 0 && in->launch->orphan_dies)
		err = die_with_monitor(in->launch); /* Here: changes of ids reset it, prctl(2). */
	if (err == 0 && in->no_new_privs && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		err = -errno;
	return err < 0 ? err : filter_when(in, true);
}

/*
 * Only the child returns; whoever loses its parent below it becomes our child, until the child has
 * ended. So who has been started by it can be found, also a daemon: prctl(2),
 * PR_SET_CHILD_SUBREAPER.
 */
static int guard(const struct launch *l)
{
	int status = 0, other;
	pid_t ended, child = _Fork();

	if (child < 0)
		return -errno;
	if (child == 0)
		return l->orphan_dies ? die_with_monitor(l) : 0;
	close_range(0, ~0U, 0);
	while ((ended = waitpid(-1, &status, 0)) != child)
		if (ended < 0 && errno != EINTR)
			_exit(126);
	while (waitpid(-1, &other, WNOHANG) > 0)
		; /* They were killed together. */
	_exit(child_exit_code(status));
}

int process_exec(struct inside *in, const struct op *exec)
{
	static struct user user;
	struct launch *l = in->launch;

	int err = l->tty && in->slave < 0 ? console_make(in) : 0;
	if (err == 0)
		err = blame(in, in->user, user_lookup(&user, in->root, in->user));
	if (err == 0 && in->cwd)
		err = blame(in, in->cwd, make_cwd(in, &user));
	if (err == 0)
		err = place_descriptors(in);
	if (err == 0)
		/* EINVAL: the id is not in our map. */
		err = blame(in, in->user, own_stdio(in, &user));
	if (err == 0 && l->tty && ioctl(0, TIOCSCTTY, 0) < 0)
		err = -errno;
	if (err == 0)
		err = find_kind(in, OP_RLIMIT, set_rlimits(l->ops));
	if (err == 0 && l->guarded)
		err = prctl(PR_SET_CHILD_SUBREAPER, 1) < 0 ? -errno : 0;
	if (err == 0)
		err = become(in, &user);
	if (err < 0)
		return err;
	umask(in->umask >= 0 ? (mode_t)in->umask : 022);
	err = l->guarded ? guard(l) : 0;
	return err < 0 ? err : command_exec(in, &user, exec);
}
