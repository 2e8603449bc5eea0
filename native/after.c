/*
 * `after PID STARTTIME -- PROGRAM ARG..`: become a program once a process has ended: what `run
 * --detach --rmi` leaves for the image.
 */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include "lib/identity.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

/* 0 or -errno. One whose number is another's already has ended. */
static int wait_for_end(pid_t pid, uint64_t start_time)
{
	autoclose int pidfd = pidfd_open_born(pid, start_time);
	struct pollfd process = { .fd = pidfd, .events = POLLIN };

	if (pidfd < 0)
		return pidfd == -ESRCH ? 0 : pidfd;
	while (poll(&process, 1, -1) < 0)
		if (errno != EINTR)
			return -errno;
	return 0;
}

int verb_after(int argc, char **argv)
{
	uint64_t pid, start_time;

	if (argc < 5 || strcmp(argv[3], "--") != 0 ||
	    parse_number(argv[1], 10, INT_MAX, &pid) < 0 ||
	    parse_number(argv[2], 10, UINT64_MAX, &start_time) < 0)
		return report_failure("after", EINVAL, "arguments");
	int err = wait_for_end((pid_t)pid, start_time);
	if (err < 0)
		return report_failure("wait", -err, argv[1]);
	execv(argv[4], argv + 4);
	return report_failure("exec", errno, argv[4]);
}
