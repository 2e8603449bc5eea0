/* Descriptors over a unix socket: unix(7), SCM_RIGHTS. */
#ifndef TSPOD_FDS_H
#define TSPOD_FDS_H

#include <sys/types.h>

/* Send bytes with descriptors: unix(7), SCM_RIGHTS. Bytes sent or -errno. */
ssize_t send_fds(int sock, const void *data, size_t len, const int *fds, unsigned count, int flags);

/*
 * Receive bytes and up to *count descriptors (close-on-exec); *count becomes the number received.
 * Bytes received (0 is the end) or -errno; descriptors that find no room are closed: -EMSGSIZE.
 */
ssize_t recv_fds(int sock, void *data, size_t len, int *fds, unsigned *count, int flags);

#endif
