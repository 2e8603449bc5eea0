/*
 * `userns UIDMAP GIDMAP VERB..`: carry out another verb, or with `-- PROGRAM ARG..` a program, as
 * root in a new user namespace with this map, and in a mount namespace of its own. A map is
 * INSIDE:OUTSIDE:SIZE,... With `else COUNT WORD..` before the maps we become the program that the
 * words name when that fails: its last arguments are STEP, ERRNO and DETAIL.
 *
 * The process that was started is the one that enters the namespace, so signals, job control and
 * the exit status need nobody in between. Those who write the maps must stay outside
 * (newuidmap(1)): children forked before, which wait at a gate.
 */
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/become.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

#define MAP_LINES 340 /* The kernel's limit: user_namespaces(7). */
#define HELPER_PATH "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"

struct id_map {
	const char *tool; /* its name is what a failure is reported as */
	const char *file;
	bool own;                      /* one id, ours: we may write it ourselves */
	char lines[MAP_LINES * 36];    /* as the kernel reads it */
	char words[MAP_LINES * 36];    /* the same, cut into the arguments of the tool */
	char *argv[MAP_LINES * 3 + 3]; /* tool, pid, words.., NULL */
	char path[PATH_MAX];           /* of the tool */
	pid_t writer;
};

/* Check one map and lay it out in both forms. */
static int parse_map(struct id_map *map, const char *text, uint32_t own_id)
{
	uint64_t number[3];
	size_t fields = 0, used = 0;

	if (strlen(text) >= sizeof(map->words))
		return -E2BIG;
	strcpy(map->words, text);
	for (char *at = map->words, *next; at; at = next) {
		next = strpbrk(at, ":,");
		bool last = fields % 3 == 2;
		if (next ? (*next == ',') != last : !last)
			return -EINVAL;
		if (next)
			*next++ = '\0';
		if (fields / 3 == MAP_LINES)
			return -E2BIG;
		int err = parse_number(at, 10, UINT32_MAX, &number[fields % 3]);
		if (err < 0)
			return err;
		map->argv[2 + fields++] = at;
		used += (size_t)snprintf(map->lines + used, sizeof(map->lines) - used, "%s%c", at,
					 last ? '\n' : ' ');
	}
	map->own = fields == 3 && number[1] == own_id && number[2] == 1;
	return 0;
}

static int find_tool(struct id_map *map)
{
	const char *lists[] = { getenv("PATH"), HELPER_PATH };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const char *at = lists[i]; at && *at; at += strspn(at, ":")) {
			size_t len = strcspn(at, ":");
			int n = snprintf(map->path, sizeof(map->path), "%.*s/%s", (int)len, at,
					 map->tool);
			if (n < (int)sizeof(map->path) && access(map->path, X_OK) == 0)
				return 0;
			at += len;
		}
	}
	return report_failure(map->tool, ENOENT, NULL);
}

/* In the child: wait for the namespace, then write its map or become the tool that does. */
static _Noreturn void write_from_outside(const struct id_map *map, const char *target, int gate,
					 bool as_root)
{
	char go;

	if (read(gate, &go, 1) != 1)
		_exit(1);
	if (!as_root) {
		execv(map->path, map->argv);
		_exit(127);
	}
	autoclose int dir = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_exit(dir >= 0 && write_file_at(dir, map->file, map->lines, strlen(map->lines)) == 0 ? 0
											     : 1);
}

/* Fork the writer of a map that only somebody outside may write. */
static int start_writer(struct id_map *map, const int gate[2])
{
	static char pid[16], target[32];
	bool as_root =
		geteuid() == 0; /* CAP_SETUID in the parent namespace: any map, and no tool. */

	map->writer = -1;
	if (map->own && !as_root)
		return 0;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(target, sizeof(target), "/proc/%s", pid);
	map->argv[0] = map->path;
	map->argv[1] = pid;
	int err = as_root ? 0 : find_tool(map);
	if (err < 0)
		return err;
	map->writer = fork();
	if (map->writer < 0)
		return report_failure("fork", errno, NULL);
	if (map->writer == 0) {
		close(gate[1]); /* Or our own copy keeps the gate open when the parent dies. */
		write_from_outside(map, target, gate[0], as_root);
	}
	return 0;
}

