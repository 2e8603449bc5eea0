#include "lib/overlay.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/utsname.h>

#include "lib/util.h"

static int set_common(const struct overlay *o, int fs)
{
	if (o->upper && (fsconfig(fs, FSCONFIG_SET_STRING, "upperdir", o->upper, 0) < 0 ||
			 fsconfig(fs, FSCONFIG_SET_STRING, "workdir", o->work, 0) < 0))
		return -errno;
	if (fsconfig(fs, FSCONFIG_SET_FLAG, "userxattr", NULL, 0) < 0)
		return -errno;
	if (o->is_volatile && fsconfig(fs, FSCONFIG_SET_FLAG, "volatile", NULL, 0) < 0)
		return -errno;
	return 0;
}

static int mount_by_layer(const struct overlay *o, int dir, const char *name)
{
	autoclose int fs = fsopen("overlay", FSOPEN_CLOEXEC);

	if (fs < 0)
		return -errno;
	for (unsigned i = 0; i < o->count; i++)
		if (fsconfig(fs, FSCONFIG_SET_STRING, "lowerdir+", o->lowers[i], 0) < 0)
			return -errno;
	int err = set_common(o, fs);
	if (err < 0)
		return err;
	if (fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0) < 0)
		return -errno;
	autoclose int mount = fsmount(fs, FSMOUNT_CLOEXEC, 0);
	if (mount < 0)
		return -errno;
	return move_mount(mount, "", dir, name, MOVE_MOUNT_F_EMPTY_PATH) < 0 ? -errno : 0;
}

/* The options of mount(2) have one page; `/proc/self/fd/N` is short, and free of `:` and `,`. */
#define BY_DESCRIPTOR "/proc/self/fd/%d"

/* Room for what follows the lower directories, the path of the upper one aside. */
#define OTHER_OPTIONS 100

/*
 * Mount tables show the upper directory as it is given here, and there it is looked for: so it is
 * given by its path, unless that would be read otherwise.
 */
static void describe_upper(const struct overlay *o, int fd, size_t room, char *text, size_t size)
{
	size_t len = strlen(o->upper);

	if (!strpbrk(o->upper, ",\\") && len < room && len < size)
		snprintf(text, size, "%s", o->upper);
	else
		snprintf(text, size, BY_DESCRIPTOR, fd);
}

static int write_options(const struct overlay *o, const int *fds, char *data, size_t size)
{
	char upper[PATH_MAX];
	size_t used = 0;

	for (unsigned i = 0; i < o->count && used < size; i++)
		used += (size_t)snprintf(data + used, size - used, "%s" BY_DESCRIPTOR,
					 i == 0 ? "lowerdir=" : ":", fds[i]);
	if (used + OTHER_OPTIONS >= size)
		return -E2BIG;
	if (o->upper) {
		describe_upper(o, fds[o->count], size - used - OTHER_OPTIONS, upper, sizeof(upper));
		used += (size_t)snprintf(data + used, size - used,
					 ",upperdir=%s,workdir=" BY_DESCRIPTOR, upper,
					 fds[o->count + 1]);
	}
	snprintf(data + used, size - used, ",userxattr%s", o->is_volatile ? ",volatile" : "");
	return 0;
}

static int mount_by_descriptor(const struct overlay *o, int dir, const char *name)
{
	char data[4096], target[32];
	int fds[512], opened = 0, err = 0;

	if (o->count + 2 > ARRAY_SIZE(fds))
		return -E2BIG;
	for (unsigned i = 0; i < o->count + (o->upper ? 2 : 0); i++) {
		const char *path = i < o->count ? o->lowers[i] : i == o->count ? o->upper : o->work;
		fds[opened] = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
		if (fds[opened] < 0) {
			err = -errno;
			break;
		}
		opened++;
	}
	if (err == 0)
		err = write_options(o, fds, data, sizeof(data));
	autoclose int at = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	snprintf(target, sizeof(target), BY_DESCRIPTOR, at);
	if (err == 0 && (at < 0 || mount("overlay", target, "overlay", 0, data) < 0))
		err = -errno;
	while (opened > 0)
		close(fds[--opened]);
	return err;
}

/*
 * Linux 6.8 takes one layer at a time, of any path. An older one says EINVAL, and so in its log
 * each time.
 */
static bool takes_single_layers(void)
{
	struct utsname kernel;
	char *end;

	if (uname(&kernel) < 0)
		return false;
	unsigned long major = strtoul(kernel.release, &end, 10);
	unsigned long minor = *end == '.' ? strtoul(end + 1, NULL, 10) : 0;
	return major > 6 || (major == 6 && minor >= 8);
}

/* In the path of an upper directory, not in that of a lower one, it takes a `\` away. */
static bool is_taken_literally(const struct overlay *o)
{
	return !o->upper || (!strchr(o->upper, '\\') && !strchr(o->work, '\\'));
}

int overlay_mount(const struct overlay *overlay, int dir, const char *name)
{
	bool by_layer = takes_single_layers() && is_taken_literally(overlay);
	int err = by_layer ? mount_by_layer(overlay, dir, name) : -EINVAL;

	return err == -EINVAL ? mount_by_descriptor(overlay, dir, name) : err;
}
