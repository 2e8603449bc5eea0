#include "put.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/report.h"
#include "lib/takeover.h"
#include "lib/util.h"
#include "remove.h"

int put_stage(struct put *put)
{
	struct stat st;

	if (!put->top || (lstat(put->top, &st) == 0 && S_ISDIR(st.st_mode)))
		return 0;
	drop_cache(AT_FDCWD, put->top);
	snprintf(put->staged, sizeof(put->staged), "%s.top", put->x.staged);
	int err = remove_tree(AT_FDCWD, put->staged);
	return err < 0 ? report_failure("put", -err, put->top) : 0;
}

int put_entry_path(const struct put *put, const char *name, char path[PATH_MAX])
{
	char clean[PATH_MAX];
	size_t len = put->top ? strlen(put->top) : 0;
	int err = extract_path(name, clean);

	if (err < 0)
		return err;
	bool below_top = put->staged[0] && strncmp(clean, put->top, len) == 0 &&
			 (clean[len] == '/' || clean[len] == '\0');
	const char *first = below_top ? put->staged : "", *rest = below_top ? clean + len : clean;
	if (snprintf(path, PATH_MAX, "%s%s", first, rest) >= PATH_MAX)
		return -ENAMETOOLONG;
	if (path[0] == '\0')
		memcpy(path, ".", 2);
	return 0;
}

int put_place(struct put *put)
{
	struct stat made, there;

	if (!put->staged[0] || (lstat(put->staged, &made) < 0 && errno == ENOENT))
		return 0; /* Nothing of that name was in the archive: a device, say. */
	bool replaces = lstat(put->top, &there) == 0;
	if (replaces && S_ISDIR(made.st_mode) != S_ISDIR(there.st_mode)) {
		if (put->x.keep_kinds)
			return report_failure("put", S_ISDIR(there.st_mode) ? EISDIR : ENOTDIR,
					      put->top);
		int err = remove_tree(AT_FDCWD, put->top);
		if (err < 0)
			return report_failure("put", -err, put->top);
	}
	int err = take_over(AT_FDCWD, put->staged, put->top);
	if (err == -EBUSY && S_ISREG(made.st_mode))
		err = write_over(put->staged, put->top);
	return err < 0 ? report_failure("put", -err, put->top) : 0;
}
