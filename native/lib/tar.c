#include "lib/tar.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/util.h"

#define BLOCK 512
#define BUFFER (1 << 20)
#define SPLICE_MAX (1 << 30)
/* Names and attributes of one entry: what Go's reader takes. */
#define SPECIAL_MAX (1 << 20)
#define SPANS_MAX (1 << 20)

/* tar(5), the ustar header; `prefix` is other things in other formats. */
struct header {
	char name[100];
	char mode[8];
	char uid[8];
	char gid[8];
	char size[12];
	char mtime[12];
	char checksum[8];
	char type;
	char link[100];
	char magic[8];
	char uname[32];
	char gname[32];
	char devmajor[8];
	char devminor[8];
	char prefix[155];
	char pad[12];
};

/* GNU's use of the bytes from 345 on: times, then four spans of the old sparse format. */
struct gnu_tail {
	char times[24];
	char offset[12];
	char longnames[4];
	char unused;
	struct gnu_span {
		char offset[12];
		char length[12];
	} spans[4];
	char extended;
	char realsize[12];
	char pad[17];
};

struct gnu_more {
	struct gnu_span spans[21];
	char extended;
	char pad[7];
};

_Static_assert(sizeof(struct header) == BLOCK, "tar(5)");
_Static_assert(sizeof(struct gnu_tail) == BLOCK - 345, "tar(5)");
_Static_assert(sizeof(struct gnu_more) == BLOCK, "tar(5)");

/* What pax records and GNU's long names say about the next entry; NULL and false: nothing. */
struct overrides {
	const char *path;
	const char *link;
	const char *sparse_name;
	bool has_size, has_uid, has_gid, has_mtime, has_sparse_size, sparse_in_data;
	uint64_t size, sparse_size;
	int64_t uid, gid;
	struct timespec mtime;
};

struct tar_reader {
	int fd;
	size_t start, end; /* of the unread bytes in buffer */
	bool no_splice;    /* what we read from is no pipe */
	uint64_t left;	   /* data bytes of the present entry */
	uint64_t padding;  /* and the zeros behind them */
	bool complete;
	struct overrides next;
	char *pax, *long_name, *long_link;
	char name[256 + 2], link[100 + 1];
	struct tar_span *spans;
	size_t span_count, span_room;
	struct tar_xattr *xattrs;
	size_t xattr_count, xattr_room;
	char buffer[BUFFER];
};

static int read_header(struct tar_reader *r, struct header *header);
static int read_special(struct tar_reader *r, const struct header *header, char **text,
			size_t *len);
static int parse_pax(struct tar_reader *r, char *text, size_t len);
static int fill_entry(struct tar_reader *r, const struct header *header, struct tar_entry *entry);
static int skip(struct tar_reader *r, uint64_t count);
static int drain(struct tar_reader *r);
static void forget(struct tar_reader *r);

struct tar_reader *tar_open(int fd)
{
	struct tar_reader *r = malloc(sizeof(*r));
	if (!r)
		return NULL;
	memset(r, 0, offsetof(struct tar_reader, buffer));
	r->fd = fd;
	return r;
}

void tar_close(struct tar_reader *r)
{
	if (!r)
		return;
	forget(r);
	free(r->spans);
	free(r->xattrs);
	free(r);
}

bool tar_is_complete(const struct tar_reader *r)
{
	return r->complete;
}

int tar_next(struct tar_reader *r, struct tar_entry *entry)
{
	struct header header = { 0 };
	size_t len = 0;

	forget(r);
	for (;;) {
		int err = skip(r, r->left + r->padding);
		r->left = r->padding = 0;
		if (err == 0)
			err = read_header(r, &header);
		if (err <= 0)
			return err < 0 ? err : drain(r);
		switch (header.type) {
		case 'x':
			err = read_special(r, &header, &r->pax, &len);
			if (err == 0)
				err = parse_pax(r, r->pax, len);
			break;
		case 'L':
			err = read_special(r, &header, &r->long_name, &len);
			r->next.path = r->long_name;
			break;
		case 'K':
			err = read_special(r, &header, &r->long_link, &len);
			r->next.link = r->long_link;
			break;
		case 'g': /* About the archive as a whole: git's commit id. */
			err = read_special(r, &header, NULL, &len);
			break;
		default:
			err = fill_entry(r, &header, entry);
			return err < 0 ? err : 1;
		}
		if (err < 0)
			return err;
	}
}

