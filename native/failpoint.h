/*
 * Named points at which the monitor dies on the spot when TSPOD_FAILPOINT holds their name: the
 * crash tests' way to be at every step of its life. Costs one comparison where nothing is set.
 */
#ifndef TSPOD_FAILPOINT_H
#define TSPOD_FAILPOINT_H

enum failpoint {
	FAIL_NEVER,
	FAIL_AFTER_CLONE,       /* after-clone: the monitor exists, nothing is mapped */
	FAIL_AFTER_MAP,         /* after-map: the id maps are written */
	FAIL_DURING_FILL,       /* during-fill: a volume has been filled, and is still marked */
	FAIL_AFTER_ROOT,        /* after-root: the root is mounted, perhaps before `go` */
	FAIL_AFTER_GO,          /* after-go: the CLI has set cgroup and network */
	FAIL_AFTER_INIT_CLONE,  /* after-init-clone: init carries out its ops */
	FAIL_BEFORE_INIT_JSON,  /* before-init-json: init exists, nothing on disk says so */
	FAIL_AFTER_RUNNING,     /* after-running: the CLI was told */
	FAIL_BEFORE_EXIT_JSON,  /* before-exit-json: init is dead, nothing on disk says so */
	FAIL_AFTER_EXIT_JSON,   /* after-exit-json: the record is there, init is not reaped */
	FAIL_DURING_REMOVE,     /* during-remove: --rm, when all is aside */
	FAIL_POINTS,
};

/* Read TSPOD_FAILPOINT; an unknown name is no point. */
void failpoint_choose(void);

extern enum failpoint failpoint_chosen;
void failpoint_die(void) __attribute__((noreturn));

static inline void failpoint(enum failpoint point)
{
	if (__builtin_expect(failpoint_chosen == point, 0))
		failpoint_die();
}

#endif
