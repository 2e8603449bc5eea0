/* native/lib/log.c: lines of a container in its log file. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "lib/log.h"
#include "lib/fds.h"
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
	struct log log = { .driver = driver, .path = path, .max_size = max, .max_files = 2 };

	unlink(path);
	for (int number = 1; number < 10; number++) {
		char name[PATH_MAX + 8];
		snprintf(name, sizeof(name), "%s.%d", path, number);
		unlink(name);
	}
	log_open(&log);
	return log;
}

static void say(struct log *log, enum log_stream stream, const char *text)
{
	log_write(log, stream, text, strlen(text));
}

/* As the reads of the monitor cut it. */
static void say_cut(struct log *log, const char *text, size_t at)
{
	log_write(log, LOG_STDOUT, text, at);
	log_write(log, LOG_STDOUT, text + at, strlen(text) - at);
}

static bool logs_as(const char *text)
{
	return strncmp(content(""), text, strlen(text)) == 0;
}

static void characters(void)
{
	struct log log;
	bool all = true;

	for (size_t at = 1; at < 11; at++) {
		log = begin(LOG_JSON_FILE, -1);
		say_cut(&log, "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x90\x8bz\n", at);
		log_end(&log);
		log_close(&log);
		all &= strstr(content(""), "\xef\xbf\xbd") == NULL &&
		       strstr(content(""), "z\\n\"") != NULL;
	}
	ok(all, "json-file: a character that two reads have cut is whole");
	log = begin(LOG_JSON_FILE, -1);
	say(&log, LOG_STDOUT, "\xe2\x82");
	ok(strlen(content("")) == 0, "its beginning waits for the rest");
	say(&log, LOG_STDOUT, "x\n");
	ok(logs_as("{\"log\":\"\xef\xbf\xbd\xef\xbf\xbdx\\n\""), "which may be something else");
	log_close(&log);
	log = begin(LOG_JSON_FILE, -1);
	say(&log, LOG_STDERR, "\xe2\x82");
	log_end(&log);
	ok(logs_as("{\"log\":\"\xef\xbf\xbd\xef\xbf\xbd\",\"stream\":\"stderr\""),
	   "or may never come");
	log_close(&log);
}

/* A limit of the process stands in for a full disk: it cuts a write in two as well. */
static void full_disk(void)
{
	struct log log = begin(LOG_K8S_FILE, -1);
	struct rlimit unlimited, full = { .rlim_cur = 130 };

	getrlimit(RLIMIT_FSIZE, &unlimited);
	full.rlim_max = unlimited.rlim_max;
	signal(SIGXFSZ, SIG_IGN);
	setrlimit(RLIMIT_FSIZE, &full);
	ok(log_write(&log, LOG_STDOUT, "one\ntwo\nthree\nfour\n", 19) == -EFBIG,
	   "a full disk is an error");
	setrlimit(RLIMIT_FSIZE, &unlimited);
	const char *text = content("");
	ok(strstr(text, "two\n") && text[strlen(text) - 1] == '\n' &&
		   log.size == (int64_t)strlen(text),
	   "whole records stay");
	say(&log, LOG_STDOUT, "five\n");
	ok(strcmp(after_time(strstr(content(""), "two\n"), "+00:00"), " stdout F five\n") == 0,
	   "when there is room the log goes on");
	log_close(&log);
}

static void rotations(void)
{
	struct log log = begin(LOG_K8S_FILE, 60);
	char name[PATH_MAX + 8];

	log.max_files = 3;
	for (int i = 0; i < 4; i++)
		say(&log, LOG_STDOUT, "x\n");
	ok(*content(".1") == '\0' && *content(".2") && *content(".3"), "so many files are kept");
	log_close(&log);
	log_open(&log);
	say(&log, LOG_STDOUT, "x\n");
	ok(*content(".2") == '\0' && *content(".3") && *content(".4"),
	   "another start goes on counting");
	snprintf(name, sizeof(name), "%s.5", path);
	mkdir(name, 0700);
	say(&log, LOG_STDOUT, "y\n");
	ok(rmdir(name) == 0 && strstr(content(""), "y\n") && *content(".6"),
	   "what is in the way stays there, and the numbers go on behind it");
	log_close(&log);
}

static bool received(int sock, const char *expected, size_t len)
{
	char text[1024];

	return recv(sock, text, sizeof(text), MSG_DONTWAIT) == (ssize_t)len &&
	       memcmp(text, expected, len) == 0;
}

static void journal(const char *top)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct log log = { .driver = LOG_JOURNALD,
			   .path = address.sun_path,
			   .id = "0123456789abcdef",
			   .name = "web",
			   .tag = "t" };
	char big[6000] = "", text[8000];
	int fd = -1, small = 1;
	unsigned count = 1;

	snprintf(address.sun_path, sizeof(address.sun_path), "%s/journal", top);
	ok(log_open(&log) == -ENOENT, "no journal is an error");
	log_close(&log);
	int sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	ok(bind(sock, (struct sockaddr *)&address, sizeof(address)) == 0 && log_open(&log) == 0,
	   "a journal listens");
	say(&log, LOG_STDERR, "one\ntwo");
