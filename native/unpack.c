/*
 * unpack STAGING: the tar of one layer on stdin becomes a directory tree in overlay form, whiteouts
 * as character devices 0:0 and opaque directories as an extended attribute (overlayfs.rst).
 *
 * Runs as root of the user namespace, in a mount namespace of its own, and changes its root
 * directory to STAGING first: no name and no symlink in the archive leads elsewhere. Says
 * `capabilities` on stdout when a file has some.
 */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/report.h"
#include "lib/tar.h"
#include "lib/util.h"
#include "verbs.h"

#define WHITEOUT ".wh."
#define WHITEOUT_META ".wh..wh."
#define OPAQUE ".wh..wh..opq"

/* The mtime of a directory, and its setgid bit that files would inherit, come after its files. */
struct directory {
	size_t path; /* where it begins in `paths` */
	mode_t mode;
	struct timespec mtime;
};

struct unpack {
	struct tar_reader *tar;
	bool squash_owners; /* there is but one id: everything belongs to it */
	bool skipped_device;
	bool has_capabilities;
	struct directory *directories;
	size_t directory_count, directory_room;
	char *paths; /* of the directories, each with a NUL */
	size_t paths_used, paths_room;
};

static int unpack_all(struct unpack *u);
static int unpack_entry(struct unpack *u, const struct tar_entry *entry);
static int finish_directories(struct unpack *u);

int verb_unpack(int argc, char **argv)
{
	struct unpack u = { 0 };
	int at = 1;

	if (argc > at && strcmp(argv[at], "--squash-owners") == 0) {
		u.squash_owners = true;
		at++;
	}
	if (argc != at + 1)
		return report_failure("unpack", EINVAL, NULL);
	if (chdir(argv[at]) < 0 || chroot(".") < 0)
		return report_failure("chroot", errno, argv[at]);
	umask(0);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, 1 << 20); /* No matter when it is a file or a socket. */
	u.tar = tar_open(STDIN_FILENO);
	if (!u.tar)
		return report_failure("malloc", ENOMEM, NULL);
	int err = unpack_all(&u);
	if (err == 0 && u.has_capabilities)
		err = write_all(STDOUT_FILENO, "capabilities\n", 13);
	tar_close(u.tar);
	free(u.directories);
	free(u.paths);
	return err;
}

static int unpack_all(struct unpack *u)
{
	struct tar_entry entry;
	int more;

	while ((more = tar_next(u->tar, &entry)) > 0) {
		int err = unpack_entry(u, &entry);
		if (err < 0)
			return report_failure("unpack", -err, entry.path);
	}
	if (more < 0)
		return report_failure("tar", -more, NULL);
	return finish_directories(u);
}

/* A name as a path below the root, without `.`, `..` and double slashes; "" is the root. */
static int clean_path(const char *name, char path[PATH_MAX])
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

static char *base_of(char *path)
{
	char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

/* mkdir -p of what is before the last slash. */
static int make_parents(const char *path)
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
static int make_opaque(const char *directory)
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
static int replace_node(const struct tar_entry *entry, const char *path, const char *link_path)
{
	if (entry->type == TAR_DIRECTORY && is_directory(path))
		return chmod(path, entry->mode & 01777) < 0 ? -errno : 0;
	if (entry->type == TAR_HARDLINK && strcmp(path, link_path) == 0)
		return 0;
	bool hides_lower = entry->type == TAR_DIRECTORY && is_whiteout(path);
	int err = remove_earlier(path);
	if (err < 0)
		return err;
	int n = make_node(entry, path, link_path);
	if (n >= 0 && hides_lower)
		err = make_opaque(path);
	return err < 0 ? err : n;
}

static int place_node(const struct tar_entry *entry, const char *path, const char *link_path)
{
	int n = make_node(entry, path, link_path);
	if (n == -ENOENT) {
		int err = make_parents(path);
		if (err < 0)
			return err;
		n = make_node(entry, path, link_path);
	}
	return n == -EEXIST ? replace_node(entry, path, link_path) : n;
}

/* All of len bytes at the present position. */
static int copy_span(struct unpack *u, int fd, uint64_t len)
{
	while (len > 0) {
		const void *data;
		ssize_t n = tar_data(u->tar, len, &data);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		int err = write_all(fd, data, (size_t)n);
		if (err < 0)
			return err;
		len -= (uint64_t)n;
	}
	return 0;
}

static int copy_content(struct unpack *u, const struct tar_entry *entry, int fd)
{
	if (!entry->sparse)
		return copy_span(u, fd, entry->size);
	for (size_t i = 0; i < entry->span_count; i++) {
		if (lseek(fd, (off_t)entry->spans[i].offset, SEEK_SET) < 0)
			return -errno;
		int err = copy_span(u, fd, entry->spans[i].length);
		if (err < 0)
			return err;
	}
	return ftruncate(fd, (off_t)entry->size) < 0 ? -errno : 0;
}

/* The bookkeeping of overlay file systems is ours to write, not an image's. */
static bool is_foreign_xattr(const char *name)
{
	static const char *const prefixes[] = { "user.overlay.", "trusted.overlay.",
						"user.fuseoverlayfs." };
	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

/* What a user namespace or this file system does not grant (trusted.*) is left out. */
static int set_xattrs(struct unpack *u, const struct tar_entry *entry, const char *path)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *x = &entry->xattrs[i];
		if (is_foreign_xattr(x->name))
			continue;
		if (lsetxattr(path, x->name, x->value, x->size, 0) == 0)
			u->has_capabilities |= strcmp(x->name, "security.capability") == 0;
		else if (errno != ENOTSUP && errno != EPERM)
			return -errno;
	}
	return 0;
}

