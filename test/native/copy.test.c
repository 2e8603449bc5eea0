/* native/lib/copy.c. */
#include "lib/copy.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "lib/util.h"
#include "remove.h"
#include "tap.h"

/* cap_net_bind_service, permitted and effective: version 2 of capabilities(7). */
static const unsigned char capability[20] = { 1, 0, 0, 2, 0, 4 };

static void copies_what_is_capable(int dir)
{
	unsigned char value[24] = { 0 };

	mkdirat(dir, "layer", 0755);
	mkdirat(dir, "capable", 0755);
	autoclose int src = openat(dir, "layer", O_RDONLY | O_DIRECTORY);
	autoclose int dst = openat(dir, "capable", O_RDONLY | O_DIRECTORY);
	mkdirat(src, "bin", 0751);
	mkdirat(src, "bin/empty", 0755);
	autoclose int plain = openat(src, "bin/plain", O_RDWR | O_CREAT, 0755);
	autoclose int ping = openat(src, "bin/ping", O_RDWR | O_CREAT, 0755);
	if (fsetxattr(ping, "security.capability", capability, sizeof(capability), 0) < 0) {
		skip("of a layer, files with capabilities are copied",
		     "only root sets capabilities of files");
		return;
	}
	ok(copy_capable(src, dst) == 0, "of a layer, files with capabilities are copied");
	autoclose int copy = openat(dst, "bin/ping", O_RDONLY);
	ok(fgetxattr(copy, "security.capability", value, sizeof(value)) == 24 && value[3] == 3 &&
		   value[5] == 4 && value[20] == 1,
	   "with capabilities for another root");
	ok(faccessat(dst, "bin/plain", F_OK, 0) < 0 && faccessat(dst, "bin/empty", F_OK, 0) < 0,
	   "and nothing else");
}

static void leaves_the_top_alone(int dir)
{
	struct stat st;

	mkdirat(dir, "image", 0700);
	mkdirat(dir, "volume", 0750);
	autoclose int src = openat(dir, "image", O_RDONLY | O_DIRECTORY);
	autoclose int dst = openat(dir, "volume", O_RDONLY | O_DIRECTORY);
	mkdirat(src, "sub", 0711);
	close(openat(src, "file", O_WRONLY | O_CREAT, 0600));
	ok(copy_below(src, dst, false) == 0 && copy_below(src, dst, true) == 0,
	   "what is below a directory is copied, and copied again");
	ok(faccessat(dst, "file", F_OK, 0) == 0 && fstatat(dst, "sub", &st, 0) == 0 &&
		   (st.st_mode & 07777) == 0711,
	   "with modes");
	ok(fstat(dst, &st) == 0 && (st.st_mode & 07777) == 0750, "the directory keeps its own");
}

static void leaves_labels_to_the_host(int dir)
{
	char text[32];

	mkdirat(dir, "labelled", 0755);
	mkdirat(dir, "unlabelled", 0755);
	autoclose int src = openat(dir, "labelled", O_RDONLY | O_DIRECTORY);
	autoclose int dst = openat(dir, "unlabelled", O_RDONLY | O_DIRECTORY);
	autoclose int file = openat(src, "file", O_RDWR | O_CREAT, 0644);
	if (fsetxattr(file, "security.selinux", "u:r:other_t", 12, 0) < 0) {
		skip("labels of SELinux stay behind", "only root sets labels of files");
		return;
	}
	ok(copy_tree(src, dst) == 0, "a tree with labels of SELinux is copied");
	autoclose int copy = openat(dst, "file", O_RDONLY);
	ssize_t len = fgetxattr(copy, "security.selinux", text, sizeof(text));
	ok(copy >= 0 && (len != 12 || memcmp(text, "u:r:other_t", 12) != 0), "and they stay behind");
}

/*
 * Where character devices or attributes cannot be made, a layer hides in the form of archives:
 * unpack.c.
 */
