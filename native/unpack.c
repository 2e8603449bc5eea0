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
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "lib/extract.h"
#include "lib/report.h"
#include "lib/util.h"
#include "lib/whiteout.h"
#include "verbs.h"

#define WHITEOUT_META ".wh..wh."

static int unpack_all(struct extract *x);
static int unpack_entry(struct extract *x, const struct tar_entry *entry);

int verb_unpack(int argc, char **argv)
{
	struct extract x = { .layer = true };
	int at = 1;

	if (argc > at && strcmp(argv[at], "--squash-owners") == 0) {
		x.squash_owners = true;
		at++;
	}
	if (argc != at + 1)
		return report_failure("unpack", EINVAL, NULL);
	if (chdir(argv[at]) < 0 || chroot(".") < 0)
		return report_failure("chroot", errno, argv[at]);
	umask(0);
	fcntl(STDIN_FILENO, F_SETPIPE_SZ, 1 << 20); /* No matter when it is a file or a socket. */
	x.tar = tar_open(STDIN_FILENO);
	if (!x.tar)
		return report_failure("malloc", ENOMEM, NULL);
	int err = unpack_all(&x);
	if (err == 0 && x.has_capabilities)
		err = write_all(STDOUT_FILENO, "capabilities\n", 13);
	tar_close(x.tar);
	extract_free(&x);
	return err;
}

static int unpack_all(struct extract *x)
{
	struct tar_entry entry;
	int more;

	while ((more = tar_next(x->tar, &entry)) > 0) {
		int err = unpack_entry(x, &entry);
		if (err < 0)
			return report_failure("unpack", -err, entry.path);
	}
	if (more < 0)
		return report_failure("tar", -more, NULL);
	return extract_finish(x);
}

static char *base_of(char *path)
{
	char *slash = strrchr(path, '/');
	return slash ? slash + 1 : path;
}

static bool is_directory(const char *path)
{
	struct stat st;
	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* `.wh.NAME` hides NAME of the layers below (OCI image-spec, layer.md). */
static int unpack_whiteout(struct extract *x, char *path, char *base)
{
	struct spot spot;
	int err = extract_spot(x, path, &spot);
	if (err < 0)
		return err;
	if (strcmp(base, WHITEOUT_OPAQUE) == 0) {
		*(base > path ? base - 1 : base) = '\0';
		return extract_hide_lower(*path ? path : ".");
	}
	const char *hidden = base + strlen(WHITEOUT);
	if (*hidden == '\0' || strcmp(hidden, ".") == 0 || strcmp(hidden, "..") == 0)
		return -EBADMSG;
	char marker[PATH_MAX];
	memcpy(marker, path, strlen(path) + 1);
	memmove(base, hidden, strlen(hidden) + 1);
	if (mknod(path, S_IFCHR, makedev(0, 0)) == 0)
		return 0;
	if (errno == EEXIST) /* Of this layer: a directory of that name is a new one. */
		return is_directory(path) ? extract_hide_lower(path) : 0;
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

static int unpack_entry(struct extract *x, const struct tar_entry *entry)
{
	char path[PATH_MAX], link_path[PATH_MAX] = "";

	int err = extract_path(entry->path, path);
	if (err == 0 && entry->type == TAR_HARDLINK)
		err = extract_path(entry->link, link_path);
	if (err < 0)
		return err;
	char *base = base_of(path);
	if (strcmp(base, WHITEOUT_OPAQUE) != 0 && is_aufs(path, base))
		return 0;
	if (strncmp(base, WHITEOUT, strlen(WHITEOUT)) == 0)
		return unpack_whiteout(x, path, base);
	return extract_entry(x, entry, path[0] == '\0' ? "." : path, link_path);
}