/* Owner, then mode, then attributes: chown(2) clears the setuid bit and security.capability. */
static int set_owner(const struct unpack *u, const struct tar_entry *entry, const char *path)
{
	if (u->squash_owners || (entry->uid == 0 && entry->gid == 0))
		return 0;
	if (entry->uid < 0 || entry->uid >= UINT32_MAX || entry->gid < 0 ||
	    entry->gid >= UINT32_MAX)
		return report_failure("chown", EINVAL, path);
	if (lchown(path, (uid_t)entry->uid, (gid_t)entry->gid) == 0)
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

static int remember_directory(struct unpack *u, const struct tar_entry *entry, const char *path)
{
	size_t len = strlen(path) + 1;

	if (make_room((void **)&u->directories, u->directory_count, 1, &u->directory_room,
		      sizeof(*u->directories)) < 0 ||
	    make_room((void **)&u->paths, u->paths_used, len, &u->paths_room, 1) < 0)
		return -ENOMEM;
	memcpy(u->paths + u->paths_used, path, len);
	u->directories[u->directory_count++] =
		(struct directory){ u->paths_used, entry->mode, entry->mtime };
	u->paths_used += len;
	return 0;
}

static int set_metadata(struct unpack *u, const struct tar_entry *entry, const char *path)
{
	struct timespec times[2] = { entry->mtime, entry->mtime };

	int err = set_owner(u, entry, path);
	if (err == 0 && entry->mode & 07000 && entry->type != TAR_SYMLINK &&
	    entry->type != TAR_DIRECTORY)
		err = chmod(path, entry->mode) < 0 ? -errno : 0;
	if (err == 0 && entry->xattr_count > 0)
		err = set_xattrs(u, entry, path);
	if (err < 0)
		return err;
	if (entry->type == TAR_DIRECTORY)
		return remember_directory(u, entry, path);
	return utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
}

/* `.wh.NAME` hides NAME of the layers below (OCI image-spec, layer.md). */
static int unpack_whiteout(char *path, char *base)
{
	if (strcmp(base, OPAQUE) == 0) {
		int err = make_parents(path);
		*(base > path ? base - 1 : base) = '\0';
		return err < 0 ? err : make_opaque(*path ? path : ".");
	}
	const char *hidden = base + strlen(WHITEOUT);
	if (*hidden == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return -EBADMSG;
	int err = make_parents(path);
	if (err < 0)
		return err;
	char marker[PATH_MAX];
	memcpy(marker, path, strlen(path) + 1);
	memmove(base, hidden, strlen(hidden) + 1);
	if (mknod(path, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno == EEXIST) /* Of this layer: a directory of that name is a new one. */
		return is_directory(path) ? make_opaque(path) : 0;
	if (errno != EPERM)
		return -errno;
	/* Before Linux 5.8; fuse-overlayfs reads this form as well. */
	int fd = open(marker, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	return fd < 0 ? -errno : close(fd);
}

/* What aufs kept for itself. */
static bool is_aufs(const char *path, const char *base)
{
	return strncmp(base, WHITEOUT_META, strlen(WHITEOUT_META)) == 0 ||
	       strncmp(path, WHITEOUT_META, strlen(WHITEOUT_META)) == 0;
}

static int unpack_file(struct unpack *u, const struct tar_entry *entry, int fd)
{
	int err = copy_content(u, entry, fd);
	return close(fd) < 0 && err == 0 ? -errno : err;
}

static int unpack_entry(struct unpack *u, const struct tar_entry *entry)
{
	char path[PATH_MAX], link_path[PATH_MAX] = "";

	int err = clean_path(entry->path, path);
	if (err == 0 && entry->type == TAR_HARDLINK)
		err = clean_path(entry->link, link_path);
	if (err < 0)
		return err;
	char *base = base_of(path);
	if (strcmp(base, OPAQUE) != 0 && is_aufs(path, base))
		return 0;
	if (strncmp(base, WHITEOUT, strlen(WHITEOUT)) == 0)
		return unpack_whiteout(path, base);
	if (entry->type == TAR_CHAR || entry->type == TAR_BLOCK) {
		u->skipped_device = true;
		return 0;
	}
	if (path[0] == '\0')
		memcpy(path, ".", 2);
	if (strcmp(path, ".") == 0 && entry->type != TAR_DIRECTORY)
		return -EBADMSG;
	int fd = place_node(entry, path, link_path);
	if (fd < 0)
		return fd == -ENOENT && entry->type == TAR_HARDLINK && u->skipped_device ? 0 : fd;
	if (entry->type == TAR_HARDLINK)
		return 0; /* Its metadata came with the first name. */
	if (entry->type == TAR_FILE)
		err = unpack_file(u, entry, fd);
	return err < 0 ? err : set_metadata(u, entry, path);
}

/* A directory may have given way to something else meanwhile. */
static int finish_directories(struct unpack *u)
{
	for (size_t i = 0; i < u->directory_count; i++) {
		struct directory *d = &u->directories[i];
		struct timespec times[2] = { d->mtime, d->mtime };
		const char *path = u->paths + d->path;
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
