#include <errno.h>
#include <string.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "lib/packparts.h"
#include "lib/util.h"
#include "lib/xattrs.h"

#define SPANS_MAX 65536

/* Where a file has data: lseek(2). The number of spans, 0 when it is all data, or -errno. */
static ssize_t find_spans(int fd, off_t size, struct tar_span *spans)
{
	size_t count = 0;

	for (off_t at = 0; at < size;) {
		off_t data = lseek(fd, at, SEEK_DATA);
		if (data < 0)
			break; /* a hole to the end, or no such question here */
		off_t hole = lseek(fd, data, SEEK_HOLE);
		if (hole < 0 || count == SPANS_MAX - 1)
			return 0;
		if (hole > size)
			hole = size;
		if (data < size)
			spans[count++] =
				(struct tar_span){ (uint64_t)data, (uint64_t)(hole - data) };
		at = hole;
	}
	/* tar(5): the size is in the map, too. */
	spans[count++] = (struct tar_span){ (uint64_t)size, 0 };
	return (ssize_t)count;
}

static int put_sparse(struct packer *p, struct item *item, int fd)
{
	autofree struct tar_span *spans = calloc(SPANS_MAX, sizeof(*spans));
	if (!spans)
		return -ENOMEM;
	ssize_t count = find_spans(fd, item->st.st_size, spans);
	if (count <= 0)
		return count < 0 ? (int)count : 1;
	item->entry.sparse = true;
	item->entry.spans = spans;
	item->entry.span_count = (size_t)count;
	int err = tar_put_entry(p->out, &item->entry, p->for_ourselves);
	for (ssize_t i = 0; err == 0 && i < count; i++)
		err = tar_put_file(p->out, fd, spans[i].offset, spans[i].length);
	return err;
}

/* A small file is read first: files of /proc and /sys do not know their size. */
static int put_small(struct packer *p, struct item *item, int fd)
{
	ssize_t len = read_full(fd, p->data, PACK_BUFFER);

	if (len < 0)
		return (int)len;
	item->entry.size = (uint64_t)len;
	int err = tar_put_entry(p->out, &item->entry, p->for_ourselves);
	return err < 0 ? err : tar_put_data(p->out, p->data, (size_t)len);
}

int pack_content(struct packer *p, struct item *item, int fd)
{
	item->entry.size = (uint64_t)item->st.st_size;
	if (item->st.st_size <= PACK_BUFFER)
		return put_small(p, item, fd);
	if (p->for_ourselves && item->st.st_blocks < item->st.st_size / 512) {
		int done = put_sparse(p, item, fd);
		if (done <= 0)
			return done;
	}
	int err = tar_put_entry(p->out, &item->entry, p->for_ourselves);
	return err < 0 ? err : tar_put_file(p->out, fd, 0, item->entry.size);
}

/* A user's attributes and the capabilities of a program; others belong to this host. */
static bool is_wanted(const char *name)
{
	return strcmp(name, "security.capability") == 0 ||
	       (strncmp(name, "user.", 5) == 0 && !xattr_is_overlays(name));
}

void pack_xattrs(struct packer *p, struct item *item, int fd)
{
	ssize_t len = flistxattr(fd, p->names, PACK_BUFFER);
	size_t used = 0;

	item->entry.xattrs = item->xattrs;
	for (const char *name = p->names; len > 0 && name < p->names + len;
	     name += strlen(name) + 1) {
		/* Asked for with no room it would tell its size, and fill none: getxattr(2). */
		if (!is_wanted(name) || item->entry.xattr_count == XATTRS_MAX || used == PACK_BUFFER)
			continue;
		ssize_t n = fgetxattr(fd, name, p->values + used, PACK_BUFFER - used);
		if (n < 0)
			continue; /* Gone meanwhile. */
		item->xattrs[item->entry.xattr_count++] =
			(struct tar_xattr){ name, p->values + used, (size_t)n };
		used += (size_t)n;
	}
}
