#include "lib/extractparts.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/util.h"
#include "lib/whiteout.h"

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

int extract_remove_earlier(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 ? -errno : 0;
}

bool extract_is_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_whiteout(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && whiteout_is(&st);
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
	if (snprintf(marker, sizeof(marker), "%s/" WHITEOUT_OPAQUE, directory) >= (int)sizeof(marker))
		return -ENAMETOOLONG;
	int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : close(fd);
}

/* Make the inode of an entry: a descriptor for a file, else 0, or -errno. */
static int make_node(const struct tar_entry *entry, const char *path, const char *link_path)
{
	int n = 0;

	switch (entry->type) {
	case TAR_FILE:
		n = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, entry->mode & 0777);
		break;
	case TAR_DIRECTORY:
		n = mkdir(path, entry->mode & 01777);
		break;
	case TAR_SYMLINK:
		n = symlink(entry->link, path);
		break;
	case TAR_HARDLINK:
		n = link(link_path, path);
		break;
	case TAR_FIFO:
		n = mkfifo(path, entry->mode & 0777);
		break;
	case TAR_CHAR:
	case TAR_BLOCK:
		return -EPERM; /* The caller skips them: no user namespace may, mknod(2). */
	}
	return n < 0 ? -errno : n;
}

/* A container that runs may have put a symlink there meanwhile. */
static int change_mode(const char *path, mode_t mode)
{
	autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	return fd < 0 || fchmod(fd, mode) < 0 ? -errno : 0;
}

/* Something of that name is there: a directory stays one, all else gives way. */
static int replace_node(const struct extract *x, const struct tar_entry *entry, const char *path,
			const char *link_path)
{
	bool is_dir = extract_is_directory(path);

	if (entry->type == TAR_DIRECTORY && is_dir)
		return change_mode(path, entry->mode & 01777);
	if (entry->type == TAR_HARDLINK && strcmp(path, link_path) == 0)
		return 0;
	if (x->keep_kinds && (is_dir || entry->type == TAR_DIRECTORY))
		return is_dir ? -EISDIR : -ENOTDIR;
	bool hides_lower = x->layer && entry->type == TAR_DIRECTORY && is_whiteout(path);
	int err = extract_remove_earlier(path);
	if (err < 0)
		return err;
	int n = make_node(entry, path, link_path);
	if (n >= 0 && hides_lower)
		err = extract_hide_lower(path);
	return err < 0 ? err : n;
}

int extract_node(const struct extract *x, const struct tar_entry *entry, const char *path,
		 const char *link_path)
{
	int n = make_node(entry, path, link_path);
	if (n == -ENOENT) {
		int err = extract_parents(path);
		if (err < 0)
			return err;
		n = make_node(entry, path, link_path);
	}
	return n == -EEXIST ? replace_node(x, entry, path, link_path) : n;
}
