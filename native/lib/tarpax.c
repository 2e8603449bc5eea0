#include "lib/tarparts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int add_xattr(struct tar_reader *r, const char *name, const char *value, size_t size)
{
	if (r->xattr_count == r->xattr_room) {
		size_t room = r->xattr_room ? r->xattr_room * 2 : 16;
		struct tar_xattr *xattrs = reallocarray(r->xattrs, room, sizeof(*xattrs));
		if (!xattrs)
			return -ENOMEM;
		r->xattrs = xattrs;
		r->xattr_room = room;
	}
	r->xattrs[r->xattr_count++] = (struct tar_xattr){ name, value, size };
	return 0;
}

int tar_parse_decimal(const char **p, const char *ends, uint64_t *value)
{
	uint64_t n = 0;
	const char *start = *p;

	for (; **p >= '0' && **p <= '9'; (*p)++) {
		if (n > INT64_MAX / 10 - 1)
			return -EBADMSG;
		n = n * 10 + (uint64_t)(**p - '0');
	}
	if (*p == start || (**p != '\0' && !strchr(ends, **p)))
		return -EBADMSG;
	if (**p != '\0')
		(*p)++;
	*value = n;
	return 0;
}

int tar_parse_whole(const char *text, uint64_t *value)
{
	return tar_parse_decimal(&text, "", value);
}

/* `-12.5` is 12.5 seconds before the epoch; timespec(3type) counts nanoseconds upwards. */
static int parse_time(const char *text, struct timespec *time)
{
	bool negative = *text == '-';
	uint64_t seconds;
	long nanoseconds = 0;
	const char *p = text + (negative ? 1 : 0);

	if (tar_parse_decimal(&p, ".", &seconds) < 0)
		return -EBADMSG;
	for (long unit = 100000000; *p >= '0' && *p <= '9'; p++, unit /= 10)
		nanoseconds += (*p - '0') * unit;
	if (*p != '\0')
		return -EBADMSG;
	time->tv_sec = negative ? -(time_t)seconds : (time_t)seconds;
	time->tv_nsec = nanoseconds;
	if (negative && nanoseconds > 0) {
		time->tv_sec--;
		time->tv_nsec = 1000000000 - nanoseconds;
	}
	return 0;
}

static int parse_id(const char *value, int64_t *id, bool *has)
{
	uint64_t n;
	if (tar_parse_whole(value, &n) < 0)
		return -EBADMSG;
	*id = (int64_t)n;
	*has = true;
	return 0;
}

/* One record; the value has a NUL behind it. A key we do not know is somebody else's. */
static int parse_pax_record(struct tar_reader *r, const char *key, const char *value, size_t size)
{
	static const char xattr[] = "SCHILY.xattr.", sparse[] = "GNU.sparse.";
	struct overrides *next = &r->next;

	if (strncmp(key, xattr, sizeof(xattr) - 1) == 0)
		return add_xattr(r, key + sizeof(xattr) - 1, value, size);
	if (size == 0)
		return 0; /* pax(1): an empty value takes an earlier one back; we have none. */
	if (strlen(value) != size && (strcmp(key, "path") == 0 || strcmp(key, "linkpath") == 0))
		return -EBADMSG; /* It would be another name. */
	if (strcmp(key, "path") == 0)
		next->path = value;
	else if (strcmp(key, "linkpath") == 0)
		next->link = value;
	else if (strcmp(key, "uid") == 0)
		return parse_id(value, &next->uid, &next->has_uid);
	else if (strcmp(key, "gid") == 0)
		return parse_id(value, &next->gid, &next->has_gid);
	else if (strcmp(key, "size") == 0 && (next->has_size = true))
		return tar_parse_whole(value, &next->size);
	else if (strcmp(key, "mtime") == 0 && (next->has_mtime = true))
		return parse_time(value, &next->mtime);
	else if (strncmp(key, sparse, sizeof(sparse) - 1) == 0)
		return tar_parse_sparse(r, key + sizeof(sparse) - 1, value);
	return 0;
}

int tar_parse_pax(struct tar_reader *r, char *text, size_t len)
{
	char *end = text + len;

	r->span_count = r->xattr_count = 0;
	while (text < end) {
		const char *p = text;
		uint64_t length;
		if (tar_parse_decimal(&p, " ", &length) < 0 || length > (uint64_t)(end - text))
			return -EBADMSG;
		char *key = text + (p - text), *last = text + length - 1;
		if (last <= key || *last != '\n')
			return -EBADMSG;
		char *equals = memchr(key, '=', (size_t)(last - key));
		if (!equals || equals == key)
			return -EBADMSG;
		*equals = '\0';
		*last = '\0';
		int err = parse_pax_record(r, key, equals + 1, (size_t)(last - equals - 1));
		if (err < 0)
			return err;
		text = last + 1;
	}
	return 0;
}
