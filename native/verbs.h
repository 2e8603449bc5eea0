/*
 * The verbs of the program. argv[0] is the verb. Each returns an exit status, or -errno after
 * report_failure(): main prints that and exits 125.
 */
#ifndef TSPOD_VERBS_H
#define TSPOD_VERBS_H

/* The verb that argv[0] names. */
int verb_named(int argc, char **argv);

int verb_run(int argc, char **argv);
int verb_join(int argc, char **argv);
int verb_userns(int argc, char **argv);
int verb_remove(int argc, char **argv);
int verb_reap(int argc, char **argv);
int verb_unpack(int argc, char **argv);
int verb_attach(int argc, char **argv);
int verb_exec(int argc, char **argv);
int verb_forward(int argc, char **argv);
int verb_after(int argc, char **argv);
int verb_end(int argc, char **argv);
int verb_copy(int argc, char **argv);
int verb_measure(int argc, char **argv);
int verb_pack(int argc, char **argv);
int verb_put(int argc, char **argv);
int verb_pipe(int argc, char **argv);
int verb_look(int argc, char **argv);
int verb_inside(int argc, char **argv);
int verb_rooted(int argc, char **argv);
int verb_changes(int argc, char **argv);
int verb_layer(int argc, char **argv);
int verb_unmount(int argc, char **argv);
int verb_owners(int argc, char **argv);
int verb_graft(int argc, char **argv);
int verb_fuse(int argc, char **argv);

#endif
