#include "start_layout.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "init.h"

int lay_out(struct launch *l)
{
	unsigned envs = 0, args = 0;

	for (unsigned i = 0; i < l->ops->count; i++) {
		envs += l->ops->list[i].kind == OP_ENV;
		args += l->ops->list[i].kind == OP_EXEC ? l->ops->list[i].argc : 0;
	}
	l->env = calloc(envs + 2 + args + 4, sizeof(char *));
	if (!l->env)
		return -ENOMEM;
	l->argv = l->env + envs + 2;
	return 0;
}

/*
 * Root of a nested user namespace may have no right to walk to what it binds, a home of mode 0700
 * say, where its map leaves the user out. The monitor has, and a detached mount can be handed on.
 */
int open_sources(struct monitor *m, struct launch *l)
{
	l->sources = malloc(l->ops->count * sizeof(int));
	if (!l->sources)
		return -ENOMEM;
	for (unsigned i = 0; i < l->ops->count; i++)
		l->sources[i] = -1;
	for (unsigned i = m->set.stage2; i < l->ops->count; i++) {
		const struct op *op = &l->ops->list[i];
		if (op->kind != OP_BIND && op->kind != OP_PROGRAM)
			continue;
		l->sources[i] = mount_source(op->argv);
		m->step = i;
		if (l->sources[i] < 0)
			return l->sources[i];
	}
	return 0;
}

void close_sources(struct launch *l)
{
	for (unsigned i = 0; l->sources && i < l->ops->count; i++)
		if (l->sources[i] >= 0)
			close(l->sources[i]);
	free(l->sources);
	l->sources = NULL;
}

/* The filter's path is the host's, and init may have no right to walk there. */
int open_filter(const struct ops *ops, unsigned *step, int *fd)
{
	unsigned before = *step;

	for (unsigned i = 0; i < ops->count; i++) {
		if (ops->list[i].kind != OP_SECCOMP)
			continue;
		*step = i;
		*fd = open(ops->list[i].argv[0], O_RDONLY | O_CLOEXEC);
		if (*fd < 0)
			return -errno;
	}
	*step = before;
	return 0;
}
