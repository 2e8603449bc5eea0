/* `measure`: how much the files of trees hold, whoever owns them. */
#include "verbs.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/report.h"
#include "lib/util.h"

#define LIST_MAX (1 << 24)
#define ENTRIES_SIZE 32768 /* bytes of getdents64(2) */

/* A directory on the way to where we are. */
struct level {
	dev_t dev;
	ino_t ino;
	char *names; /* of its directories, each ended by NUL */
	size_t used, len, room;
};

/*
 * Only the deepest directory is open, and nothing is called again for the next: how deep a tree is,
 * is up to the container.
 */
struct walk {
	struct level *levels;
	size_t depth, room;
	int fd;
	uint64_t total; /* bytes */
};

/* A file with several names counts once, if all of them are in the tree. */
static void add(struct walk *walk, const struct stat *st)
{
	if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode))
		walk->total += (uint64_t)st->st_size / (st->st_nlink > 0 ? st->st_nlink : 1);
}

static int keep_name(struct level *level, const char *name)
{
	size_t size = strlen(name) + 1;

	if (level->room - level->len < size) {
		size_t room = 2 * level->room + size;
		char *grown = realloc(level->names, room);
		if (!grown)
			return -ENOMEM;
		level->names = grown;
		level->room = room;
	}
	memcpy(level->names + level->len, name, size);
	level->len += size;
	return 0;
}

static int look_at(struct walk *walk, struct level *level, const struct dirent64 *entry)
{
	struct stat st;

	if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
		return 0;
	if (entry->d_type == DT_DIR)
		return keep_name(level, entry->d_name);
	if (fstatat(walk->fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return 0;
	if (S_ISDIR(st.st_mode))
		return keep_name(level, entry->d_name);
	add(walk, &st);
	return 0;
}

static int read_level(struct walk *walk)
{
	static char entries[ENTRIES_SIZE] __attribute__((aligned(8)));
	struct level *level = &walk->levels[walk->depth - 1];
	long len;

	while ((len = syscall(SYS_getdents64, walk->fd, entries, sizeof(entries))) > 0)
		for (long at = 0; at < len;) {
			const struct dirent64 *entry = (void *)(entries + at);
			int err = look_at(walk, level, entry);
			if (err < 0)
				return err;
			at += entry->d_reclen;
		}
	return 0;
}

static int push(struct walk *walk, const struct stat *st)
{
	if (walk->depth == walk->room) {
		size_t room = 2 * walk->room + 32;
		struct level *grown = realloc(walk->levels, room * sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		walk->levels = grown;
		walk->room = room;
	}
	walk->levels[walk->depth++] = (struct level){ .dev = st->st_dev, .ino = st->st_ino };
	return 0;
}

/* Into a directory that we may read, and may leave again. */
static int descend(struct walk *walk, const char *name)
{
	struct stat st;
	autoclose int fd =
		openat(walk->fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 || fstat(fd, &st) < 0 || faccessat(fd, "..", F_OK, 0) < 0)
		return 0;
	int err = push(walk, &st);
	if (err < 0)
		return err;
	drop_fd(&walk->fd);
	walk->fd = take_fd(&fd);
	return read_level(walk);
}

/* Back to where we came from, unless somebody has moved the directory. */
static int ascend(struct walk *walk)
{
	struct stat st;

	free(walk->levels[--walk->depth].names);
	if (walk->depth == 0)
		return 0;
	const struct level *above = &walk->levels[walk->depth - 1];
	autoclose int fd = openat(walk->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -errno;
	if (st.st_dev != above->dev || st.st_ino != above->ino)
		return -ESTALE;
	drop_fd(&walk->fd);
	walk->fd = take_fd(&fd);
	return 0;
}

/* Into the next of the deepest directory's, or up from it. */
static int step(struct walk *walk)
{
	struct level *level = &walk->levels[walk->depth - 1];

	if (level->used == level->len)
		return ascend(walk);
	const char *name = level->names + level->used;
	level->used += strlen(name) + 1;
	return descend(walk, name);
}

/* What vanishes under way, or cannot be read, holds nothing. */
static uint64_t measure(const char *path)
{
	struct walk walk = { .fd = -1 };
	struct stat st;

	if (lstat(path, &st) < 0)
		return 0;
	add(&walk, &st);
	int err = descend(&walk, path);
	while (err == 0 && walk.depth > 0)
		err = step(&walk);
	while (walk.depth > 0)
		free(walk.levels[--walk.depth].names);
	free(walk.levels);
	drop_fd(&walk.fd);
	return walk.total;
}

/*
 * Absolute paths on standard input, each ended by NUL; a line with the bytes of each, 0 for one
 * that is not there.
 */
int verb_measure(int argc, char **argv)
{
	autofree char *list = NULL;
	size_t len;

	if (argc != 1)
		return report_failure("measure", EINVAL, argv[1]);
	int err = read_to_end(STDIN_FILENO, LIST_MAX, &list, &len);
	if (err < 0)
		return report_failure("read", -err, NULL);
	for (char *path = list; path < list + len; path += strlen(path) + 1)
		printf("%" PRIu64 "\n", measure(path));
	return 0;
}
