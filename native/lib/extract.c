#include "lib/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/owners.h"
#include "lib/report.h"
#include "lib/util.h"
#include "lib/xattrs.h"

#define OPAQUE ".wh..wh..opq"

/* The mtime of a directory, and its setgid bit that files would inherit, come after its files. */
struct extract_directory {
	size_t path; /* where it begins in `paths` */
	mode_t mode;
	struct timespec mtime;
};

int extract_path(const char *name, char path[PATH_MAX])
{
	size_t len = 0;

	while (*name != '\0') {
		size_t part = strcspn(name, "/");
		if (part == 2 && name[0] == '.' && name[1] == '.') {
			while (len > 0 && path[--len] != '/')
				;
		} else if (part > 0 && !(part == 1 && name[0] == '.')) {
			if (len + part + 2 > PATH_MAX)
				return -ENAMETOOLONG;
			if (len > 0)
				path[len++] = '/';
			memcpy(path + len, name, part);
			len += part;
		}
		name += part;
		while (*name == '/')
			name++;
	}
	path[len] = '\0';
	return 0;
}

int extract_parents(const char *path)
{
	char partial[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(partial, path, (size_t)(slash - path));
		partial[slash - path] = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
	return 0;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st;
	(void)flag;
	(void)ftw;
	return remove(path);
}

/* An entry takes the place of an earlier one of its name. */
static int remove_earlier(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) < 0 ? -errno : 0;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool is_whiteout(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(0, 0);
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
	if (snprintf(marker, sizeof(marker), "%s/" OPAQUE, directory) >= (int)sizeof(marker))
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

/* Something of that name is there: a directory stays one, all else gives way. */
static int replace_node(const struct extract *x, const struct tar_entry *entry, const char *path,
			const char *link_path)
{
	bool is_dir = is_directory(path);

	if (entry->type == TAR_DIRECTORY && is_dir)
		return chmod(path, entry->mode & 01777) < 0 ? -errno : 0;
	if (entry->type == TAR_HARDLINK && strcmp(path, link_path) == 0)
		return 0;
	if (x->keep_kinds && (is_dir || entry->type == TAR_DIRECTORY))
		return is_dir ? -EISDIR : -ENOTDIR;
	bool hides_lower = x->layer && entry->type == TAR_DIRECTORY && is_whiteout(path);
	int err = remove_earlier(path);
	if (err < 0)
		return err;
	int n = make_node(entry, path, link_path);
	if (n >= 0 && hides_lower)
		err = extract_hide_lower(path);
	return err < 0 ? err : n;
}

static int place_node(const struct extract *x, const struct tar_entry *entry, const char *path,
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

/* All of len bytes at the present position. */
static int copy_span(struct extract *x, int fd, uint64_t len)
{
	while (len > 0) {
		const void *data;
		int64_t n = tar_splice(x->tar, len, fd);
		if (n == 0) {
			n = tar_data(x->tar, len, &data);
			int err = n > 0 ? write_all(fd, data, (size_t)n) : n < 0 ? (int)n : -ENODATA;
			if (err < 0)
				return err;
		}
		if (n < 0)
			return (int)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int copy_content(struct extract *x, const struct tar_entry *entry, int fd)
{
	if (!entry->sparse)
		return copy_span(x, fd, entry->size);
	for (size_t i = 0; i < entry->span_count; i++) {
		if (lseek(fd, (off_t)entry->spans[i].offset, SEEK_SET) < 0)
			return -errno;
		int err = copy_span(x, fd, entry->spans[i].length);
		if (err < 0)
			return err;
	}
	return ftruncate(fd, (off_t)entry->size) < 0 ? -errno : 0;
}

/* What a user namespace or this file system does not grant (trusted.*) is left out. */
static int set_xattrs(struct extract *x, const struct tar_entry *entry, const char *path)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &entry->xattrs[i];
		if (xattr_is_overlays(xattr->name))
			continue;
		if (lsetxattr(path, xattr->name, xattr->value, xattr->size, 0) == 0)
			x->has_capabilities |= strcmp(xattr->name, "security.capability") == 0;
		else if (errno != ENOTSUP && errno != EPERM)
			return -errno;
	}
	return 0;
}

/* Owner, then mode, then attributes: chown(2) clears the setuid bit and security.capability. */
static int set_owner(const struct extract *x, const struct tar_entry *entry, const char *path)
{
	if (x->chown)
		return lchown(path, owners_uid(x->uid), owners_gid(x->gid)) < 0 ? -errno : 0;
	if (x->squash_owners)
		return 0;
	if (entry->uid < 0 || entry->uid >= UINT32_MAX || entry->gid < 0 ||
	    entry->gid >= UINT32_MAX)
		return report_failure("chown", EINVAL, path);
	uid_t uid = owners_uid((uid_t)entry->uid);
	gid_t gid = owners_gid((gid_t)entry->gid);
	if ((uid == 0 && gid == 0) || lchown(path, uid, gid) == 0)
		return 0;
	char detail[PATH_MAX + 48];
	snprintf(detail, sizeof(detail), "%lld:%lld %s", (long long)entry->uid,
		 (long long)entry->gid, path);
	return report_failure("chown", errno, detail);
}

/* Room for `extra` more elements in an array that grows by doubling. 0 or -ENOMEM. */
static int make_room(void **array, size_t used, size_t extra, size_t *room, size_t size)
{
	size_t wanted = *room ? *room : 256;

	while (wanted < used + extra)
		wanted *= 2;
	if (wanted == *room)
		return 0;
	void *grown = reallocarray(*array, wanted, size);
	if (!grown)
		return -ENOMEM;
	*array = grown;
	*room = wanted;
	return 0;
}

static int remember_directory(struct extract *x, const struct tar_entry *entry, const char *path)
{
	size_t len = strlen(path) + 1;

	if (make_room((void **)&x->directories, x->directory_count, 1, &x->directory_room,
		      sizeof(*x->directories)) < 0 ||
	    make_room((void **)&x->paths, x->paths_used, len, &x->paths_room, 1) < 0)
		return -ENOMEM;
	memcpy(x->paths + x->paths_used, path, len);
	x->directories[x->directory_count++] =
		(struct extract_directory){ x->paths_used, entry->mode, entry->mtime };
	x->paths_used += len;
	return 0;
}

static int set_metadata(struct extract *x, const struct tar_entry *entry, const char *path)
{
	struct timespec times[2] = { entry->mtime, entry->mtime };

	int err = set_owner(x, entry, path);
	if (err == 0 && entry->mode & 07000 && entry->type != TAR_SYMLINK &&
	    entry->type != TAR_DIRECTORY)
		err = chmod(path, entry->mode) < 0 ? -errno : 0;
	if (err == 0 && entry->xattr_count > 0)
		err = set_xattrs(x, entry, path);
	if (err < 0)
		return err;
	if (entry->type == TAR_DIRECTORY)
		return remember_directory(x, entry, path);
	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* The name under which a file is written that is to appear whole, beside its own. */
static int staged_path(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash + 1 - path) : 0;

	return snprintf(out, PATH_MAX, "%.*s.tspod-cp.%d", len, path, (int)getpid()) >= PATH_MAX ? -ENAMETOOLONG : 0;
}

static int write_file(struct extract *x, const struct tar_entry *entry, const char *path, int fd)
{
	int err = copy_content(x, entry, fd);

	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err < 0 ? err : set_metadata(x, entry, path);
}

/* A file takes the place of an old one in one step. */
static int replace_file(struct extract *x, const struct tar_entry *entry, const char *path)
{
	char staged[PATH_MAX];

	if (is_directory(path)) {
		int err = x->keep_kinds ? -EISDIR : remove_earlier(path);
		if (err < 0)
			return err;
	}
	int err = staged_path(path, staged);
	if (err < 0)
		return err;
	int fd = place_node(x, entry, staged, "");
	if (fd < 0)
		return fd;
	err = write_file(x, entry, staged, fd);
	if (err == 0 && rename(staged, path) < 0)
		err = -errno;
	if (err < 0)
		unlink(staged);
	return err;
}

int extract_entry(struct extract *x, const struct tar_entry *entry, const char *path, const char *link_path)
{
	if (entry->type == TAR_CHAR || entry->type == TAR_BLOCK) {
		x->skipped_device = true;
		return 0;
	}
	if (strcmp(path, ".") == 0 && entry->type != TAR_DIRECTORY)
		return -EBADMSG;
	if (x->staged && entry->type == TAR_FILE)
		return replace_file(x, entry, path);
	int fd = place_node(x, entry, path, link_path);
	if (fd < 0)
		return fd == -ENOENT && entry->type == TAR_HARDLINK && x->skipped_device ? 0 : fd;
	if (entry->type == TAR_HARDLINK)
		return 0; /* Its metadata came with the first name. */
	return entry->type == TAR_FILE ? write_file(x, entry, path, fd) : set_metadata(x, entry, path);
}

/* A directory may have given way to something else meanwhile. */
int extract_finish(struct extract *x)
{
	for (size_t i = 0; i < x->directory_count; i++) {
		struct extract_directory *d = &x->directories[i];
		struct timespec times[2] = { d->mtime, d->mtime };
		const char *path = x->paths + d->path;
		autoclose int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			continue;
		if (fchmod(fd, d->mode) < 0)
			return report_failure("chmod", errno, path);
		if (futimens(fd, times) < 0)
			return report_failure("utimensat", errno, path);
	}
	return 0;
}

void extract_free(struct extract *x)
{
	free(x->directories);
	free(x->paths);
}
