/*
 * keyring hold NAME COMMAND..: run COMMAND with a session keyring that holds a key;
 * keyring read NAME: print what the key of the session keyring says, or `none`. keyrings(7)
 */
#include <linux/keyctl.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static int hold(const char *name, char **command)
{
	if (syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL) < 0 ||
	    syscall(SYS_add_key, "user", name, "secret", 6, KEY_SPEC_SESSION_KEYRING) < 0) {
		perror("keyring");
		return 1;
	}
	execvp(command[0], command);
	return 127;
}

static int show(const char *name)
{
	char text[32] = "none";
	long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING, "user", name, 0);

	if (key >= 0)
		syscall(SYS_keyctl, KEYCTL_READ, key, text, sizeof(text) - 1);
	puts(text);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc > 3 && strcmp(argv[1], "hold") == 0)
		return hold(argv[2], argv + 3);
	return argc == 3 ? show(argv[2]) : 2;
}