static void forget(struct tar_reader *r)
{
	free(r->pax);
	free(r->long_name);
	free(r->long_link);
	r->pax = r->long_name = r->long_link = NULL;
	r->next = (struct overrides){ 0 };
	r->span_count = r->xattr_count = 0;
}

/* Have at least want bytes in the buffer: how many there are (fewer at the end), or -errno. */
static ssize_t fill(struct tar_reader *r, size_t want)
{
	if (r->end - r->start < want && r->start > 0) {
		memmove(r->buffer, r->buffer + r->start, r->end - r->start);
		r->end -= r->start;
		r->start = 0;
	}
	while (r->end - r->start < want) {
		ssize_t n = read(r->fd, r->buffer + r->end, sizeof(r->buffer) - r->end);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		r->end += (size_t)n;
	}
	return (ssize_t)(r->end - r->start);
}

static int skip(struct tar_reader *r, uint64_t count)
{
	while (count > 0) {
		ssize_t n = fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		size_t take = (uint64_t)n < count ? (size_t)n : (size_t)count;
		r->start += take;
		count -= take;
	}
	return 0;
}

static int drain(struct tar_reader *r)
{
	ssize_t n;
	while ((n = fill(r, 1)) > 0)
		r->start = r->end;
	return (int)n;
}

ssize_t tar_data(struct tar_reader *r, uint64_t max, const void **data)
{
	if (max > r->left)
		max = r->left;
	if (max == 0)
		return 0;
	ssize_t n = fill(r, 1);
	if (n <= 0)
		return n < 0 ? n : -ENODATA;
	if ((uint64_t)n > max)
		n = (ssize_t)max;
	*data = r->buffer + r->start;
	r->start += (size_t)n;
	r->left -= (uint64_t)n;
	return n;
}

int64_t tar_splice(struct tar_reader *r, uint64_t max, int fd)
{
	ssize_t n;

	if (max > r->left)
		max = r->left;
	if (max == 0 || r->no_splice || r->end > r->start)
		return 0;
	do
		n = splice(r->fd, NULL, fd, NULL, max < SPLICE_MAX ? (size_t)max : SPLICE_MAX, 0);
	while (n < 0 && errno == EINTR);
	if (n < 0 && errno == EINVAL) {
		r->no_splice = true;
		return 0;
	}
	if (n <= 0)
		return n < 0 ? -errno : -ENODATA;
	r->left -= (uint64_t)n;
	return n;
}

/* A whole block: 1, 0 at the end of file, or -errno. */
static int read_block(struct tar_reader *r, void *block)
{
	ssize_t n = fill(r, BLOCK);
	if (n <= 0)
		return (int)n;
	if (n < BLOCK)
		return -ENODATA;
	memcpy(block, r->buffer + r->start, BLOCK);
	r->start += BLOCK;
	return 1;
}

static bool is_zero(const struct header *header)
{
	static const struct header zero;
	return memcmp(header, &zero, sizeof(zero)) == 0;
}

/*
 * A number field: octal text between blanks, or, with the highest bit set, a big-endian two's
 * complement number without that bit (tar(5)).
 */
static int parse_field(const char *field, size_t len, int64_t *value)
{
	const unsigned char *p = (const unsigned char *)field, *end = p + len;

	if (*p & 0x80) {
		bool negative = *p & 0x40;
		uint64_t n = negative ? UINT64_MAX : 0;
		for (size_t i = 0; i < len; i++) {
			unsigned char byte = i > 0 ? p[i] : negative ? p[i] : p[i] & 0x7f;
			if (n >> 55 != (negative ? UINT64_MAX >> 55 : 0))
				return -EBADMSG;
			n = n << 8 | byte;
		}
		*value = (int64_t)n;
		return 0;
	}
	while (p < end && (*p == ' ' || *p == '\0'))
		p++;
	uint64_t n = 0;
	for (; p < end && *p >= '0' && *p <= '7'; p++) {
		if (n >> 60)
			return -EBADMSG;
		n = n << 3 | (uint64_t)(*p - '0');
	}
	if (p < end && *p != ' ' && *p != '\0')
		return -EBADMSG;
	*value = (int64_t)n;
	return 0;
}

/* A number field that counts something. */
static int parse_count(const char *field, size_t len, uint64_t *value)
{
	int64_t n;
	if (parse_field(field, len, &n) < 0 || n < 0)
		return -EBADMSG;
	*value = (uint64_t)n;
	return 0;
}

