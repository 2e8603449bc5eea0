/* What hides paths of the container, or keeps them from being written. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "init.h"
#include "lib/path.h"

/* The empty directory that hides others: made once, cloned for each. */
static int masking_mount(struct inside *in)
{
	if (in->masking >= 0) {
		int clone = open_tree(in->masking, "",
				      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH);
		return clone < 0 ? -errno : clone;
	}
	int mount = make_fs("tmpfs", "tmpfs", MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC,
			    "nr_blocks=1,nr_inodes=1");
	if (mount >= 0)
		in->masking = fcntl(mount, F_DUPFD_CLOEXEC, 0);
	return mount;
}

int mount_mask(struct inside *in, const char *path)
{
	struct stat st;
	autoclose int target = path_open(in->root, path, O_PATH);

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return target;
	if (in->pivoted || fstat(target, &st) < 0)
		return in->pivoted ? -EINVAL : -errno;
	autoclose int mount = S_ISDIR(st.st_mode) ? masking_mount(in) :
						    device_mount("/dev/null", MOUNT_ATTR_RDONLY);
	if (mount < 0)
		return mount;
	return move_onto(mount, target);
}

int mount_readonly(struct inside *in, const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };
	autoclose int target = path_open(in->root, path, O_PATH);

	if (target == -ENOENT || target == -ENOTDIR)
		return 0;
	if (target < 0)
		return target;
	autoclose int mount = open_tree(
		target, "", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);
	if (mount < 0 ||
	    mount_setattr(mount, "", AT_EMPTY_PATH | AT_RECURSIVE, &attr, sizeof(attr)) < 0)
		return -errno;
	return move_onto(mount, target);
}
