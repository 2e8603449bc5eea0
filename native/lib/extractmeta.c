#include "lib/extractparts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/owners.h"
#include "lib/report.h"
#include "lib/util.h"
#include "lib/xattrs.h"

/* The mtime of a directory, and its setgid bit that files would inherit, come after its files. */
struct extract_directory {
	size_t path; /* where it begins in `paths` */
	mode_t mode;
	struct timespec mtime;
};

/* What a user namespace or this file system does not grant (trusted.*) is left out. */
static int set_xattrs(struct extract *x, const struct tar_entry *entry, int fd)
{
	for (size_t i = 0; i < entry->xattr_count; i++) {
		const struct tar_xattr *xattr = &entry->xattrs[i];
		if (xattr_is_overlays(xattr->name) || xattr_is_label(xattr->name))
			continue;
		if (fsetxattr(fd, xattr->name, xattr->value, xattr->size, 0) == 0)
			x->has_capabilities |= strcmp(xattr->name, "security.capability") == 0;
		else if (errno != ENOTSUP && errno != EPERM && errno != EBADF)
			return -errno;
	}
	return 0;
}

static int change_owner(int fd, uid_t uid, gid_t gid)
{
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
}

/* Owner, then mode, then attributes: chown(2) clears the setuid bit and security.capability. */
static int set_owner(const struct extract *x, const struct tar_entry *entry, const char *path,
		     int fd)
{
	if (x->chown)
		return change_owner(fd, owners_uid(x->uid), owners_gid(x->gid)) < 0 ? -errno : 0;
	if (x->squash_owners)
		return 0;
	if (entry->uid < 0 || entry->uid >= UINT32_MAX || entry->gid < 0 ||
	    entry->gid >= UINT32_MAX)
		return report_failure("chown", EINVAL, path);
	uid_t uid = owners_uid((uid_t)entry->uid);
	gid_t gid = owners_gid((gid_t)entry->gid);
	if ((uid == 0 && gid == 0) || change_owner(fd, uid, gid) == 0)
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

int extract_metadata(struct extract *x, const struct tar_entry *entry, const char *path, int fd)
{
	struct timespec times[2] = { entry->mtime, entry->mtime };

	int err = set_owner(x, entry, path, fd);
	if (err == 0 && entry->type == TAR_FILE && entry->mode & 07000)
		err = fchmod(fd, entry->mode) < 0 ? -errno : 0;
	if (err == 0 && entry->xattr_count > 0)
		err = set_xattrs(x, entry, fd);
	if (err < 0)
		return err;
	if (entry->type == TAR_DIRECTORY)
		return remember_directory(x, entry, path);
	return utimensat(fd, "", times, AT_EMPTY_PATH) < 0 ? -errno : 0;
}

bool extract_was_directory(const struct extract *x, const char *path)
{
	for (size_t i = 0; i < x->directory_count; i++)
		if (strcmp(x->paths + x->directories[i].path, path) == 0)
			return true;
	return false;
}

/* A directory may have given way to something else meanwhile. */
int extract_finish(struct extract *x)
{
	for (size_t i = 0; i < x->directory_count; i++) {
		struct extract_directory *d = &x->directories[i];
		struct timespec times[2] = { d->mtime, d->mtime };
		const char *path = x->paths + d->path;
		struct spot spot;
		if (extract_spot(x, path, &spot) < 0)
			continue;
		autoclose int fd = openat(spot.dir, spot.name,
					  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
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
	extract_close_parent(x);
	free(x->directories);
	free(x->paths);
}
