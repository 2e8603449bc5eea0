#include "lib/owners.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/util.h"

#define SHIFTS_MAX 16

struct shift {
	struct range {
		uint64_t from, to, size;
	} ranges[SHIFTS_MAX];
	unsigned count;
};

static struct shift uid_shift, gid_shift;

static int parse_shift(struct shift *shift, const char *text)
{
	char copy[512], *rest = copy, *field;
	uint64_t numbers[3 * SHIFTS_MAX];
	unsigned used = 0;

	if (snprintf(copy, sizeof(copy), "%s", text) >= (int)sizeof(copy))
		return -EINVAL;
	while ((field = strsep(&rest, ":"))) {
		if (used == ARRAY_SIZE(numbers) ||
		    parse_number(field, 10, UINT32_MAX, &numbers[used++]) < 0)
			return -EINVAL;
	}
	if (used % 3 != 0)
		return -EINVAL;
	shift->count = used / 3;
	memcpy(shift->ranges, numbers, used * sizeof(numbers[0]));
	return 0;
}

int owners_shift(const char *uids, const char *gids)
{
	int err = parse_shift(&uid_shift, uids);

	return err < 0 ? err : parse_shift(&gid_shift, gids);
}

static uint32_t shifted(const struct shift *shift, uint32_t id)
{
	for (unsigned i = 0; i < shift->count; i++) {
		const struct range *range = &shift->ranges[i];
		if (id >= range->from && id - range->from < range->size)
			return (uint32_t)(range->to + (id - range->from));
	}
	return id;
}

static uint32_t former(const struct shift *shift, uint32_t id)
{
	for (unsigned i = 0; i < shift->count; i++) {
		const struct range *range = &shift->ranges[i];
		if (id >= range->to && id - range->to < range->size)
			return (uint32_t)(range->from + (id - range->to));
	}
	return id;
}

uid_t owners_uid(uid_t uid)
{
	return shifted(&uid_shift, uid);
}

gid_t owners_gid(gid_t gid)
{
	return shifted(&gid_shift, gid);
}

uid_t owners_former_uid(uid_t uid)
{
	return former(&uid_shift, uid);
}

gid_t owners_former_gid(gid_t gid)
{
	return former(&gid_shift, gid);
}
