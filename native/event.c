#include "event.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/uio.h>

#define EVENTS_MAX (1 << 20) /* bytes; src/store/events.ts has the same */
#define HEAD_SIZE 2560

/* A line is its head, the attributes as they came (they may be long), and its end. */
#define PARTS 3

struct event {
	const char *status, *health;
	int code;
	const char *tail; /* what ends the line; NULL: nothing else does */
};

/*
 * Whoever has the lock of the file that is at the path now may move it, so nobody moves its
 * successor by mistake. A line that is written to it after the move is found there by those who
 * follow.
 */
static void rotate(const char *path, int fd, const struct stat *own)
{
	char older[PATH_MAX];
	struct stat present;

	if (snprintf(older, sizeof(older), "%s.1", path) >= (int)sizeof(older) ||
	    flock(fd, LOCK_EX | LOCK_NB) < 0)
		return;
	if (stat(path, &present) == 0 && present.st_ino == own->st_ino &&
	    present.st_dev == own->st_dev)
		rename(path, older);
}

/* A disk that was full has cut the last line off. */
static bool is_torn(int fd)
{
	char last = '\n';
	off_t end = lseek(fd, 0, SEEK_END);

	return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

/*
 * One write: no line of another process comes between. What was done is done, also when the disk is
 * full. The first of the parts is left to us: it ends a line that was cut off, which nobody reads.
 */
static void append(const char *path, struct iovec *parts, unsigned count)
{
	struct stat stat;
	autoclose int fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

	if (fd < 0)
		return;
	parts[0] = (struct iovec){ (void *)"\n", is_torn(fd) };
	if (writev(fd, parts, (int)count) > 0 && fstat(fd, &stat) == 0 && stat.st_size > EVENTS_MAX)
		rotate(path, fd, &stat);
}

/* Up to the attributes. */
static int format_head(const struct monitor *m, const struct event *event, char out[HEAD_SIZE])
{
	char name[512] = "", image[1024] = "", when[TIME_SIZE], code[48] = "", health[48] = "";
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, &now, "Z");
	json_escape(name, sizeof(name), m->set.name);
	json_escape(image, sizeof(image), m->set.image);
	if (event->code != 0)
		snprintf(code, sizeof(code), "\"ContainerExitCode\":%d,", event->code);
	if (event->health)
		snprintf(health, sizeof(health), "\"health_status\":\"%s\",", event->health);
	return snprintf(out, HEAD_SIZE,
			"{%s\"ID\":\"%.64s\",\"Image\":\"%s\",\"Name\":\"%s\",\"Status\":\"%s\","
			"\"Time\":\"%s\","
			"\"Type\":\"container\",%s\"Attributes\":",
			code, m->set.id, image, name, event->status, when, health);
}

static void append_all(const struct monitor *m, const struct event *events, unsigned count)
{
	char heads[2][HEAD_SIZE];
	struct iovec parts[1 + 2 * PARTS];

	if (!m->set.events)
		return;
	for (unsigned i = 0; i < count; i++) {
		size_t len = (size_t)format_head(m, &events[i], heads[i]);
		parts[1 + i * PARTS] = (struct iovec){ heads[i], len };
		parts[2 + i * PARTS] =
			(struct iovec){ (void *)m->set.attributes, strlen(m->set.attributes) };
		const char *tail = events[i].tail ? events[i].tail : "}\n";
		parts[3 + i * PARTS] = (struct iovec){ (void *)tail, strlen(tail) };
	}
	append(m->set.events, parts, 1 + count * PARTS);
}

void event_record(const struct monitor *m, const char *status)
{
	append_all(m, &(struct event){ .status = status }, 1);
}

void event_record_both(const struct monitor *m, const char *first, const char *second)
{
	append_all(m, (struct event[]){ { .status = first }, { .status = second } }, 2);
}

void event_record_exit(const struct monitor *m, const char *status, int code)
{
	append_all(m, &(struct event){ .status = status, .code = code }, 1);
}

void event_record_health(const struct monitor *m, const char *health, const char *output)
{
	struct event event = { .status = "health_status", .health = health };
	size_t size = output ? JSON_ESCAPED_SIZE(strlen(output)) : 1;
	autofree char *escaped = calloc(1, size), *tail = calloc(1, size + 32);

	if (output && escaped && tail) {
		json_escape(escaped, size, output);
		snprintf(tail, size + 32, ",\"health_log\":\"%s\"}\n", escaped);
		event.tail = tail;
	}
	append_all(m, &event, 1);
}

void event_record_volume(const struct monitor *m, const char *name)
{
	char line[512], escaped[300] = "", when[TIME_SIZE];
	struct timespec now;

	if (!m->set.events)
		return;
	clock_gettime(CLOCK_REALTIME, &now);
	format_time(when, &now, "Z");
	json_escape(escaped, sizeof(escaped), name);
	int n = snprintf(line, sizeof(line),
			 "{\"Name\":\"%s\",\"Status\":\"remove\",\"Time\":\"%s\",\"Type\":"
			 "\"volume\",\"Attributes\":null}\n",
			 escaped, when);
	append(m->set.events, (struct iovec[]){ { 0 }, { line, (size_t)n } }, 2);
}
