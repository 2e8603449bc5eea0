/*
 * The very last step of a container's process: its arguments and environment, and where PATH finds
 * its program.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "init.h"

/* The env ops, and HOME of the user unless they name it. */
static void fill_environment(struct launch *l, const struct user *user)
{
	static char home[sizeof(user->home) + 5];
	unsigned used = 0;
	bool has_home = false;

	for (unsigned i = 0; i < l->ops->count; i++) {
		if (l->ops->list[i].kind != OP_ENV)
			continue;
		l->env[used] = l->ops->list[i].argv[0];
		has_home |= strncmp(l->env[used++], "HOME=", 5) == 0;
	}
	if (!has_home) {
		snprintf(home, sizeof(home), "HOME=%s", user->home);
		l->env[used++] = home;
	}
	l->env[used] = NULL;
}

static void fill_arguments(struct inside *in, const struct op *exec)
{
	char **argv = in->launch->argv;
	static char reap[] = "reap", dashes[] = "--";

	if (in->reaper) {
		*argv++ = in->reaper->argv[0];
		*argv++ = reap;
		*argv++ = dashes;
	}
	memcpy(argv, exec->argv, (exec->argc + 1) * sizeof(char *));
}

/*
 * As execvpe(3), with the container's PATH: a file that cannot be run is remembered, the search
 * goes on.
 */
static int search_and_exec(struct launch *l)
{
	const char *path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		   *name = l->argv[0];
	char candidate[PATH_MAX];
	int err = -ENOENT;

	if (strchr(name, '/') || *name == '\0') {
		execve(name, l->argv, l->env);
		return -errno;
	}
	for (char **env = l->env; *env; env++)
		if (strncmp(*env, "PATH=", 5) == 0)
			path = *env + 5;
	while (path) {
		const char *colon = strchrnul(path, ':');
		int len = (int)(colon - path);
		if (snprintf(candidate, sizeof(candidate), "%.*s%s%s", len, path, len ? "/" : "",
			     name) < PATH_MAX) {
			execve(candidate, l->argv, l->env);
			if (errno != ENOENT && errno != ENOTDIR)
				err = -errno;
			if (err < 0 && err != -ENOENT && err != -EACCES)
				return err;
		}
		path = *colon ? colon + 1 : NULL;
	}
	return err;
}

int command_exec(struct inside *in, const struct user *user, const struct op *exec)
{
	fill_environment(in->launch, user);
	fill_arguments(in, exec);
	return search_and_exec(in->launch);
}
