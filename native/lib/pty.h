/* The terminal on both ends: raw mode, window size, the keys that detach. */
#ifndef TSPOD_PTY_H
#define TSPOD_PTY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/ioctl.h>

/*
 * Put the terminal into raw mode: 0 or -errno. A background job is stopped here by SIGTTOU until it
 * is brought to the foreground, as every job that wants the terminal (termios(3)), so that signal
 * must be neither blocked nor ignored.
 */
int pty_raw_enter(int fd);

/* Give the terminal back as it was. May be called at any time, also in a signal handler. */
void pty_raw_leave(void);

/* The size of the first terminal among fds 0 to 2: 0 or -ENOTTY. */
int pty_size_of_user(struct winsize *size);

/* Parse "ROWS COLS", the payload of a resize frame: 0 or -EINVAL. */
int pty_size_parse(const char *text, size_t len, struct winsize *size);

enum { DETACH_KEYS_MAX = 16 };

struct detach_keys {
	char keys[DETACH_KEYS_MAX];
	size_t count;   /* 0: nothing detaches */
	size_t matched; /* how many of them were the last bytes typed */
};

/* Parse "ctrl-p,ctrl-q", "a,b", "ctrl-@,x"; "" is no key at all. 0 or -EINVAL. */
int detach_keys_parse(struct detach_keys *detach, const char *text);

/*
 * Pass typed bytes on, but hold back a beginning of the detach sequence until it is clear that it
 * is none. `out` has room for len + DETACH_KEYS_MAX bytes. True when the sequence is complete.
 */
bool detach_keys_filter(struct detach_keys *detach, const char *in, size_t len, char *out,
			size_t *outlen);

#endif
