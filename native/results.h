/* The last results of the health check, and `health.json`. */
#ifndef TSPOD_RESULTS_H
#define TSPOD_RESULTS_H

#include "probe.h"

#define RESULTS_MAX 5

struct results {
	unsigned count;
	struct result {
		char started[TIME_SIZE], ended[TIME_SIZE];
		int code; /* as a shell counts; -1: timeout */
		char output[PROBE_OUTPUT_MAX + 1];
	} list[RESULTS_MAX]; /* oldest first */
};

/* The probe has just ended. */
void results_add(struct results *results, const struct probe *probe, int code);

/* Replace `health.json`. */
void results_write(const struct monitor *m, const struct results *results, const char *status, unsigned streak);

#endif
