#include "lib/accounts.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/path.h"
#include "lib/util.h"

#define LINE_MAX_BYTES 4096
#define FILE_MAX_BYTES (8 << 20) /* The container may have written it. */
#define FIELDS_MAX 8
#define ID_MAX 0xfffffffeU

static int each_field(char *line, accounts_fn *fn, void *arg)
{
	char *fields[FIELDS_MAX] = { NULL }, *rest = line;
	unsigned count = 0;

	while (count < FIELDS_MAX && rest)
		fields[count++] = strsep(&rest, ":");
	return fn(arg, fields, count);
}

/*
 * Walk over the lines in a buffer; overlong ones are skipped. What is left of the last line moves
 * to the front.
 */
static int walk_lines(char *buf, size_t *used, bool *skipping, accounts_fn *fn, void *arg)
{
	char *line = buf, *end = buf + *used, *newline;
	int stop = 0;

	while (!stop && (newline = memchr(line, '\n', (size_t)(end - line)))) {
		*newline = '\0';
		if (!*skipping)
			stop = each_field(line, fn, arg);
		*skipping = false;
		line = newline + 1;
	}
	*used = (size_t)(end - line);
	memmove(buf, line, *used);
	if (*used >= LINE_MAX_BYTES) {
		*skipping = true;
		*used = 0;
	}
	return stop;
}

int accounts_each(int root, const char *path, accounts_fn *fn, void *arg)
{
	char buf[LINE_MAX_BYTES * 2];
	size_t used = 0, total = 0;
	bool skipping = false;
	struct stat st;
	autoclose int fd = path_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		return 0; /* /dev/null: masked */
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (total < FILE_MAX_BYTES) {
		ssize_t n = read(fd, buf + used, LINE_MAX_BYTES);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		total += (size_t)n;
		if (walk_lines(buf, &used, &skipping, fn, arg))
			return 0;
	}
	if (used == 0 || skipping)
		return 0;
	buf[used] = '\0';
	each_field(buf, fn, arg);
	return 0;
}

bool accounts_parse_id(const char *text, uint32_t *id)
{
	uint64_t number;

	if (parse_number(text, 10, ID_MAX, &number) < 0)
		return false;
	*id = (uint32_t)number;
	return true;
}

struct id_search {
	uint32_t id;
	bool found;
};

static int match_id(void *arg, char **fields, unsigned count)
{
	struct id_search *search = arg;
	uint32_t id;

	search->found |= count > 2 && accounts_parse_id(fields[2], &id) && id == search->id;
	return search->found;
}

static bool cannot_be_written(int err)
{
	return err == -EROFS || err == -EACCES || err == -EPERM;
}

int accounts_add_line(int root, const char *path, const char *line)
{
	char copy[LINE_MAX_BYTES], *fields[FIELDS_MAX] = { NULL }, *rest = copy;
	struct id_search search = { .found = false };

	if (snprintf(copy, sizeof(copy), "%s", line) >= (int)sizeof(copy) || strchr(line, '\n'))
		return -EINVAL;
	for (unsigned i = 0; i < 3 && rest; i++)
		fields[i] = strsep(&rest, ":");
	if (!fields[2] || !accounts_parse_id(fields[2], &search.id))
		return -EINVAL;
	int err = accounts_each(root, path, match_id, &search);
	if (err < 0 || search.found)
		return err;
	autoclose int made = path_ensure(root, path, PATH_FILE, 0644);
	if (made < 0)
		return cannot_be_written(made) ? 0 : made;
	autoclose int fd = path_open(root, path, O_RDWR | O_APPEND | O_NOCTTY);
	if (fd < 0)
		return cannot_be_written(fd) ? 0 : fd;
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);
	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		return -EIO;
	int n = snprintf(copy, sizeof(copy), "%s%s\n", last == '\n' ? "" : "\n", line);
	return n >= (int)sizeof(copy) ? -EINVAL : write_all(fd, copy, (size_t)n);
}
