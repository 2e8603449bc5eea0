#include "lib/extractparts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/util.h"
#include "lib/whiteout.h"
#include "remove.h"

bool extract_is_directory(const struct spot *spot)
{
	struct stat st;
	return fstatat(spot->dir, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(st.st_mode);
}

static bool is_whiteout(const struct spot *spot)
{
	struct stat st;
	return fstatat(spot->dir, spot->name, &st, AT_SYMLINK_NOFOLLOW) == 0 && whiteout_is(&st);
}

/*
 * What was there in lower layers is not seen through this directory. A file system without user
 * attributes has no kernel overlay either, and fuse-overlayfs reads the OCI form as well.
 */
int extract_hide_lower(const char *directory)
{
	char marker[PATH_MAX];

	if (setxattr(directory, "user.overlay.opaque", "y", 1, 0) == 0)
		return 0;
	if (errno != ENOTSUP)
		return -errno;
	if (snprintf(marker, sizeof(marker), "%s/" WHITEOUT_OPAQUE, directory) >=
	    (int)sizeof(marker))
		return -ENAMETOOLONG;
	int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : close(fd);
}

static int make_link(const struct extract *x, const char *path, const struct spot *spot)
{
	const char *slash = strrchr(path, '/');
	int dir = extract_open_parent(x, path);

	if (dir < 0 && dir != AT_FDCWD)
		return dir;
	int err = linkat(dir, slash ? slash + 1 : path, spot->dir, spot->name, 0) < 0 ? -errno : 0;
	drop_fd(&dir);
	return err;
}

/* What was just made: somebody in the container may have put something else there. */
static int open_made(const struct spot *spot, mode_t kind)
{
	int flags = kind == S_IFDIR ? O_RDONLY | O_DIRECTORY : O_PATH;
	autoclose int fd = openat(spot->dir, spot->name, flags | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	return (st.st_mode & S_IFMT) == kind ? take_fd(&fd) : -ESTALE;
}

/* Make the inode of an entry: as extract_node(). */
static int make_node(const struct extract *x, const struct tar_entry *entry,
		     const struct spot *spot, const char *link_path)
{
	int dir = spot->dir;
	const char *name = spot->name;
	int fd;

	switch (entry->type) {
	case TAR_FILE:
		fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, entry->mode & 0777);
		return fd < 0 ? -errno : fd;
	case TAR_DIRECTORY:
		return mkdirat(dir, name, entry->mode & 01777) < 0 ? -errno :
								     open_made(spot, S_IFDIR);
	case TAR_SYMLINK:
		return symlinkat(entry->link, dir, name) < 0 ? -errno : open_made(spot, S_IFLNK);
	case TAR_HARDLINK:
		return make_link(x, link_path, spot);
	case TAR_FIFO:
		return mkfifoat(dir, name, entry->mode & 0777) < 0 ? -errno :
								     open_made(spot, S_IFIFO);
	case TAR_CHAR:
	case TAR_BLOCK:
		break;
	}
	return -EPERM; /* The caller skips them: no user namespace may, mknod(2). */
}

static int reuse_directory(const struct spot *spot, mode_t mode)
{
	autoclose int fd = open_made(spot, S_IFDIR);

	if (fd < 0)
		return fd;
	return fchmod(fd, mode) < 0 ? -errno : take_fd(&fd);
}

/* Something of that name is there: a directory stays one, all else gives way. */
static int replace_node(const struct extract *x, const struct tar_entry *entry,
			const struct spot *spot, const char *link_path)
{
	bool is_dir = extract_is_directory(spot);

	if (entry->type == TAR_DIRECTORY && is_dir)
		return reuse_directory(spot, entry->mode & 01777);
	if (entry->type == TAR_HARDLINK && strcmp(spot->path, link_path) == 0)
		return 0;
	if (x->keep_kinds && (is_dir || entry->type == TAR_DIRECTORY))
		return is_dir ? -EISDIR : -ENOTDIR;
	bool hides_lower = x->layer && entry->type == TAR_DIRECTORY && is_whiteout(spot);
	int err = remove_tree(spot->dir, spot->name);
	if (err < 0)
		return err;
	autoclose int fd = make_node(x, entry, spot, link_path);
	if (fd >= 0 && hides_lower)
		err = extract_hide_lower(spot->path);
	return err < 0 ? err : take_fd(&fd);
}

int extract_node(const struct extract *x, const struct tar_entry *entry, const struct spot *spot,
		 const char *link_path)
{
	int fd = make_node(x, entry, spot, link_path);
	return fd == -EEXIST ? replace_node(x, entry, spot, link_path) : fd;
}
