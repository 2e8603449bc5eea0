/*
 * The program as the first process of a container with --init. Root in there may make a bind mount
 * writable again that was made read-only in its own user namespace, mount_namespaces(7), and change
 * the file or its mode. So it gets a copy, in memory that is the container's and goes with it.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/sendfile.h>

#include "init.h"
#include "seal.h"

#define NAME "init"

/* Closed again, or execve(2) says ETXTBSY. */
static int copy_into(int directory)
{
	autoclose int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
	autoclose int to = openat(directory, NAME, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0755);
	ssize_t n;

	if (from < 0 || to < 0)
		return -errno;
	while ((n = sendfile(to, from, NULL, INT_MAX)) > 0)
		;
	return n < 0 ? -errno : 0;
}

/* A file of a file system as a mount of its own; for that it must be mounted: open_tree(2). */
static int single_out(struct inside *in, int fs)
{
	char link[32];
	int err = move_onto(fs, in->root);

	if (err < 0)
		return err;
	autoclose int file = open_tree(fs, NAME, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	if (file < 0)
		return -errno;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fs);
	return umount2(link, MNT_DETACH) < 0 ? -errno : take_fd(&file);
}

static int mount_copy(struct inside *in, const char *target, uint64_t flags)
{
	struct mount_attr attr = { .attr_set = mount_attributes(flags) };
	autoclose int fs = make_fs("tmpfs", "tmpfs", flags & ~(uint64_t)MS_RDONLY, "mode=755");
	int err = fs < 0 ? fs : copy_into(fs);
	autoclose int file = err < 0 ? err : single_out(in, fs);

	if (file < 0)
		return file;
	if (mount_setattr(file, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	return mount_attach(in, file, target);
}

int mount_program(struct inside *in, char **argv)
{
	uint64_t flags;

	if (!executable_is_exposed())
		return mount_bind(in, argv);
	int err = mount_parse_flags(argv[2], &flags);
	return err < 0 ? err : mount_copy(in, argv[1], flags);
}
