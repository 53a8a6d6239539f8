/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The HTTP side: every route, limits, nonsense, and events as a stream. */
#include <errno.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "serve.h"

static int ask_everything(void)
{
	bool good = answers("GET /healthz", "200", "\r\n\r\nok\n");

	good &= answers("GET /metrics", "200", "text/plain; version=0.0.4");
	good &= answers("GET /metrics", "200", "# TYPE ipso_gate_verdicts_total counter");
	good &= answers("GET /metrics HTTP/1.1\r\nAccept: application/openmetrics-text;version=1.0.0;"
			"q=0.5,text/plain;version=0.0.4;q=0.2\r\nX:", "200",
			"Content-Type: application/openmetrics-text; version=1.0.0");
	good &= answers("GET /api/v1/status", "200", "\"events_dropped\": 1");
	good &= answers("GET /api/v1/events", "200", "Ipso-Events-Dropped: 1");
	good &= answers("GET /api/v1/events", "200", "\r\n\r\n[\n{");
	good &= answers("GET /api/v1/sas?search=192.0.2.2&sort=spi&order=desc&limit=1&offset=1", "200",
			"\"spi\": \"0x00001001\"");
	good &= answers("GET /api/v1/sas?search=nobody", "200", "\"matching\": 0");
	good &= answers("GET /api/v1/sas?sort=colour", "400", "bytes_per_second");
	good &= answers("GET /api/v1/sas?order=up", "400", "allowed are asc, desc");
	good &= answers("GET /api/v1/sas?limit=-1", "400", "limit");
	good &= answers("GET /api/v1/sas?sort=%ff%ff", "400", "error");
	good &= answers("GET /api/v1/devices", "200", "\"device\": \"eth0\"");
	good &= answers("GET /api/v1/gate", "200", "\"installed\": false");
	good &= answers("GET /api/v1/failures", "200", "\"failures\": [");
	good &= answers("HEAD /healthz", "200", "Content-Length: 3");
	good &= answers("POST /metrics", "405", "Allow: GET, HEAD");
	good &= answers("GET /", "200", "Content-Security-Policy: default-src 'none'");
	good &= answers("GET /?search=%3Cscript%3E", "200", "value=\"&lt;script&gt;\"");
	good &= answers("GET /nothing", "404", "/metrics");
	good &= answers("GET /metrics/", "404", "/metrics");
	return good ? 0 : 1;
}

/* Headers beyond the limit are refused, and the next request is served. */
static int ask_too_much(void)
{
	_free_ char *request = malloc(40000);
	const char *text;

	if (!request)
		return 2;
	memset(request, 'a', 40000);
	memcpy(request, "GET /healthz HTTP/1.1\r\nX: ", 26);
	text = ask(request, 40000);
	if (strstr(text, "200 OK"))
		return 1;
	return answers("GET /healthz", "200", "ok") ? 0 : 3;
}

/* Garbage, and a connection that is closed without a word. */
static int ask_nonsense(void)
{
	static const char garbage[] = "\r\n\r\n\0\xff nonsense\r\n\r\n";
	_close_ int silent = socket(AF_INET, SOCK_STREAM, 0);
	_close_ int noisy = socket(AF_INET, SOCK_STREAM, 0);
	ssize_t n;

	if (connect(silent, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    connect(noisy, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(noisy, garbage, sizeof(garbage), MSG_NOSIGNAL) != sizeof(garbage))
		return 2;
	close(TAKE_FD(silent));
	/* Half closed, so that an answer need not wait for the server's patience to end. */
	if (shutdown(noisy, SHUT_WR) < 0)
		return 2;
	do
		n = read(noisy, answer, sizeof(answer));
	while (n > 0);
	return answers("GET /healthz", "200", "ok") ? 0 : 3;
}

static int ask_health(void)
{
	return answers("GET /healthz", "503", "\r\n\r\nSAs cannot be read\n") ? 0 : 1;
}

/* Read until words came, the stream ended (false), or nothing came for a minute (false). */
static bool comes(int fd, const char *words)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};
	size_t used = 0;
	ssize_t n;

	answer[0] = '\0';
	while (!strstr(answer, words)) {
		if (poll(&p, 1, 60000) != 1)
			return false;
		n = read(fd, answer + used, sizeof(answer) - 1 - used);
		if (n <= 0)
			break;
		used += (size_t)n;
		answer[used] = '\0';
	}
	if (strstr(answer, words))
		return true;
	print_error("no %s in:\n%s\n", words, answer);
	return false;
}

static int follow(const char *header)
{
	char request[256];
	int n = snprintf(request, sizeof(request), "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
			 "Accept: text/event-stream\r\n%s\r\n", header);
	int fd = ask_open();

	if (fd >= 0 && send(fd, request, (size_t)n, MSG_NOSIGNAL) != n) {
		close(fd);
		return -1;
	}
	return fd;
}

