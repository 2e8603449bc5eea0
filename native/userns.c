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
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "lib/become.h"
#include "lib/idmap.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

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
	int err = idmap_start_writer(uids, gate);
	if (err == 0)
		err = idmap_start_writer(gids, gate);
	if (err == 0 && unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
		err = report_failure("unshare", errno, NULL);
	if (err == 0)
		err = write_all(gate[1], "go", 2); /* One byte a writer. */
	close(gate[0]);
	close(gate[1]);
	if (err == 0)
		err = idmap_write_own(uids);
	/* A map of one's own group needs setgroups(2) to be given up first: user_namespaces(7). */
	if (err == 0 && gids->writer < 0)
		err = write_file_at(AT_FDCWD, "/proc/self/setgroups", "deny", 4);
	if (err == 0)
		err = idmap_write_own(gids);
	int ended = idmap_end_writer(uids);
	int ended_too = idmap_end_writer(gids);
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
	int err = idmap_parse(&uids, argv[0], geteuid());
	if (err < 0)
		return report_failure("userns", -err, argv[0]);
	err = idmap_parse(&gids, argv[1], getegid());
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
