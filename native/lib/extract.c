#include "lib/extract.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/extractparts.h"
#include "lib/util.h"

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

int extract_parents(const char *path)
{
	char partial[PATH_MAX];

	for (const char *slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		memcpy(partial, path, (size_t)(slash - path));
		partial[slash - path] = '\0';
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return -errno;
	}
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
			int err = n > 0 ? write_all(fd, data, (size_t)n) : n < 0 ? (int)n : -ENODATA;
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

/* The name under which a file is written that is to appear whole, beside its own. */
static int staged_path(const char *path, char out[PATH_MAX])
{
	const char *slash = strrchr(path, '/');
	int len = slash ? (int)(slash + 1 - path) : 0;

	return snprintf(out, PATH_MAX, "%.*s.tspod-cp.%d", len, path, (int)getpid()) >= PATH_MAX ? -ENAMETOOLONG : 0;
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

/* A file takes the place of an old one in one step. */
static int replace_file(struct extract *x, const struct tar_entry *entry, const char *path)
{
	char staged[PATH_MAX];

	if (extract_is_directory(path)) {
		int err = x->keep_kinds ? -EISDIR : extract_remove_earlier(path);
		if (err < 0)
			return err;
	}
	int err = staged_path(path, staged);
	if (err < 0)
		return err;
	int fd = extract_node(x, entry, staged, "");
	if (fd < 0)
		return fd;
	err = write_file(x, entry, staged, fd);
	if (err == 0 && rename(staged, path) < 0)
		err = -errno;
	if (err < 0)
		unlink(staged);
	return err;
}

int extract_entry(struct extract *x, const struct tar_entry *entry, const char *path, const char *link_path)
{
	if (entry->type == TAR_CHAR || entry->type == TAR_BLOCK) {
		x->skipped_device = true;
		return 0;
	}
	if (strcmp(path, ".") == 0 && entry->type != TAR_DIRECTORY)
		return -EBADMSG;
	if (x->staged && entry->type == TAR_FILE)
		return replace_file(x, entry, path);
	int fd = extract_node(x, entry, path, link_path);
	if (fd < 0)
		return fd == -ENOENT && entry->type == TAR_HARDLINK && x->skipped_device ? 0 : fd;
	if (entry->type == TAR_HARDLINK)
		return 0; /* Its metadata came with the first name. */
	return entry->type == TAR_FILE ? write_file(x, entry, path, fd) :
					 extract_metadata(x, entry, path, -1);
}
