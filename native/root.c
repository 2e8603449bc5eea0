#include "root.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "lib/copy.h"
#include "lib/path.h"

static int attach_root(struct monitor *m, int mount)
{
	return move_mount(mount, "", m->run_dir, "rootfs", MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

/* --rm: the upper directory need not outlive a crash, and unmounting syncs no disk (overlayfs.rst, "volatile"). */
static int set_common(struct monitor *m, int fs)
{
	if (fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
		return -errno;
	return m->set.remove && fsconfig(fs, FSCONFIG_SET_FLAG, "volatile", NULL, 0) < 0 ? -errno : 0;
}

/* Linux 6.8 takes one layer at a time, of any path; an older one says EINVAL at the end of it. */
static int overlay_by_layer(struct monitor *m, const struct op *op)
{
	autoclose int fs = fsopen("overlay", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	for (unsigned i = 2; i < op->argc; i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", op->argv[i], 0) < 0)
			return -errno;
	if (fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", op->argv[0], 0) < 0 ||
	    fsconfig(fs, FSCONFIG_SET_STRING, "workdir", op->argv[1], 0) < 0)
		return -errno;
	int err = set_common(m, fs);
	if (err < 0)
		return err;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	autoclose int mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	return mount < 0 ? -errno : attach_root(m, mount);
}

/* The options of mount(2) have one page; `/proc/self/fd/N` is short, and free of `:` and `,`. */
static int overlay_by_descriptor(struct monitor *m, const struct op *op)
{
	char data[4096], target[32];
	int fds[512], count = (int)op->argc, opened = 0, err = 0;
	size_t used = 0;

	if (count > (int)ARRAY_SIZE(fds))
		return -E2BIG;
	for (; opened < count; opened++) {
		fds[opened] = open(op->argv[opened], O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fds[opened] < 0) {
			err = -errno;
			break;
		}
	}
	for (int i = 2; err == 0 && i < count && used < sizeof(data); i++)
		used += (size_t)snprintf(data + used, sizeof(data) - used, "%s/proc/self/fd/%d",
					 i == 2 ? "lowerdir=" : ":", fds[i]);
	if (err == 0 && used < sizeof(data))
		used += (size_t)snprintf(data + used, sizeof(data) - used,
					 ",upperdir=/proc/self/fd/%d,workdir=/proc/self/fd/%d,userxattr%s", fds[0],
					 fds[1], m->set.remove ? ",volatile" : "");
	if (err == 0 && used >= sizeof(data))
		err = -E2BIG;
	autoclose int at = openat(m->run_dir, "rootfs", O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(target, sizeof(target), "/proc/self/fd/%d", at);
	if (err == 0 && (at < 0 || mount("overlay", target, "overlay", 0, data) < 0))
		err = -errno;
	while (opened > 0)
		close(fds[--opened]);
	return err;
}

static int mount_overlay(struct monitor *m, const struct op *op)
{
	int err = overlay_by_layer(m, op);

	return err == -EINVAL ? overlay_by_descriptor(m, op) : err;
}

static int bind_root(struct monitor *m, const char *source)
{
	autoclose int mount = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);

	return mount < 0 ? -errno : attach_root(m, mount);
}

int root_mount(struct monitor *m)
{
	for (unsigned i = m->set.stage2; !m->root_mounted && i < m->ops.count; i++) {
		const struct op *op = &m->ops.list[i];
		int err = op->kind == OP_ROOT_OVERLAY ? mount_overlay(m, op) :
			  op->kind == OP_ROOT_BIND ? bind_root(m, op->argv[0]) : op->kind == OP_ROOT_MOUNTED ? 0 : 1;
		if (err > 0)
			continue;
		m->step = i;
		if (err < 0)
			return err;
		m->root_mounted = true;
	}
	return m->root_mounted ? 0 : -EINVAL;
}

static int copyup_one(int root, const char *from, const char *to)
{
	autoclose int dst = open(to, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dst < 0)
		return -errno;
	int empty = is_empty_directory(dst);
	if (empty <= 0)
		return empty;
	autoclose int src = path_open(root, from, O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (src == -ENOENT || src == -ENOTDIR)
		return 0;
	return src < 0 ? src : copy_tree(src, dst);
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
		if (err < 0)
			return err;
	}
	return 0;
}

void root_unmount(struct monitor *m)
{
	char target[48];

	/* By way of the directory above: a descriptor of the mount itself would keep it busy. */
	snprintf(target, sizeof(target), "/proc/self/fd/%d/rootfs", m->run_dir);
	umount2(target, MNT_DETACH | UMOUNT_NOFOLLOW);
	m->root_mounted = false;
}
