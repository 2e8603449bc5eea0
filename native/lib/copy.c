#include "lib/copy.h"

#include <dirent.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/fs.h>
#include <linux/openat2.h>
#include <linux/xattr.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/xattr.h>

#include "lib/links.h"
#include "lib/owners.h"
#include "lib/util.h"
#include "lib/xattrs.h"
#include "remove.h"

#define BLOCK 65536 /* also the most that an attribute, or a list of them, can have: xattr(7) */

/*
 * Directories are copied one after the other, by their paths below src and dst: nothing grows with
 * the depth but the path. Their modes and times come at the end, when nothing is written any more.
 */
struct copy {
	int src, dst;
	bool layer;
	bool capable; /* only files with capabilities, and the directories on the way to them */
	bool no_clone, no_range; /* learnt from the first refusal */
	char **dirs;
	size_t dir_count, dir_room;
	struct links links; /* `dir` is a number in dirs */
	char *buf, *names; /* BLOCK bytes each */
};

/* The directory that is being copied. */
struct place {
	int src, dst;
	size_t number;
};

static int open_below(int root, const char *path)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, root, path, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

static int remember_dir(struct copy *copy, const char *parent, const char *name)
{
	if (copy->dir_count == copy->dir_room) {
		size_t room = copy->dir_room ? copy->dir_room * 2 : 64;
		char **grown = realloc(copy->dirs, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		copy->dirs = grown;
		copy->dir_room = room;
	}
	char *path;
	if (asprintf(&path, "%s/%s", parent, name) < 0)
		return -ENOMEM;
	copy->dirs[copy->dir_count++] = path;
	return 0;
}

/* 1: the file was copied under another name, and this one is a link to it now. */
static int copy_hard_link(struct copy *copy, const struct place *at, const char *name,
			  const struct stat *st)
{
	if (st->st_nlink < 2)
		return 0;
	struct link *link;
	int err = links_find(&copy->links, st, &link);
	if (err < 0)
		return err;
	if (link->name) {
		autoclose int dir = open_below(copy->dst, copy->dirs[link->dir]);
		if (dir < 0)
			return dir;
		return linkat(dir, link->name, at->dst, name, 0) < 0 ? -errno : 1;
	}
	return links_add(&copy->links, link, at->number, name);
}

/* For a user namespace whose root is our id 1: version 3 of capabilities(7), "File capabilities". */
static ssize_t give_to_other_root(char *value, ssize_t size)
{
	struct vfs_ns_cap_data cap = { 0 };

	if (size < (ssize_t)XATTR_CAPS_SZ_2)
		return size;
	memcpy(&cap, value, XATTR_CAPS_SZ_2);
	uint32_t flags = le32toh(cap.magic_etc) & VFS_CAP_FLAGS_EFFECTIVE;
	cap.magic_etc = htole32(VFS_CAP_REVISION_3 | flags);
	cap.rootid = htole32(1);
	memcpy(value, &cap, sizeof(cap));
	return sizeof(cap);
}

/* Attributes that the file system or the kernel refuses us are those we do not have: xattr(7). */
static int copy_xattrs(struct copy *copy, int src, int dst)
{
	ssize_t len = flistxattr(src, copy->names, BLOCK);

	for (const char *name = copy->names; len > 0 && name < copy->names + len;
	     name += strlen(name) + 1) {
		if (copy->layer && xattr_is_overlays(name))
			continue;
		ssize_t n = fgetxattr(src, name, copy->buf, BLOCK);
		if (copy->capable && strcmp(name, XATTR_NAME_CAPS) == 0)
			n = give_to_other_root(copy->buf, n);
		if (n >= 0 && fsetxattr(dst, name, copy->buf, (size_t)n, 0) < 0 &&
		    (errno == ENOSPC || errno == EDQUOT))
			return -errno;
	}
	return 0;
}

/* An id that this user namespace does not have cannot be given: EINVAL, and the file stays ours. */
static int copy_owner(int dir, const char *name, const struct stat *st)
{
	uid_t uid = owners_uid(st->st_uid);
	gid_t gid = owners_gid(st->st_gid);

	if (fchownat(dir, name, uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		return errno == EINVAL ? 0 : -errno;
	return 0;
}

/* The owner first: a change of owner clears set-user-ID bits and file capabilities (chown(2)). */
static int copy_metadata(struct copy *copy, int src, int dst, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int err = copy_owner(dst, "", st);

	if (err == 0)
		err = copy_xattrs(copy, src, dst);
	if (err < 0)
		return err;
	return fchmod(dst, st->st_mode & 07777) < 0 || futimens(dst, times) < 0 ? -errno : 0;
}

/* Byte by byte, in the kernel where it can: copy_file_range(2). */
static int copy_range(struct copy *copy, int src, int dst, off_t at, off_t end)
{
	while (at < end && !copy->no_range) {
		off_t from = at, to = at;
		ssize_t n = copy_file_range(src, &from, dst, &to, (size_t)(end - at), 0);
		if (n == 0)
			return 0; /* shorter than it was */
		if (n > 0)
			at += n;
		else if (errno == ENOSPC || errno == EDQUOT || errno == EIO)
			return -errno;
		else
			copy->no_range = true;
	}
	while (at < end) {
		size_t want = end - at < BLOCK ? (size_t)(end - at) : BLOCK;
		ssize_t n = pread(src, copy->buf, want, at);
		if (n <= 0)
			return n < 0 ? -errno : 0;
		for (ssize_t done = 0; done < n;) {
			ssize_t m = pwrite(dst, copy->buf + done, (size_t)(n - done), at + done);
			if (m < 0)
				return -errno;
			done += m;
		}
		at += n;
	}
	return 0;
}

/* Share the content, else copy what is no hole: lseek(2), SEEK_DATA. */
static int copy_content(struct copy *copy, int src, int dst, off_t size)
{
	if (!copy->no_clone && ioctl(dst, FICLONE, src) == 0)
		return 0;
	copy->no_clone = true;
	for (off_t at = 0, end; at < size; at = end) {
		at = lseek(src, at, SEEK_DATA);
		if (at < 0 && errno == ENXIO)
			break; /* a hole to the end */
		end = at < 0 ? size : lseek(src, at, SEEK_HOLE);
		int err = copy_range(copy, src, dst, at < 0 ? 0 : at, end < 0 ? size : end);
		if (err < 0)
			return err;
		end = end < 0 ? size : end;
	}
	return ftruncate(dst, size) < 0 ? -errno : 0;
}

static int copy_file(struct copy *copy, const struct place *at, const char *name,
		     const struct stat *st)
{
	int linked = copy_hard_link(copy, at, name, st);

	if (linked != 0)
		return linked < 0 ? linked : 0;
	autoclose int src = openat(at->src, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (src < 0)
		return -errno;
	autoclose int dst = openat(at->dst, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (dst < 0)
		return -errno;
	int err = copy_content(copy, src, dst, st->st_size);
	return err < 0 ? err : copy_metadata(copy, src, dst, st);
}

static int copy_symlink(const struct place *at, const char *name, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	char text[PATH_MAX];
	ssize_t n = readlinkat(at->src, name, text, sizeof(text) - 1);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (symlinkat(text, at->dst, name) < 0)
		return -errno;
	int err = copy_owner(at->dst, name, st);
	if (err < 0)
		return err;
	return utimensat(at->dst, name, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

static int copy_special(const struct place *at, const char *name, const struct stat *st)
{
	if (mknodat(at->dst, name, st->st_mode, st->st_rdev) < 0)
		return errno == EPERM ? 0 : -errno;
	return copy_owner(at->dst, name, st);
}

/* Whether a layer's directory hides what is below it. */
static bool is_opaque(const struct place *at, const char *name)
{
	char value[4] = "";
	autoclose int dir = open_below(at->src, name);

	return dir >= 0 && fgetxattr(dir, "user.overlay.opaque", value, sizeof(value)) > 0 &&
	       value[0] == 'y';
}

/* A directory that is there already is gone on with, unless the layer hides it. */
static int copy_subdirectory(struct copy *copy, const struct place *at, const char *name)
{
	if (copy->layer && is_opaque(at, name)) {
		int err = remove_tree(at->dst, name);
		if (err < 0)
			return err;
	}
	if (mkdirat(at->dst, name, 0700) < 0) {
		struct stat there;
		if (errno != EEXIST)
			return -errno;
		if (fstatat(at->dst, name, &there, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		if (!S_ISDIR(there.st_mode))
			return -EEXIST;
	}
	return remember_dir(copy, copy->dirs[at->number], name);
}

static int copy_once(struct copy *copy, const struct place *at, const char *name,
		     const struct stat *st)
{
	switch (st->st_mode & S_IFMT) {
	case S_IFDIR:
		return copy_subdirectory(copy, at, name);
	case S_IFREG:
		return copy_file(copy, at, name, st);
	case S_IFLNK:
		return copy_symlink(at, name, st);
	default:
		return copy_special(at, name, st);
	}
}

static bool has_capabilities(const struct place *at, const char *name, const struct stat *st)
{
	if (!S_ISREG(st->st_mode))
		return false;
	autoclose int fd = openat(at->src, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	return fd >= 0 && fgetxattr(fd, XATTR_NAME_CAPS, NULL, 0) > 0;
}

static int copy_entry(struct copy *copy, const struct place *at, const char *name)
{
	struct stat st;

	if (fstatat(at->src, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	if (copy->layer && S_ISCHR(st.st_mode) && st.st_rdev == 0)
		return remove_tree(at->dst, name); /* a whiteout */
	if (copy->capable && !S_ISDIR(st.st_mode) && !has_capabilities(at, name, &st))
		return 0;
	int err = copy_once(copy, at, name, &st);
	if (err != -EEXIST)
		return err;
	if (!copy->layer)
		return 0; /* Somebody else fills the same volume. */
	err = remove_tree(at->dst, name);
	return err < 0 ? err : copy_once(copy, at, name, &st);
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

static int copy_directory(struct copy *copy, size_t number)
{
	autoclose int src = open_below(copy->src, copy->dirs[number]);
	autoclose int dst = open_below(copy->dst, copy->dirs[number]);
	struct place at = { src, dst, number };
	const char *name;
	int err = 0;

	if (src < 0 || dst < 0)
		return src < 0 ? src : dst;
	DIR *entries = open_entries(src);
	if (!entries)
		return -errno;
	while (err == 0 && (name = next_name(entries)))
		err = copy_entry(copy, &at, name);
	closedir(entries);
	return err;
}

static int finish_directory(struct copy *copy, size_t number)
{
	autoclose int src = open_below(copy->src, copy->dirs[number]);
	autoclose int dst = open_below(copy->dst, copy->dirs[number]);
	struct stat st;

	/* Those below it are finished: an empty one leads nowhere. */
	if (copy->capable && number > 0 && unlinkat(copy->dst, copy->dirs[number], AT_REMOVEDIR) == 0)
		return 0;
	if (src < 0 || dst < 0)
		return src < 0 ? src : dst;
	return fstat(src, &st) < 0 ? -errno : copy_metadata(copy, src, dst, &st);
}

static void copy_free(struct copy *copy)
{
	for (size_t i = 0; i < copy->dir_count; i++)
		free(copy->dirs[i]);
	links_free(&copy->links);
	free(copy->dirs);
	free(copy->buf);
	free(copy->names);
}

static int copy_all(struct copy *copy)
{
	mode_t mask = umask(0); /* mknod(2) has nothing else to say it. */
	int err = -ENOMEM;

	copy->buf = malloc(BLOCK);
	copy->names = malloc(BLOCK);
	if (copy->buf && copy->names)
		err = remember_dir(copy, ".", ".");
	for (size_t i = 0; err == 0 && i < copy->dir_count; i++)
		err = copy_directory(copy, i);
	for (size_t i = copy->dir_count; err == 0 && i > 0; i--)
		err = finish_directory(copy, i - 1);
	umask(mask);
	copy_free(copy);
	return err;
}

int copy_tree(int src, int dst)
{
	struct copy copy = { .src = src, .dst = dst };

	return copy_all(&copy);
}

int copy_layer(int src, int dst)
{
	struct copy copy = { .src = src, .dst = dst, .layer = true };

	return copy_all(&copy);
}

int copy_capable(int src, int dst)
{
	struct copy copy = { .src = src, .dst = dst, .layer = true, .capable = true };

	return copy_all(&copy);
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
