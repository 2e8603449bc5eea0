/* The beginning of `attach`: its options, and the request for the container's streams. */
#include "attach.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "lib/report.h"
#include "lib/util.h"

#define CONNECT_MS 10000

static int parse_option(struct attach *attach, char ***arg)
{
	const struct {
		const char *name;
		bool *value;
	} switches[] = {
		{ "--tty", &attach->tty },
		{ "--stdin", &attach->wants_stdin },
		{ "--no-stdout", &attach->no_stdout },
		{ "--no-stderr", &attach->no_stderr },
		{ "--sig-proxy", &attach->proxy },
	};

	for (size_t i = 0; i < ARRAY_SIZE(switches); i++)
		if (strcmp(**arg, switches[i].name) == 0)
			return *switches[i].value = true, 0;
	if (strcmp(**arg, "--detach-keys") != 0 || !(*arg)[1])
		return report_failure("attach", EINVAL, **arg);
	attach->detach_keys = *++*arg;
	return 0;
}

int attach_parse_options(struct attach *attach, char **arg)
{
	attach->rundir = *arg++;
	for (; *arg; arg++) {
		if (strcmp(*arg, "--") == 0) {
			attach->client.explain = arg + 1;
			break;
		}
		int err = parse_option(attach, &arg);
		if (err < 0)
			return err;
	}
	if (detach_keys_parse(&attach->client.detach, attach->detach_keys) < 0)
		return attach_fail(attach, "detach-keys", EINVAL);
	return 0;
}

int attach_start(struct attach *attach)
{
	const char *flags[] = {
		attach->wants_stdin ? "stdin" : NULL,
		attach->no_stdout ? NULL : "stdout",
		attach->no_stderr ? NULL : "stderr",
	};
	char ops[128], text[32];
	size_t len = 0;
	unsigned count = 0;
	struct winsize size;

	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		count += flags[i] != NULL;
	len = (size_t)snprintf(ops, sizeof(ops), "attach%c%u", 0, count) + 1;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (flags[i])
			len += (size_t)snprintf(ops + len, sizeof(ops) - len, "%s", flags[i]) + 1;

	attach->sock = control_connect(attach->rundir, CONNECT_MS);
	if (attach->sock < 0)
		return attach_fail(attach, "connect", -attach->sock);
	int err = control_request(attach->sock, ops, len, NULL, 0);
	if (err < 0)
		return attach_fail(attach, "connect", -err);
	if (attach->tty && pty_size_of_user(&size) == 0) {
		int n = snprintf(text, sizeof(text), "%u %u", size.ws_row, size.ws_col);
		frame_put(&attach->out, FRAME_RESIZE, text, (size_t)n);
	}
	attach->client.terminal = attach->tty && attach->wants_stdin && isatty(STDIN_FILENO);
	attach->stdin_open = attach->wants_stdin;
	outlet_open(&attach->user[0], STDOUT_FILENO);
	outlet_open(&attach->user[1], STDERR_FILENO);
	return NOT_ENDED;
}
