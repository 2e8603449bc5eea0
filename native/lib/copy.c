#include "lib/copy.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "lib/copyparts.h"
#include "lib/names.h"
#include "lib/util.h"

int copy_open(int root, const char *path)
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

int copy_remember(struct copy *copy, const char *parent, const char *name)
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

static int copy_directory(struct copy *copy, size_t number)
{
	autoclose int src = copy_open(copy->src, copy->dirs[number]);
	autoclose int dst = copy_open(copy->dst, copy->dirs[number]);
	struct place at = { src, dst, number };
	const char *name;
	int err = 0;

	if (src < 0 || dst < 0)
		return src < 0 ? src : dst;
	DIR *entries = names_open(src);
	if (!entries)
		return -errno;
	while (err == 0 && (name = names_next(entries)))
		err = copy_entry(copy, &at, name);
	closedir(entries);
	return err;
}

static int finish_directory(struct copy *copy, size_t number)
{
	autoclose int src = copy_open(copy->src, copy->dirs[number]);
	autoclose int dst = copy_open(copy->dst, copy->dirs[number]);
	struct stat st;

	if (copy->below && number == 0)
		return 0;
	/* Those below it are finished: an empty one leads nowhere. */
	if (copy->capable && number > 0 &&
	    unlinkat(copy->dst, copy->dirs[number], AT_REMOVEDIR) == 0)
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
		err = copy_remember(copy, ".", ".");
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

int copy_below(int src, int dst, bool again)
{
	struct copy copy = { .src = src, .dst = dst, .layer = again, .below = true };

	return copy_all(&copy);
}

int copy_capable(int src, int dst)
{
	struct copy copy = { .src = src, .dst = dst, .layer = true, .capable = true };

	return copy_all(&copy);
}

int is_empty_directory(int dir)
{
	DIR *entries = names_open(dir);

	if (!entries)
		return -errno;
	int empty = names_next(entries) == NULL;
	closedir(entries);
	return empty;
}
