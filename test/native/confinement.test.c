/* native/init.c and what it uses, end to end: what a container does not have and cannot do. */
#include "container.h"

#define FAILS_TO_CHANGE 77 /* exit code of the container that tries to change our executable */

static void test_heritage(void)
{
	struct container c;

	begin(&c, "descriptors");
	ok(run(&c, "i=0; all=; while [ $i -lt 99 ]; do [ -L /proc/$$/fd/$i ] && all=\"$all$i \"; "
		   "i=$((i+1)); done; echo \"$all\"") &&
		   strstr(file(&c, "ctr.log"), " stdout F 0 1 2 \n"),
	   "the standard descriptors are there, and none of ours");
	begin(&c, "capabilities");
	ok(run(&c, "grep CapInh /proc/self/status") &&
		   strstr(file(&c, "ctr.log"), "CapInh:\t0000000000000000"),
	   "inheritable capabilities are empty");
}

static void test_executable(void)
{
	struct container c;
	char self[PATH_MAX] = "";
	struct stat st;

	must(readlink("/proc/self/exe", self, sizeof(self) - 1));
	chmod(self, 0755);
	begin(&c, "exe");
	root(&c);
	op(&c, "pivot", NULL);
	op(&c, "exec", "/proc/self/exe", "change", NULL);
	const char *line = go(&c);
	ok((strncmp(line, "running", 7) == 0 && is_over(&c) &&
	    strstr(file(&c, "exit.json"), "\"exitCode\":77,")) ||
		   strncmp(line, "failed", 6) == 0,
	   "our executable cannot be changed through /proc/self/exe");
	ok(stat(self, &st) == 0 && (st.st_mode & 07777) == 0755, "its mode is what it was");
}

/* The other side of it: we are the container's process, on a file that was to be protected. */
static int change(void)
{
	int denied = open("/proc/self/exe", O_WRONLY) < 0;

	denied &= chmod("/proc/self/exe", 0777) < 0;
	return denied ? FAILS_TO_CHANGE : 1;
}

static void test_paths(void)
{
	struct container c;
	char path[128];
	struct stat st;

	snprintf(path, sizeof(path), "%s/root/escape", top);
	must(symlink("../../../../../../../../tmp", path));
	begin(&c, "escape");
	root(&c);
	op(&c, "file", "/escape/tspod-escaped", "0644", "inside", NULL);
	op(&c, "mount", "tmpfs", "tmpfs", "/escape/tspod-escaped-dir", "0", "", NULL);
	finally(&c, "cat /tmp/tspod-escaped");
	ok(strncmp(go(&c), "running", 7) == 0 && is_over(&c) &&
		   strstr(file(&c, "ctr.log"), "inside"),
	   "a symlink in the image leads to the image's own /tmp");
	ok(stat("/tmp/tspod-escaped", &st) < 0 && stat("/tmp/tspod-escaped-dir", &st) < 0,
	   "never to the host's");
	begin(&c, "late");
	root(&c);
	op(&c, "pivot", NULL);
	op(&c, "mount", "tmpfs", "tmpfs", "/x", "0", "", NULL);
	op(&c, "exec", "/usr/bin/true", NULL);
	ok(strcmp(go(&c), "failed 11 22") == 0 && is_over(&c), "no mount is made after the pivot");
}

static void tests(void)
{
	test_heritage();
	test_executable();
	test_paths();
}

int main(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "change") == 0)
		return change();
	return container_main(argc, argv, tests);
}
