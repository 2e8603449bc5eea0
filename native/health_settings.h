/* The ops `health` and `health-startup`. */
#ifndef TSPOD_HEALTH_SETTINGS_H
#define TSPOD_HEALTH_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "lib/ops.h"

enum health_action { HEALTH_NO_ACTION, HEALTH_KILL, HEALTH_RESTART, HEALTH_STOP };

/* A command that is run again and again. */
struct health_check {
	const struct op *op;   /* NULL: there is none */
	unsigned first;        /* which of the op's arguments begin the command */
	int64_t interval_ms;   /* 0: only when it is asked for */
	int64_t timeout_ms;
	uint64_t retries;      /* failures in a row; of the startup check 0 is never */
	uint64_t successes;    /* of the startup check */
};

struct health_settings {
	struct health_check regular, startup;
	int64_t start_period_ms;
	enum health_action action;
	uint64_t log_count, log_size; /* results, and bytes of output of each */
	const char *log_directory;    /* NULL: none but the state directory */
	bool logs_events;             /* each result is an event */
};

/* 0 or -errno. */
int health_parse(struct health_settings *set, const struct op *op);
int health_parse_log(struct health_settings *set, const struct op *op);

#endif
