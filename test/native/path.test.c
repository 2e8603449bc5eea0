/* native/lib/path.c: no path leads out of the root. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "lib/path.h"
#include "lib/util.h"
#include "remove.h"
#include "tap.h"

static char top[PATH_MAX];

/* Whether the descriptor names this path below the root. */
static int leads_to(int fd, const char *path)
{
	char link[64], found[PATH_MAX], wanted[PATH_MAX * 2];

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	ssize_t n = readlink(link, found, sizeof(found) - 1);
	if (fd >= 0)
		close(fd);
	if (n < 0)
		return 0;
	found[n] = '\0';
	snprintf(wanted, sizeof(wanted), "%s/root%s", top, path);
	return strcmp(found, wanted) == 0;
}

int main(void)
{
	struct stat st;

	snprintf(top, sizeof(top), "%s", tap_directory());
	autoclose int dir = open(top, O_PATH | O_DIRECTORY);
	mkdirat(dir, "root", 0755);
	mkdirat(dir, "secret", 0755);
	autoclose int root = openat(dir, "root", O_PATH | O_DIRECTORY);
	mkdirat(root, "etc", 0755);
	must(symlinkat("../../../../../../etc", root, "up"));
	must(symlinkat("/etc", root, "absolute"));
	must(symlinkat("../secret", root, "sibling"));
	must(symlinkat("../run/resolv/stub.conf", root, "etc/resolv.conf"));
	must(symlinkat("loop", root, "loop"));

	ok(leads_to(path_open(root, "/etc", O_PATH), "/etc"),
	   "an absolute path begins at the root");
	ok(leads_to(path_open(root, "../../etc", O_PATH), "/etc"),
	   "dots do not climb above the root");
	ok(leads_to(path_open(root, "/up", O_PATH), "/etc"),
	   "a relative symlink does not climb above the root");
	ok(leads_to(path_open(root, "/absolute", O_PATH), "/etc"),
	   "an absolute symlink begins at the root");
	ok(path_open(root, "/sibling", O_PATH) == -ENOENT,
	   "a symlink to a directory beside the root finds nothing");
	ok(leads_to(path_ensure(root, "/a/b/c", PATH_DIRECTORY, 0700), "/a/b/c"),
	   "missing parents are made");
	ok(fstatat(root, "a/b", &st, 0) == 0 && (st.st_mode & 07777) == 0755,
	   "a parent that was made is 0755");
	ok(fstatat(root, "a/b/c", &st, 0) == 0 && (st.st_mode & 07777) == 0700,
	   "the directory has the mode asked for");
	ok(leads_to(path_ensure(root, "/sibling/x", PATH_FILE, 0644), "/secret/x"),
	   "making goes through a symlink inside the root");
	ok(fstatat(dir, "secret/x", &st, 0) < 0, "and makes nothing beside it");
	ok(leads_to(path_ensure(root, "/etc/resolv.conf", PATH_FILE, 0644),
		    "/run/resolv/stub.conf"),
	   "a dangling symlink is followed and its target made inside");
	ok(path_ensure(root, "/loop", PATH_FILE, 0644) == -ELOOP,
	   "a symlink to itself is an error");
	ok(path_ensure(root, "/etc/resolv.conf/x", PATH_FILE, 0644) == -ENOTDIR,
	   "a file has nothing below it");
	ok(path_open(root, "/proc/self/exe", O_PATH) == -ENOENT,
	   "there is no procfs where none is mounted");
	remove_tree(AT_FDCWD, top);
	return done();
}
