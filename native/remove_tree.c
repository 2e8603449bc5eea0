#include "remove.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/util.h"

#define INSIDE (RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS)
#define OPEN_LEVELS 64    /* directories held open; the ones above are opened again through `..` */
#define ENTRIES_SIZE 8192 /* bytes of getdents64(2) a level */
#define RESCANS 3         /* of a directory into which somebody still writes */

/* One directory on the way from the root of the tree to where we are. */
struct level {
	int fd; /* -1: closed for the sake of the deeper ones */
	int rescans;
	dev_t dev;
	ino_t ino;
	long used, len; /* of entries */
	char *entries;
	char *name; /* in the level above */
};

struct walk {
	struct level *levels;
	size_t depth, room;
};

static int open_dir_once(int dirfd, const char *name, unsigned flags, unsigned resolve)
{
	struct open_how how = {
		.flags = flags | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC,
		.resolve = resolve,
	};
	long fd;

	do
		fd = syscall(SYS_openat2, dirfd, name, &how, sizeof(how));
	while (fd < 0 && (errno == EAGAIN || errno == EINTR));
	return fd < 0 ? -errno : (int)fd;
}

/* A directory we may not read, overlay's work/work with its mode 000 say, we may still own. */
static int open_dir(int dirfd, const char *name, unsigned resolve)
{
	char link[32];
	int fd = open_dir_once(dirfd, name, O_RDONLY, resolve);

	if (fd != -EACCES)
		return fd;
	autoclose int path = open_dir_once(dirfd, name, O_PATH, resolve);
	if (path < 0)
		return path;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", path); /* fchmod(2) refuses O_PATH. */
	if (chmod(link, 0700) < 0)
		return -errno;
	return open_dir_once(dirfd, name, O_RDONLY, resolve);
}

/* Keep of a level what it takes to find it again. */
static void suspend(struct level *level)
{
	drop_fd(&level->fd);
	free(level->entries);
	level->entries = NULL;
}

/* Take over the open directory as the deepest level. */
static int push(struct walk *walk, int opened, const char *name)
{
	autoclose int fd = opened;
	struct stat st;

	if (walk->depth == walk->room) {
		size_t room = walk->room ? walk->room * 2 : 32;
		struct level *grown = realloc(walk->levels, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		walk->levels = grown;
		walk->room = room;
	}
	if (fstat(fd, &st) < 0)
		return -errno;
	if ((st.st_mode & S_IRWXU) != S_IRWXU)
		fchmod(fd, 0700); /* A failure shows at the first unlinkat(2). */
	struct level new = { .dev = st.st_dev, .ino = st.st_ino, .name = strdup(name) };
	if (!new.name)
		return -ENOMEM;
	if (walk->depth >= OPEN_LEVELS)
		suspend(&walk->levels[walk->depth - OPEN_LEVELS]);
	new.fd = take_fd(&fd);
	walk->levels[walk->depth++] = new;
	return 0;
}

static void pop(struct walk *walk)
{
	struct level *level = &walk->levels[--walk->depth];

	suspend(level);
	free(level->name);
}

/* The next entry of the deepest directory; NULL at its end. */
static int next_entry(struct level *level, const struct dirent64 **found)
{
	for (*found = NULL; !*found;) {
		if (!level->entries && !(level->entries = malloc(ENTRIES_SIZE)))
			return -ENOMEM;
		if (level->used == level->len) {
			level->used = 0;
			level->len =
				syscall(SYS_getdents64, level->fd, level->entries, ENTRIES_SIZE);
			if (level->len < 0 && errno == ENOENT)
				level->len = 0; /* Somebody else has removed it: getdents(2). */
			if (level->len < 0)
				return level->len = 0, -errno;
			if (level->len == 0)
				return 0;
		}
		const struct dirent64 *entry = (void *)(level->entries + level->used);
		level->used += entry->d_reclen;
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			*found = entry;
	}
	return 0;
}

/*
 * Open the level above the deepest again. `..` leads elsewhere when somebody has moved the
 * directory meanwhile: then it is not the one we came through.
 */
static int reopen_parent(struct walk *walk)
{
	struct level *child = &walk->levels[walk->depth - 1], *parent = child - 1;
	struct stat st;

	if (parent->fd >= 0)
		return 0;
	autoclose int fd = open_dir_once(child->fd, "..", O_RDONLY, RESOLVE_NO_XDEV);
	if (fd < 0)
		return fd == -ENOENT ? -ESTALE : fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != parent->dev || st.st_ino != parent->ino)
		return -ESTALE;
	parent->fd = take_fd(&fd);
	parent->used = parent->len =
		0; /* Read it from the start: what we removed is gone from it. */
	return 0;
}

/* The deepest directory is empty: remove it from the one above. */
static int leave(struct walk *walk)
{
	struct level *child = &walk->levels[walk->depth - 1];
	int err = reopen_parent(walk);

	if (err < 0)
		return err;
	if (unlinkat((child - 1)->fd, child->name, AT_REMOVEDIR) < 0 && errno != ENOENT) {
		if (errno != ENOTEMPTY || child->rescans++ == RESCANS)
			return -errno;
		return lseek(child->fd, 0, SEEK_SET) < 0 ? -errno : 0;
	}
	pop(walk);
	return 0;
}

static int enter(struct walk *walk, const char *name)
{
	int fd = open_dir(walk->levels[walk->depth - 1].fd, name, INSIDE);

	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	return push(walk, fd, name);
}

/* Empty the directory at level 0. */
static int empty(struct walk *walk)
{
	for (;;) {
		struct level *level = &walk->levels[walk->depth - 1];
		const struct dirent64 *entry;
		int err = next_entry(level, &entry);
		if (err < 0)
			return err;
		if (!entry && walk->depth == 1)
			return 0;
		if (!entry)
			err = leave(walk);
		else if (entry->d_type == DT_DIR)
			err = enter(walk, entry->d_name);
		else if (unlinkat(level->fd, entry->d_name, 0) < 0 && errno != ENOENT)
			err = errno == EISDIR ? enter(walk, entry->d_name) : -errno;
		if (err < 0 && err != -ENOENT) /* Somebody else removes it, too. */
			return err;
	}
}

int remove_tree(int dirfd, const char *name)
{
	struct walk walk = { 0 };

	if (unlinkat(dirfd, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR)
		return -errno;
	if (unlinkat(dirfd, name, AT_REMOVEDIR) == 0)
		return 0;
	/* The way to the tree is ours and may lead over symlinks and mounts. */
	int fd = open_dir(dirfd, name, 0);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	int err = push(&walk, fd, name);
	for (int tries = 0; err == 0; tries++) {
		err = empty(&walk);
		if (err < 0 || unlinkat(dirfd, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			break;
		if (errno != ENOTEMPTY || tries == RESCANS ||
		    lseek(walk.levels[0].fd, 0, SEEK_SET) < 0)
			err = -errno;
	}
	while (walk.depth > 0)
		pop(&walk);
	free(walk.levels);
	return err;
}
