/*
 * `unmount [--lazy|--force] PATH`: take a mount out of this mount namespace; `--lazy`: also one that
 * is in use; `--force`: the same, and who uses it can read it alone, so that it may be mounted anew.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>

#include "lib/report.h"
#include "verbs.h"

/* EBUSY while a file is open for writing: mount_setattr(2). */
static int make_readonly(const char *path)
{
	struct mount_attr attr = { .attr_set = MOUNT_ATTR_RDONLY };

	return mount_setattr(AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, &attr, sizeof(attr));
}

int verb_unmount(int argc, char **argv)
{
	int force = argc > 1 && strcmp(argv[1], "--force") == 0;
	int lazy = force || (argc > 1 && strcmp(argv[1], "--lazy") == 0);

	if (argc != 2 + lazy)
		return report_failure("unmount", EINVAL, "arguments");
	if ((force && make_readonly(argv[2]) < 0) ||
	    umount2(argv[1 + lazy], UMOUNT_NOFOLLOW | (lazy ? MNT_DETACH : 0)) < 0)
		return report_failure("unmount", errno, argv[1 + lazy]);
	return 0;
}
