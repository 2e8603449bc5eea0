/* native/settings.c: stage 1 of the ops. */
#include "settings.h"

#include "tap.h"

static struct settings set;
static unsigned bad;

static int parse(const char *text, size_t len)
{
	static struct ops ops;
	char *copy = calloc(1, len + 1);

	memcpy(copy, text, len);
	ops_free(&ops);
	int err = ops_decode(&ops, copy, len, &bad);
	return err < 0 ? err : settings_parse(&set, &ops, &bad);
}

#define DIRS "state-dir\0" "1\0/s\0run-dir\0" "1\0/r\0"
#define PARSE(text) parse(text, sizeof(text) - 1)

int main(void)
{
	ok(PARSE(DIRS) == 0 && strcmp(set.state_dir, "/s") == 0,
	   "two directories are all a container must have");
	ok(set.stop_signal == 15 && set.stop_timeout_ms == 10000 && set.ns[NS_PID].mode == NS_NEW &&
		   set.restart == RESTART_NO && !set.tty && set.log.max_size == -1,
	   "the rest has Podman's defaults");
	ok(PARSE("state-dir\0" "1\0/s\0") == -EINVAL, "without them there is none");
	ok(PARSE(DIRS "tty\0"
		      "3\0yes\0"
		      "25\0"
		      "80\0") == 0 &&
		   set.tty && set.rows == 25 && set.columns == 80,
	   "a terminal has its size");
	ok(PARSE(DIRS "tty\0"
		      "1\0true\0") == -EINVAL &&
		   bad == 2,
	   "yes and no are the only answers");
	ok(PARSE(DIRS "restart\0"
		      "2\0on-failure\0"
		      "3\0") == 0 &&
		   set.restart == RESTART_ON_FAILURE && set.restart_max == 3,
	   "a restart policy has its limit");
	ok(PARSE(DIRS "ns\0"
		      "3\0ipc\0path\0/x\0") == 0 &&
		   set.ns[NS_IPC].mode == NS_PATH,
	   "a namespace may be another's");
	ok(PARSE(DIRS "ns\0" "2\0ipc\0path\0") == -EINVAL, "whose path is needed");
	ok(PARSE(DIRS "ns\0" "2\0time\0new\0") == -EINVAL, "an unknown namespace is refused");
	ok(PARSE(DIRS "stop-signal\0" "1\0" "65\0") == -EINVAL, "a signal is below 65");
	ok(PARSE(DIRS "uidmap\0" "3\0" "0\0" "x\0" "1\0") == -EINVAL, "a map has numbers");
	ok(PARSE(DIRS "init-uidmap\0"
		      "3\0"
		      "0\0"
		      "1000\0"
		      "5\0") == 0 &&
		   set.nested && set.nested_uid == 1000,
	   "a nested map names its root");
	ok(PARSE(DIRS "log\0"
		      "5\0passthrough\0\0-1\0\0"
		      "2\0") == 0 &&
		   set.passthrough && set.log.driver == LOG_NONE,
	   "passthrough writes no log");
	ok(PARSE(DIRS "pivot\0"
		      "0\0id\0"
		      "1\0x\0") == 0 &&
		   set.stage2 == 2,
	   "settings end where the steps begin");
	ok(PARSE(DIRS "restart\0" "2\0always\0" "0\0") == 0, "a policy may be replaced");
	ok(settings_set(&set, &(struct op){ OP_RESTART, 2,
					    (char *[]){ "on-failure", "7", NULL } }) == 0 &&
		   set.restart == RESTART_ON_FAILURE && set.restart_max == 7 &&
		   strcmp(set.run_dir, "/r") == 0,
	   "and the other settings stay");
	ok(settings_set(&set, &(struct op){ OP_PIVOT, 0, NULL }) == -ENOSYS,
	   "what is no setting is refused");
	return done();
}