#define LABELS                                                                                     \
	"CONTAINER_ID_FULL=0123456789abcdef\nCONTAINER_ID=0123456789ab\nCONTAINER_NAME="           \
	"web\nSYSLOG_IDENTIFIER=t\nCONTAINER_TAG=t\n"
	const char whole[] = LABELS "PRIORITY=3\nMESSAGE\n\3\0\0\0\0\0\0\0one\n";
	const char piece[] =
		LABELS "PRIORITY=3\nCONTAINER_PARTIAL_MESSAGE=true\nMESSAGE\n\3\0\0\0\0\0\0\0two\n";
	ok(received(sock, whole, sizeof(whole) - 1),
	   "journald: a line is an entry with Podman's fields");
	ok(received(sock, piece, sizeof(piece) - 1), "and a piece of one says so");
	int lines = 0;
	while (lines < 100000 && !log_holds(&log)) {
		say(&log, LOG_STDOUT, "x\n");
		lines++;
	}
	ok(log_holds(&log), "a journal that does not read holds the output back");
	for (lines = 0; recv(sock, text, sizeof(text), MSG_DONTWAIT) > 0;)
		lines++;
	ok(log_resume(&log) == 0 && !log_holds(&log) &&
		   recv(sock, text, sizeof(text), MSG_DONTWAIT) > 0,
	   "until it does");
	close(sock);
	unlink(address.sun_path);
	sock = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	bind(sock, (struct sockaddr *)&address, sizeof(address));
	say(&log, LOG_STDERR, "one\n");
	ok(received(sock, whole, sizeof(whole) - 1), "a journal that listens anew is found");
	setsockopt(log.fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small));
	memset(big, 'y', sizeof(big) - 1);
	say(&log, LOG_STDOUT, big);
	ok(recv_fds(sock, text, sizeof(text), &fd, &count, 0) == 0 && count == 1,
	   "what is too long goes as a file");
	ok(pread(fd, text, sizeof(text), 0) > 6000 && strstr(text, "PRIORITY=6\n") &&
		   fcntl(fd, F_GET_SEALS) ==
			   (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE),
	   "that nobody can change");
	close(fd);
	log_close(&log);
	close(sock);
}

static void rotate_large(struct log *log, int times)
{
	while (times-- > 0) {
		ok(truncate(path, log->max_size) == 0, "a large file");
		log->size = log->max_size;
		say(log, LOG_STDOUT, "next\n");
	}
}

/* 256 MiB are four files of 64. */
static void readers(void)
{
	struct log log = begin(LOG_K8S_FILE, 64 << 20);
	char first[PATH_MAX + 8];

	snprintf(first, sizeof(first), "%s.1", path);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ok(flock(fd, LOCK_SH) == 0, "a reader is at the file");
	rotate_large(&log, 5);
	ok(access(first, F_OK) == 0, "what a reader has not read is kept");
	rotate_large(&log, 1);
	ok(access(first, F_OK) < 0, "but does not fill the disk");
	close(fd);
	log_close(&log);
}

int main(void)
{
	char *top = tap_directory(), big[20000];
	struct stat st;

	snprintf(path, sizeof(path), "%s/ctr.log", top);
	struct log log = begin(LOG_K8S_FILE, -1);
	say(&log, LOG_STDOUT, "hello\n");
	ok(strcmp(after_time(content(""), "+00:00"), " stdout F hello\n") == 0,
	   "a whole line is F");
	ok(content("")[4] == '-' && content("")[10] == 'T' &&
		   strlen(content("")) == 35 + strlen(" stdout F hello\n"),
	   "a line begins with its time in nanoseconds");
	ok(stat(path, &st) == 0 && (st.st_mode & 07777) == 0600, "the log is its owner's alone");
	log_close(&log);
	log = begin(LOG_K8S_FILE, -1);
	say(&log, LOG_STDERR, "piece");
	ok(strcmp(after_time(content(""), "+00:00"), " stderr P piece\n") == 0,
	   "a piece of a line is P");
	log_close(&log);
	log = begin(LOG_K8S_FILE, -1);
	memset(big, 'x', sizeof(big));
	big[sizeof(big) - 1] = '\n';
	log_write(&log, LOG_STDOUT, big, sizeof(big));
	ok(strlen(content("")) == sizeof(big) + 2 + 3 * 45,
	   "a long line is cut into pieces, nothing is lost");
	log_close(&log);
	log = begin(LOG_JSON_FILE, -1);
	say(&log, LOG_STDOUT, "a\"b\\\x01\xc3\xa9\xff\n");
	ok(strncmp(content(""),
		   "{\"log\":\"a\\\"b\\\\\\u0001\xc3\xa9\xef\xbf\xbd\\n\",\"stream\":\"stdout\","
		   "\"time\":\"",
		   55) == 0,
	   "json-file escapes what JSON cannot hold");
	log_close(&log);
	log = begin(LOG_K8S_FILE, 200);
	for (int i = 0; i < 10; i++)
		say(&log, LOG_STDOUT, "0123456789\n");
	ok(stat(path, &st) == 0 && st.st_size <= 200, "a log stays below its limit");
	ok(strstr(content(".3"), "0123456789"), "what was before is beside it");
	ok(*content(".2") == '\0', "no more than one file");
	log_close(&log);
	log = begin(LOG_NONE, -1);
	say(&log, LOG_STDOUT, "x\n");
	ok(access(path, F_OK) < 0, "driver none writes nothing");
	characters();
	full_disk();
	rotations();
	readers();
	journal(top);
	remove_tree(AT_FDCWD, top);
	return done();
}