static int end_writer(const struct id_map *map)
{
	int status;

	if (map->writer < 0)
		return 0;
	while (waitpid(map->writer, &status, 0) < 0)
		if (errno != EINTR)
			return report_failure("waitpid", errno, map->tool);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return report_failure(map->tool, EPERM, map->lines);
}

static int write_own(const struct id_map *map)
{
	if (map->writer >= 0)
		return 0;
	autoclose int dir = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = dir < 0 ? -errno : write_file_at(dir, map->file, map->lines, strlen(map->lines));
	return err < 0 ? report_failure(map->tool, -err, map->lines) : 0;
}

/*
 * AppArmor may let a program make the namespace and map all its ids, and then refuse it every
 * capability that it has there by capget(2). This asks for one, and changes nothing.
 */
static int prove_power(void)
{
	return chroot("/") < 0 ? report_failure("capabilities", errno, NULL) : 0;
}

/*
 * Mounts of the namespace are slaves of the host's from birth, since it belongs to another user
 * namespace: mount_namespaces(7).
 */
static int enter(struct id_map *uids, struct id_map *gids)
{
	int gate[2];

	if (pipe2(gate, O_CLOEXEC) < 0)
		return report_failure("pipe2", errno, NULL);
	int err = start_writer(uids, gate);
	if (err == 0)
		err = start_writer(gids, gate);
	if (err == 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err = report_failure("unshare", errno, NULL);
	if (err == 0)
		err = write_all(gate[1], "go", 2); /* One byte a writer. */
	close(gate[0]);
	close(gate[1]);
	if (err == 0)
		err = write_own(uids);
	/* A map of one's own group needs setgroups(2) to be given up first: user_namespaces(7). */
	if (err == 0 && gids->writer < 0)
		err = write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny", 4);
	if (err == 0)
		err = write_own(gids);
	int ended = end_writer(uids);
	int ended_too = end_writer(gids);
	err = err ? err : ended ? ended : ended_too;
	if (err == 0)
		err = become_root(gids->writer >= 0);
	return err ? err : prove_power();
}

/*
 * A verb works for whoever started it, and must not go on in what the next command clears up. Only
 * now: every change of ids clears it, prctl(2).
 */
static void die_with_parent(void)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (!report_is_heard())
		_exit(1); /* It has died before. */
}

static int run_program(char **argv)
{
	execvp(argv[0], argv);
	return report_failure("exec", errno, argv[0]);
}

static int enter_and_run(int argc, char **argv)
{
	/* All zero, so not in the file's data, which every monitor maps. */
	static struct id_map uids, gids;
	bool runs_program = strcmp(argv[2], "--") == 0;

	uids.tool = "newuidmap", uids.file = "uid_map";
	gids.tool = "newgidmap", gids.file = "gid_map";
	int err = parse_map(&uids, argv[0], geteuid());
	if (err < 0)
		return report_failure("userns", -err, argv[0]);
	err = parse_map(&gids, argv[1], getegid());
	if (err < 0)
		return report_failure("userns", -err, argv[1]);
	if (runs_program && argc < 4)
		return report_failure("userns", EINVAL, "arguments");
	err = enter(&uids, &gids);
	if (err < 0)
		return err;
	if (runs_program)
		return run_program(argv + 3);
	die_with_parent();
	return verb_named(argc - 2, argv + 2);
}

int verb_userns(int argc, char **argv)
{
	uint64_t count = 0;
	bool has_else = argc > 3 && strcmp(argv[1], "else") == 0;

	if (has_else && parse_number(argv[2], 10, (uint64_t)argc - 3, &count) < 0)
		return report_failure("userns", EINVAL, "arguments");
	int first = has_else ? 3 + (int)count : 1;
	if (argc < first + 3)
		return report_failure("userns", EINVAL, "arguments");
	int err = enter_and_run(argc - first, argv + first);
	if (err < 0 && has_else)
		report_become(argv + 3, (int)count);
	return err;
}
