/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP side on a port of the kernel's choice: this process serves, a child asks and gives its
 * verdict as exit status.
 */
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/http.h"

static struct sockaddr_in address;
static char answer[65536];

static int on_child(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	(void)userdata;
	return sd_event_exit(sd_event_source_get_event(source),
			     si->si_code == CLD_EXITED ? si->si_status : 99);
}

static void fill(struct service *s)
{
	struct ipso_event_fw ev = {.hdr = {.version = IPSO_EVENT_VERSION,
					   .kind = IPSO_EV_FW_ERROR, .len = sizeof(ev)}};
	struct why why = {};

	assert_int_equal(recent_new(2, &s->recent), 0);
	for (int i = 0; i < 3; i++)
		assert_int_equal(recent_add(s->recent, &ev.hdr, NULL), 0);
	if (collect_new(NULL, NULL, NULL, &s->collect, &why) < 0)
		fail_msg("%s", why.what);
	assert_true(sd_event_new(&s->event) >= 0);
}

static int serve(struct service *s, int (*child)(void))
{
	struct cfg_metrics m = {.address = (char *)"127.0.0.1"};
	struct http *http = NULL;
	struct why why = {};
	socklen_t len = sizeof(address);
	sigset_t set;
	pid_t pid;
	int code, fd = -1;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	fill(s);
	assert_int_equal(http_listen(&m, &fd, &why), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	assert_int_equal(http_start(s, fd, &http, &why), 0);
	pid = fork();
	if (pid == 0)
		_exit(child());
	assert_true(sd_event_add_child(s->event, NULL, pid, WEXITED, on_child, NULL) >= 0);
	code = sd_event_loop(s->event);
	http_free(&http);
	collect_free(&s->collect);
	recent_free(&s->recent);
	sd_event_unref(s->event);
	return code;
}

/* Send a request and read the answer to its end. */
static const char *ask(const char *request, size_t len)
{
	_close_ int fd = socket(AF_INET, SOCK_STREAM, 0);
	size_t used = 0;
	ssize_t n;

	answer[0] = '\0';
	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		return answer;
	while ((n = read(fd, answer + used, sizeof(answer) - 1 - used)) > 0)
		used += (size_t)n;
	answer[used] = '\0';
	return answer;
}

static bool answers(const char *method_path, const char *status, const char *words)
{
	char request[128];
	const char *text;
	int n = snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
			 method_path);

	text = ask(request, (size_t)n);
	if (strncmp(text + strlen("HTTP/1.1 "), status, 3) == 0 && strstr(text, words))
		return true;
	print_error("%s: expected %s with %s, got\n%.400s\n", method_path, status, words, text);
	return false;
}

static int ask_everything(void)
{
	bool good = answers("GET /healthz", "200", "\r\n\r\nok\n");

	good &= answers("GET /metrics", "200", "text/plain; version=0.0.4");
	good &= answers("GET /metrics", "200", "# TYPE ipso_gate_verdicts_total counter");
	good &= answers("GET /api/v1/status", "200", "\"events_dropped\": 1");
	good &= answers("GET /api/v1/events", "200", "Ipso-Events-Dropped: 1");
	good &= answers("GET /api/v1/events", "200", "\r\n\r\n[\n{");
	good &= answers("HEAD /healthz", "200", "Content-Length: 3");
	good &= answers("POST /metrics", "405", "Allow: GET, HEAD");
	good &= answers("GET /", "404", "/metrics");
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
		cmocka_unit_test(taken_ports_are_named),
	};

	return cmocka_run_group_tests_name("daemon_http", tests, NULL, NULL);
}
