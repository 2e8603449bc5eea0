#include "tap.h"
#include "lib/pty.h"

#include <fcntl.h>
#include <pty.h>
#include <termios.h>

/* What reaches the container when these pieces are typed, and whether they detach. */
static int typed(const char *keys, const char *pieces, const char *expected, bool detaches)
{
	struct detach_keys detach;
	char seen[256] = "";
	bool left = false;

	if (detach_keys_parse(&detach, keys) < 0)
		return 0;
	while (*pieces && !left) {
		char out[256];
		size_t len = strcspn(pieces, "|"), outlen;
		left = detach_keys_filter(&detach, pieces, len, out, &outlen);
		strncat(seen, out, outlen);
		pieces += len + (pieces[len] == '|');
	}
	return left == detaches && strcmp(seen, expected) == 0;
}

static void keys_that_detach(void)
{
	struct detach_keys detach;

	ok(typed("ctrl-p,ctrl-q", "ls\020\021more", "ls", true), "ctrl-p ctrl-q detaches");
	ok(typed("ctrl-p,ctrl-q", "ls\020|\021", "ls", true), "also when they come one by one");
	ok(typed("ctrl-p,ctrl-q", "\020|a", "\020a", false),
	   "a ctrl-p alone reaches the shell with the next key");
	ok(typed("ctrl-p,ctrl-q", "\020\020\021", "\020", true),
	   "a repeated beginning is no obstacle");
	ok(typed("a,a,b", "aaab", "a", true), "nor in a sequence that repeats itself");
	ok(typed("", "\020\021x", "\020\021x", false), "no keys, no detaching");
	ok(typed("ctrl-@,x", "yx", "yx", false), "ctrl-@ is no x");
	ok(typed("ctrl-],q", "\035q", "", true), "ctrl-] can be a key");
	ok(detach_keys_parse(&detach, "ctrl-") == -EINVAL, "ctrl- alone is no key");
	ok(detach_keys_parse(&detach, "ctrl-p,") == -EINVAL, "a list does not end in a comma");
	ok(detach_keys_parse(&detach, "strg-p") == -EINVAL, "a key has to be known");
}

static void sizes(void)
{
	struct winsize size;

	ok(pty_size_parse("24 80", 5, &size) == 0 && size.ws_row == 24 && size.ws_col == 80,
	   "a size is parsed");
	ok(pty_size_parse("24 80x", 6, &size) == -EINVAL &&
		   pty_size_parse("24", 2, &size) == -EINVAL &&
		   pty_size_parse("70000 1", 7, &size) == -EINVAL &&
		   pty_size_parse("", 0, &size) == -EINVAL,
	   "what is no size is refused");
}

static void raw_mode(void)
{
	int master, slave;
	struct termios before, during, after;

	if (openpty(&master, &slave, NULL, NULL, NULL) < 0)
		return;
	tcgetattr(slave, &before);
	ok(pty_raw_enter(slave) == 0, "a terminal becomes raw");
	tcgetattr(slave, &during);
	ok(!(during.c_lflag & (ICANON | ECHO | ISIG)) && !(during.c_oflag & OPOST),
	   "ctrl-c is a byte");
	ok(pty_raw_enter(slave) == 0, "twice, after a SIGCONT");
	pty_raw_leave();
	pty_raw_leave();
	tcgetattr(slave, &after);
	ok(memcmp(&before, &after, sizeof(before)) == 0, "and is given back as it was");
	ok(pty_raw_enter(open("/dev/null", O_RDONLY)) == -ENOTTY,
	   "what is no terminal stays as it is");
}

int main(void)
{
	keys_that_detach();
	sizes();
	raw_mode();
	return done();
}
