/*
 * `fuse TARGET SOURCE PROGRAM ARG..`: mount a FUSE file system on TARGET in our mount namespace.
 * SOURCE is its name in the mount table. PROGRAM serves it by descriptor 3, which libfuse takes for
 * a mount point that is `/dev/fd/3`, and goes into the background when it is ready. Its failure is
 * our status.
 *
 * The file system is there as long as a mount of it, and when it is gone the program reads ENODEV
 * and ends. Until all is done the only mount is a descriptor of ours, so nothing is left whatever is
 * killed meanwhile. The program has a mount namespace of its own, or it would keep ours and by that
 * the mount, and is left without any mount but procfs there, or it would keep everything that has
 * been mounted in ours.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/child.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define CONNECTION 3

/* A mount that is nowhere yet, with what fuse-overlayfs asks for itself. A descriptor or -errno. */
static int make_mount(int device, const char *source, const char *program)
{
	const char *slash = strrchr(program, '/');
	char number[16];
	const char *const options[][2] = {
		{ "source", source },
		{ "subtype", slash ? slash + 1 : program },
		{ "fd", number },
		{ "rootmode", "40000" },
		{ "user_id", "0" },
		{ "group_id", "0" },
	};
	autoclose int fs = fsopen("fuse", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	snprintf(number, sizeof(number), "%d", device);
	for (size_t i = 0; i < ARRAY_SIZE(options); i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, options[i][0], options[i][1], 0) < 0)
			return -errno;
	if (fsconfig(fs, FSCONFIG_SET_FLAG, "default_permissions", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_FLAG, "allow_other", NULL, 0) < 0 ||
	    fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int mount = fsmount(fs, FSMOUNT_CLOEXEC, MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODEV);
	return mount < 0 ? -errno : mount;
}

static int run_program(int device, char **argv)
{
	pid_t child = fork();

	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child == 0) {
		/* dup2(2) does nothing where they are the same, and close-on-exec stays. */
		if (dup2(device, CONNECTION) < 0 || fcntl(CONNECTION, F_SETFD, 0) < 0)
			_exit(126);
		close_range(CONNECTION + 1, ~0U, 0);
		execv(argv[0], argv);
		_exit(errno == ENOENT ? 127 : 126);
	}
	return child_end(child);
}

/*
 * Also for the program, whose root directory this was: pivot_root(2). It has opened what it serves,
 * and goes on by /proc/self/fd.
 */
static int leave_mounts(const char *target)
{
	autoclose int procfs = open_tree(AT_FDCWD, "/proc",
					 OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (procfs < 0)
		return report_failure("open_tree", errno, "/proc");
	if (mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0 ||
	    chdir(target) < 0 || mkdir("proc", 0755) < 0 ||
	    move_mount(procfs, "", AT_FDCWD, "proc", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return report_failure("mount", errno, target);
	if (syscall(SYS_pivot_root, ".", ".") < 0 || umount2(".", MNT_DETACH) < 0)
		return report_failure("pivot_root", errno, target);
	return 0;
}

static int serve(int device, const char *target, char **argv)
{
	if (unshare(CLONE_NEWNS) < 0)
		return report_failure("unshare", errno, NULL);
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return report_failure("mount", errno, "/");
	int status = run_program(device, argv);
	return status == 0 ? leave_mounts(target) : status;
}

static int serve_in_child(int device, int *mount, const char *target, char **argv)
{
	pid_t child = fork();

	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child > 0)
		return child_end(child);
	drop_fd(mount);
	int status = serve(device, target, argv);
	if (status < 0)
		report_print(-status);
	_exit(status < 0 ? 125 : status);
}

int verb_fuse(int argc, char **argv)
{
	if (argc < 4)
		return report_failure("fuse", EINVAL, "arguments");
	autoclose int device = open("/dev/fuse", O_RDWR | O_CLOEXEC);
	if (device < 0)
		return report_failure("open", errno, "/dev/fuse");
	autoclose int mount = make_mount(device, argv[2], argv[3]);
	if (mount < 0)
		return report_failure("mount", -mount, argv[1]);
	int status = serve_in_child(device, &mount, argv[1], argv + 3);
	if (status != 0)
		return status;
	if (move_mount(mount, "", AT_FDCWD, argv[1], MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return report_failure("move_mount", errno, argv[1]);
	return 0;
}
