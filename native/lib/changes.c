#include "lib/changes.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/names.h"
#include "lib/owners.h"
#include "lib/util.h"
#include "lib/whiteout.h"

/*
 * One directory: the tree's, and those of the layers that are seen at its path, the top one first.
 */
struct level {
	int dir;       /* -1: the tree has none */
	int *layers;
	unsigned count;
	char *path;
	const struct level *parent;
	bool *reported; /* whether the directory was itself found to be a change */
};

static int walk_level(const struct changes *c, struct level *level);

/* The layer's file of that name, if one is seen: 1 and st, or 0. */
static int look_up(const struct level *level, const char *name, struct stat *st)
{
	for (unsigned i = 0; i < level->count; i++) {
		if (fstatat(level->layers[i], name, st, AT_SYMLINK_NOFOLLOW) == 0)
			return !whiteout_is(st);
		if (errno != ENOENT && errno != ENOTDIR)
			return -errno;
		if (whiteout_has_marker(level->layers[i], name))
			return 0;
	}
	return 0;
}

static void close_level(struct level *level)
{
	for (unsigned i = 0; i < level->count; i++)
		close(level->layers[i]);
	free(level->layers);
	drop_fd(&level->dir);
}

/* The layers' directories of that name, as far down as they are seen. */
static int open_layers(const struct level *level, const char *name, struct level *below)
{
	below->layers = calloc(level->count + 1, sizeof(*below->layers));
	if (!below->layers)
		return -ENOMEM;
	for (unsigned i = 0; i < level->count; i++) {
		struct stat st;
		if (fstatat(level->layers[i], name, &st, AT_SYMLINK_NOFOLLOW) < 0) {
			if (whiteout_has_marker(level->layers[i], name))
				break;
			continue;
		}
		if (!S_ISDIR(st.st_mode))
			break;
		int fd = openat(level->layers[i], name,
				O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd < 0)
			return -errno;
		below->layers[below->count++] = fd;
		if (whiteout_is_opaque(fd))
			break;
	}
	return 0;
}

static int report(const struct changes *c, const struct level *level, enum change_kind kind,
		  const char *name)
{
	char path[PATH_MAX];
	const struct change change = { kind, path, level->dir, name };

	if (snprintf(path, sizeof(path), "%s%s%s", level->path, *level->path ? "/" : "", name) >=
	    PATH_MAX)
		return -ENAMETOOLONG;
	return c->found(c->arg, &change);
}

/* A directory counts as changed when something in it did: it must be there before that. */
static int report_parents(const struct changes *c, const struct level *level)
{
	if (!level->parent || *level->reported)
		return 0;
	int err = report_parents(c, level->parent);
	if (err < 0)
		return err;
	*level->reported = true;
	const char *slash = strrchr(level->path, '/');
	return report(c, level->parent, CHANGE_CHANGED, slash ? slash + 1 : level->path);
}

static int report_in(const struct changes *c, const struct level *level, enum change_kind kind,
		     const char *name)
{
	int err = report_parents(c, level);

	return err < 0 ? err : report(c, level, kind, name);
}

static bool same_link(const struct level *level, const char *name)
{
	char mine[PATH_MAX], theirs[PATH_MAX];
	ssize_t n = readlinkat(level->dir, name, mine, sizeof(mine));

	for (unsigned i = 0; n >= 0 && i < level->count; i++) {
		ssize_t m = readlinkat(level->layers[i], name, theirs, sizeof(theirs));
		if (m >= 0)
			return m == n && memcmp(mine, theirs, (size_t)n) == 0;
	}
	return false;
}

/*
 * As tar sees it: content that was changed has another time. The time of a directory says nothing.
 */
static bool is_same(const struct level *level, const char *name, const struct stat *mine,
		    const struct stat *theirs)
{
	if (mine->st_mode != theirs->st_mode || mine->st_uid != owners_uid(theirs->st_uid) ||
	    mine->st_gid != owners_gid(theirs->st_gid))
		return false;
	if (S_ISDIR(mine->st_mode))
		return true;
	if (mine->st_mtim.tv_sec != theirs->st_mtim.tv_sec || mine->st_rdev != theirs->st_rdev)
		return false;
	return S_ISLNK(mine->st_mode) ? same_link(level, name) : mine->st_size == theirs->st_size;
}

