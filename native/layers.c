/*
 * Overlays among the mounts of a container: volumes that stay as they are, and images. The target
 * was resolved inside the root, and the layers are the store's.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <sys/mount.h>

#include "init.h"
#include "lib/overlay.h"
#include "lib/path.h"

static int restrict_mount(struct inside *in, const char *path, uint64_t flags)
{
	struct mount_attr attr = { .attr_set = mount_attributes(flags) };
	autoclose int mount = path_open(in->root, path, O_PATH | O_DIRECTORY);

	if (mount < 0)
		return mount;
	return mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

int mount_layers(struct inside *in, const struct op *op)
{
	char **argv = op->argv;
	struct overlay overlay = { .lowers = argv + 4, .count = op->argc - 4 };
	uint64_t flags;
	int err = in->pivoted ? -EINVAL : mount_parse_flags(argv[1], &flags);

	if (err < 0)
		return err;
	autoclose int target = path_ensure(in->root, argv[0], PATH_DIRECTORY, 0755);
	if (target < 0)
		return target;
	if (*argv[2] == '\0') {
		flags |= MS_RDONLY;
	} else {
		overlay.upper = argv[2];
		overlay.work = argv[3];
	}
	/* One layer alone takes an upper directory: overlayfs.rst. */
	err = overlay_mount(&overlay, target, ".");
	return err < 0 ? err : restrict_mount(in, argv[0], flags);
}

int mount_part(struct inside *in, char **argv)
{
	char whole[32];

	if (in->pivoted)
		return -EINVAL;
	autoclose int mount = path_open(in->root, argv[0], O_PATH | O_DIRECTORY);
	if (mount < 0)
		return mount;
	autoclose int part = path_open(mount, argv[1], O_PATH | O_DIRECTORY);
	if (part < 0)
		return part;
	autoclose int tree = open_tree(part, "", AT_EMPTY_PATH | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	snprintf(whole, sizeof(whole), "/proc/self/fd/%d", mount);
	if (tree < 0 || umount2(whole, MNT_DETACH) < 0)
		return -errno;
	autoclose int target = path_open(in->root, argv[0], O_PATH | O_DIRECTORY);
	return target < 0 ? target : move_onto(tree, target);
}
