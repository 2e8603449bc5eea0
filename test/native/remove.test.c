#include "tap.h"
#include "remove.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void touch(const char *name)
{
	close(open(name, O_WRONLY | O_CREAT, 0600));
}

/* Make this many directories in each other. */
static int dig(const char *top, int levels)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY);

	for (int i = 0; i < levels; i++) {
		mkdirat(fd, i == 0 ? top : "d", 0700);
		int next = openat(fd, i == 0 ? top : "d", O_RDONLY | O_DIRECTORY);
		close(fd);
		if ((fd = next) < 0)
			return -1;
		close(openat(fd, "file", O_WRONLY | O_CREAT, 0600));
	}
	close(fd);
	return 0;
}

/* Four processes at the same trees, time and again; whether none of them has failed. */
static int remove_together(int times)
{
	int failed = 0, status;

	for (int time = 0; time < times; time++) {
		mkdir("shared", 0700);
		for (int i = 0; i < 8 && chdir("shared") == 0; i++) {
			char name[8];
			snprintf(name, sizeof(name), "%d", i);
			dig(name, 20);
			failed |= chdir("..") < 0;
		}
		for (int i = 0; i < 4; i++)
			if (fork() == 0)
				_exit(remove_tree(AT_FDCWD, "shared") != 0);
		for (int i = 0; i < 4; i++)
			failed |= wait(&status) < 0 || status != 0;
		failed |= access("shared", F_OK) == 0;
	}
	return !failed;
}

int main(void)
{
	struct rlimit few = { 80, 80 };
	char *top = tap_directory();

	if (chdir(top) < 0)
		return 2;
	ok(remove_tree(AT_FDCWD, "absent") == 0, "what is absent needs no removing");
	touch("file");
	ok(remove_tree(AT_FDCWD, "file") == 0 && access("file", F_OK) < 0, "a file is removed");

	mkdir("kept", 0700);
	touch("kept/file");
	mkdir("tree", 0700);
	if (symlink("../kept", "tree/link") < 0 || symlink("kept", "link") < 0)
		return 2;
	ok(remove_tree(AT_FDCWD, "tree") == 0 && access("tree", F_OK) < 0,
	   "a tree with a symlink is removed");
	ok(remove_tree(AT_FDCWD, "link") == 0 && access("kept/file", F_OK) == 0,
	   "what symlinks lead to is kept");

	mkdir("work", 0700);
	mkdir("work/work", 0700);
	touch("work/work/file");
	chmod("work/work", 0);
	mkdir("work/fixed", 0700);
	touch("work/fixed/file");
	chmod("work/fixed", 0500);
	ok(remove_tree(AT_FDCWD, "work") == 0,
	   "directories that are closed to their owner are removed");
	mkdir("closed", 0700);
	touch("closed/file");
	chmod("closed", 0);
	ok(remove_tree(AT_FDCWD, "closed") == 0, "also as the top of the tree");

	mkdir("wide", 0700);
	for (int i = 0; i < 3000; i++) {
		char name[64];
		snprintf(name, sizeof(name), "wide/%d-a-rather-long-name-for-a-file", i);
		if (i % 3 == 0)
			mkdir(name, 0700);
		else
			touch(name);
	}
	ok(remove_tree(AT_FDCWD, "wide") == 0, "thousands of entries are removed");

	ok(remove_together(40), "several may remove the same tree at once");

	setrlimit(RLIMIT_NOFILE, &few);
	ok(dig("deep", 5000) == 0, "a tree of 5000 levels is made");
	ok(remove_tree(AT_FDCWD, "deep") == 0 && access("deep", F_OK) < 0,
	   "and removed with 80 descriptors");
	ok(remove_tree(AT_FDCWD, "/proc/self/fdinfo") < 0, "what cannot be removed is reported");
	remove_tree(AT_FDCWD, top);
	return done();
}
