#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>

#include "lib/overlay.h"
#include "lib/util.h"
#include "remove.h"

static int attach_root(struct monitor *m, int mount)
{
	if (move_mount(mount, "", m->run_dir, "rootfs", MOVE_MOUNT_F_EMPTY_PATH) < 0)
		return -errno;
	return 0;
}

static int mount_overlay(struct monitor *m, const struct op *op)
{
	const struct overlay overlay = {
		.upper = op->argv[0],
		.work = op->argv[1],
		.lowers = op->argv + 2,
		.count = op->argc - 2,
		.is_volatile = m->set.remove,
	};

	return overlay_mount(&overlay, m->run_dir, "rootfs");
}

static int bind_root(struct monitor *m, const char *source)
{
	autoclose int mount =
		open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	return mount < 0 ? -errno : attach_root(m, mount);
}

int root_mount(struct monitor *m)
{
	for (unsigned i = m->set.stage2; !m->root_mounted && i < m->ops.count; i++) {
		const struct op *op = &m->ops.list[i];
		int err = op->kind == OP_ROOT_OVERLAY ? mount_overlay(m, op) :
			  op->kind == OP_ROOT_BIND    ? bind_root(m, op->argv[0]) :
			  op->kind == OP_ROOT_MOUNTED ? 0 :
							1;
		if (err > 0)
			continue;
		m->step = i;
		if (err < 0)
			return err;
		m->root_mounted = true;
	}
	return m->root_mounted ? 0 : -EINVAL;
}

int root_copy(const struct monitor *m)
{
	if (!m->root_mounted)
		return -ENOENT;
	int fd = open_tree(m->run_dir, "rootfs", OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	return fd < 0 ? -errno : fd;
}

void root_unmount(struct monitor *m)
{
	char target[48];

	/* By way of the directory above: a descriptor of the mount itself would keep it busy. */
	snprintf(target, sizeof(target), "/proc/self/fd/%d/rootfs", m->run_dir);
	umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
	m->root_mounted = false;
}

/*
 * The kernel mounts no upper directory again that was mounted `volatile`, for a crash may have lost
 * half of what is in it (overlayfs.rst, "Volatile mount"). There was none. A start makes the work
 * directory anew, findUsedWork() in src/engine/start.ts, but whoever copies from a container that
 * has stayed, exports or mounts it does not.
 */
void root_give_back(struct monitor *m)
{
	char mark[PATH_MAX];

	if (!m->root_mounted)
		return;
	root_unmount(m);
	for (unsigned i = m->set.stage2; m->set.remove && i < m->ops.count; i++) {
		const struct op *op = &m->ops.list[i];
		if (op->kind == OP_ROOT_OVERLAY &&
		    snprintf(mark, sizeof(mark), "%s/work/incompat", op->argv[1]) < PATH_MAX)
			remove_tree(AT_FDCWD, mark);
	}
}
