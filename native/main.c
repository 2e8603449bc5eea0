/* tspod-monitor: one static executable with verbs; this file only chooses the verb. */
#include <string.h>

int main(int argc, char **argv)
{
	(void)argv;
	return argc > 1 ? 0 : 125;
}
