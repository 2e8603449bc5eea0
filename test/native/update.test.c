/* native/update.c: settings that change while the container runs. */
#include "update.h"

#include <fcntl.h>

#include "lib/util.h"
#include "tap.h"

static struct monitor m = { .cgroup = -1 };
static unsigned bad;

/*
 * As native/control.c does: what the settings do not keep is freed, and overwritten by whatever
 * comes next.
 */
static int update(const char *text, size_t len)
{
	struct ops ops;
	char *copy = calloc(1, len + 1);

	memcpy(copy, text, len);
	int err = ops_decode(&ops, copy, len, &bad);
	err = err < 0 ? err : update_settings(&m, &ops, &bad);
	ops_free(&ops);
	char *next = malloc(len + 1);
	memset(next, 'x', len + 1);
	free(next);
	return err;
}

#define UPDATE(text) update("update\0" "0\0" text, sizeof("update\0" "0\0" text) - 1)

int main(void)
{
	ok(UPDATE("name\0"
		  "1\0web\0restart\0"
		  "2\0always\0"
		  "0\0remove\0"
		  "1\0/s\0") == 0 &&
		   strcmp(m.set.name, "web") == 0,
	   "an update has the settings anew");
	ok(UPDATE("") == 0 && strcmp(m.set.name, "web") == 0 &&
		   strcmp(m.set.remove->argv[0], "/s") == 0,
	   "one without any leaves those that are there");
	ok(UPDATE("restart\0"
		  "2\0no\0"
		  "0\0") == -EINVAL &&
		   bad == 1 && m.set.restart == RESTART_ALWAYS,
	   "a setting does not come without the name");
	ok(UPDATE("name\0" "1\0db\0cgroup-write\0" "2\0pids.max\0" "5\0") == -ENOTSUP && bad == 2 &&
	   strcmp(m.set.name, "web") == 0, "a write that fails changes no setting");
	ok(UPDATE("name\0" "1\0db\0") == 0 && strcmp(m.set.name, "db") == 0 && m.set.remove == NULL,
	   "what is not said again is no more");
	ok(UPDATE("name\0" "1\0db\0health\0" "6\0" "1000\0" "2000\0" "0\0" "3\0none\0true\0") == 0 &&
	   m.set.health.regular.interval_ms == 1000 && m.set.health.startup.op == NULL,
	   "a health check is changed");
	ok(UPDATE("name\0" "1\0db\0") == 0 && m.set.health.regular.op == NULL,
	   "a health check that is not said again is no more");

	char folder[] = "/tmp/tspod-update-XXXXXX", text[16] = "";
	m.cgroup = mkdtemp(folder) ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	autoclose int weight = openat(m.cgroup, "io.weight", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	ok(UPDATE("cgroup-write\0" "4\0io.bfq.weight\0" "10\0io.weight\0" "1\0") == 0 &&
	   pread(weight, text, sizeof(text) - 1, 0) == 1 && *text == '1',
	   "where the kernel has no such file the other one is written");
	autoclose int bfq = openat(m.cgroup, "io.bfq.weight", O_CREAT | O_RDWR | O_CLOEXEC, 0600);
	ok(UPDATE("cgroup-write\0" "4\0io.bfq.weight\0" "20\0io.weight\0" "9\0") == 0 &&
	   pread(bfq, text, sizeof(text) - 1, 0) == 2 && pread(weight, text + 2, 1, 0) == 1 &&
	   strcmp(text, "201") == 0, "where it has, that alone");
	ok(UPDATE("cgroup-write\0" "2\0io.max\0" "1\0") == -ENOENT && bad == 1,
	   "a file that is not there is an error where no other is named");
	unlinkat(m.cgroup, "io.weight", 0);
	unlinkat(m.cgroup, "io.bfq.weight", 0);
	rmdir(folder);
	return done();
}
