#include "lib/names.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int add(struct names *names, const char *name)
{
	if (names->count == names->room) {
		size_t room = names->room ? names->room * 2 : 64;
		char **grown = reallocarray(names->list, room, sizeof(*grown));
		if (!grown)
			return -ENOMEM;
		names->list = grown;
		names->room = room;
	}
	names->list[names->count] = strdup(name);
	if (!names->list[names->count])
		return -ENOMEM;
	names->count++;
	return 0;
}

DIR *names_open(int dir)
{
	/* fdopendir(3) takes its descriptor over and moves its offset: it gets one of its own. */
	int fd = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *entries = fd < 0 ? NULL : fdopendir(fd);

	if (!entries && fd >= 0)
		close(fd);
	return entries;
}

const char *names_next(DIR *entries)
{
	const struct dirent *entry;

	do
		entry = readdir(entries);
	while (entry && (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0));
	return entry ? entry->d_name : NULL;
}

int names_read(struct names *names, int dir)
{
	DIR *entries = names_open(dir);
	const char *name;
	int err = 0;

	if (!entries)
		return -errno;
	while (err == 0 && (name = names_next(entries)))
		err = add(names, name);
	closedir(entries);
	if (err == 0 && names->count > 1)
		qsort(names->list, names->count, sizeof(*names->list), compare);
	return err;
}

void names_free(struct names *names)
{
	for (size_t i = 0; i < names->count; i++)
		free(names->list[i]);
	free(names->list);
	*names = (struct names){ 0 };
}
