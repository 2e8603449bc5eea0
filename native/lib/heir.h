/* A process of our own that cleans up after us when we are killed. */
#ifndef TSPOD_HEIR_H
#define TSPOD_HEIR_H

#include <sys/types.h>

/*
 * From now on somebody calls leave(what) should we end before we dismiss him. He has our
 * descriptors, those that we open later too, and our directories of this moment; `what` is memory
 * that we share. What kills our process group spares him. His pid or -errno.
 */
pid_t heir_start(void (*leave)(void *what), void *what);

/* He is not needed any more; no number below 1 is anybody. */
void heir_dismiss(pid_t heir);

#endif
