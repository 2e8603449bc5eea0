/* Raw mode, window size, detach keys. */
#include "lib/pty.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

/* One process has one terminal; a signal handler must find it. */
static struct termios saved;
static volatile sig_atomic_t raw_fd = -1;

/* A crash leaves a usable terminal behind, too. */
static void on_crash(int sig)
{
	pty_raw_leave();
	raise(sig); /* SA_RESETHAND: this time it is deadly. */
}

static void guard_against_crashes(void)
{
	static const int deadly[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT };
	struct sigaction action = { .sa_handler = on_crash,
				    .sa_flags = (int)SA_RESETHAND | SA_NODEFER };
	for (size_t i = 0; i < sizeof(deadly) / sizeof(*deadly); i++)
		sigaction(deadly[i], &action, NULL);
}

int pty_raw_enter(int fd)
{
	struct termios raw;
	if (raw_fd < 0) {
		if (tcgetattr(fd, &saved) < 0)
			return -errno;
		guard_against_crashes();
	}
	raw = saved;
	cfmakeraw(&raw);
	/* TCSANOW: TCSAFLUSH would throw away what the user has typed ahead. */
	while (tcsetattr(fd, TCSANOW, &raw) < 0)
		if (errno != EINTR)
			return -errno;
	raw_fd = fd;
	return 0;
}

void pty_raw_leave(void)
{
	int fd = raw_fd;
	if (fd < 0)
		return;
	raw_fd = -1;
	/* A background job must neither be stopped here nor change the terminal of another. */
	pid_t owner = tcgetpgrp(fd);
	if (owner < 0 || owner == getpgrp())
		tcsetattr(fd, TCSANOW, &saved);
}

int pty_size_of_user(struct winsize *size)
{
	for (int fd = 0; fd <= 2; fd++)
		if (ioctl(fd, TIOCGWINSZ, size) == 0 && size->ws_row > 0)
			return 0;
	return -ENOTTY;
}

/* A decimal number up to 65535, and the place behind it; -1 when there is none. */
static int parse_u16(const char **at, const char *end)
{
	int value = -1;
	for (; *at < end && **at >= '0' && **at <= '9'; ++*at) {
		value = (value < 0 ? 0 : value) * 10 + (**at - '0');
		if (value > 65535)
			return -1;
	}
	return value;
}

int pty_size_parse(const char *text, size_t len, struct winsize *size)
{
	const char *at = text, *end = text + len;
	int rows = parse_u16(&at, end);
	if (rows < 0 || at == end || *at++ != ' ')
		return -EINVAL;
	int cols = parse_u16(&at, end);
	if (cols < 0 || at != end)
		return -EINVAL;
	*size = (struct winsize){ .ws_row = (unsigned short)rows, .ws_col = (unsigned short)cols };
	return 0;
}

/* One key of the list: a single character, or ctrl- and one of @ A-Z [ \ ] ^ _ (ascii(7)). */
static int parse_key(const char *text, size_t len)
{
	if (len == 1)
		return (unsigned char)text[0];
	if (len != 6 || strncmp(text, "ctrl-", 5) != 0)
		return -EINVAL;
	int key = (unsigned char)text[5];
	if (key >= 'a' && key <= 'z')
		key -= 'a' - 'A';
	return key >= '@' && key <= '_' ? key & 0x1f : -EINVAL;
}

int detach_keys_parse(struct detach_keys *detach, const char *text)
{
	*detach = (struct detach_keys){ 0 };
	while (*text) {
		size_t len = strcspn(text, ",");
		int key = parse_key(text, len);
		if (key < 0 || detach->count == DETACH_KEYS_MAX)
			return -EINVAL;
		detach->keys[detach->count++] = (char)key;
		text += len;
		if (*text == ',' && *++text == '\0')
			return -EINVAL;
	}
	return 0;
}

bool detach_keys_filter(struct detach_keys *detach, const char *in, size_t len, char *out,
			size_t *outlen)
{
	*outlen = 0;
	for (size_t i = 0; i < len; i++) {
		char held[DETACH_KEYS_MAX + 1];
		size_t count = detach->matched;
		memcpy(held, detach->keys, count);
		held[count++] = in[i];
		/* The longest end of it that is a beginning of the sequence stays held back. */
		size_t pass = 0;
		while (pass < count && (count - pass > detach->count ||
					memcmp(held + pass, detach->keys, count - pass) != 0))
			pass++;
		memcpy(out + *outlen, held, pass);
		*outlen += pass;
		detach->matched = count - pass;
		if (detach->count > 0 && detach->matched == detach->count)
			return true;
	}
	return false;
}
