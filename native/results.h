/* The last results of the health check, and `health.json`. */
#ifndef TSPOD_RESULTS_H
#define TSPOD_RESULTS_H

#include "probe.h"

struct results {
	size_t count, room;
	struct result *list; /* oldest first */
};

/* The probe has just ended; so many results are kept, fewer when memory is short. */
void results_add(struct results *results, const struct probe *probe, int code, size_t most);

void results_clear(struct results *results);

/* Replace `health.json`, and the file in the directory for logs if there is one. */
void results_write(const struct monitor *m, const struct results *results, const char *status,
		   unsigned streak);

#endif
