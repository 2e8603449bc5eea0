/*
 * `end PID STARTTIME`: SIGKILL to that very process, whoever has its number by now; one that is gone
 * has ended.
 */
#include <errno.h>
#include <limits.h>
#include <signal.h>

#include "lib/identity.h"
#include "lib/report.h"
#include "lib/util.h"
#include "verbs.h"

int verb_end(int argc, char **argv)
{
	uint64_t pid, start_time;

	if (argc != 3 || parse_number(argv[1], 10, INT_MAX, &pid) < 0 ||
	    parse_number(argv[2], 10, UINT64_MAX, &start_time) < 0)
		return report_failure("end", EINVAL, "arguments");
	autoclose int pidfd = pidfd_open_born((pid_t)pid, start_time);
	int err = pidfd < 0 ? pidfd : pidfd_signal(pidfd, SIGKILL);
	return err == 0 || err == -ESRCH ? 0 : report_failure("kill", -err, argv[1]);
}
