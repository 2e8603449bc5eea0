/*
 * Mounts of init, by descriptor: the source is a detached mount, the target an O_PATH descriptor
 * that was resolved inside the root, and move_mount(2) joins the two. No path is looked up in
 * between.
 */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "init.h"
#include "lib/copy.h"
#include "lib/path.h"

uint64_t mount_attributes(uint64_t flags)
{
	static const struct { uint64_t flag, attr; } table[] = {
		{ MS_RDONLY, MOUNT_ATTR_RDONLY }, { MS_NOSUID, MOUNT_ATTR_NOSUID },
		{ MS_NODEV, MOUNT_ATTR_NODEV }, { MS_NOEXEC, MOUNT_ATTR_NOEXEC },
		{ MS_NOATIME, MOUNT_ATTR_NOATIME }, { MS_NODIRATIME, MOUNT_ATTR_NODIRATIME },
		{ MS_STRICTATIME, MOUNT_ATTR_STRICTATIME },
	};
	uint64_t attr = 0;

	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (flags & table[i].flag)
			attr |= table[i].attr;
	return attr;
}

int mount_parse_flags(const char *text, uint64_t *flags)
{
	return parse_number(text, 10, UINT32_MAX, flags);
}

int move_onto(int mount, int target)
{
	unsigned by_descriptor = MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH;

	return move_mount(mount, "", target, "", by_descriptor) < 0 ? -errno : 0;
}

int mount_attach(struct inside *in, int mount, const char *path)
{
	struct stat st;

	if (in->pivoted)
		return -EINVAL; /* Inside, /proc and /dev are the container's. */
	if (fstat(mount, &st) < 0)
		return -errno;
	autoclose int target =
		path_ensure(in->root, path, S_ISDIR(st.st_mode) ? PATH_DIRECTORY : PATH_FILE,
			    S_ISDIR(st.st_mode) ? 0755 : 0644);
	return target < 0 ? target : move_onto(mount, target);
}

int mount_source(char **argv)
{
	uint64_t flags;
	int err = mount_parse_flags(argv[2], &flags);

	if (err < 0)
		return err;
	unsigned recursive = flags & MS_REC ? AT_RECURSIVE : 0;
	int fd = open_tree(AT_FDCWD, argv[0], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | recursive);
	return fd < 0 ? -errno : fd;
}

int mount_bind(struct inside *in, char **argv)
{
	const struct launch *l = in->launch;
	uint64_t flags, propagation;
	int err = mount_parse_flags(argv[2], &flags);

	if (err == 0)
		err = mount_parse_flags(argv[3], &propagation);
	if (err < 0)
		return err;
	autoclose int fd =
		l->sources ? fcntl(l->sources[l->step], F_DUPFD_CLOEXEC, 0) : mount_source(argv);
	if (fd < 0)
		return l->sources ? -errno : fd;
	unsigned recursive = flags & MS_REC ? AT_RECURSIVE : 0;
	struct mount_attr attr = { .attr_set = mount_attributes(flags),
				   .propagation = propagation & ~(uint64_t)MS_REC };
	if ((attr.attr_set || attr.propagation) &&
	    mount_setattr(fd, "", AT_EMPTY_PATH | recursive, &attr, sizeof(attr)) < 0)
		return -errno;
	return mount_attach(in, fd, argv[1]);
}

/*
 * A mount can be copied only by who is in its namespace: open_tree(2). setns(2) moves root and
 * working directory, too.
 */
