/*
 * pty ROWS COLS PROGRAM ARG..: run PROGRAM on a terminal of its own. Standard input is typed into it,
 * standard output is what it shows; each line `ROWS COLS` on descriptor 3 resizes it. Exits as PROGRAM
 * does, as a shell counts. The test bed has no program that could resize (script(1) cannot).
 */
#include <errno.h>
#include <poll.h>
#include <pty.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

static int copy(int from, int to)
{
	char buffer[4096];
	ssize_t n = read(from, buffer, sizeof(buffer));
	for (ssize_t done = 0; done < n;) {
		ssize_t written = write(to, buffer + done, (size_t)(n - done));
		if (written < 0)
			return -1;
		done += written;
	}
	return n > 0 ? 0 : -1;
}

static void resize(int master)
{
	char line[64];
	ssize_t n = read(3, line, sizeof(line) - 1);
	struct winsize size = {0};
	if (n <= 0)
		return;
	line[n] = '\0';
	if (sscanf(line, "%hu %hu", &size.ws_row, &size.ws_col) == 2)
		ioctl(master, TIOCSWINSZ, &size);
}

int main(int argc, char **argv)
{
	if (argc < 4)
		return 125;
	struct winsize size = {.ws_row = (unsigned short)atoi(argv[1]), .ws_col = (unsigned short)atoi(argv[2])};
	int master;
	pid_t child = forkpty(&master, NULL, NULL, &size);
	if (child < 0)
		return 125;
	if (child == 0) {
		close(3);
		execvp(argv[3], argv + 3);
		_exit(127);
	}
	signal(SIGPIPE, SIG_IGN);
	struct pollfd fds[] = {{master, POLLIN, 0}, {0, POLLIN, 0}, {3, POLLIN, 0}};
	for (;;) {
		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents && copy(master, 1) < 0)
			break; /* EIO: the last process has closed the terminal. */
		if (fds[1].revents && copy(0, master) < 0)
			fds[1].fd = -1;
		if (fds[2].revents & POLLIN)
			resize(master);
		else if (fds[2].revents)
			fds[2].fd = -1;
	}
	int status;
	while (waitpid(child, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
