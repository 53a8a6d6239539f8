/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Clients that are slow, many, or mad: each is sent away, and the next one is served. Nothing is
 * held against a clock: a client that waits in vain is ended by the runner.
 */
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

#define MANY 48 /* more than there is room for */

static bool is_served(void)
{
	return answers("GET /healthz", "200", "\r\n\r\nok\n");
}

/* A byte of a header more than once a second, and no end: sent away? */
static bool drips(int fd, bool *begun)
{
	static const char begin[] = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nX-Slow: ";
	const char *text = *begun ? "a" : begin;
	ssize_t n = send(fd, text, strlen(text), MSG_NOSIGNAL);

	*begun = true;
	return n > 0 && recv(fd, answer, sizeof(answer), MSG_DONTWAIT | MSG_PEEK) != 0;
}

/* Asks for more than the kernel keeps; what it takes of it at a time is seen by who sends. */
static int ask_to_sip(void)
{
	static const char request[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";
	const int small = 4096;
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small));
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return send(fd, request, sizeof(request) - 1, MSG_NOSIGNAL) > 0 ? fd : -1;
}

/* The server's end comes after what it sent, which so slow a reader does not live to see. */
static bool sips(int fd)
{
	struct pollfd p = {.fd = fd, .events = POLLRDHUP};

	return poll(&p, 1, 0) == 0 && recv(fd, answer, 8192, MSG_DONTWAIT) != 0;
}

/* Neither is idle as libmicrohttpd sees it. Everybody else is served meanwhile. */
static int dawdle(void)
{
	_close_ int dripping = ask_open(), sipping = ask_to_sip();
	bool begun = false, here = dripping >= 0 && sipping >= 0;

	if (!here)
		return 1;
	while (drips(dripping, &begun) || sips(sipping)) {
		poll(NULL, 0, 500);
		if (!is_served())
			return 2;
	}
	return is_served() ? 0 : 3;
}

/* All places taken by those who say nothing: they are given back, with nobody's help. */
static int crowd(void)
{
	int fd[MANY];

	for (int i = 0; i < MANY; i++)
		fd[i] = ask_open();
	while (strncmp(ask_path("/healthz"), "HTTP/1.1 200", 12) != 0)
		poll(NULL, 0, 100);
	for (int i = 0; i < MANY; i++)
		close(fd[i]);
	return is_served() ? 0 : 1;
}

/*
 * Whatever the answer to these is, the next one is served. The end of them is not waited for: after a
 * short read libmicrohttpd looks for no more until something new comes, and a client who had closed
 * his side by then is sent away at the limit of time.
 */
static bool survives(const char *request, size_t len)
{
	_close_ int fd = ask_open();
	bool good;

	if (fd < 0)
		return false;
	if (send(fd, request, len, MSG_NOSIGNAL) > 0)
		shutdown(fd, SHUT_WR);
	good = is_served();
	while (recv(fd, answer, sizeof(answer), MSG_DONTWAIT) > 0)
		;
	return good;
}

static bool survives_repeated(const char *begin, const char *part, unsigned int times)
{
	size_t size = strlen(begin) + times * strlen(part) + 5, used;
	_free_ char *text = malloc(size);

	if (!text)
		return false;
	used = (size_t)snprintf(text, size, "%s", begin);
	for (unsigned int i = 0; i < times; i++)
		used += (size_t)snprintf(text + used, size - used, "%s", part);
	used += (size_t)snprintf(text + used, size - used, "\r\n\r\n");
	return survives(text, used);
}

static int rave(void)
{
	static const char *const mad[] = {
		"GET", "GET /", "\r\n\r\n\r\n", "GET /healthz HTTP/9.9\r\n\r\n",
		"GET http://localhost:9417/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /../../etc/shadow HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\nx",
		"POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999999999999\r\n\r\nx",
		"POST /metrics HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
		"ffffffffffffffff\r\nx",
		"GET /api/v1/sas?limit=4294967296&offset=-1 HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /api/v1/sas?search=%00%zz%ff HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil\r\n\r\n",
		"GET / HTTP/1.1\r\nHost:\r\n\r\n",
		"\x16\x03\x01\x02", /* the begin of TLS */
	};

	for (unsigned int i = 0; i < ARRAY_SIZE(mad); i++) {
		if (!survives(mad[i], strlen(mad[i])))
			return 1;
	}
	if (!survives_repeated("GET /", "a", 100000) ||
	    !survives_repeated("GET /?", "a=b&", 20000) ||
	    !survives_repeated("GET / HTTP/1.1\r\nHost: localhost\r\n", "A: b\r\n", 20000) ||
	    !survives_repeated("GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ", "a=b; ", 20000))
		return 2;
	srand(1);
	for (unsigned int i = 0; i < 200; i++) {
		char noise[300];

		for (unsigned int j = 0; j < sizeof(noise); j++)
			noise[j] = (char)(rand() >> 7);
		memcpy(noise, "GET ", i % 2 ? 4 : 0);
		if (!survives(noise, sizeof(noise)))
			return 3;
	}
	return 0;
}

static void serves(int (*child)(void))
{
	struct ipso_config cfg = {.path = (char *)"f.yaml"};
	struct service s = {.cfg = &cfg};

	assert_int_equal(serve(&s, child), 0);
}

static void slow_clients_are_sent_away(void **state)
{
	(void)state;
	serve_room = 4096;
	serve_sas = 2000;
	serves(dawdle);
	serve_room = 0;
	serve_sas = 2;
}

static void crowd_goes_away(void **state)
{
	(void)state;
	serves(crowd);
}

static void nonsense_is_survived(void **state)
{
	(void)state;
	serves(rave);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(slow_clients_are_sent_away),
		cmocka_unit_test(crowd_goes_away),
		cmocka_unit_test(nonsense_is_survived),
	};

	return cmocka_run_group_tests_name("daemon_http_hostile", tests, NULL, NULL);
}
