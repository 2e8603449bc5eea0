#include "tap.h"
#include "lib/copy.h"
#include "remove.h"
#include "verbs.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/xattr.h>

static void put(const char *name, const char *text)
{
	int fd = open(name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (write(fd, text, strlen(text)) < 0)
		exit(2);
	close(fd);
}

static int holds(const char *name, const char *text)
{
	char seen[64] = "";
	int fd = open(name, O_RDONLY);
	ssize_t n = read(fd, seen, sizeof(seen) - 1);
	close(fd);
	return n == (ssize_t)strlen(text) && strcmp(seen, text) == 0;
}

static int copy(const char *from, const char *to)
{
	mkdir(to, 0700);
	int src = open(from, O_RDONLY | O_DIRECTORY), dst = open(to, O_RDONLY | O_DIRECTORY);
	int err = copy_tree(src, dst);
	close(src);
	close(dst);
	return err;
}

static struct stat seen(const char *name)
{
	struct stat st = { 0 };
	lstat(name, &st);
	return st;
}

static void trees(void)
{
	struct timespec old[2] = { { 1000000000, 5 }, { 1000000001, 7 } };
	char value[8] = "";

	mkdir("from", 0700);
	mkdir("from/dir", 0700);
	put("from/dir/file", "text");
	put("from/program", "run");
	chmod("from/program", 06755);
	setxattr("from/program", "user.mark", "m", 1, 0);
	if (link("from/program", "from/dir/second") < 0 ||
	    symlink("../../etc/passwd", "from/link") < 0)
		exit(2);
	mkfifo("from/fifo", 0622);
	chmod("from/fifo", 0622);
	int fd = open("from/sparse", O_WRONLY | O_CREAT, 0600);
	if (pwrite(fd, "x", 1, 50 << 20) != 1 || ftruncate(fd, 60 << 20) < 0)
		exit(2);
	close(fd);
	chmod("from/dir", 02751);
	utimensat(AT_FDCWD, "from/dir", old, 0);
	utimensat(AT_FDCWD, "from/link", old, AT_SYMLINK_NOFOLLOW);
	chmod("from", 0711);

	ok(copy("from", "to") == 0, "a tree is copied");
	ok(holds("to/dir/file", "text") && holds("to/program", "run"), "with its content");
	ok(seen("to/program").st_ino == seen("to/dir/second").st_ino, "hard links");
	ok((seen("to/program").st_mode & 07777) == 06755 &&
		   (seen("to/dir").st_mode & 07777) == 02751 &&
		   (seen("to").st_mode & 07777) == 0711,
	   "modes");
	ok(seen("to/dir").st_mtim.tv_sec == 1000000001 && seen("to/dir").st_mtim.tv_nsec == 7 &&
		   seen("to/link").st_mtim.tv_sec == 1000000001,
	   "times");
	ok(S_ISLNK(seen("to/link").st_mode) && S_ISFIFO(seen("to/fifo").st_mode) &&
		   (seen("to/fifo").st_mode & 0777) == 0622,
	   "symlinks and fifos");
	ok(seen("to/sparse").st_size == 60 << 20 && seen("to/sparse").st_blocks < 4096, "holes");
	ok(getxattr("to/program", "user.mark", value, sizeof(value)) == 1 && value[0] == 'm',
	   "attributes");

	mkdir("used", 0700);
	mkdir("used/dir", 0700);
	put("used/program", "mine");
	ok(copy("from", "used") == 0 && holds("used/program", "mine") &&
		   holds("used/dir/file", "text"),
	   "what is there already stays");
	ok(is_empty_directory(open("used", O_RDONLY)) == 0,
	   "a directory that holds something is not empty");
}

static void layers(void)
{
	char *argv[] = { "copy", "root", "lower", "upper", NULL };
	char value[8];

	mkdir("lower", 0755);
	mkdir("lower/etc", 0755);
	put("lower/etc/kept", "lower");
	put("lower/etc/changed", "lower");
	put("lower/etc/removed", "lower");
	mkdir("lower/hidden", 0755);
	put("lower/hidden/old", "lower");
	mkdir("lower/replaced", 0755);
	put("lower/replaced/by-a-file", "lower");
	mkdir("upper", 0755);
	mkdir("upper/etc", 0700);
	put("upper/etc/changed", "upper");
	mkdir("upper/hidden", 0755);
	put("upper/hidden/new", "upper");
	put("upper/replaced", "upper");
	setxattr("upper/hidden", "user.overlay.opaque", "y", 1, 0);
	if (mknod("upper/etc/removed", S_IFCHR, 0) < 0) {
		skip("a layer removes what it whites out", "mknod of a whiteout");
		return;
	}
	ok(verb_copy(4, argv) == 0, "layers are laid on top of each other");
	ok(holds("root/etc/kept", "lower") && holds("root/etc/changed", "upper"),
	   "files are replaced");
	ok(access("root/etc/removed", F_OK) < 0, "a layer removes what it whites out");
	ok(access("root/hidden/old", F_OK) < 0 && holds("root/hidden/new", "upper"),
	   "an opaque directory hides");
	ok(getxattr("root/hidden", "user.overlay.opaque", value, 8) < 0,
	   "and does not say so any more");
	ok(holds("root/replaced", "upper"), "a file replaces a directory");
	ok((seen("root/etc").st_mode & 0777) == 0700, "a directory is as the upper layer has it");
	argv[2] = "absent";
	argv[1] = "other";
	ok(verb_copy(4, argv) < 0 && access("other", F_OK) < 0 && access("other.new", F_OK) < 0,
	   "a failure leaves nothing behind");
}

int main(void)
{
	char *top = tap_directory();

	if (chdir(top) < 0)
		return 2;
	umask(022);
	trees();
	layers();
	remove_tree(AT_FDCWD, top);
	return done();
}
