#include "lib/become.h"

#include <errno.h>
#include <grp.h>
#include <unistd.h>

#include "lib/report.h"

int become_root(bool drop_groups)
{
	if (setresgid(0, 0, 0) < 0)
		return report_failure("setresgid", errno, NULL);
	/* A map of one id denies it: user_namespaces(7). */
	if (drop_groups && setgroups(0, NULL) < 0 && errno != EPERM)
		return report_failure("setgroups", errno, NULL);
	if (setresuid(0, 0, 0) < 0)
		return report_failure("setresuid", errno, NULL);
	return 0;
}