static void hides_in_both_forms(int dir)
{
	mkdirat(dir, "above", 0755);
	mkdirat(dir, "merged", 0755);
	autoclose int src = openat(dir, "above", O_RDONLY | O_DIRECTORY);
	autoclose int dst = openat(dir, "merged", O_RDONLY | O_DIRECTORY);
	mkdirat(dst, "opaque", 0755);
	close(openat(dst, "gone", O_WRONLY | O_CREAT, 0644));
	close(openat(dst, "opaque/below", O_WRONLY | O_CREAT, 0644));
	mkdirat(src, "opaque", 0755);
	close(openat(src, ".wh.gone", O_WRONLY | O_CREAT, 0600));
	close(openat(src, "opaque/.wh..wh..opq", O_WRONLY | O_CREAT, 0600));
	close(openat(src, "opaque/own", O_WRONLY | O_CREAT, 0644));
	ok(copy_layer(src, dst) == 0, "a layer whose whiteouts are files is copied");
	ok(faccessat(dst, "gone", F_OK, 0) < 0 && faccessat(dst, ".wh.gone", F_OK, 0) < 0,
	   "one removes its name");
	ok(faccessat(dst, "opaque/below", F_OK, 0) < 0 &&
		   faccessat(dst, "opaque/.wh..wh..opq", F_OK, 0) < 0 &&
		   faccessat(dst, "opaque/own", F_OK, 0) == 0,
	   "an opaque directory hides what was below it");
}

int main(void)
{
	char *top = tap_directory(), text[16] = "";
	struct stat st;
	autoclose int dir = open(top, O_PATH | O_DIRECTORY);

	mkdirat(dir, "src", 0755);
	mkdirat(dir, "dst", 0755);
	autoclose int src = openat(dir, "src", O_RDONLY | O_DIRECTORY);
	autoclose int dst = openat(dir, "dst", O_RDONLY | O_DIRECTORY);
	ok(is_empty_directory(src) == 1, "a new directory is empty");
	mkdirat(src, "sub", 0751);
	autoclose int fd = openat(src, "sub/file", O_RDWR | O_CREAT, 0644);
	write_all(fd, "content", 7);
	fchmod(fd, 04751);
	int has_xattrs = fsetxattr(fd, "user.name", "value", 5, 0) == 0;
	futimens(fd, (struct timespec[2]){ { .tv_sec = 1 }, { .tv_sec = 12345 } });
	must(symlinkat("../../../etc", src, "link"));
	mkfifoat(src, "fifo", 0600);
	fchmod(src, 0700);
	ok(is_empty_directory(src) == 0, "then it is not");

	ok(copy_tree(src, dst) == 0, "a tree is copied");
	ok(read_file_at(dst, "sub/file", text, sizeof(text)) == 7 && strcmp(text, "content") == 0,
	   "with content");
	ok(fstatat(dst, "sub/file", &st, 0) == 0 && (st.st_mode & 07777) == 04751 &&
		   st.st_mtime == 12345,
	   "with mode and time");
	ok(fstatat(dst, "sub", &st, 0) == 0 && (st.st_mode & 07777) == 0751, "directories too");
	ok(fstat(dst, &st) == 0 && (st.st_mode & 07777) == 0700, "and the top itself");
	ok(readlinkat(dst, "link", text, sizeof(text)) == 12, "a symlink stays one");
	ok(fstatat(dst, "fifo", &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISFIFO(st.st_mode),
	   "a fifo is not waited for");
	autoclose int copy = openat(dst, "sub/file", O_RDONLY);
	if (has_xattrs)
		ok(fgetxattr(copy, "user.name", text, sizeof(text)) == 5,
		   "with extended attributes");
	else
		skip("with extended attributes", "the file system has none");
	copies_what_is_capable(dir);
	leaves_the_top_alone(dir);
	leaves_labels_to_the_host(dir);
	hides_in_both_forms(dir);
	remove_tree(AT_FDCWD, top);
	return done();
}
