/*
 * What concerns all connections at once: output for whoever is attached, input from them, the end.
 */
#include "clients.h"

#include <errno.h>

/* How long the container waits for somebody who takes nothing. */
#define PATIENCE_MS 10000

void clients_output(char stream, const char *data, size_t len)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = client_at(i);
		if (client->state != CLIENT_ATTACHED)
			continue;
		if (!(stream == FRAME_STDOUT ? client->wants_stdout : client->wants_stderr))
			continue;
		if (frame_put(&client->out, stream, data, len) < 0)
			client_drop(client);
		else
			client_flush(client);
	}
}

bool clients_idle(void)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (client_at(i)->state == CLIENT_ATTACHED && !frame_idle(&client_at(i)->out))
			return false;
	return true;
}

bool clients_stalled(void)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (client_at(i)->stalled_len > 0)
			return true;
	return false;
}

void clients_resume(struct monitor *m)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = client_at(i);
		if (client->stalled_len == 0)
			continue;
		client_take_input(client, client->stalled, client->stalled_len);
		if (client->stalled_len == 0)
			client_take_frames(m, client);
	}
}

void clients_tell_exit(int code, bool also_waiting)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = client_at(i);
		if (client->state != CLIENT_ATTACHED &&
		    !(also_waiting && client->state == CLIENT_WAITING))
			continue;
		client->state = CLIENT_LEAVING;
		client->stalled_len = 0;
		client_reply(client, FRAME_EXITED, "%d", code);
	}
}

/*
 * The terminal or pipe that a container was started at is its own, as any program's: a stopped
 * reader stops it, and nothing is lost. Who attached later looks on: its terminal may hang without
 * the container, and learns of that when it comes back.
 */
static void overtake(struct client *client)
{
	client->overtaken = true;
	if (client->state != CLIENT_ATTACHED)
		return;
	client->state = CLIENT_LEAVING;
	client->stalled_len = 0;
	client_reply(client, FRAME_FAILED, "0 %d", ETIME);
}

int64_t clients_overtake(int64_t now)
{
	int64_t next = 0;

	for (unsigned i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = client_at(i);
		if (client->waits_since == 0 || client->founder || client->overtaken)
			continue;
		int64_t until = client->waits_since + PATIENCE_MS;
		if (now >= until)
			overtake(client);
		else if (next == 0 || until < next)
			next = until;
	}
	return next;
}

void clients_drop_attached(void)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (client_at(i)->state == CLIENT_ATTACHED)
			client_drop(client_at(i));
}

bool clients_gone(void)
{
	for (unsigned i = 0; i < CLIENTS_MAX; i++)
		if (client_at(i)->state != CLIENT_FREE && !client_at(i)->overtaken &&
		    !frame_idle(&client_at(i)->out))
			return false;
	return true;
}
