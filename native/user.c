#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "lib/accounts.h"
#include "lib/util.h"

struct passwd_search {
	struct user *user;
	const char *name;     /* as asked for */
	char found_name[256];
	bool numeric, found;
};

static int match_passwd(void *arg, char **fields, unsigned count)
{
	struct passwd_search *search = arg;
	uint32_t uid, gid;

	if (count < 4 || !accounts_parse_id(fields[2], &uid) || !accounts_parse_id(fields[3], &gid))
		return 0;
	if (search->numeric ? uid != search->user->uid : strcmp(fields[0], search->name) != 0)
		return 0;
	search->found = true;
	search->user->uid = uid;
	search->user->gid = gid;
	snprintf(search->found_name, sizeof(search->found_name), "%s", fields[0]);
	if (count > 5 && *fields[5])
		snprintf(search->user->home, sizeof(search->user->home), "%s", fields[5]);
	return 1;
}

struct group_search {
	const char *name;
	gid_t gid;
	bool found;
};

static int match_group(void *arg, char **fields, unsigned count)
{
	struct group_search *search = arg;

	if (count < 3 || strcmp(fields[0], search->name) != 0 ||
	    !accounts_parse_id(fields[2], &search->gid))
		return 0;
	search->found = true;
	return 1;
}

static int find_group(int root, const char *name, gid_t *gid)
{
	struct group_search search = { .name = name };

	if (accounts_parse_id(name, gid))
		return 0;
	int err = accounts_each(root, "/etc/group", match_group, &search);
	*gid = search.gid;
	return err < 0 ? err : search.found ? 0 : -ENOENT;
}

static int add_group(struct user *user, gid_t gid)
{
	for (unsigned i = 0; i < user->group_count; i++)
		if (user->groups[i] == gid)
			return 0;
	if (user->group_count == USER_GROUPS_MAX)
		return -E2BIG;
	user->groups[user->group_count++] = gid;
	return 0;
}

struct member_search {
	struct user *user;
	const char *name;
};

static int match_member(void *arg, char **fields, unsigned count)
{
	struct member_search *search = arg;
	gid_t gid;

	if (count < 4 || !accounts_parse_id(fields[2], &gid))
		return 0;
	for (char *rest = fields[3], *name; (name = strsep(&rest, ","));)
		if (strcmp(name, search->name) == 0)
			return add_group(search->user, gid) < 0;
	return 0;
}

/*
 * `name`, `uid`, `name:group`, `uid:gid`; a group of its own leaves out what /etc/group would add.
 */
static int lookup_spec(struct user *user, int root, const char *spec)
{
	char name[256];
	struct passwd_search search = { .user = user, .name = name };
	const char *colon = strchr(spec, ':');
	size_t len = colon ? (size_t)(colon - spec) : strlen(spec);

	if (len >= sizeof(name))
		return -ENAMETOOLONG;
	memcpy(name, spec, len);
	name[len] = '\0';
	search.numeric = len == 0 || accounts_parse_id(name, &user->uid);
	int err = accounts_each(root, "/etc/passwd", match_passwd, &search);
	if (err < 0)
		return err;
	if (!search.found && !search.numeric)
		return -ENOENT;
	if (colon && colon[1])
		return find_group(root, colon + 1, &user->gid);
	uint32_t number;
	if (accounts_parse_id(search.found_name, &number))
		return 0; /* A line of ours, as its group is: src/plan/accounts.ts. */
	struct member_search members = { .user = user, .name = search.found_name };
	return search.found ? accounts_each(root, "/etc/group", match_member, &members) : 0;
}

int user_lookup(struct user *user, int root, const struct op *op)
{
	*user = (struct user){ .home = "/" };
	int err = lookup_spec(user, root, op ? op->argv[0] : "");
	if (err == 0)
		err = add_group(user, user->gid);
	for (unsigned i = 1; err == 0 && op && i < op->argc; i++) {
		gid_t gid;
		if (strcmp(op->argv[i], "keep-groups") == 0) {
			user->keep_groups = true;
			continue;
		}
		err = find_group(root, op->argv[i], &gid);
		if (err == 0)
			err = add_group(user, gid);
	}
	return err;
}

int user_ids(char *spec, uid_t *uid, gid_t *gid)
{
	char *words[] = { spec };
	const struct op op = { .argc = 1, .argv = words };
	struct user user = { 0 };
	autoclose int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = root < 0 ? -errno : user_lookup(&user, root, &op);

	*uid = user.uid;
	*gid = user.gid;
	return err;
}
