#include "user.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "lib/path.h"
#include "lib/util.h"

#define LINE_MAX_BYTES 4096
#define FILE_MAX_BYTES (8 << 20) /* The container may have written it. */
#define FIELDS_MAX 8
#define ID_MAX 0xfffffffeU

/* Called with the fields of each line, split at colons; returns 1 to stop. */
typedef int line_fn(void *arg, char **fields, unsigned count);

static int each_field(char *line, line_fn *fn, void *arg)
{
	char *fields[FIELDS_MAX] = { NULL }, *rest = line;
	unsigned count = 0;

	while (count < FIELDS_MAX && rest)
		fields[count++] = strsep(&rest, ":");
	return fn(arg, fields, count);
}

/* Walk over the lines in a buffer; overlong ones are skipped. What is left of the last line moves to the front. */
static int walk_lines(char *buf, size_t *used, bool *skipping, line_fn *fn, void *arg)
{
	char *line = buf, *end = buf + *used, *newline;
	int stop = 0;

	while (!stop && (newline = memchr(line, '\n', (size_t)(end - line)))) {
		*newline = '\0';
		if (!*skipping)
			stop = each_field(line, fn, arg);
		*skipping = false;
		line = newline + 1;
	}
	*used = (size_t)(end - line);
	memmove(buf, line, *used);
	if (*used >= LINE_MAX_BYTES) {
		*skipping = true;
		*used = 0;
	}
	return stop;
}

static int each_line(int root, const char *path, line_fn *fn, void *arg)
{
	char buf[LINE_MAX_BYTES * 2];
	size_t used = 0, total = 0;
	bool skipping = false;
	struct stat st;
	autoclose int fd = path_open(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);

	if (fd == -ENOENT || fd == -ENOTDIR)
		return 0;
	if (fd < 0)
		return fd;
	if (fstat(fd, &st) < 0)
		return -errno;
	if (S_ISCHR(st.st_mode))
		return 0; /* /dev/null: masked */
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	while (total < FILE_MAX_BYTES) {
		ssize_t n = read(fd, buf + used, LINE_MAX_BYTES);
		if (n < 0)
			return -errno;
		if (n == 0)
			break;
		used += (size_t)n;
		total += (size_t)n;
		if (walk_lines(buf, &used, &skipping, fn, arg))
			return 0;
	}
	if (used == 0 || skipping)
		return 0;
	buf[used] = '\0';
	each_field(buf, fn, arg);
	return 0;
}

static bool parse_id(const char *text, uint32_t *id)
{
	uint64_t number;

	if (parse_number(text, 10, ID_MAX, &number) < 0)
		return false;
	*id = (uint32_t)number;
	return true;
}

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

	if (count < 4 || !parse_id(fields[2], &uid) || !parse_id(fields[3], &gid))
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

	if (count < 3 || strcmp(fields[0], search->name) != 0 || !parse_id(fields[2], &search->gid))
		return 0;
	search->found = true;
	return 1;
}

static int find_group(int root, const char *name, gid_t *gid)
{
	struct group_search search = { .name = name };

	if (parse_id(name, gid))
		return 0;
	int err = each_line(root, "/etc/group", match_group, &search);
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

	if (count < 4 || !parse_id(fields[2], &gid))
		return 0;
	for (char *rest = fields[3], *name; (name = strsep(&rest, ","));)
		if (strcmp(name, search->name) == 0)
			return add_group(search->user, gid) < 0;
	return 0;
}

/* `name`, `uid`, `name:group`, `uid:gid`; a group of its own leaves out what /etc/group would add. */
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
	search.numeric = len == 0 || parse_id(name, &user->uid);
	int err = each_line(root, "/etc/passwd", match_passwd, &search);
	if (err < 0)
		return err;
	if (!search.found && !search.numeric)
		return -ENOENT;
	if (colon && colon[1])
		return find_group(root, colon + 1, &user->gid);
	struct member_search members = { .user = user, .name = search.found_name };
	return search.found ? each_line(root, "/etc/group", match_member, &members) : 0;
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

struct id_search {
	uint32_t id;
	bool found;
};

static int match_id(void *arg, char **fields, unsigned count)
{
	struct id_search *search = arg;
	uint32_t id;

	search->found |= count > 2 && parse_id(fields[2], &id) && id == search->id;
	return search->found;
}

static bool cannot_be_written(int err)
{
	return err == -EROFS || err == -EACCES || err == -EPERM;
}

int user_add_line(int root, const char *path, const char *line)
{
	char copy[LINE_MAX_BYTES], *fields[FIELDS_MAX] = { NULL }, *rest = copy;
	struct id_search search = { .found = false };

	if (snprintf(copy, sizeof(copy), "%s", line) >= (int)sizeof(copy) || strchr(line, '\n'))
		return -EINVAL;
	for (unsigned i = 0; i < 3 && rest; i++)
		fields[i] = strsep(&rest, ":");
	if (!fields[2] || !parse_id(fields[2], &search.id))
		return -EINVAL;
	int err = each_line(root, path, match_id, &search);
	if (err < 0 || search.found)
		return err;
	autoclose int made = path_ensure(root, path, PATH_FILE, 0644);
	if (made < 0)
		return cannot_be_written(made) ? 0 : made;
	autoclose int fd = path_open(root, path, O_RDWR | O_APPEND | O_NOCTTY);
	if (fd < 0)
		return cannot_be_written(fd) ? 0 : fd;
	char last = '\n';
	off_t size = lseek(fd, 0, SEEK_END);
	if (size > 0 && pread(fd, &last, 1, size - 1) != 1)
		return -EIO;
	int n = snprintf(copy, sizeof(copy), "%s%s\n", last == '\n' ? "" : "\n", line);
	return n >= (int)sizeof(copy) ? -EINVAL : write_all(fd, copy, (size_t)n);
}
