#include "lib/extract.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/extractparts.h"
#include "lib/takeover.h"
#include "lib/util.h"
#include "remove.h"

int extract_path(const char *name, char path[PATH_MAX])
{
	size_t len = 0;

	while (*name != '\0') {
		size_t part = strcspn(name, "/");
		if (part == 2 && name[0] == '.' && name[1] == '.') {
			while (len > 0 && path[--len] != '/')
				;
		} else if (part > 0 && !(part == 1 && name[0] == '.')) {
			if (len + part + 2 > PATH_MAX)
				return -ENAMETOOLONG;
			if (len > 0)
				path[len++] = '/';
			memcpy(path + len, name, part);
			len += part;
		}
		name += part;
		while (*name == '/')
			name++;
	}
	path[len] = '\0';
	return 0;
}

/* All of len bytes at the present position. */
static int copy_span(struct extract *x, int fd, uint64_t len)
{
	while (len > 0) {
		const void *data;
		int64_t n = tar_splice(x->tar, len, fd);
		if (n == 0) {
			n = tar_data(x->tar, len, &data);
			int err = n > 0 ? write_all(fd, data, (size_t)n) :
				  n < 0 ? (int)n :
					  -ENODATA;
			if (err < 0)
				return err;
		}
		if (n < 0)
			return (int)n;
		len -= (uint64_t)n;
	}
	return 0;
}

static int copy_content(struct extract *x, const struct tar_entry *entry, int fd)
{
	if (!entry->sparse)
		return copy_span(x, fd, entry->size);
	for (size_t i = 0; i < entry->span_count; i++) {
		if (lseek(fd, (off_t)entry->spans[i].offset, SEEK_SET) < 0)
			return -errno;
		int err = copy_span(x, fd, entry->spans[i].length);
		if (err < 0)
			return err;
	}
	return ftruncate(fd, (off_t)entry->size) < 0 ? -errno : 0;
}

static int write_file(struct extract *x, const struct tar_entry *entry, const char *path, int fd)
{
	int err = copy_content(x, entry, fd);

	if (err == 0)
		err = extract_metadata(x, entry, path, fd);
	if (close(fd) < 0 && err == 0)
		err = -errno;
	return err;
}

/* A file is written beside its place, and takes it in one step. */
static int replace_file(struct extract *x, const struct tar_entry *entry, const struct spot *spot)
{
	const struct spot staged = { spot->dir, x->staged, spot->path };

	if (extract_is_directory(spot)) {
		int err = x->keep_kinds ? -EISDIR : remove_tree(spot->dir, spot->name);
		if (err < 0)
			return err;
	}
	drop_cache(spot->dir, spot->name);
	int fd = extract_node(x, entry, &staged, "");
	if (fd < 0)
		return fd;
	int err = write_file(x, entry, spot->path, fd);
	if (err == 0)
		err = take_over(spot->dir, x->staged, spot->name);
	if (err < 0)
		unlinkat(spot->dir, x->staged, 0);
	return err;
}

/* All but a file: 0 or -errno. */
static int make_other(struct extract *x, const struct tar_entry *entry, const struct spot *spot,
		      const char *link_path)
{
	autoclose int fd = extract_node(x, entry, spot, link_path);

	if (entry->type != TAR_HARDLINK)
		return fd < 0 ? fd : extract_metadata(x, entry, spot->path, fd);
	/* Its metadata came with the first name. */
	return fd == -ENOENT && x->skipped_device ? 0 : take_fd(&fd);
}

int extract_entry(struct extract *x, const struct tar_entry *entry, const char *path,
		  const char *link_path)
{
	struct spot spot;

	if (entry->type == TAR_CHAR || entry->type == TAR_BLOCK) {
		x->skipped_device = true;
		return 0;
	}
	if (strcmp(path, ".") == 0 && entry->type != TAR_DIRECTORY)
		return -EBADMSG;
	int err = extract_spot(x, path, &spot);
	if (err < 0)
		return err;
	if (entry->type != TAR_FILE)
		return make_other(x, entry, &spot, link_path);
	if (x->staged[0])
		return replace_file(x, entry, &spot);
	int fd = extract_node(x, entry, &spot, "");
	return fd < 0 ? fd : write_file(x, entry, path, fd);
}

void extract_abandon(const struct extract *x)
{
	if (x->staged[0] && x->parent != 0)
		unlinkat(x->parent, x->staged, 0);
}
