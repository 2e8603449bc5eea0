#include "lib/log.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lib/journal.h"
#include "lib/logfile.h"
#include "lib/logrecord.h"
#include "lib/util.h"

int log_open(struct log *log)
{
	log->fd = -1;
	switch (log->driver) {
	case LOG_NONE: return 0;
	case LOG_JOURNALD: return journal_open(log);
	default: return logfile_open(log);
	}
}

/* Keep what the journal did not take. */
static int hold(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	log->held.data = malloc(len);
	if (!log->held.data)
		return -ENOMEM;
	memcpy(log->held.data, data, len);
	log->held.stream = stream;
	log->held.start = 0;
	log->held.len = len;
	return 0;
}

int log_write(struct log *log, enum log_stream stream, const char *data, size_t len)
{
	if (log->driver == LOG_K8S_FILE || log->driver == LOG_JSON_FILE)
		return logrecord_write(log, stream, data, len);
	if (log->driver == LOG_NONE || log->fd < 0)
		return 0;
	size_t taken = 0;
	int err = journal_write(log, stream, data, len, &taken);
	return err == -EAGAIN ? hold(log, stream, data + taken, len - taken) : err;
}

bool log_holds(const struct log *log)
{
	return log->held.data != NULL;
}

static void drop_held(struct log *log)
{
	free(log->held.data);
	log->held.data = NULL;
}

void log_give_up(struct log *log)
{
	if (!log_holds(log))
		return;
	drop_held(log);
	drop_fd(&log->fd);
}

int log_resume(struct log *log)
{
	size_t taken = 0;

	if (!log_holds(log))
		return 0;
	int err = journal_write(log, log->held.stream, log->held.data + log->held.start,
				log->held.len - log->held.start, &taken);
	log->held.start += taken;
	if (err != -EAGAIN)
		drop_held(log);
	return err;
}

void log_end(struct log *log)
{
	if (log->driver == LOG_JSON_FILE)
		logrecord_end(log);
}

void log_close(struct log *log)
{
	drop_held(log);
	if (log->driver == LOG_JOURNALD && log->fd >= 0)
		journal_settle(log);
	free(log->labels);
	log->labels = NULL;
	drop_fd(&log->fd);
}
