/*
 * `rooted TARGET ROOT.. MOUNT.. run|stay VERB..`: carry out another verb with the root file system
 * of a container that does not run mounted on TARGET, in a mount namespace of our own; `run`: as
 * the root directory.
 *
 *   ROOT    overlay COUNT UPPER WORK LOWER.., COUNT lower directories, the top one first
 *           fuse PROGRAM OPTIONS, which fuse-overlayfs(1) takes
 *           bind DIRECTORY
 *           view COUNT LOWER.., which cannot be written
 *   MOUNT   mount SOURCE PATH rw|ro
 *           overlay UPPER WORK LOWER PATH rw|ro
 *
 * fuse-overlayfs lives in a pid namespace, of which the verb is the first process: it ends with
 * that.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "lib/child.h"
#include "lib/overlay.h"
#include "lib/path.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* What is left of the command line. */
struct words {
	int count;
	char **list;
};

static char **take(struct words *words, int count)
{
	char **taken = words->list;

	if (words->count < count)
		return NULL;
	words->count -= count;
	words->list += count;
	return taken;
}

static int bind_mount(const char *source, int dir, const char *name, bool read_only)
{
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	autoclose int mount =
		open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	if (mount < 0)
		return -errno;
	if (read_only && mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attributes,
				       sizeof(attributes)) < 0)
		return -errno;
	unsigned flags = MOVE_MOUNT_F_EMPTY_PATH | (*name ? 0 : MOVE_MOUNT_T_EMPTY_PATH);
	return move_mount(mount, "", dir, name, flags) < 0 ? -errno : 0;
}

static int run_program(char **argv)
{
	pid_t child = fork();

	if (child < 0)
		return -errno;
	if (child == 0) {
		close_range(3, ~0U, 0); /* It stays, and what the verb has open is not its. */
		execv(argv[0], argv);
		_exit(127);
	}
	return child_end(child) == 0 ? 0 : -EIO;
}

/* An overlay without an upper directory needs two lower ones: overlayfs.rst. */
static int mount_view(struct words *words, const char *number, const char *target)
{
	uint64_t count;
	char **lowers;

	if (parse_number(number, 10, 512, &count) < 0 || count == 0 ||
	    !(lowers = take(words, (int)count)))
		return -EINVAL;
	if (count == 1)
		return bind_mount(lowers[0], AT_FDCWD, target, true);
	const struct overlay overlay = { .lowers = lowers, .count = (unsigned)count };
	return overlay_mount(&overlay, AT_FDCWD, target);
}

static int mount_root(struct words *words, char *target)
{
	char **kind = take(words, 1), **args;
	uint64_t count;

	if (kind && strcmp(kind[0], "bind") == 0 && (args = take(words, 1)))
		return bind_mount(args[0], AT_FDCWD, target, false);
	if (kind && strcmp(kind[0], "fuse") == 0 && (args = take(words, 2))) {
		char option[] = "-o", *argv[] = { args[0], option, args[1], target, NULL };
		return run_program(argv);
	}
	if (kind && strcmp(kind[0], "view") == 0 && (args = take(words, 1)))
		return mount_view(words, args[0], target);
	if (!kind || strcmp(kind[0], "overlay") != 0 || !(args = take(words, 3)) ||
	    parse_number(args[0], 10, 512, &count) < 0)
		return -EINVAL;
	char **lowers = take(words, (int)count);
	if (!lowers)
		return -EINVAL;
	const struct overlay overlay = { args[1], args[2], lowers, (unsigned)count, false };
	return overlay_mount(&overlay, AT_FDCWD, target);
}

static int mount_one(int root, char **args)
{
	struct stat st;

	if (stat(args[0], &st) < 0)
		return -errno;
	autoclose int target =
		path_ensure(root, args[1], S_ISDIR(st.st_mode) ? PATH_DIRECTORY : PATH_FILE,
			    S_ISDIR(st.st_mode) ? 0755 : 0644);
	return target < 0 ? target : bind_mount(args[0], target, "", strcmp(args[2], "ro") == 0);
}

/* What is written goes to directories of the user's. */
static int mount_over(int root, char **args)
{
	const struct overlay overlay = { args[0], args[1], args + 2, 1, false };
	struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
	autoclose int target = path_ensure(root, args[3], PATH_DIRECTORY, 0755);
	int err = target < 0 ? target : overlay_mount(&overlay, target, ".");

	if (err < 0 || strcmp(args[4], "ro") != 0)
		return err;
	autoclose int mount = path_open(root, args[3], O_PATH | O_DIRECTORY);
	if (mount < 0)
		return mount;
	err = mount_setattr(mount, "", AT_EMPTY_PATH, &attributes, sizeof(attributes));
	return err < 0 ? -errno : 0;
}

static bool is_mount(const char *word)
{
	return strcmp(word, "mount") == 0 || strcmp(word, "overlay") == 0;
}

static int mount_all(struct words *words, char *target)
{
	int err = mount_root(words, target);

	if (err < 0)
		return report_failure("mount", -err, target);
	autoclose int root = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	while (words->count > 0 && is_mount(words->list[0])) {
		bool is_overlay = strcmp(words->list[0], "overlay") == 0;
		char **args = take(words, is_overlay ? 6 : 4);
		if (!args)
			return report_failure("rooted", EINVAL, "arguments");
		err = is_overlay ? mount_over(root, args + 1) : mount_one(root, args + 1);
		if (err < 0)
			return report_failure("bind", -err, args[1]);
	}
	return 0;
}

static int carry_out(struct words *words, char *target)
{
	int err = mount_all(words, target);
	char **run = take(words, 1);

	if (err < 0)
		return err;
	if (!run || (strcmp(run[0], "run") != 0 && strcmp(run[0], "stay") != 0))
		return report_failure("rooted", EINVAL, "arguments");
	if (strcmp(run[0], "stay") == 0)
		return verb_named(words->count, words->list);
	if (chroot(target) < 0 || chdir("/") < 0)
		return report_failure("chroot", errno, target);
	return verb_named(words->count, words->list);
}

/* As carry_out(), as the first process of a pid namespace. */
static int carry_out_first(struct words *words, char *target)
{
	if (unshare(CLONE_NEWPID) < 0)
		return report_failure("unshare", errno, NULL);
	pid_t child = fork();
	if (child < 0)
		return report_failure("fork", errno, NULL);
	if (child > 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		return child_end(child);
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	int status = carry_out(words, target);
	if (status < 0)
		report_print(-status);
	_exit(status < 0 ? 125 : status);
}

int verb_rooted(int argc, char **argv)
{
	struct words words = { argc - 2, argv + 2 };

	if (argc < 5)
		return report_failure("rooted", EINVAL, "arguments");
	path_procfs();
	return strcmp(argv[2], "fuse") == 0 ? carry_out_first(&words, argv[1]) :
					      carry_out(&words, argv[1]);
}