/* What is kept, what was missed, and what comes; the service adds an event at each request. */
static int ask_stream(void)
{
	_close_ int first = follow(""), second = -1, third = -1;

	if (!comes(first, "text/event-stream") && !strstr(answer, "data: {"))
		return 1;
	if (!strstr(answer, "id: 1\n") && !comes(first, "id: 1\ndata: {\"time\":"))
		return 2;
	if (!strstr(answer, "id: 2\n") && !comes(first, "id: 2\n"))
		return 3;
	second = follow("Last-Event-ID: 1\r\n");
	if (!comes(second, "id: 2\n") || strstr(answer, "id: 1\n"))
		return 4;
	third = follow("Last-Event-ID: 99\r\n"); /* of a service that was there before */
	if (!comes(third, "id: 1\n"))
		return 5;
	kill(getppid(), SIGUSR1);
	return comes(first, "id: 3\n") && comes(second, "id: 3\n") ? 0 : 6;
}

/* There is room for so many; one that leaves makes room, at the next beat at the latest. */
static int ask_too_many_streams(void)
{
	int fd[9], i;

	for (i = 0; i < 8; i++) {
		fd[i] = follow("");
		if (!comes(fd[i], "id: 1\n"))
			return 1;
	}
	fd[8] = follow("");
	if (!comes(fd[8], "503 "))
		return 2;
	if (!answers("GET /metrics", "200", "ipso_event_streams 8\n") ||
	    !answers("GET /metrics", "200", "ipso_event_streams_dropped_total{reason=\"limit\"} 1\n"))
		return 3;
	close(fd[0]);
	while (!strstr(ask_path("/metrics"), "ipso_event_streams 7\n"))
		poll(NULL, 0, 100);
	fd[8] = follow("");
	return comes(fd[8], "id: 1\n") ? 0 : 4;
}

/* A reader that takes nothing is sent away, and nobody else waits for it. */
static int ask_slowly(void)
{
	const int small = 4096;
	_close_ int fd = socket(AF_INET, SOCK_STREAM, 0);
	static const char request[] = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\n"
				      "Accept: text/event-stream\r\n\r\n";

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) < 0)
		return 1;
	while (!strstr(ask_path("/metrics"), "ipso_event_streams_dropped_total{reason=\"slow\"} 1\n")) {
		kill(getppid(), SIGUSR2);
		poll(NULL, 0, 50);
	}
	return strstr(answer, "ipso_event_streams 0\n") ? 0 : 2;
}

static struct ipso_config cfg = {.path = (char *)"f.yaml"};

static void every_route(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_everything), 0);
}

static void limits_hold(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_too_much), 0);
}

static void nonsense_is_survived(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_nonsense), 0);
}

static void trouble_is_unhealthy(void **state)
{
	struct service s = {.cfg = &cfg, .trouble = "SAs cannot be read"};

	(void)state;
	assert_int_equal(serve(&s, ask_health), 0);
}

static void events_are_a_stream(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_stream), 0);
	assert_int_equal(s.streams, 0);
}

static void streams_are_bounded(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	assert_int_equal(serve(&s, ask_too_many_streams), 0);
}

static void slow_readers_are_dropped(void **state)
{
	struct service s = {.cfg = &cfg};

	(void)state;
	serve_keep = RECENT_EVENTS;
	assert_int_equal(serve(&s, ask_slowly), 0);
	serve_keep = 2;
}

static void taken_ports_are_named(void **state)
{
	struct cfg_metrics m = {.address = (char *)"127.0.0.1"};
	_close_ int first = -1, second = -1;
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	struct why why = {};

	(void)state;
	assert_int_equal(http_listen(&m, &first, &why), 0);
	assert_int_equal(getsockname(first, (struct sockaddr *)&a, &len), 0);
	m.port = ntohs(a.sin_port);
	assert_int_equal(http_listen(&m, &second, &why), -EADDRINUSE);
	assert_non_null(strstr(why.what, "127.0.0.1 port"));
	assert_non_null(strstr(why.remedy, "metrics.listen"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_route),
		cmocka_unit_test(limits_hold),
		cmocka_unit_test(nonsense_is_survived),
		cmocka_unit_test(trouble_is_unhealthy),
		cmocka_unit_test(events_are_a_stream),
		cmocka_unit_test(streams_are_bounded),
		cmocka_unit_test(slow_readers_are_dropped),
		cmocka_unit_test(taken_ports_are_named),
	};

	return cmocka_run_group_tests_name("daemon_http", tests, NULL, NULL);
}
