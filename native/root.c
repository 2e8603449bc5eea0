#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "failpoint.h"
#include "lib/copy.h"
#include "lib/overlay.h"
#include "lib/path.h"

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

/* Beside a volume's directory while it is filled, and after a crash meanwhile. */
#define FILLING "filling"

/* What a crash has left half is replaced; what containers have added since then stays. */
static int fill_volume(int src, int dst, int volume, bool again)
{
	autoclose int mark =
		openat(volume, FILLING, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (mark < 0)
		return -errno;
	int err = again ? copy_layer(src, dst) : copy_tree(src, dst);
	if (err < 0)
		return err;
	failpoint(FAIL_DURING_FILL);
	return unlinkat(volume, FILLING, 0) < 0 ? -errno : 0;
}

/*
 * Whoever comes second waits until the first has filled the volume: flock(2), which ends with its
 * holder. On the directory above, since a container may lock the volume's own.
 */
static int copyup_one(int root, const char *from, const char *to)
{
	autoclose int dst = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dst < 0)
		return -errno;
	autoclose int volume = openat(dst, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (volume < 0 || flock(volume, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? ROOT_BUSY : -errno;
	bool again = faccessat(volume, FILLING, F_OK, 0) == 0;
	int empty = again ? 1 : is_empty_directory(dst);
	if (empty <= 0)
		return empty;
	autoclose int src = path_open(root, from, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (src == -ENOENT || src == -ENOTDIR)
		return 0;
	return src < 0 ? src : fill_volume(src, dst, volume, again);
}

int root_copyup(struct monitor *m)
{
	autoclose int root = openat(m->run_dir, "rootfs", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (root < 0)
		return -errno;
	for (unsigned i = m->set.stage2; i < m->ops.count; i++) {
		const struct op *op = &m->ops.list[i];
		if (op->kind != OP_COPYUP)
			continue;
		m->step = i;
		int err = copyup_one(root, op->argv[0], op->argv[1]);
		if (err != 0)
			return err;
	}
	return 0;
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
