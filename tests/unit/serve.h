/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The HTTP side on a port of the kernel's choice: this process serves, a child asks and gives its
 * verdict as exit status. SIGUSR1 of the child adds an event, SIGUSR2 a thousand.
 */
#ifndef IPSO_TEST_SERVE_H
#define IPSO_TEST_SERVE_H

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
#include "collect/internal.h"
#include "daemon/http.h"
#include "records.h"

static struct sockaddr_in address;
static char answer[262144];
static struct http *serve_http;
static unsigned int serve_keep = 2; /* events */
static uint32_t serve_sas = 2;
static int serve_room;		    /* that the kernel has for what is sent, 0 = as ever */

static inline int on_child(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	(void)userdata;
	return sd_event_exit(sd_event_source_get_event(source),
			     si->si_code == CLD_EXITED ? si->si_status : 99);
}

static inline void add_event(struct service *s)
{
	struct ipso_event_fw ev = {.hdr = record_hdr(IPSO_EV_FW_ERROR, sizeof(ev), 0)};

	assert_int_equal(recent_add(s->recent, &ev.hdr, NULL, ""), 0);
}

static inline int on_wish(sd_event_source *source, const struct signalfd_siginfo *si,
			  void *userdata)
{
	(void)source;
	for (int i = 0; i < (si->ssi_signo == SIGUSR1 ? 1 : 1000); i++)
		add_event(userdata);
	http_wake(serve_http);
	return 0;
}

static inline void fill(struct service *s)
{
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 0x1001, 0);
	struct why why = {};

	assert_int_equal(recent_new(serve_keep, &s->recent), 0);
	for (int i = 0; i < 3; i++)
		add_event(s);
	if (collect_new(NULL, NULL, NULL, &s->collect, &why) < 0)
		fail_msg("%s", why.what);
	for (uint32_t i = 0; i < serve_sas; i++) {
		sa.key.spi = 0x1001 + i;
		collect_record(s->collect, &sa, sizeof(sa));
	}
	assert_true(sd_event_new(&s->event) >= 0);
}

static inline void block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
}

static inline int serve(struct service *s, int (*child)(void))
{
	static struct ipso_config cfg;
	struct why why = {};
	socklen_t len = sizeof(address);
	pid_t pid;
	int code, fd = -1;

	block_signals();
	fill(s);
	cfg = *s->cfg;
	if (!cfg.metrics.address)
		cfg.metrics.address = (char *)"127.0.0.1";
	s->cfg = &cfg;
	assert_int_equal(http_listen(&cfg.metrics, &fd, &why), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
	if (serve_room) /* those who are accepted have it from the socket that listens */
		assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &serve_room,
					    sizeof(serve_room)), 0);
	if (http_start(s, fd, &serve_http, &why) < 0)
		fail_msg("%s", why.what);
	pid = fork();
	if (pid == 0)
		_exit(child());
	assert_true(sd_event_add_child(s->event, NULL, pid, WEXITED, on_child, NULL) >= 0);
	assert_true(sd_event_add_signal(s->event, NULL, SIGUSR1, on_wish, s) >= 0);
	assert_true(sd_event_add_signal(s->event, NULL, SIGUSR2, on_wish, s) >= 0);
	code = sd_event_loop(s->event);
	http_free(&serve_http);
	collect_free(&s->collect);
	recent_free(&s->recent);
	s->event = sd_event_unref(s->event);
	return code;
}

static inline int ask_open(void)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Send a request and read the answer to its end. */
static inline const char *ask(const char *request, size_t len)
{
	_close_ int fd = ask_open();
	size_t used = 0;
	ssize_t n;

	answer[0] = '\0';
	if (fd < 0 || send(fd, request, len, MSG_NOSIGNAL) != (ssize_t)len)
		return answer;
	while ((n = read(fd, answer + used, sizeof(answer) - 1 - used)) > 0)
		used += (size_t)n;
	answer[used] = '\0';
	return answer;
}

static inline const char *ask_path(const char *path)
{
	char request[256];
	int n = snprintf(request, sizeof(request),
			 "GET %s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", path);

	return ask(request, (size_t)n);
}

static inline bool answers(const char *method_path, const char *status, const char *words)
{
	char request[256];
	const char *text;
	int n = snprintf(request, sizeof(request), "%s HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
			 method_path);

	text = ask(request, (size_t)n);
	if (strncmp(text + strlen("HTTP/1.1 "), status, 3) == 0 && strstr(text, words))
		return true;
	print_error("%s: expected %s with %s, got\n%.400s\n", method_path, status, words, text);
	return false;
}

#endif
