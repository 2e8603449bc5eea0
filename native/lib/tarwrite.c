#include "lib/tarwrite.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "lib/tarwriteparts.h"
#include "lib/util.h"

struct tar_writer *tar_create(int fd)
{
	struct tar_writer *w = malloc(sizeof(*w));

	if (!w)
		return NULL;
	memset(w, 0, offsetof(struct tar_writer, buffer));
	w->fd = fd;
	return w;
}

void tar_free(struct tar_writer *w)
{
	if (!w)
		return;
	free(w->pax);
	free(w);
}

/* The zeros that fill the last block of the entry before. */
static int pad(struct tar_writer *w)
{
	uint64_t rest = (BLOCK - w->written % BLOCK) % BLOCK;

	w->written = 0;
	return tar_write_zeros(w, rest);
}

/*
 * The map of a sparse file as pax 1.0 has it before the data, without its padding; its length in
 * *len.
 */
static char *sparse_map(const struct tar_entry *entry, size_t *len)
{
	char *text = NULL;
	FILE *out = open_memstream(&text, len);

	if (!out)
		return NULL;
	fprintf(out, "%zu\n", entry->span_count);
	for (size_t i = 0; i < entry->span_count; i++)
		fprintf(out, "%llu\n%llu\n", (unsigned long long)entry->spans[i].offset,
			(unsigned long long)entry->spans[i].length);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void set_octal(char *field, size_t len, uint64_t value, uint64_t max)
{
	char text[24];

	snprintf(text, sizeof(text), "%0*llo", (int)len - 1,
		 (unsigned long long)(value > max ? 0 : value));
	memcpy(field, text, len);
}

/* A name without its end is right where a pax record says all of it. */
static void set_text(char *field, size_t size, const char *text)
{
	memcpy(field, text, strnlen(text, size));
}

static int put_header(struct tar_writer *w, const struct tar_entry *entry, char type, uint64_t size)
{
	struct header h = { .type = type, .magic = "ustar", .version = { '0', '0' } };
	unsigned sum = 0;

	set_text(h.name, sizeof(h.name), entry->path);
	if (entry->link)
		set_text(h.link, sizeof(h.link), entry->link);
	set_octal(h.mode, sizeof(h.mode), entry->mode, 07777);
	set_octal(h.uid, sizeof(h.uid), (uint64_t)entry->uid, ID_MAX);
	set_octal(h.gid, sizeof(h.gid), (uint64_t)entry->gid, ID_MAX);
	set_octal(h.size, sizeof(h.size), size, SIZE_MAX_USTAR);
	set_octal(h.mtime, sizeof(h.mtime), (uint64_t)entry->mtime.tv_sec, SIZE_MAX_USTAR);
	set_octal(h.devmajor, sizeof(h.devmajor), major(entry->device), ID_MAX);
	set_octal(h.devminor, sizeof(h.devminor), minor(entry->device), ID_MAX);
	memset(h.checksum, ' ', sizeof(h.checksum));
	for (size_t i = 0; i < BLOCK; i++)
		sum += ((const unsigned char *)&h)[i];
	snprintf(h.checksum, sizeof(h.checksum), "%06o", sum);
	return tar_write(w, &h, BLOCK);
}

static int put_records(struct tar_writer *w)
{
	struct tar_entry about = { .path = "PaxHeaders.0/entry", .mode = 0644 };
	int err = put_header(w, &about, 'x', w->pax_len);

	if (err == 0)
		err = tar_write(w, w->pax, w->pax_len);
	w->written = w->pax_len;
	return err < 0 ? err : pad(w);
}

static int put_sparse(struct tar_writer *w, const struct tar_entry *entry, bool precise)
{
	size_t len;
	autofree char *map = sparse_map(entry, &len);
	uint64_t size = 0;

	if (!map)
		return -ENOMEM;
	for (size_t i = 0; i < entry->span_count; i++)
		size += entry->spans[i].length;
	size += (len + BLOCK - 1) / BLOCK * BLOCK;
	int err = tar_collect_records(w, entry, size, precise);
	if (err == 0)
		err = put_records(w);
	if (err == 0)
		err = put_header(w, entry, TAR_FILE, size);
	if (err == 0)
		err = tar_write(w, map, len);
	w->written = len;
	return err < 0 ? err : pad(w);
}

int tar_put_entry(struct tar_writer *w, const struct tar_entry *entry, bool precise)
{
	uint64_t size = entry->type == TAR_FILE ? entry->size : 0;
	int err = pad(w);

	if (err < 0)
		return err;
	if (entry->sparse)
		return put_sparse(w, entry, precise);
	err = tar_collect_records(w, entry, size, precise);
	if (err == 0 && w->pax_len > 0)
		err = put_records(w);
	return err < 0 ? err : put_header(w, entry, (char)entry->type, size);
}

int tar_put_end(struct tar_writer *w)
{
	int err = pad(w);

	if (err == 0)
		err = tar_write_zeros(w, 2 * BLOCK);
	return err < 0 ? err : tar_flush(w);
}
