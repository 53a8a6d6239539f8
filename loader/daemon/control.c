/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Server side of the control socket. A reader has a place in the ring of recent events instead of
 * a queue of its own, so that a slow one costs nothing and is told what it missed.
 */
#include "daemon/control.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/mem.h"

#define CLIENTS_MAX 16
#define REQUEST_MAX 1024

struct client {
	struct control *control; /* NULL = slot is free */
	enum peer_rights rights;
	int fd;
	sd_event_source *io;
	char request[REQUEST_MAX];
	size_t request_len;
	char *out; /* what is being sent */
	size_t out_len, out_sent;
	bool answered; /* the request was taken; nothing more is read */
	bool events, follow;
	uint64_t next; /* number of the event to send next */
};

struct control {
	struct service *service;
	char *path;
	int fd;
	sd_event_source *io;
	struct client clients[CLIENTS_MAX];
};

static void client_close(struct client *c)
{
	if (!c->control)
		return;
	sd_event_source_disable_unref(c->io);
	close(c->fd);
	free(c->out);
	*c = (struct client){};
}

/* Takes text over. */
static void client_say(struct client *c, char *text)
{
	free(c->out);
	c->out = text;
	c->out_len = text ? strlen(text) : 0;
	c->out_sent = 0;
}

/* j (stolen) as a line after what is already waiting. */
static int client_add(struct client *c, json_t *j)
{
	_free_ char *text = j ? json_dumps(j, JSON_COMPACT) : NULL;
	char *line = NULL;

	json_decref(j);
	if (!text || asprintf(&line, "%s%s\n", c->out ? c->out : "", text) < 0)
		return -ENOMEM;
	client_say(c, line);
	return 0;
}

/* The next event that c waits for, or what it missed: 1 when there is something to send. */
static int next_event(struct client *c)
{
	struct recent *r = c->control->service->recent;
	uint64_t first = recent_first(r);
	char *line;

	if (c->next < first) {
		json_t *j = json_pack("{s:I}", "missed", (json_int_t)(first - c->next));

		c->next = first;
		client_say(c, NULL);
		return client_add(c, j) < 0 ? -ENOMEM : 1;
	}
	if (!recent_get(r, c->next))
		return 0;
	line = recent_line(r, c->next) ? strdup(recent_line(r, c->next)) : NULL;
	if (!line)
		return -ENOMEM;
	client_say(c, line);
	c->next++;
	return 1;
}

/* Send until nothing is left or the reader is slow. Closes c when it is done. */
static void client_send(struct client *c)
{
	for (;;) {
		ssize_t n;
		int more;

		if (c->out_sent == c->out_len) {
			more = c->events ? next_event(c) : 0;
			if (more <= 0)
				break;
		}
		n = send(c->fd, c->out + c->out_sent, c->out_len - c->out_sent, MSG_NOSIGNAL);
		if (n < 0 && errno == EAGAIN) {
			sd_event_source_set_io_events(c->io, EPOLLOUT);
			return;
		}
		if (n < 0) {
			client_close(c);
			return;
		}
		c->out_sent += (size_t)n;
	}
	if (c->follow)
		sd_event_source_set_io_events(c->io, EPOLLIN); /* to see it hang up */
	else
		client_close(c);
}

static int answer_failures(struct client *c, const json_t *request)
{
	const json_t *spi = json_object_get(request, "spi");
	const json_t *event = json_object_get(request, "event");
	const json_t *age = json_object_get(request, "max_age_seconds");
	struct failures_wanted want = {
		.last = json_is_true(json_object_get(request, "last")),
		.by_spi = spi, .spi = (uint32_t)json_integer_value(spi),
		.by_event = event, .event = (uint64_t)json_integer_value(event),
		.by_age = age, .max_age_ns = (uint64_t)json_integer_value(age) * 1000000000ull,
	};
	json_t *list = service_failures(c->control->service, &want), *j;
	size_t i;
	int err = list ? 0 : -ENOMEM;

	json_array_foreach(list, i, j) {
		if (!err)
			err = client_add(c, json_incref(j));
	}
	json_decref(list);
	return err;
}

