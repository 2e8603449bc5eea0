/*
 * The verbs of the program. argv[0] is the verb. Each returns an exit status, or -errno after
 * report_failure(): main prints that and exits 125.
 */
#ifndef TSPOD_VERBS_H
#define TSPOD_VERBS_H

int verb_run(int argc, char **argv);

#endif
