/* native/lib/tarwrite.c, read back by native/lib/tar.c. */
#include "lib/tarwrite.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/util.h"
#include "remove.h"
#include "tap.h"

static char long_name[301];

static int write_archive(int fd)
{
	const struct tar_xattr xattr = { "user.name", "a\0b", 3 };
	const struct tar_span spans[] = { { 4096, 5 }, { 8192, 0 } };
	struct tar_writer *w = tar_create(fd);
	autoclose int content = open("content", O_RDWR | O_CREAT | O_TRUNC, 0600);
	int err = write_all(content, "hello", 5);

	memset(long_name, 'n', 300);
	struct tar_entry plain = { .type = TAR_FILE,
				   .path = "plain",
				   .mode = 04751,
				   .uid = 5,
				   .gid = 6,
				   .size = 7,
				   .mtime = { 1000, 500 } };
	struct tar_entry hard = { .type = TAR_FILE,
				  .path = long_name,
				  .mode = 0644,
				  .uid = 3000000,
				  .size = 5,
				  .mtime = { -2, 250000000 },
				  .xattrs = &xattr,
				  .xattr_count = 1 };
	struct tar_entry link = { .type = TAR_SYMLINK, .path = "link", .link = long_name };
	struct tar_entry sparse = { .type = TAR_FILE,
				    .path = "holes",
				    .size = 8192,
				    .sparse = true,
				    .spans = spans,
				    .span_count = 2 };
	err |= tar_put_entry(w, &plain, false) | tar_put_data(w, "content", 7);
	err |= tar_put_entry(w, &hard, true) | tar_put_file(w, content, 0, 5);
	err |= tar_put_entry(w, &link, false);
	err |= tar_put_entry(w, &sparse, false) | tar_put_file(w, content, 0, 5) |
	       tar_put_file(w, content, 5, 0);
	err |= tar_put_end(w);
	tar_free(w);
	return err;
}

static bool next_is(struct tar_reader *r, struct tar_entry *entry, const char *path)
{
	return tar_next(r, entry) == 1 && strcmp(entry->path, path) == 0;
}

static bool data_is(struct tar_reader *r, const char *text)
{
	const void *data;
	ssize_t n = tar_data(r, 100, &data);

	return n == (ssize_t)strlen(text) && memcmp(data, text, (size_t)n) == 0;
}

int main(void)
{
	char *top = tap_directory();
	struct tar_entry e;

	ok(chdir(top) == 0, "a directory to work in");
	autoclose int fd = open("archive", O_RDWR | O_CREAT, 0600);
	ok(write_archive(fd) == 0, "an archive is written");
	ok(lseek(fd, 0, SEEK_END) % 512 == 0, "in whole blocks");
	lseek(fd, 0, SEEK_SET);
	struct tar_reader *r = tar_open(fd);
	ok(next_is(r, &e, "plain") && e.mode == 04751 && e.uid == 5 && e.gid == 6 && e.size == 7,
	   "a plain entry");
	ok(e.mtime.tv_sec == 1000 && e.mtime.tv_nsec == 0, "has whole seconds");
	ok(data_is(r, "content"), "and its content");
	ok(next_is(r, &e, long_name) && e.uid == 3000000, "a long name and a high owner");
	ok(e.mtime.tv_sec == -2 && e.mtime.tv_nsec == 250000000,
	   "have a precise time before the epoch");
	ok(e.xattr_count == 1 && e.xattrs[0].size == 3 && memcmp(e.xattrs[0].value, "a\0b", 3) == 0,
	   "and an attribute with a NUL in it");
	ok(data_is(r, "hello"), "and the content of a file");
	ok(next_is(r, &e, "link") && strcmp(e.link, long_name) == 0, "a link with a long target");
	ok(next_is(r, &e, "holes") && e.sparse && e.size == 8192 && e.spans[0].offset == 4096,
	   "a sparse file");
	ok(data_is(r, "hello"), "has its data");
	ok(tar_next(r, &e) == 0 && tar_is_complete(r), "the end is an end");
	tar_close(r);
	ok(ftruncate(fd, 1024) == 0 && lseek(fd, 0, SEEK_SET) == 0,
	   "an archive is cut between two entries");
	r = tar_open(fd);
	ok(next_is(r, &e, "plain") && tar_next(r, &e) == 0 && !tar_is_complete(r),
	   "and is known to be incomplete");
	tar_close(r);
	remove_tree(AT_FDCWD, top);
	return done();
}
