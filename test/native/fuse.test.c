/* native/fuse.c: what serves a file system is there as long as that is mounted. */
#include "verb.h"
#include "remove.h"
#include "verbs.h"

#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "lib/util.h"

#define PROGRAM "/usr/bin/fuse-overlayfs"

static char *top;
static char output[256];

/* A user namespace where we are root: what the tests mount, nobody else sees. */
static bool become_root(void)
{
	char map[32];
	int n = snprintf(map, sizeof(map), "0 %u 1", getuid());
	char groups[32];
	int m = snprintf(groups, sizeof(groups), "0 %u 1", getgid());

	return unshare(CLONE_NEWUSER | CLONE_NEWNS) == 0 &&
	       write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny", 4) == 0 &&
	       write_file_at(AT_FDCWD, "/proc/self/uid_map", map, (size_t)n) == 0 &&
	       write_file_at(AT_FDCWD, "/proc/self/gid_map", groups, (size_t)m) == 0;
}

static bool can_serve(void)
{
	return access(PROGRAM, X_OK) == 0 && access("/dev/fuse", R_OK | W_OK) == 0;
}

/* The command line of the verb for this target; each has an upper directory of its own. */
static char **words(const char *target)
{
	static char path[512], options[4096];
	static char *argv[] = { "fuse", path, "source", PROGRAM, "-o", options, "/dev/fd/3", NULL };

	snprintf(path, sizeof(path), "%s/%s", top, target);
	snprintf(options, sizeof(options), "lowerdir=%s/lower,upperdir=%s/upper-%s,workdir=%s/work-%s",
		 top, top, target, top, target);
	return argv;
}

static int fuse(const char *target)
{
	return run_verb(verb_fuse, 7, words(target), output, sizeof(output));
}

/* Whether a child of ours, which those without a parent become, ends within a while. */
static bool one_ends(void)
{
	for (int i = 0; i < 1000; i++) {
		if (waitpid(-1, NULL, WNOHANG) != 0)
			return true;
		usleep(10000);
	}
	return false;
}

static bool all_end(void)
{
	pid_t child;

	for (int i = 0; i < 1000; i++) {
		while ((child = waitpid(-1, NULL, WNOHANG)) > 0)
			;
		if (child < 0)
			return true;
		usleep(10000);
	}
	return false;
}

static bool is_mounted(const char *target)
{
	struct stat here, there;

	return stat(".", &here) == 0 && stat(target, &there) == 0 && here.st_dev != there.st_dev;
}

static void failing(void)
{
	char *fails[] = { "fuse", "one", "source", "/bin/false", NULL };
	char *missing[] = { "fuse", "one", "source", "/nowhere", NULL };

	ok(run_verb(verb_fuse, 4, fails, output, sizeof(output)) == 1,
	   "the failure of the program is the status");
	ok(run_verb(verb_fuse, 4, missing, output, sizeof(output)) == 127,
	   "and as a shell has it where there is none");
	ok(!is_mounted("one") && waitpid(-1, NULL, WNOHANG) < 0, "nothing is mounted then");
}

static void elsewhere(void)
{
	char **argv = words("nowhere");

	mkdir("upper-nowhere", 0700);
	mkdir("work-nowhere", 0700);
	ok(run_verb(verb_fuse, 7, argv, output, sizeof(output)) == 125 && all_end(),
	   "what cannot be mounted where it should be is served by nobody");
}

static void mounted(void)
{
	ok(fuse("one") == 0 && access("one/file", F_OK) == 0, "the file system is mounted");
	close(open("one/made", O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
	ok(access("upper-one/made", F_OK) == 0, "it can be written");
	ok(umount2("one", 0) == 0 && all_end(), "its program ends when it is unmounted");
}

static void both(const char *first, const char *second)
{
	ok(fuse("one") == 0 && fuse("two") == 0, "two are mounted");
	ok(umount2(first, 0) == 0 && one_ends() && waitpid(-1, NULL, WNOHANG) == 0,
	   "the program of the one ends when that is unmounted");
	ok(access(second, F_OK) == 0 && umount2(second, 0) == 0 && all_end(),
	   "then the other one's");
}

static void with_namespace(void)
{
	fflush(stdout);
	pid_t child = fork();

	if (child == 0)
		_exit(unshare(CLONE_NEWNS) < 0 || fuse("one") != 0 || access("one/file", F_OK) < 0);
	int status;
	waitpid(child, &status, 0);
	ok(status == 0 && all_end(),
	   "a program ends with the mount namespace that its file system is mounted in");
}

/* At any moment, a millisecond apart. */
static bool killed(void)
{
	for (useconds_t at = 0; at < 50; at++) {
		char **argv = words("one");
		pid_t child = fork();
		if (child == 0) {
			dup2(open("/dev/null", O_WRONLY | O_CLOEXEC), STDERR_FILENO);
			_exit(verb_fuse(7, argv) != 0);
		}
		usleep(at * 1000);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		if (is_mounted("one"))
			umount2("one", 0);
		if (!all_end())
			return false;
	}
	return true;
}

static void make_directories(void)
{
	const char *const names[] = { "lower",	   "one",      "two",	  "upper-one",
				      "upper-two", "work-one", "work-two" };

	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		mkdir(names[i], 0700);
	mknod("lower/file", S_IFREG, 0);
}

int main(void)
{
	top = tap_directory();
	if (chdir(top) < 0 || prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0)
		return 2;
	if (!become_root() || !can_serve()) {
		skip("the file system is mounted", "user namespaces, /dev/fuse and fuse-overlayfs");
		rmdir(top);
		return done();
	}
	make_directories();
	failing();
	elsewhere();
	mounted();
	both("one", "two");
	both("two", "one");
	with_namespace();
	ok(killed(), "a verb that is killed at any moment leaves no program");
	if (chdir("/") == 0)
		remove_tree(AT_FDCWD, top);
	return done();
}