/* The sum of all bytes, the checksum field as blanks; some old writers summed signed characters. */
static bool checksum_fits(const struct header *header)
{
	const unsigned char *bytes = (const unsigned char *)header;
	int64_t recorded, plain = 0, with_sign = 0;

	for (size_t i = 0; i < BLOCK; i++) {
		bool own =
			i >= offsetof(struct header, checksum) && i < offsetof(struct header, type);
		plain += own ? ' ' : bytes[i];
		with_sign += own ? ' ' : (signed char)bytes[i];
	}
	if (parse_field(header->checksum, sizeof(header->checksum), &recorded) < 0)
		return false;
	return recorded == plain || recorded == with_sign;
}

/* 1; 0 at the end: two zero blocks, or the end of file where a header could be; -errno. */
static int read_header(struct tar_reader *r, struct header *header)
{
	int n = read_block(r, header);
	if (n <= 0)
		return n;
	if (is_zero(header)) {
		n = read_block(r, header);
		if (n <= 0)
			return n;
		r->complete = is_zero(header);
		return r->complete ? 0 : -EBADMSG;
	}
	return checksum_fits(header) ? 1 : -EBADMSG;
}

static uint64_t padding_of(uint64_t size)
{
	return (BLOCK - size % BLOCK) % BLOCK;
}

/* The data of an entry that describes the next one, NUL-terminated; text NULL: skip it. */
static int read_special(struct tar_reader *r, const struct header *header, char **text, size_t *len)
{
	uint64_t size;
	if (parse_count(header->size, sizeof(header->size), &size) < 0)
		return -EBADMSG;
	if (!text)
		return skip(r, size + padding_of(size));
	if (size > SPECIAL_MAX)
		return -EBADMSG;
	free(*text);
	*text = malloc((size_t)size + 1);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < size;) {
		ssize_t n = fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		size_t take = (size_t)n < size - *len ? (size_t)n : (size_t)size - *len;
		memcpy(*text + *len, r->buffer + r->start, take);
		r->start += take;
		*len += take;
	}
	(*text)[*len] = '\0';
	return skip(r, padding_of(size));
}

static int add_span(struct tar_reader *r, uint64_t offset, uint64_t length)
{
	if (r->span_count == r->span_room) {
		size_t room = r->span_room ? r->span_room * 2 : 64;
		struct tar_span *spans =
			room > SPANS_MAX ? NULL : reallocarray(r->spans, room, sizeof(*spans));
		if (!spans)
			return room > SPANS_MAX ? -EBADMSG : -ENOMEM;
		r->spans = spans;
		r->span_room = room;
	}
	r->spans[r->span_count++] = (struct tar_span){ offset, length };
	return 0;
}

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

/* A decimal number up to any of `ends`; *p is moved behind that character. */
static int parse_decimal(const char **p, const char *ends, uint64_t *value)
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

static int parse_whole(const char *text, uint64_t *value)
{
	return parse_decimal(&text, "", value);
}

