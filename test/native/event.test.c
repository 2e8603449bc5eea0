/* native/event.c. */
#include "event.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "tap.h"

static char text[4096];

static const char *read_back(const char *path)
{
	ssize_t n = read_file_at(AT_FDCWD, path, text, sizeof(text));

	return n < 0 ? "" : text;
}

static long lines_in(const char *path)
{
	FILE *file = fopen(path, "r");
	long lines = 0;
	int c;

	while (file && (c = getc(file)) != EOF)
		lines += c == '\n';
	if (file)
		fclose(file);
	return lines;
}

int main(void)
{
	char path[64], older[72];
	struct stat stat_current;
	struct monitor m = { .set = { .id = "abc",
				      .name = "web\n\"1\"",
				      .image = "img",
				      .events = path,
				      .attributes = "{\"a\":\"b\"}" } };

	snprintf(path, sizeof(path), "%s/events", tap_directory());
	snprintf(older, sizeof(older), "%s.1", path);
	event_record_exit(&m, "died", 3);
	ok(strstr(read_back(path), "{\"ContainerExitCode\":3,\"ID\":\"abc\",\"Image\":\"img\","
				   "\"Name\":\"web\\u000a\\\"1\\\"\","
				   "\"Status\":\"died\",\"Time\":\"") == text &&
		   strstr(text, "\"Type\":\"container\",\"Attributes\":{\"a\":\"b\"}}\n"),
	   "an event is one line in Podman's fields, whatever the name holds");
	event_record_health(&m, "unhealthy", NULL);
	ok(strstr(read_back(path), "\"Status\":\"health_status\"") &&
		   strstr(text, "\"health_status\":\"unhealthy\","),
	   "a change of health says to what");
	event_record_health(&m, "healthy", "it is \"well\"\n");
	ok(strstr(read_back(path), "\"Attributes\":{\"a\":\"b\"},"
				   "\"health_log\":\"it is \\\"well\\\"\\u000a\"}\n"),
	   "a check may say what it has printed");
	event_record_health(&m, "healthy", "\1");
	ok(strstr(read_back(path), "\"health_log\":\"\\u0001\"}\n"), "if it is one character, too");
	event_record_both(&m, "init", "start");
	ok(lines_in(path) == 6, "two events are two lines");

	int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
	ok(fd >= 0 && write(fd, "{\"Stat", 6) == 6, "a disk is full in the middle of a line");
	close(fd);
	event_record(&m, "start");
	ok(lines_in(path) == 8 && strstr(read_back(path), "{\"Stat\n{\"ID\""),
	   "and the next event is a line of its own");

	long written = 8;
	while (access(older, F_OK) < 0 && written < 100000) {
		event_record(&m, "exec");
		written++;
	}
	ok(lines_in(older) == written,
	   "a file that has grown large is moved aside with all its lines");
	event_record(&m, "start");
	ok(stat(path, &stat_current) == 0 && lines_in(path) == 1,
	   "and the next line begins a new one");
	m.set.events = "/nonexistent/events";
	event_record(&m, "start");
	ok(1, "where nothing can be written nothing happens");
	unlink(path);
	unlink(older);
	*strrchr(path, '/') = '\0';
	rmdir(path);
	return done();
}
