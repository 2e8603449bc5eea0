#include "lib/copy.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/util.h"

#define DEPTH_MAX 256

static int copy_directory(int src, int dst, unsigned depth);

/* Attributes that the file system refuses are those that it does not have: xattr(7). */
static int copy_xattrs(int src, int dst)
{
	char names[4096], value[65536];
	ssize_t len = flistxattr(src, names, sizeof(names));

	for (const char *name = names; len > 0 && name < names + len; name += strlen(name) + 1) {
		ssize_t n = fgetxattr(src, name, value, sizeof(value));
		if (n >= 0 && fsetxattr(dst, name, value, (size_t)n, 0) < 0 && errno == ENOSPC)
			return -ENOSPC;
	}
	return 0;
}

/* The owner first: a change of owner clears set-user-ID bits and file capabilities (chown(2)). */
static int copy_metadata(int src, int dst, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };

	if (fchown(dst, st->st_uid, st->st_gid) < 0 || fchmod(dst, st->st_mode & 07777) < 0)
		return -errno;
	int err = copy_xattrs(src, dst);
	if (err < 0)
		return err;
	return futimens(dst, times) < 0 ? -errno : 0;
}

static int copy_bytes(int src, int dst)
{
	char buf[16384];

	for (;;) {
		ssize_t n = copy_file_range(src, NULL, dst, NULL, 1 << 30, 0);
		if (n < 0)
			break; /* Another file system: byte by byte from where it stands. */
		if (n == 0)
			return 0;
	}
	for (;;) {
		ssize_t n = read(src, buf, sizeof(buf));
		if (n < 0)
			return -errno;
		if (n == 0)
			return 0;
		int err = write_all(dst, buf, (size_t)n);
		if (err < 0)
			return err;
	}
}

static int copy_file(int src_dir, int dst_dir, const char *name, const struct stat *st)
{
	autoclose int src = openat(src_dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (src < 0)
		return -errno;
	autoclose int dst = openat(dst_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (dst < 0)
		return -errno;
	int err = copy_bytes(src, dst);
	return err < 0 ? err : copy_metadata(src, dst, st);
}

static int copy_link(int src_dir, int dst_dir, const char *name, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(src_dir, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (symlinkat(text, dst_dir, name) < 0)
		return -errno;
	return fchownat(dst_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_special(int dst_dir, const char *name, const struct stat *st)
{
	if (mknodat(dst_dir, name, st->st_mode, st->st_rdev) < 0)
		return errno == EPERM ? 0 : -errno;
	return fchownat(dst_dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_entry(int src_dir, int dst_dir, const char *name, unsigned depth)
{
	struct stat st;

	if (fstatat(src_dir, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (S_ISREG(st.st_mode))
		return copy_file(src_dir, dst_dir, name, &st);
	if (S_ISLNK(st.st_mode))
		return copy_link(src_dir, dst_dir, name, &st);
	if (!S_ISDIR(st.st_mode))
		return copy_special(dst_dir, name, &st);
	if (mkdirat(dst_dir, name, 0700) < 0)
		return -errno;
	autoclose int src = openat(src_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (src < 0)
		return -errno;
	autoclose int dst = openat(dst_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dst < 0)
		return -errno;
	return copy_directory(src, dst, depth + 1);
}

/* fdopendir(3) takes its descriptor over and moves its offset: it gets one of its own. */
static DIR *open_entries(int dir)
{
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (!entries && fd >= 0)
		close(fd);
	return entries;
}

static const char *next_name(DIR *entries)
{
	const struct dirent *entry;

	do
		entry = readdir(entries);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

static int copy_directory(int src, int dst, unsigned depth)
{
	struct stat st;
	const char *name;
	int err = 0;

	if (depth > DEPTH_MAX)
		return -ELOOP;
	DIR *entries = open_entries(src);
	if (!entries)
		return -errno;
	while (err == 0 && (name = next_name(entries)))
		err = copy_entry(src, dst, name, depth);
	closedir(entries);
	if (err == 0 && fstat(src, &st) < 0)
		err = -errno;
	return err < 0 ? err : copy_metadata(src, dst, &st);
}

int copy_tree(int src, int dst)
{
	return copy_directory(src, dst, 0);
}

int is_empty_directory(int dir)
{
	DIR *entries = open_entries(dir);

	if (!entries)
		return -errno;
	int empty = next_name(entries) == NULL;
	closedir(entries);
	return empty;
}