static int descend(const struct changes *c, const struct level *level, const char *name,
		   bool reported, bool hides)
{
	struct level below = { .dir = -1, .parent = level, .reported = &reported };
	autofree char *path = NULL;

	if (asprintf(&path, "%s%s%s", level->path, *level->path ? "/" : "", name) < 0)
		return -ENOMEM;
	below.path = path;
	below.dir = openat(level->dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int err = below.dir < 0 ? -errno : hides ? 0 : open_layers(level, name, &below);
	if (err == 0)
		err = walk_level(c, &below);
	close_level(&below);
	return err;
}

/* One name that the tree has. */
static int walk_name(const struct changes *c, const struct level *level, const char *name)
{
	struct stat mine, theirs;

	if (!c->whole && strcmp(name, WHITEOUT_OPAQUE) == 0)
		return 0;
	if (fstatat(level->dir, name, &mine, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	bool marker = !c->whole && strncmp(name, WHITEOUT, strlen(WHITEOUT)) == 0;
	const char *hidden = marker ? name + strlen(WHITEOUT) : name;
	int there = look_up(level, hidden, &theirs);
	if (there < 0)
		return there;
	if (!c->whole && (marker || whiteout_is(&mine)))
		return there ? report_in(c, level, CHANGE_DELETED, hidden) : 0;
	bool reported = !there || !c->whole || !is_same(level, name, &mine, &theirs);
	if (reported) {
		int err = report_in(c, level, there ? CHANGE_CHANGED : CHANGE_ADDED, name);
		if (err < 0)
			return err;
	}
	bool hides = !there || !S_ISDIR(theirs.st_mode);
	return S_ISDIR(mine.st_mode) ? descend(c, level, name, reported, hides) : 0;
}

/* What the layers have and the tree has not: in a whole tree, or below an opaque directory. */
static int walk_missing(const struct changes *c, const struct level *level,
			const struct names *names, unsigned layer)
{
	for (size_t i = 0; i < names->count; i++) {
		const char *name = names->list[i];
		struct stat st;
		if (fstatat(level->dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 ||
		    (!c->whole && whiteout_has_marker(level->dir, name)))
			continue; /* It was found there. */
		bool above = false;
		for (unsigned j = 0; j < layer && !above; j++) /* Its layer was asked already. */
			above = fstatat(level->layers[j], name, &st, AT_SYMLINK_NOFOLLOW) == 0;
		int there = above ? 0 : look_up(level, name, &st);
		if (there > 0 && strncmp(name, WHITEOUT, strlen(WHITEOUT)) != 0)
			there = report_in(c, level, CHANGE_DELETED, name);
		if (there < 0)
			return there;
	}
	return 0;
}

static int walk_level(const struct changes *c, struct level *level)
{
	struct names names = { 0 };
	int err = names_read(&names, level->dir);

	for (size_t i = 0; err == 0 && i < names.count; i++)
		err = walk_name(c, level, names.list[i]);
	names_free(&names);
	if (!c->whole && !whiteout_is_opaque(level->dir))
		return err;
	for (unsigned i = 0; err == 0 && i < level->count; i++) {
		err = names_read(&names, level->layers[i]);
		if (err == 0)
			err = walk_missing(c, level, &names, i);
		names_free(&names);
	}
	return err;
}

int changes_walk(const struct changes *c)
{
	char path[] = "";
	bool reported = true;
	struct level top = { .dir = dup(c->tree), .path = path, .reported = &reported };

	if (top.dir < 0)
		return -errno;
	top.layers = calloc(c->layer_count + 1, sizeof(*top.layers));
	int err = top.layers ? 0 : -ENOMEM;
	for (unsigned i = 0; err == 0 && i < c->layer_count; i++) {
		top.layers[i] = dup(c->layers[i]);
		if (top.layers[i] < 0)
			err = -errno;
		else
			top.count++;
	}
	if (err == 0)
		err = walk_level(c, &top);
	close_level(&top);
	return err;
}