static int answer_top(struct client *c, const json_t *request)
{
	const char *sort = json_string_value(json_object_get(request, "sort"));
	json_int_t offset = json_integer_value(json_object_get(request, "offset"));
	json_int_t limit = json_integer_value(json_object_get(request, "limit"));
	json_int_t events = json_integer_value(json_object_get(request, "events"));
	struct sa_query q = {
		.search = json_string_value(json_object_get(request, "search")),
		.descending = json_is_true(json_object_get(request, "descending")),
		.offset = offset > 0 ? (unsigned int)offset : 0,
		.limit = limit > 0 ? (unsigned int)limit : 1, /* what fits a screen, never all */
	};

	if (sort && export_order(sort, &q.order) < 0)
		return client_add(c, json_pack("{s:s}", "error", "unknown order of SAs"));
	return client_add(c, service_top(c->control->service, &q,
					 events > 0 ? (unsigned int)events : 0));
}

static int client_fail(struct client *c, const struct why *why)
{
	_free_ char *text = NULL;

	if (asprintf(&text, "%s%s%s", why->what, *why->kernel ? ": " : "", why->kernel) < 0) {
		text = NULL;
		return -ENOMEM;
	}
	return client_add(c, json_pack("{s:s}", "error", text));
}

static int answer_reload(struct client *c)
{
	struct why why = {};

	if (service_reload(c->control->service, &why) < 0)
		return client_fail(c, &why);
	return client_add(c, json_pack("{s:b}", "reloaded", 1));
}

static int answer_window(struct client *c)
{
	const struct service *s = c->control->service;
	unsigned int open = 0;
	struct why why = {};

	if (s->window && window_ask(s->window, s, &open, &why) < 0)
		return client_fail(c, &why);
	return client_add(c, json_pack("{s:i}", "window", (int)open));
}

static int answer(struct client *c, const json_t *request)
{
	const char *what = json_string_value(json_object_get(request, "request"));

	if (what && strcmp(what, "status") == 0)
		return client_add(c, service_status(c->control->service));
	if (what && strcmp(what, "top") == 0)
		return answer_top(c, request);
	if (what && (strcmp(what, "reload") == 0 || strcmp(what, "window") == 0)) {
		if (c->rights < PEER_CHANGE)
			return client_add(c, json_pack("{s:s}", "error", "only root may change things"));
		return *what == 'r' ? answer_reload(c) : answer_window(c);
	}
	if (what && strcmp(what, "explain") == 0)
		return answer_failures(c, request);
	if (what && strcmp(what, "events") == 0) {
		c->events = true;
		c->follow = json_is_true(json_object_get(request, "follow"));
		return 0;
	}
	return client_add(c, json_pack("{s:s}", "error",
				       "unknown request; known: status, events, explain, top"));
}

static void take_request(struct client *c)
{
	json_t *request = json_loadb(c->request, c->request_len, 0, NULL);
	int err = answer(c, request);

	json_decref(request);
	c->answered = true;
	if (err < 0)
		client_close(c);
	else
		client_send(c);
}

static int on_client(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct client *c = userdata;
	char ignored[64];
	ssize_t n;

	(void)source;
	if (c->answered && (revents & EPOLLOUT)) {
		client_send(c);
		return 0;
	}
	if (c->answered)
		n = read(fd, ignored, sizeof(ignored));
	else
		n = read(fd, c->request + c->request_len, REQUEST_MAX - c->request_len);
	if (n < 0 && errno == EAGAIN)
		return 0;
	if (n <= 0) {
		client_close(c);
		return 0;
	}
	if (c->answered)
		return 0;
	c->request_len += (size_t)n;
	if (memchr(c->request, '\n', c->request_len))
		take_request(c);
	else if (c->request_len == REQUEST_MAX)
		client_close(c);
	return 0;
}

