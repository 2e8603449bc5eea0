/* native/measure.c: what trees hold, however they are made. */
#include <sys/resource.h>
#include <sys/stat.h>

#include "lib/util.h"
#include "remove.h"
#include "verb.h"
#include "verbs.h"

/* With this stack, in bytes, as many as a container makes in minutes are with the usual one. */
#define LEVELS 5000
#define STACK 1000000

static char output[256];

/* The verb, with what is in `list` for its input. */
static int measure(int argc, char **argv)
{
	dup2(open("list", O_RDONLY | O_CLOEXEC), STDIN_FILENO);
	int status = verb_measure(argc, argv);
	fflush(stdout);
	return status;
}

static const char *size_of(const char *path)
{
	char *argv[] = { "measure", NULL }, cwd[256];
	autoclose int list = open("list", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	if (!getcwd(cwd, sizeof(cwd)))
		return "";
	dprintf(list, "%s/%s", cwd, path);
	write_all(list, "", 1);
	int status = run_verb(measure, 1, argv, output, sizeof(output));
	return status == 0 ? output : "failed";
}

static void put(int dir, const char *name, const char *text)
{
	autoclose int fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	write_all(fd, text, strlen(text));
}

/* Directories in each other, and a file in the deepest. */
static void dig(const char *top, int levels)
{
	int fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < levels; i++) {
		const char *name = i == 0 ? top : "d";
		must(mkdirat(fd, name, 0700));
		int next = openat(fd, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		must(fd = next);
	}
	put(fd, "file", "deep");
	close(fd);
}

static void make_tree(void)
{
	must(mkdir("tree", 0700));
	must(mkdir("tree/one", 0700));
	must(mkdir("tree/one/empty", 0700));
	must(mkdir("tree/two", 0700));
	autoclose int one = open("tree/one", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	autoclose int two = open("tree/two", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	put(one, "ten", "0123456789");
	put(two, "six", "012345");
	must(symlink("0123", "tree/two/link"));
	must(mkfifo("tree/two/pipe", 0600));
}

int main(void)
{
	struct rlimit small = { STACK, STACK };
	char *top = tap_directory();

	if (chdir(top) < 0 || setrlimit(RLIMIT_STACK, &small) < 0)
		return 2;
	make_tree();
	ok(strcmp(size_of("tree"), "20\n") == 0, "files and symlinks of a tree count");
	must(link("tree/one/ten", "tree/one/again"));
	ok(strcmp(size_of("tree"), "20\n") == 0, "a file with two names in it counts once");
	ok(strcmp(size_of("tree/one/ten"), "5\n") == 0 && strcmp(size_of("tree/two/six"), "6\n") == 0,
	   "a file alone has the part that is its name's");
	ok(strcmp(size_of("nowhere"), "0\n") == 0, "what is not there holds nothing");
	must(symlink("tree", "elsewhere"));
	ok(strcmp(size_of("elsewhere"), "4\n") == 0, "no symlink is followed");
	dig("tree/deep", LEVELS);
	ok(strcmp(size_of("tree"), "24\n") == 0, "a tree as deep as a container likes is measured");
	must(chdir("/"));
	remove_tree(AT_FDCWD, top);
	return done();
}
