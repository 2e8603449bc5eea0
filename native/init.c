#include "init.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/openat2.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/accounts.h"
#include "lib/fds.h"
#include "lib/path.h"

static void fail(struct launch *l, int err) __attribute__((noreturn));

static void fail(struct launch *l, int err)
{
	struct status_message message = { .kind = STATUS_FAILED, .op = l->step, .err = -err };

	send_fds(l->status, &message, sizeof(message), NULL, 0, 0);
	_exit(125);
}

static int op_symlink(struct inside *in, char **argv)
{
	char base[256];
	autoclose int dir = path_ensure_parent(in->root, argv[1], base);

	if (dir < 0)
		return dir;
	return symlinkat(argv[0], dir, base) < 0 && errno != EEXIST ? -errno : 0;
}

static int op_mkdir(struct inside *in, char **argv)
{
	uint64_t mode;
	int err = parse_number(argv[1], 8, 07777, &mode);
	autoclose int fd =
		err < 0 ? err : path_ensure(in->root, argv[0], PATH_DIRECTORY, (mode_t)mode);

	return fd < 0 ? fd : 0;
}

static int op_file(struct inside *in, char **argv)
{
	char name[32];
	uint64_t mode;
	int err = parse_number(argv[1], 8, 07777, &mode);
	autoclose int at = err < 0 ? err : path_ensure(in->root, argv[0], PATH_FILE, (mode_t)mode);
	struct stat st;

	if (at < 0)
		return at;
	if (in->pivoted || fstat(at, &st) < 0 || !S_ISREG(st.st_mode))
		return -EINVAL; /* Never wait on a fifo that an image put there. */
	snprintf(name, sizeof(name), "/proc/self/fd/%d", at);
	autoclose int fd = open(name, O_WRONLY | O_TRUNC | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	return write_all(fd, argv[2], strlen(argv[2]));
}

/*
 * /proc/sys shows and changes the namespaces of whoever looks; before `pivot` it is the host's
 * procfs.
 */
static int op_sysctl(struct inside *in, char **argv)
{
	struct open_how how = {
		.flags = O_WRONLY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV,
	};
	autoclose int dir = open("/proc/sys", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir < 0 || in->pivoted)
		return in->pivoted ? -EINVAL : -errno;
	autoclose int fd = (int)syscall(SYS_openat2, dir, argv[0], &how, sizeof(how));
	if (fd < 0)
		return -errno;
	return write(fd, argv[1], strlen(argv[1])) < 0 ? -errno : 0;
}

static int op_umask(struct inside *in, char **argv)
{
	uint64_t mask;
	int err = parse_number(argv[0], 8, 0777, &mask);

	in->umask = (int)mask;
	return err;
}

static int op_dev(struct inside *in, const char *name)
{
	char path[NAME_MAX + 6];

	if (strchr(name, '/') || snprintf(path, sizeof(path), "/dev/%s", name) >= (int)sizeof(path))
		return -EINVAL;
	return mount_device(in, path, path);
}

static int op_personality(char **argv)
{
	uint64_t persona;
	int err = parse_number(argv[0], 10, UINT32_MAX, &persona);

	return err < 0 ? err : personality(persona) < 0 ? -errno : 0;
}

static int op_pivot(struct inside *in)
{
	int err = in->launch->tty ? console_make(in) : 0;

	return err < 0 ? err : mount_pivot(in);
}

static int carry_out(struct inside *in, const struct op *op)
{
	char **argv = op->argv;

	switch (op->kind) {
	case OP_ROOT_PROPAGATION: return mount_root_propagation(in, argv[0]);
	case OP_BIND: return mount_bind(in, argv);
	case OP_PROGRAM: return mount_program(in, argv);
	case OP_BIND_FROM: return mount_bind_from(in, argv);
	case OP_MOUNT: return mount_new(in, argv);
	case OP_OVERLAY: return mount_layers(in, op);
	case OP_PART: return mount_part(in, op->argv);
	case OP_TMPCOPYUP: return mount_copyup(in, argv);
	case OP_DEV: return op_dev(in, argv[0]);
	case OP_DEVICE: return mount_device(in, argv[0], argv[1]);
	case OP_SYMLINK: return op_symlink(in, argv);
	case OP_MKDIR: return op_mkdir(in, argv);
	case OP_FILE: return op_file(in, argv);
	case OP_PASSWD: return accounts_add_line(in->root, "/etc/passwd", argv[0]);
	case OP_GROUP: return accounts_add_line(in->root, "/etc/group", argv[0]);
	case OP_MASK: return mount_mask(in, argv[0]);
	case OP_READONLY: return mount_readonly(in, argv[0]);
	case OP_RO_ROOT: return mount_root_readonly(in);
	case OP_PIVOT: return op_pivot(in);
	case OP_HOSTNAME: return sethostname(argv[0], strlen(argv[0])) < 0 ? -errno : 0;
	case OP_SYSCTL: return op_sysctl(in, argv);
	case OP_SECCOMP: in->seccomp = in->launch->seccomp; return 0;
	case OP_UMASK: return op_umask(in, argv);
	case OP_CAPS: in->caps = op; return 0;
	case OP_USER: in->user = op; return 0;
	case OP_CWD: in->cwd = op; return 0;
	case OP_REAPER: in->reaper = op; return 0;
	case OP_NO_NEW_PRIVS: in->no_new_privs = true; return 0;
	case OP_PERSONALITY: return op_personality(argv);
	case OP_ENV:
	case OP_RLIMIT:     /* process.c walks over these itself. */
	case OP_EXEC_FLAGS:
	case OP_KEEP_FDS:
	case OP_OOM_SCORE_ADJ:
	case OP_ROOT_OVERLAY:
	case OP_ROOT_BIND:
	case OP_ROOT_MOUNTED:
	case OP_COPYUP: return 0; /* The monitor has done these. */
	case OP_EXEC: return process_exec(in, op);
	default: return -ENOSYS;
	}
}

void init_main(struct launch *l)
{
	struct inside in = {
		.launch = l, .root = -1, .masking = -1, .slave = -1, .seccomp = -1, .umask = -1
	};
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	umask(0); /* Modes are meant as written until the umask op. */
	int err = enter_namespaces(&in);
	while (err == 0 && l->step < l->ops->count) {
		if (l->step >= l->set->stage2 || l->join_pidfd >= 0)
			err = carry_out(&in, &l->ops->list[l->step]);
		if (err == 0)
			l->step++;
	}
	fail(l, err < 0 ? err : -ENOEXEC);
}