/* One line, as far as the socket takes it at once. */
static void refuse(int fd, const char *text)
{
	if (send(fd, text, strlen(text), MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		log_debug("control socket: a reader who is refused did not wait to be told");
}

static int on_connect(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct control *ctl = userdata;
	_close_ int peer = accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	enum peer_rights rights;
	struct client *c = NULL;

	(void)source;
	(void)revents;
	if (peer < 0)
		return 0;
	rights = peer_rights(peer, &ctl->service->readers);
	if (rights == PEER_NOTHING) {
		refuse(peer, "{\"error\":\"only root may ask, and members of readers-group\"}\n");
		return 0;
	}
	for (unsigned int i = 0; i < CLIENTS_MAX && !c; i++) {
		if (!ctl->clients[i].control)
			c = &ctl->clients[i];
	}
	if (!c) {
		log_warn("control socket: %d readers already; one more refused", CLIENTS_MAX);
		refuse(peer, "{\"error\":\"as many readers as there is room for\"}\n");
		return 0;
	}
	if (sd_event_add_io(ctl->service->event, &c->io, peer, EPOLLIN, on_client, c) < 0)
		return 0;
	c->control = ctl;
	c->rights = rights;
	c->fd = TAKE_FD(peer);
	return 0;
}

void control_wake(struct control *ctl)
{
	for (unsigned int i = 0; i < CLIENTS_MAX; i++) {
		if (ctl->clients[i].control && ctl->clients[i].follow)
			client_send(&ctl->clients[i]);
	}
}

/* Readers have to come through its folder, in which nothing else is open to them. */
static int open_folder(const char *path)
{
	_free_ char *copy = strdup(path);

	return copy && chmod(dirname(copy), 0711) == 0 ? 0 : -1;
}

void control_permit(struct control *ctl)
{
	if ((ctl->service->readers.set && open_folder(ctl->path) < 0) ||
	    chmod(ctl->path, peer_socket_mode(&ctl->service->readers)) < 0)
		log_err(-errno, "control socket %s: its mode cannot be changed", ctl->path);
}

void control_free(struct control **ctl)
{
	if (!*ctl)
		return;
	for (unsigned int i = 0; i < CLIENTS_MAX; i++)
		client_close(&(*ctl)->clients[i]);
	sd_event_source_disable_unref((*ctl)->io);
	if ((*ctl)->fd >= 0) {
		close((*ctl)->fd);
		unlink((*ctl)->path);
	}
	free((*ctl)->path);
	free(*ctl);
	*ctl = NULL;
}

static int listen_on(const char *path, int *ret_fd)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	_close_ int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd < 0)
		return -errno;
	if (strlen(path) >= sizeof(a.sun_path))
		return -ENAMETOOLONG;
	strcpy(a.sun_path, path);
	/* The caller holds the lock of the directory: what is there was left by a dead service. */
	if (unlink(path) < 0 && errno != ENOENT)
		return -errno;
	if (fchmod(fd, 0600) < 0 || bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return -errno;
	if (chmod(path, 0600) < 0 || listen(fd, CLIENTS_MAX) < 0) {
		int err = -errno;

		unlink(path);
		return err;
	}
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int control_start(struct service *s, const char *path, struct control **ret_c, struct why *why)
{
	_cleanup_(control_free) struct control *ctl = calloc(1, sizeof(*ctl));
	int err;

	if (!ctl)
		return why_set(why, -ENOMEM, "control socket");
	ctl->service = s;
	ctl->fd = -1;
	ctl->path = strdup(path);
	if (!ctl->path)
		return why_set(why, -ENOMEM, "control socket");
	err = listen_on(path, &ctl->fd);
	if (err < 0)
		return why_set(why, err, "control socket %s: cannot listen", path);
	err = sd_event_add_io(s->event, &ctl->io, ctl->fd, EPOLLIN, on_connect, ctl);
	if (err < 0)
		return why_set(why, err, "control socket %s: cannot join the event loop", path);
	if (s->readers.set)
		control_permit(ctl);
	*ret_c = TAKE_PTR(ctl);
	return 0;
}
