#include "lib/tarparts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/util.h"

#define SPANS_MAX (1 << 20)

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

_Static_assert(sizeof(struct gnu_tail) == BLOCK - 345, "tar(5)");
_Static_assert(sizeof(struct gnu_more) == BLOCK, "tar(5)");

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

/* pax 0.1: `offset,length,offset,length` */
static int parse_sparse_map(struct tar_reader *r, const char *text)
{
	while (*text != '\0') {
		uint64_t offset, length;
		if (tar_parse_decimal(&text, ",", &offset) < 0 ||
		    tar_parse_decimal(&text, ",", &length) < 0)
			return -EBADMSG;
		int err = add_span(r, offset, length);
		if (err < 0)
			return err;
	}
	return 0;
}

/* pax 0.0 gives each span in two records: the second completes the first. */
int tar_parse_sparse(struct tar_reader *r, const char *key, const char *value)
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
	if (tar_parse_whole(value, &n) < 0)
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

static int add_gnu_spans(struct tar_reader *r, const struct gnu_span *spans, size_t count)
{
	for (size_t i = 0; i < count && spans[i].offset[0] != '\0'; i++) {
		uint64_t offset, length;
		if (tar_parse_count(spans[i].offset, sizeof(spans[i].offset), &offset) < 0 ||
		    tar_parse_count(spans[i].length, sizeof(spans[i].length), &length) < 0)
			return -EBADMSG;
		int err = add_span(r, offset, length);
		if (err < 0)
			return err;
	}
	return 0;
}

int tar_read_gnu_sparse(struct tar_reader *r, const struct header *header, uint64_t *real_size)
{
	const struct gnu_tail *tail = (const struct gnu_tail *)header->prefix;
	struct gnu_more more = { 0 };

	if (tar_parse_count(tail->realsize, sizeof(tail->realsize), real_size) < 0)
		return -EBADMSG;
	int err = add_gnu_spans(r, tail->spans, ARRAY_SIZE(tail->spans));
	for (char extended = tail->extended; err == 0 && extended; extended = more.extended) {
		int n = tar_read_block(r, &more);
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
		ssize_t n = tar_fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		line[len] = r->buffer[r->start++];
		if (++*used > r->left)
			return -EBADMSG;
		if (line[len] != '\n')
			continue;
		line[len] = '\0';
		return tar_parse_decimal(&p, "", value);
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
	uint64_t rest = tar_padding(used);
	if (used + rest > r->left)
		return -EBADMSG;
	r->left -= used + rest;
	return tar_skip(r, rest);
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

int tar_fill_sparse(struct tar_reader *r, struct tar_entry *entry)
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
