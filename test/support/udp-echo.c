/* udp-echo PORT: send each datagram back to where it came from. Debian's busybox has no program for UDP. */
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>

int main(int argc, char **argv)
{
	struct sockaddr_in address = {.sin_family = AF_INET};
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	address.sin_port = htons((unsigned short)(argc > 1 ? atoi(argv[1]) : 0));
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return 1;
	for (;;) {
		char text[1500];
		struct sockaddr_in from;
		socklen_t size = sizeof(from);
		ssize_t n = recvfrom(fd, text, sizeof(text), 0, (struct sockaddr *)&from, &size);
		if (n >= 0)
			sendto(fd, text, (size_t)n, 0, (struct sockaddr *)&from, size);
	}
}
