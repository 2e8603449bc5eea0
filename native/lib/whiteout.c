#include "lib/whiteout.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

bool whiteout_is(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(0, 0);
}

bool whiteout_has_marker(int dir, const char *name)
{
	char marker[NAME_MAX + 8];

	return snprintf(marker, sizeof(marker), WHITEOUT "%s", name) <= NAME_MAX &&
	       faccessat(dir, marker, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

static bool has_attribute(int dir, const char *attribute)
{
	char value[4];

	return fgetxattr(dir, attribute, value, sizeof(value)) > 0 && value[0] == 'y';
}

bool whiteout_is_opaque(int dir)
{
	return has_attribute(dir, "user.overlay.opaque") ||
	       has_attribute(dir, "user.fuseoverlayfs.opaque") ||
	       faccessat(dir, WHITEOUT_OPAQUE, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}
