/* native/user.c: --user against the root's own /etc/passwd and /etc/group. */
#include "user.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "lib/util.h"
#include "remove.h"
#include "tap.h"

static int root;
static struct user user;

static int look_up(char *spec, char *group)
{
	char *argv[] = { spec, group, NULL };
	struct op op = { .kind = OP_USER, .argc = group ? 2 : 1, .argv = argv };

	return user_lookup(&user, root, &op);
}

static int has_group(gid_t gid)
{
	for (unsigned i = 0; i < user.group_count; i++)
		if (user.groups[i] == gid)
			return 1;
	return 0;
}

static void write_file(const char *name, const char *text)
{
	int fd = openat(root, name, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	write_all(fd, text, strlen(text));
	close(fd);
}

int main(void)
{
	char *top = tap_directory();
	static char line[20000];

	root = open(top, O_PATH | O_DIRECTORY);
	ok(look_up("", NULL) == 0 && user.uid == 0 && user.gid == 0 && strcmp(user.home, "/") == 0,
	   "without any passwd nobody asked for is root at /");
	ok(look_up("1234", NULL) == 0 && user.uid == 1234 && user.gid == 0,
	   "a number needs no passwd");
	ok(look_up("bob", NULL) == -ENOENT, "a name does");
	mkdirat(root, "etc", 0755);
	write_file("etc/passwd", "root:x:0:0:root:/root:/bin/sh\n# "
				 "comment\nbroken\nbob:x:1000:1001:Bob:/home/bob:/bin/sh\n"
				 "12:x:77:77::/:/bin/sh\n9:*:9:0::/:/bin/sh\n"
				 "last:x:5:6::/l:/bin/sh");
	write_file("etc/group",
		   "root:x:0:\nwheel:x:10:alice,bob\nbobs:x:1001:\naudio:x:63:x,bob,y\n"
		   "9:x:9:9\n");
	ok(look_up("", NULL) == 0 && strcmp(user.home, "/root") == 0,
	   "root lives where passwd says");
	ok(look_up("bob", NULL) == 0 && user.uid == 1000 && user.gid == 1001 &&
		   strcmp(user.home, "/home/bob") == 0,
	   "a name has its uid, gid and home");
	ok(user.group_count == 3 && has_group(1001) && has_group(10) && has_group(63),
	   "and the groups that list it");
	ok(look_up("1000", NULL) == 0 && user.gid == 1001 && has_group(10), "so has its uid");
	ok(look_up("bob:wheel", NULL) == 0 && user.gid == 10 && user.group_count == 1,
	   "a group of its own leaves the others out");
	ok(look_up("1000:4242", NULL) == 0 && user.gid == 4242, "that may be a number");
	ok(look_up("bob:nosuch", NULL) == -ENOENT, "an unknown group is an error");
	ok(look_up("bob", "audio") == 0 && has_group(63), "groups are added by name");
	ok(look_up("bob", "keep-groups") == 0 && user.keep_groups,
	   "keep-groups keeps those of the caller");
	ok(look_up("9", NULL) == 0 && user.group_count == 1 && has_group(0),
	   "a number that only our own lines know has no other groups");
	ok(look_up("last", NULL) == 0 && user.uid == 5, "the last line may lack its newline");
	memset(line, 'x', sizeof(line) - 1);
	strcpy(line + sizeof(line) - 60, "\nlong:x:8:9::/:/bin/sh\n");
	write_file("etc/passwd", line);
	ok(look_up("long", NULL) == 0 && user.uid == 8, "an endless line is skipped");
	unlinkat(root, "etc/passwd", 0);
	mkfifoat(root, "etc/passwd", 0644);
	ok(look_up("bob", NULL) == -EINVAL, "a fifo for passwd is refused, not waited for");
	unlinkat(root, "etc/passwd", 0);
	must(symlinkat("/../../../../../etc/hostname", root, "etc/passwd"));
	ok(look_up("bob", NULL) == -ENOENT, "a symlink out of the root finds nothing");
	remove_tree(AT_FDCWD, top);
	return done();
}