int mount_bind_from(struct inside *in, char **argv)
{
	char name[48];

	snprintf(name, sizeof(name), "/proc/%.20s/ns/mnt", argv[0]);
	autoclose int own = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
	autoclose int other = open(name, O_RDONLY | O_CLOEXEC);
	if (own < 0 || other < 0 || setns(other, CLONE_NEWNS) < 0)
		return -errno;
	autoclose int fd = open_tree(AT_FDCWD, argv[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
	int err = fd < 0 ? -errno : 0;
	if (setns(own, CLONE_NEWNS) < 0)
		return -errno;
	return err < 0 ? err : mount_attach(in, fd, argv[2]);
}

/* `mode=755,size=65536k`: one parameter at a time, a word alone is a flag. */
static int configure(int fs, const char *data)
{
	char copy[4096], *rest = copy;

	if (snprintf(copy, sizeof(copy), "%s", data) >= (int)sizeof(copy))
		return -E2BIG;
	for (char *key; (key = strsep(&rest, ","));) {
		char *value = strchr(key, '=');
		if (*key == '\0')
			continue;
		if (value)
			*value++ = '\0';
		unsigned kind = value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG;
		if (fsconfig(fs, kind, key, value, 0) < 0)
			return -errno;
	}
	return 0;
}

int make_fs(const char *type, const char *source, uint64_t flags, const char *data)
{
	autoclose int fs = fsopen(type, FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	if (*source && fsconfig(fs, FSCONFIG_SET_STRING, "source", source, 0) < 0)
		return -errno;
	int err = configure(fs, data);
	if (err < 0)
		return err;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	int mount = fsmount(fs, FSMOUNT_CLOEXEC, (unsigned)mount_attributes(flags));
	return mount < 0 ? -errno : mount;
}

/* A new mount is private until told: mount_namespaces(7). */
static int spread(int mount, uint64_t flags)
{
	struct mount_attr attr = { .propagation = flags & (MS_SHARED | MS_UNBINDABLE) };

	return attr.propagation && mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0
		       ? -errno
		       : 0;
}

int mount_new(struct inside *in, char **argv)
{
	uint64_t flags;
	int err = mount_parse_flags(argv[3], &flags);
	autoclose int mount = err < 0 ? err : make_fs(argv[0], argv[1], flags, argv[4]);

	if (mount < 0)
		return mount;
	err = spread(mount, flags);
	return err < 0 ? err : mount_attach(in, mount, argv[2]);
}

/* What was asked for holds, whatever the directory has whose copy it is: tmpfs(5). */
static int keep_asked(int root, const struct stat *asked, const char *options)
{
	uid_t uid = strstr(options, "uid=") ? asked->st_uid : (uid_t)-1;
	gid_t gid = strstr(options, "gid=") ? asked->st_gid : (gid_t)-1;

	if (fchown(root, uid, gid) < 0)
		return -errno;
	return strstr(options, "mode=") && fchmod(root, asked->st_mode & 07777) < 0 ? -errno : 0;
}

/* A tmpfs that begins with what the image has at this place. */
int mount_copyup(struct inside *in, char **argv)
{
	uint64_t flags;
	int err = mount_parse_flags(argv[1], &flags);
	autoclose int mount =
		err < 0 ? err : make_fs("tmpfs", "tmpfs", flags & ~(uint64_t)MS_RDONLY, argv[2]);

	if (mount < 0)
		return mount;
	autoclose int from = path_open(in->root, argv[0], O_RDONLY | O_DIRECTORY | O_NONBLOCK);
	if (from < 0 && from != -ENOENT && from != -ENOTDIR)
		return from;
	/* fsmount(2) gave an O_PATH. */
	autoclose int to = openat(mount, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat asked;
	if (to < 0 || fstat(to, &asked) < 0)
		return -errno;
	if (from >= 0 && (err = copy_tree(from, to)) < 0)
		return err;
	if ((err = keep_asked(to, &asked, argv[2])) < 0)
		return err;
	struct mount_attr attr = { .attr_set = mount_attributes(flags & MS_RDONLY) };
	if (attr.attr_set && mount_setattr(mount, "", AT_EMPTY_PATH, &attr, sizeof(attr)) < 0)
		return -errno;
	err = spread(mount, flags);
	return err < 0 ? err : mount_attach(in, mount, argv[0]);
}

int device_mount(const char *source, uint64_t more)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NOEXEC | more,
				   .propagation = MS_PRIVATE };
	int fd = open_tree(AT_FDCWD, source, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);

	if (fd < 0 || mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr)) == 0)
		return fd < 0 ? -errno : fd;
	int err = -errno;
	close(fd);
	return err;
}

int mount_device(struct inside *in, const char *source, const char *target)
{
	autoclose int fd = device_mount(source, 0);

	return fd < 0 ? fd : mount_attach(in, fd, target);
}
