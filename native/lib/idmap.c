#include "lib/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lib/report.h"
#include "lib/util.h"

#define HELPER_PATH "/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin"

int idmap_parse(struct id_map *map, const char *text, uint32_t own_id)
{
	uint64_t number[3];
	size_t fields = 0, used = 0;

	if (strlen(text) >= sizeof(map->words))
		return -E2BIG;
	strcpy(map->words, text);
	for (char *at = map->words, *next; at; at = next) {
		next = strpbrk(at, ":,");
		bool last = fields % 3 == 2;
		if (next ? (*next == ',') != last : !last)
			return -EINVAL;
		if (next)
			*next++ = '\0';
		if (fields / 3 == IDMAP_LINES)
			return -E2BIG;
		int err = parse_number(at, 10, UINT32_MAX, &number[fields % 3]);
		if (err < 0)
			return err;
		map->argv[2 + fields++] = at;
		used += (size_t)snprintf(map->lines + used, sizeof(map->lines) - used, "%s%c", at,
					 last ? '\n' : ' ');
	}
	map->own = fields == 3 && number[1] == own_id && number[2] == 1;
	return 0;
}

static int find_tool(struct id_map *map)
{
	const char *lists[] = { getenv("PATH"), HELPER_PATH };

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
		for (const char *at = lists[i]; at && *at; at += strspn(at, ":")) {
			size_t len = strcspn(at, ":");
			int n = snprintf(map->path, sizeof(map->path), "%.*s/%s", (int)len, at,
					 map->tool);
			if (n < (int)sizeof(map->path) && access(map->path, X_OK) == 0)
				return 0;
			at += len;
		}
	}
	return report_failure(map->tool, ENOENT, NULL);
}

/* In the child: wait for the namespace, then write its map or become the tool that does. */
static _Noreturn void write_from_outside(const struct id_map *map, const char *target, int gate,
					 bool as_root)
{
	char go;

	if (read(gate, &go, 1) != 1)
		_exit(1);
	if (!as_root) {
		execv(map->path, map->argv);
		_exit(127);
	}
	autoclose int dir = open(target, O_PATH | O_DIRECTORY | O_CLOEXEC);
	_exit(dir >= 0 && write_file_at(dir, map->file, map->lines, strlen(map->lines)) == 0 ? 0
											     : 1);
}

int idmap_start_writer(struct id_map *map, const int gate[2])
{
	static char pid[16], target[32];
	bool as_root =
		geteuid() == 0; /* CAP_SETUID in the parent namespace: any map, and no tool. */

	map->writer = -1;
	if (map->own && !as_root)
		return 0;
	snprintf(pid, sizeof(pid), "%d", (int)getpid());
	snprintf(target, sizeof(target), "/proc/%s", pid);
	map->argv[0] = map->path;
	map->argv[1] = pid;
	int err = as_root ? 0 : find_tool(map);
	if (err < 0)
		return err;
	map->writer = fork();
	if (map->writer < 0)
		return report_failure("fork", errno, NULL);
	if (map->writer == 0) {
		close(gate[1]); /* Or our own copy keeps the gate open when the parent dies. */
		write_from_outside(map, target, gate[0], as_root);
	}
	return 0;
}

int idmap_tool_errno(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? EOPNOTSUPP : EPERM;
}

int idmap_end_writer(const struct id_map *map)
{
	int status;

	if (map->writer < 0)
		return 0;
	while (waitpid(map->writer, &status, 0) < 0)
		if (errno != EINTR)
			return report_failure("waitpid", errno, map->tool);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return report_failure(map->tool, idmap_tool_errno(), map->lines);
}

int idmap_write_own(const struct id_map *map)
{
	if (map->writer >= 0)
		return 0;
	autoclose int dir = open("/proc/self", O_PATH | O_DIRECTORY | O_CLOEXEC);
	int err = dir < 0 ? -errno : write_file_at(dir, map->file, map->lines, strlen(map->lines));
	return err < 0 ? report_failure(map->tool, -err, map->lines) : 0;
}
