#include "lib/copyparts.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/xattr.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lib/util.h"
#include "lib/whiteout.h"
#include "remove.h"

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
		autoclose int dir = copy_open(copy->dst, copy->dirs[link->dir]);
		if (dir < 0)
			return dir;
		return linkat(dir, link->name, at->dst, name, 0) < 0 ? -errno : 1;
	}
	return links_add(&copy->links, link, at->number, name);
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
	autoclose int dir = copy_open(at->src, name);

	return dir >= 0 && whiteout_is_opaque(dir);
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
	return copy_remember(copy, copy->dirs[at->number], name);
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

/* What hides a name of the layers below, in either form: 1 when this is all there is to it. */
static int copy_whiteout(const struct place *at, const char *name, const struct stat *st)
{
	const char *hidden = name;

	if (!whiteout_is(st)) {
		struct stat own;
		if (strncmp(name, WHITEOUT, strlen(WHITEOUT)) != 0)
			return 0;
		hidden += strlen(WHITEOUT);
		if (strcmp(name, WHITEOUT_OPAQUE) == 0 ||
		    fstatat(at->src, hidden, &own, AT_SYMLINK_NOFOLLOW) == 0)
			return 1; /* The directory was asked; the layer has another of that name. */
	}
	int err = remove_tree(at->dst, hidden);
	return err < 0 ? err : 1;
}

int copy_entry(struct copy *copy, const struct place *at, const char *name)
{
	struct stat st;

	if (fstatat(at->src, name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return -errno;
	int whiteout = copy->layer ? copy_whiteout(at, name, &st) : 0;
	if (whiteout != 0)
		return whiteout < 0 ? whiteout : 0;
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