/* `-12.5` is 12.5 seconds before the epoch; timespec(3type) counts nanoseconds upwards. */
static int parse_time(const char *text, struct timespec *time)
{
	bool negative = *text == '-';
	uint64_t seconds;
	long nanoseconds = 0;
	const char *p = text + (negative ? 1 : 0);

	if (parse_decimal(&p, ".", &seconds) < 0)
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

/* pax 0.1: `offset,length,offset,length` */
static int parse_sparse_map(struct tar_reader *r, const char *text)
{
	while (*text != '\0') {
		uint64_t offset, length;
		if (parse_decimal(&text, ",", &offset) < 0 ||
		    parse_decimal(&text, ",", &length) < 0)
			return -EBADMSG;
		int err = add_span(r, offset, length);
		if (err < 0)
			return err;
	}
	return 0;
}

/* pax 0.0 gives each span in two records: the second completes the first. */
static int parse_sparse_record(struct tar_reader *r, const char *key, const char *value)
{
	struct overrides *next = &r->next;
	uint64_t n;

	if (strcmp(key, "name") == 0) {
		next->sparse_name = value;
		return 0;
	}
	if (strcmp(key, "map") == 0) {
		r->span_count = 0;
		return parse_sparse_map(r, value);
	}
	if (parse_whole(value, &n) < 0)
		return -EBADMSG;
	if (strcmp(key, "size") == 0 || strcmp(key, "realsize") == 0) {
		next->has_sparse_size = true;
		next->sparse_size = n;
	} else if (strcmp(key, "major") == 0) {
		next->sparse_in_data = n == 1;
		return n <= 1 ? 0 : -EBADMSG;
	} else if (strcmp(key, "minor") == 0) {
		return n <= 1 ? 0 : -EBADMSG;
	} else if (strcmp(key, "offset") == 0) {
		return add_span(r, n, 0);
	} else if (strcmp(key, "numbytes") == 0) {
		if (r->span_count == 0)
			return -EBADMSG;
		r->spans[r->span_count - 1].length = n;
	}
	return 0; /* numblocks says what we can count. */
}

static int parse_id(const char *value, int64_t *id, bool *has)
{
	uint64_t n;
	if (parse_whole(value, &n) < 0)
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
		return parse_whole(value, &next->size);
	else if (strcmp(key, "mtime") == 0 && (next->has_mtime = true))
		return parse_time(value, &next->mtime);
	else if (strncmp(key, sparse, sizeof(sparse) - 1) == 0)
		return parse_sparse_record(r, key + sizeof(sparse) - 1, value);
	return 0;
}

/* Records of `LENGTH KEY=VALUE\n`, LENGTH in decimal counting all of it: pax(1). */
static int parse_pax(struct tar_reader *r, char *text, size_t len)
{
	char *end = text + len;

	r->span_count = r->xattr_count = 0;
	while (text < end) {
		const char *p = text;
		uint64_t length;
		if (parse_decimal(&p, " ", &length) < 0 || length > (uint64_t)(end - text))
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

/* The name of a header without overrides; only a ustar one has a prefix. */
static void copy_names(struct tar_reader *r, const struct header *header)
{
	bool ustar = memcmp(header->magic, "ustar\0", 6) == 0;
	bool star = ustar && memcmp(header->pad + 8, "tar", 4) == 0;
	size_t prefix = ustar ? strnlen(header->prefix, star ? 131 : sizeof(header->prefix)) : 0;
	size_t len = strnlen(header->name, sizeof(header->name));

	memcpy(r->name, header->prefix, prefix);
	if (prefix > 0)
		r->name[prefix++] = '/';
	memcpy(r->name + prefix, header->name, len);
	r->name[prefix + len] = '\0';
	len = strnlen(header->link, sizeof(header->link));
	memcpy(r->link, header->link, len);
	r->link[len] = '\0';
}

static int add_gnu_spans(struct tar_reader *r, const struct gnu_span *spans, size_t count)
{
	for (size_t i = 0; i < count && spans[i].offset[0] != '\0'; i++) {
		uint64_t offset, length;
		if (parse_count(spans[i].offset, sizeof(spans[i].offset), &offset) < 0 ||
		    parse_count(spans[i].length, sizeof(spans[i].length), &length) < 0)
			return -EBADMSG;
		int err = add_span(r, offset, length);
		if (err < 0)
			return err;
	}
	return 0;
}

/* The old GNU format: four spans in the header, 21 in each block that follows. */
static int read_gnu_sparse(struct tar_reader *r, const struct header *header, uint64_t *real_size)
{
	const struct gnu_tail *tail = (const struct gnu_tail *)header->prefix;
	struct gnu_more more = { 0 };

	if (parse_count(tail->realsize, sizeof(tail->realsize), real_size) < 0)
		return -EBADMSG;
	int err = add_gnu_spans(r, tail->spans, ARRAY_SIZE(tail->spans));
	for (char extended = tail->extended; err == 0 && extended; extended = more.extended) {
		int n = read_block(r, &more);
		if (n <= 0)
			return n < 0 ? n : -ENODATA;
		err = add_gnu_spans(r, more.spans, ARRAY_SIZE(more.spans));
	}
	return err;
}

/* A line of the map of pax 1.0, which stands before the data; *used counts its bytes. */
static int read_map_number(struct tar_reader *r, uint64_t *used, uint64_t *value)
{
	char line[24];
	const char *p = line;

	for (size_t len = 0; len < sizeof(line); len++) {
		ssize_t n = fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		line[len] = r->buffer[r->start++];
		if (++*used > r->left)
			return -EBADMSG;
		if (line[len] != '\n')
			continue;
		line[len] = '\0';
		return parse_decimal(&p, "", value);
	}
	return -EBADMSG;
}

static int read_data_map(struct tar_reader *r)
{
	uint64_t used = 0, count, offset, length;

	int err = read_map_number(r, &used, &count);
	if (err == 0 && count > SPANS_MAX)
		return -EBADMSG;
	for (uint64_t i = 0; err == 0 && i < count; i++) {
		err = read_map_number(r, &used, &offset);
		if (err == 0)
			err = read_map_number(r, &used, &length);
		if (err == 0)
			err = add_span(r, offset, length);
	}
	if (err < 0)
		return err;
	uint64_t rest = padding_of(used);
	if (used + rest > r->left)
		return -EBADMSG;
	r->left -= used + rest;
	return skip(r, rest);
}

/* In order, without overlap, inside the file, and together exactly the data there is. */
static bool spans_fit(const struct tar_reader *r, uint64_t size)
{
	uint64_t position = 0, sum = 0;

	for (size_t i = 0; i < r->span_count; i++) {
		const struct tar_span *span = &r->spans[i];
		if (span->offset < position || span->offset > size ||
		    span->length > size - span->offset)
			return false;
		position = span->offset + span->length;
		sum += span->length;
	}
	return sum == r->left;
}

static int fill_sparse(struct tar_reader *r, struct tar_entry *entry)
{
	if (r->next.sparse_in_data) {
		r->span_count = 0;
		int err = read_data_map(r);
		if (err < 0)
			return err;
	}
	if (r->next.has_sparse_size)
		entry->size = r->next.sparse_size;
	if (r->next.sparse_name)
		entry->path = r->next.sparse_name;
	if (!spans_fit(r, entry->size))
		return -EBADMSG;
	entry->sparse = true;
	entry->spans = r->spans;
	entry->span_count = r->span_count;
	return 0;
}

static int fill_numbers(struct tar_reader *r, const struct header *header, struct tar_entry *entry)
{
	const struct overrides *next = &r->next;
	int64_t mode, mtime;

	if (parse_field(header->mode, sizeof(header->mode), &mode) < 0 ||
	    parse_field(header->uid, sizeof(header->uid), &entry->uid) < 0 ||
	    parse_field(header->gid, sizeof(header->gid), &entry->gid) < 0 ||
	    parse_field(header->mtime, sizeof(header->mtime), &mtime) < 0 ||
	    parse_count(header->size, sizeof(header->size), &entry->size) < 0)
		return -EBADMSG;
	entry->mode = (mode_t)mode & 07777;
	entry->mtime.tv_sec = mtime;
	if (next->has_mtime)
		entry->mtime = next->mtime;
	if (next->has_uid)
		entry->uid = next->uid;
	if (next->has_gid)
		entry->gid = next->gid;
	if (next->has_size)
		entry->size = next->size;
	return 0;
}

/* '\0' is the oldest archives' file, a directory with a slash at its end; '7' was contiguous. */
static int entry_type(const struct header *header, const char *path)
{
	size_t len = strlen(path);

	switch (header->type) {
	case '\0':
	case '7':
	case 'S':
	case TAR_FILE:
		return len > 0 && path[len - 1] == '/' ? TAR_DIRECTORY : TAR_FILE;
	case TAR_HARDLINK:
	case TAR_SYMLINK:
	case TAR_CHAR:
	case TAR_BLOCK:
	case TAR_DIRECTORY:
	case TAR_FIFO:
		return header->type;
	default:
		return -EBADMSG;
	}
}

static int fill_entry(struct tar_reader *r, const struct header *header, struct tar_entry *entry)
{
	*entry = (struct tar_entry){ .xattrs = r->xattrs, .xattr_count = r->xattr_count };
	copy_names(r, header);
	entry->path = r->next.path ? r->next.path : r->name;
	entry->link = r->next.link ? r->next.link : r->link;
	int type = entry_type(header, entry->path);
	if (type < 0 || fill_numbers(r, header, entry) < 0)
		return -EBADMSG;
	entry->type = (enum tar_type)type;
	if (entry->type != TAR_FILE)
		return 0; /* A size may stand here, and no data follows: Go's issue 15573. */
	r->left = entry->size;
	r->padding = padding_of(entry->size);
	if (entry->size > INT64_MAX)
		return -EBADMSG;
	if (header->type == 'S') {
		int err = read_gnu_sparse(r, header, &entry->size);
		return err < 0 ? err : fill_sparse(r, entry);
	}
	if (r->next.sparse_in_data || r->span_count > 0 || r->next.has_sparse_size)
		return fill_sparse(r, entry);
	return 0;
}
