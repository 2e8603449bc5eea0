#include "lib/copyparts.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/xattr.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/owners.h"
#include "lib/xattrs.h"

/*
 * For a user namespace whose root is our id 1: version 3 of capabilities(7), "File capabilities".
 */
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
		if ((copy->layer && xattr_is_overlays(name)) || xattr_is_label(name))
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
int copy_owner(int dir, const char *name, const struct stat *st)
{
	uid_t uid = owners_uid(st->st_uid);
	gid_t gid = owners_gid(st->st_gid);

	if (fchownat(dir, name, uid, gid, AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW) < 0)
		return errno == EINVAL ? 0 : -errno;
	return 0;
}

/* The owner first: a change of owner clears set-user-ID bits and file capabilities (chown(2)). */
int copy_metadata(struct copy *copy, int src, int dst, const struct stat *st)
{
	struct timespec times[2] = { st->st_atim, st->st_mtim };
	int err = copy_owner(dst, "", st);

	if (err == 0)
		err = copy_xattrs(copy, src, dst);
	if (err < 0)
		return err;
	return fchmod(dst, st->st_mode & 07777) < 0 || futimens(dst, times) < 0 ? -errno : 0;
}
