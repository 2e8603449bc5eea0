#include "lib/links.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The place of an inode in the table, or the free one where it belongs. */
static struct link *find(const struct links *links, dev_t dev, ino_t ino)
{
	size_t at = (size_t)(ino * 0x9e3779b97f4a7c15u >> 32) & (links->room - 1);

	while (links->list[at].name && (links->list[at].ino != ino || links->list[at].dev != dev))
		at = (at + 1) & (links->room - 1);
	return &links->list[at];
}

/* Keep the table at most half full. */
static int grow(struct links *links)
{
	struct links old = *links;

	if (links->count * 2 < links->room)
		return 0;
	links->room = old.room ? old.room * 2 : 64;
	links->list = calloc(links->room, sizeof(*links->list));
	if (!links->list) {
		*links = old;
		return -ENOMEM;
	}
	for (size_t i = 0; i < old.room; i++)
		if (old.list[i].name)
			*find(links, old.list[i].dev, old.list[i].ino) = old.list[i];
	free(old.list);
	return 0;
}

int links_find(struct links *links, const struct stat *st, struct link **found)
{
	int err = grow(links);

	if (err < 0)
		return err;
	*found = find(links, st->st_dev, st->st_ino);
	if (!(*found)->name)
		**found = (struct link){ .dev = st->st_dev, .ino = st->st_ino };
	return 0;
}

int links_add(struct links *links, struct link *place, size_t dir, const char *name)
{
	place->name = strdup(name);
	if (!place->name)
		return -ENOMEM;
	place->dir = dir;
	links->count++;
	return 0;
}

void links_free(struct links *links)
{
	for (size_t i = 0; i < links->room; i++)
		free(links->list[i].name);
	free(links->list);
}
