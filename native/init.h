/* Stage 3: the ops that a container's process carries out on itself before its execve(2). */
#ifndef TSPOD_INIT_H
#define TSPOD_INIT_H

#include "start.h"
#include "user.h"

/* What the ops have prepared so far. */
struct inside {
	struct launch *launch;
	int root;           /* O_PATH, the new root */
	bool pivoted;
	int masking;        /* an empty read-only tmpfs that hides directories, once there is one */
	int slave;          /* of the pty */
	int seccomp;        /* file with the filter */
	const struct op *caps, *user, *cwd, *reaper;
	bool no_new_privs;
	int umask;          /* -1: leave */
};

/* mounts.c: a detached mount onto what the descriptor leads to. 0 or -errno. */
int move_onto(int mount, int target);
/* The same at a path in the root, made when missing of the kind that the root of the mount is. */
int mount_attach(struct inside *in, int mount, const char *path);
/* One function per op; 0 or -errno. */
int mount_bind(struct inside *in, char **argv);
int mount_bind_from(struct inside *in, char **argv);
/* A detached copy of what a `bind` op mounts: a descriptor or -errno. */
int mount_source(char **argv);
int mount_new(struct inside *in, char **argv);
int mount_copyup(struct inside *in, char **argv);
int mount_device(struct inside *in, const char *source, const char *target);
/*
 * A detached node of the host's /dev, of which nothing is run and nothing of the host's comes in
 * later: a descriptor or -errno. `more` are attributes of mount_setattr(2).
 */
int device_mount(const char *source, uint64_t more);
/* A detached new file system: a descriptor or -errno. */
int make_fs(const char *type, const char *source, uint64_t flags, const char *data);
/* The MS_ bits of mount(2) in decimal. */
int mount_parse_flags(const char *text, uint64_t *flags);
/* As mount_setattr(2) takes them. */
uint64_t mount_attributes(uint64_t flags);

/* program.c: the program itself, as a `bind` op says. 0 or -errno. */
int mount_program(struct inside *in, char **argv);

/* masks.c: hide a path, or keep it from being written; none is no error. 0 or -errno. */
int mount_mask(struct inside *in, const char *path);
int mount_readonly(struct inside *in, const char *path);

/* layers.c: an overlay of what volumes or images hold. 0 or -errno. */
int mount_layers(struct inside *in, const struct op *op);
int mount_part(struct inside *in, char **argv);

/* pivot.c: the same for the root as a whole. */
int mount_root_again(struct inside *in);
int mount_root_readonly(struct inside *in);
int mount_root_propagation(struct inside *in, const char *flags);
int mount_pivot(struct inside *in);

/* enter.c: join the namespaces, become root in them, open the root file system. 0 or -errno. */
int enter_namespaces(struct inside *in);

/* console.c: make the pty in the root's devpts, bind it at /dev/console, hand its master on. */
int console_make(struct inside *in);

/* process.c: become the user that the ops ask for and execve; only an error returns. */
int process_exec(struct inside *in, const struct op *exec);

/* command.c: execve what the ops name; only an error returns. */
int command_exec(struct inside *in, const struct user *user, const struct op *exec);

#endif
