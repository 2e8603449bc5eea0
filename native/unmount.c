/*
 * `unmount [--lazy] PATH`: take a mount out of this mount namespace; `--lazy`: also one that is in
 * use.
 */
#include <errno.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/report.h"
#include "verbs.h"

int verb_unmount(int argc, char **argv)
{
	int lazy = argc > 1 && strcmp(argv[1], "--lazy") == 0;

	if (argc != 2 + lazy)
		return report_failure("unmount", EINVAL, "arguments");
	if (umount2(argv[1 + lazy], UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) < 0)
		return report_failure("unmount", errno, argv[1 + lazy]);
	return 0;
}
