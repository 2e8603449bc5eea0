#include "lib/tarparts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Names and attributes of one entry: what Go's reader takes. */
#define SPECIAL_MAX (1 << 20)

static int read_special(struct tar_reader *r, const struct header *header, char **text,
			size_t *len);
static int fill_entry(struct tar_reader *r, const struct header *header, struct tar_entry *entry);
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
		int err = tar_skip(r, r->left + r->padding);
		r->left = r->padding = 0;
		if (err == 0)
			err = tar_read_header(r, &header);
		if (err <= 0)
			return err < 0 ? err : tar_drain(r);
		switch (header.type) {
		case 'x': /* The last one counts; what the one before said is freed with it. */
			r->next = (struct overrides){ .path = r->long_name, .link = r->long_link };
			err = read_special(r, &header, &r->pax, &len);
			if (err == 0)
				err = tar_parse_pax(r, r->pax, len);
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

/* The data of an entry that describes the next one, NUL-terminated; text NULL: skip it. */
static int read_special(struct tar_reader *r, const struct header *header, char **text, size_t *len)
{
	uint64_t size;
	if (tar_parse_count(header->size, sizeof(header->size), &size) < 0)
		return -EBADMSG;
	if (!text)
		return tar_skip(r, size + tar_padding(size));
	if (size > SPECIAL_MAX)
		return -EBADMSG;
	free(*text);
	*text = malloc((size_t)size + 1);
	if (!*text)
		return -ENOMEM;
	for (*len = 0; *len < size;) {
		ssize_t n = tar_fill(r, 1);
		if (n <= 0)
			return n < 0 ? (int)n : -ENODATA;
		size_t take = (size_t)n < size - *len ? (size_t)n : (size_t)size - *len;
		memcpy(*text + *len, r->buffer + r->start, take);
		r->start += take;
		*len += take;
	}
	(*text)[*len] = '\0';
	return tar_skip(r, tar_padding(size));
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

static int fill_numbers(struct tar_reader *r, const struct header *header, struct tar_entry *entry)
{
	const struct overrides *next = &r->next;
	int64_t mode, mtime;

	if (tar_parse_field(header->mode, sizeof(header->mode), &mode) < 0 ||
	    tar_parse_field(header->uid, sizeof(header->uid), &entry->uid) < 0 ||
	    tar_parse_field(header->gid, sizeof(header->gid), &entry->gid) < 0 ||
	    tar_parse_field(header->mtime, sizeof(header->mtime), &mtime) < 0 ||
	    tar_parse_count(header->size, sizeof(header->size), &entry->size) < 0)
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
	r->padding = tar_padding(entry->size);
	if (entry->size > INT64_MAX)
		return -EBADMSG;
	if (header->type == 'S') {
		int err = tar_read_gnu_sparse(r, header, &entry->size);
		return err < 0 ? err : tar_fill_sparse(r, entry);
	}
	if (r->next.sparse_in_data || r->span_count > 0 || r->next.has_sparse_size)
		return tar_fill_sparse(r, entry);
	return 0;
}
