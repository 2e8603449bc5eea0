#include "health_settings.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "lib/util.h"

#define HEALTH_LOG_MAX (1 << 20)

static int parse_ms(const char *text, int64_t *ms)
{
	uint64_t number;
	int err = parse_number(text, 10, INT64_MAX / 2, &number);

	*ms = err < 0 ? 0 : (int64_t)number;
	return err;
}

static int parse_action(const char *text, enum health_action *action)
{
	static const char *const names[] = {
		[HEALTH_NO_ACTION] = "none",
		[HEALTH_KILL] = "kill",
		[HEALTH_RESTART] = "restart",
		[HEALTH_STOP] = "stop",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i++) {
		*action = (enum health_action)i;
		if (strcmp(text, names[i]) == 0)
			return 0;
	}
	return -EINVAL;
}

static int parse_timing(struct health_check *check, const struct op *op)
{
	int err = parse_ms(op->argv[0], &check->interval_ms);

	check->op = op;
	return err < 0 ? err : parse_ms(op->argv[1], &check->timeout_ms);
}

int health_parse(struct health_settings *set, const struct op *op)
{
	char **argv = op->argv;
	bool is_startup = op->kind == OP_HEALTH_STARTUP;
	struct health_check *check = is_startup ? &set->startup : &set->regular;
	int err = parse_timing(check, op);

	if (is_startup) {
		check->first = 4;
		err = err < 0 ? err : parse_number(argv[2], 10, INT_MAX, &check->retries);
		return err < 0 ? err : parse_number(argv[3], 10, INT_MAX, &check->successes);
	}
	check->first = 5;
	err = err < 0 ? err : parse_ms(argv[2], &set->start_period_ms);
	err = err < 0 ? err : parse_number(argv[3], 10, INT_MAX, &check->retries);
	return err < 0 ? err : parse_action(argv[4], &set->action);
}

int health_parse_log(struct health_settings *set, const struct op *op)
{
	int err = parse_number(op->argv[0], 10, HEALTH_LOG_MAX, &set->log_count);

	if (err < 0 || set->log_count == 0)
		return -EINVAL;
	if (op->argc > 2) {
		set->logs_events = strcmp(op->argv[2], "events") == 0;
		set->log_directory = set->logs_events ? NULL : op->argv[2];
	}
	return parse_number(op->argv[1], 10, HEALTH_LOG_MAX, &set->log_size);
}
