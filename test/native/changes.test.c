/*
 * native/lib/changes.c: layers and upper directories as overlayfs.rst and the OCI image-spec write
 * them.
 */
#include "lib/changes.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

#include "lib/util.h"
#include "remove.h"
#include "tap.h"

static char seen[1024];

static int remember(void *arg, const struct change *change)
{
	(void)arg;
	size_t used = strlen(seen);
	snprintf(seen + used, sizeof(seen) - used, "%c %s|", (char)change->kind, change->path);
	return 0;
}

static void put(const char *path, const char *text)
{
	autoclose int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	write_all(fd, text, strlen(text));
	futimens(fd, (struct timespec[2]){ { .tv_sec = 1 }, { .tv_sec = 1 } });
}

static const char *changes_of(const char *tree, bool whole, const char *first, const char *second)
{
	autoclose int top = open(tree, O_RDONLY | O_DIRECTORY);
	autoclose int one = open(first, O_RDONLY | O_DIRECTORY);
	autoclose int two = open(second, O_RDONLY | O_DIRECTORY);
	const int layers[] = { one, two };
	const struct changes changes = { top, whole, layers, 2, remember, NULL };

	seen[0] = '\0';
	return changes_walk(&changes) == 0 ? seen : "failed";
}

int main(void)
{
	char *top = tap_directory();

	ok(chdir(top) == 0, "a directory to work in");
	for (const char *const *name =
		     (const char *const[]){ "low", "low/d", "low/d/e", "mid", "mid/d", "up", "up/d",
					    "tree", "tree/d", NULL };
	     *name; name++)
		mkdir(*name, 0755);
	put("low/a", "a");
	put("low/d/x", "x");
	put("low/d/e/y", "y");
	put("low/gone", "g");
	put("mid/.wh.gone", "");
	put("mid/d/m", "m");
	put("up/a", "changed");
	put("up/gone", "new again");
	put("up/d/.wh.x", "");
	ok(strcmp(changes_of("up", false, "mid", "low"), "C a|C d|D d/x|A gone|") == 0,
	   "an upper directory");
	if (setxattr("up/d", "user.overlay.opaque", "y", 1, 0) == 0)
		ok(strcmp(changes_of("up", false, "mid", "low"),
			  "C a|C d|D d/x|D d/m|D d/e|A gone|") == 0,
		   "an opaque directory hides the rest");
	else
		skip("an opaque directory hides the rest", "the file system has no attributes");
	put("tree/a", "a");
	put("tree/d/m", "other");
	put("tree/d/new", "n");
	ok(strcmp(changes_of("tree", true, "mid", "low"), "C d|C d/m|A d/new|D d/e|D d/x|") == 0,
	   "a whole tree, by comparison");
	remove_tree(AT_FDCWD, top);
	return done();
}
