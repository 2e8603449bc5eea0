/*
 * `pack [OPTION..] PATH AS`: what is at PATH as a tar archive on standard output, under the name
 * AS; "" is the content of a directory without the directory.
 *
 *   --for-ourselves    times are precise, and holes stay holes: not every reader understands those
 *   --skip-unreadable  what may not be read is left out
 *   --skip NAME        of the top directory; may be given several times
 *   --owner SPEC       everything belongs to this user of the root directory's passwd file
 *   --ask              once all of it is read whoever started us says, asked through descriptor 5,
 *                      whether it was there until then; else the archive is left without its end
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>

#include "lib/pack.h"
#include "lib/report.h"
#include "lib/util.h"
#include "user.h"
#include "verbs.h"

static int take_owner(struct packer *p, char *spec)
{
	int err = user_ids(spec, &p->uid, &p->gid);

	if (err < 0)
		return report_failure("user", -err, spec);
	p->chown = true;
	return 0;
}

#define ASKED 5 /* src/host/files.ts gives it to us as that */

static bool asks;

/* In a tree that is removed meanwhile we find nothing but that there is less of it. */
static int ask(void)
{
	char answer;
	int err = write_all(ASKED, "?", 1);

	if (err < 0)
		return report_failure("ask", -err, NULL);
	return read_full(ASKED, &answer, 1) == 1 ? 0 : report_failure("ask", ESTALE, NULL);
}

/* How many words were taken, or -errno. */
static int take_option(struct packer *p, int argc, char **argv)
{
	if (strcmp(argv[0], "--for-ourselves") == 0)
		return (p->for_ourselves = true);
	if (strcmp(argv[0], "--skip-unreadable") == 0)
		return (p->skip_unreadable = true);
	if (strcmp(argv[0], "--ask") == 0)
		return (asks = true);
	if (argc > 1 && strcmp(argv[0], "--skip") == 0) {
		size_t i = 0;
		while (i < ARRAY_SIZE(p->skipped) && p->skipped[i])
			i++;
		if (i == ARRAY_SIZE(p->skipped))
			return report_failure("pack", E2BIG, argv[1]);
		p->skipped[i] = argv[1];
		return 2;
	}
	if (argc > 1 && strcmp(argv[0], "--owner") == 0) {
		int err = take_owner(p, argv[1]);
		return err < 0 ? err : 2;
	}
	return report_failure("pack", EINVAL, argv[0]);
}

/* Who reads may wait for us, and we for them: whoever started us is to be waited for by neither. */
static int end_with_parent(void)
{
	struct pollfd report = { .fd = STDERR_FILENO };

	/* Only now: every change of ids has cleared it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0)
		return report_failure("prctl", errno, NULL);
	/* Gone before that? Then nobody reads our reports any more: poll(2), POLLERR. */
	if (poll(&report, 1, 0) > 0 && report.revents & POLLERR)
		return report_failure("killed", ESRCH, NULL);
	return 0;
}

int verb_pack(int argc, char **argv)
{
	struct packer p = { 0 };
	int at = 1;

	for (; at < argc && argv[at][0] == '-';) {
		int taken = take_option(&p, argc - at, argv + at);
		if (taken < 0)
			return taken;
		at += taken;
	}
	if (argc != at + 2)
		return report_failure("pack", EINVAL, "arguments");
	int err = end_with_parent();
	if (err < 0)
		return err;
	pack_allow_depth();
	fcntl(STDOUT_FILENO, F_SETPIPE_SZ, 1 << 20); /* No matter when it is a file or a socket. */
	p.out = tar_create(STDOUT_FILENO);
	err = p.out ? pack_tree(&p, AT_FDCWD, argv[at], argv[at + 1], true) : -ENOMEM;
	if (err == 0 && asks)
		err = ask();
	if (err == 0) {
		p.path[0] = '\0';
		err = tar_put_end(p.out);
	}
	if (err < 0)
		report_failure("pack", -err, p.path);
	tar_free(p.out);
	pack_free(&p);
	return err;
}
