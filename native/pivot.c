/* The root file system as a whole, until init's own namespace has it at its top: pivot_root(2). */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "init.h"

/*
 * In a nested user namespace the monitor's mounts are locked; pivot_root(2) takes one of our own.
 */
int mount_root_again(struct inside *in)
{
	int mount = open_tree(in->root, "",
			      OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE);

	if (mount < 0)
		return -errno;
	int err = move_onto(mount, in->root);
	drop_fd(&in->root);
	in->root = mount;
	return err;
}

int mount_root_readonly(struct inside *in)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(in->root, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

int mount_root_propagation(struct inside *in, const char *text)
{
	uint64_t flags;
	int err = mount_parse_flags(text, &flags);

	if (err < 0)
		return err;
	struct mount_attr attr = { .propagation = flags & ~(uint64_t)MS_REC };
	unsigned recursive = flags & MS_REC ? AT_RECURSIVE : 0;
	unsigned how = AT_EMPTY_PATH | recursive;
	return mount_setattr(in->root, "", how, &attr, sizeof(attr)) < 0 ? -errno : 0;
}

/* The old root is stacked on the new one and taken off: pivot_root(2), `pivot_root(".", ".")`. */
int mount_pivot(struct inside *in)
{
	if (fchdir(in->root) < 0 || syscall(SYS_pivot_root, ".", ".") < 0)
		return -errno;
	if (umount2(".", MNT_DETACH) < 0 || chdir("/") < 0)
		return -errno;
	in->pivoted = true;
	return 0;
}
