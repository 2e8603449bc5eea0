/* native/lib/log.c: lines of a container in its log file. */
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>

#include "lib/log.h"
#include "lib/util.h"
#include "remove.h"
#include "tap.h"

static char path[PATH_MAX];

static char *content(const char *suffix)
{
	static char text[65536], name[PATH_MAX + 8];

	snprintf(name, sizeof(name), "%s%s", path, suffix);
	if (read_file_at(AT_FDCWD, name, text, sizeof(text)) < 0)
		return strcpy(text, "");
	return text;
}

/* The line after its time, which is as long everywhere. */
static const char *after_time(const char *line, const char *zone)
{
	const char *end = strstr(line, zone);

	return end ? end + strlen(zone) : "";
}

static struct log begin(enum log_driver driver, int64_t max)
{
	struct log log = { .driver = driver, .path = path, .max_size = max };

	unlink(path);
	log_open(&log);
	return log;
}

static void say(struct log *log, enum log_stream stream, const char *text)
{
	log_write(log, stream, text, strlen(text));
}

int main(void)
{
	char *top = tap_directory(), big[20000];
	struct stat st;

	snprintf(path, sizeof(path), "%s/ctr.log", top);
	struct log log = begin(LOG_K8S_FILE, -1);
	say(&log, LOG_STDOUT, "hello\n");
	ok(strcmp(after_time(content(""), "+00:00"), " stdout F hello\n") == 0, "a whole line is F");
	ok(content("")[4] == '-' && content("")[10] == 'T' && strlen(content("")) == 35 + strlen(" stdout F hello\n"),
	   "a line begins with its time in nanoseconds");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "the log is its owner's alone");
	log_close(&log);
	log = begin(LOG_K8S_FILE, -1);
	say(&log, LOG_STDERR, "piece");
	ok(strcmp(after_time(content(""), "+00:00"), " stderr P piece\n") == 0, "a piece of a line is P");
	log_close(&log);
	log = begin(LOG_K8S_FILE, -1);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	log_write(&log, LOG_STDOUT, big, sizeof(big));
	ok(strlen(content("")) == sizeof(big) + 2 + 3 * 45, "a long line is cut into pieces, nothing is lost");
	log_close(&log);
	log = begin(LOG_JSON_FILE, -1);
	say(&log, LOG_STDOUT, "a\"b\\\x01\xc3\xa9\xff\n");
	ok(strncmp(content(""), "{\"log\":\"a\\\"b\\\\\\u0001\xc3\xa9\xef\xbf\xbd\\n\",\"stream\":\"stdout\",\"time\":\"", 55) == 0,
	   "json-file escapes what JSON cannot hold");
	log_close(&log);
	log = begin(LOG_K8S_FILE, 200);
	for (int i = 0; i < 10; i++)
		say(&log, LOG_STDOUT, "0123456789\n");
	ok(stat(path, &st) == 0 && st.st_size <= 200, "a log stays below its limit");
	ok(strstr(content(".1"), "0123456789"), "what was before is beside it");
	log_close(&log);
	log = begin(LOG_NONE, -1);
	say(&log, LOG_STDOUT, "x\n");
	ok(access(path, F_OK) < 0, "driver none writes nothing");
	remove_tree(AT_FDCWD, top);
	return done();
}
