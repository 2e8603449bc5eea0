#include "lib/xattrs.h"

#include <string.h>

#include "lib/util.h"

bool xattr_is_overlays(const char *name)
{
	static const char *const prefixes[] = { "user.overlay.", "trusted.overlay.",
						"user.fuseoverlayfs." };

	for (size_t i = 0; i < ARRAY_SIZE(prefixes); i++)
		if (strncmp(name, prefixes[i], strlen(prefixes[i])) == 0)
			return true;
	return false;
}

bool xattr_is_label(const char *name)
{
	return strcmp(name, "security.selinux") == 0;
}
