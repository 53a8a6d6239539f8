/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The control socket, both ends: this process serves, a child asks. No clock: each side waits for
 * the other's message.
 */
#include <errno.h>
#include <grp.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/client.h"
#include "daemon/control.h"

#define KEPT 4
#define ADDED 6 /* more than are kept */

static char dir[] = "/tmp/ipso-unit-control.XXXXXX", path[64];
static int go[2]; /* the child has read all that was there */

static int make_dir(void **state)
{
	(void)state;
	if (!mkdtemp(dir) || pipe(go) < 0)
		return -1;
	snprintf(path, sizeof(path), "%s/control", dir);
	return 0;
}

static int remove_dir(void **state)
{
	(void)state;
	return rmdir(dir);
}

static void add_event(struct recent *r)
{
	struct ipso_event_fw ev = {.hdr = {.version = IPSO_EVENT_VERSION,
					   .kind = IPSO_EV_FW_ERROR, .len = sizeof(ev)}};

	assert_int_equal(recent_add(r, &ev.hdr, NULL, ""), 0);
}

static int on_child(sd_event_source *source, const siginfo_t *si, void *userdata)
{
	(void)userdata;
	return sd_event_exit(sd_event_source_get_event(source),
			     si->si_code == CLD_EXITED ? si->si_status : 99);
}

struct server {
	struct service service;
	struct control *control;
};

static int on_go(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	struct server *srv = userdata;
	char c;

	(void)source;
	(void)revents;
	if (read(fd, &c, 1) == 1) {
		add_event(srv->service.recent);
		control_wake(srv->control);
	}
	return 0;
}

/* Serve until the child ends; its exit status. */
static struct ipso_config config = {.path = (char *)"f.yaml", .metrics.address = (char *)"::1"};
static int (*reload)(struct service *s, void *arg, struct why *why);
static const struct ipso_config *config_after;
static struct readers readers;

static int serve(int (*child)(void))
{
	_cleanup_(recent_free) struct recent *recent = NULL;
	struct server srv = {};
	struct why why = {};
	sigset_t set;
	pid_t pid;
	int code;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigprocmask(SIG_BLOCK, &set, NULL);
	assert_int_equal(recent_new(KEPT, &recent), 0);
	for (int i = 0; i < ADDED; i++)
		add_event(recent);
	srv.service.recent = recent;
	srv.service.cfg = &config;
	srv.service.reload = reload;
	srv.service.readers = readers;
	assert_true(sd_event_new(&srv.service.event) >= 0);
	assert_int_equal(control_start(&srv.service, path, &srv.control, &why), 0);
	pid = fork();
	if (pid == 0)
		_exit(child());
	assert_true(sd_event_add_child(srv.service.event, NULL, pid, WEXITED, on_child, NULL) >= 0);
	assert_true(sd_event_add_io(srv.service.event, NULL, go[0], EPOLLIN, on_go, &srv) >= 0);
	code = sd_event_loop(srv.service.event);
	config_after = srv.service.cfg;
	control_free(&srv.control);
	sd_event_unref(srv.service.event);
	assert_int_equal(access(path, F_OK), -1);
	return code;
}

struct seen {
	json_int_t missed;
	int events;
	bool follow;
};

static int on_line(json_t *j, void *arg)
{
	struct seen *s = arg;
	json_t *missed = json_object_get(j, "missed");

	if (missed)
		s->missed += json_integer_value(missed);
	else
		s->events++;
	if (s->follow && s->events == KEPT && write(go[1], "g", 1) != 1)
		return -EIO;
	return s->follow && s->events == KEPT + 1 ? -ECANCELED : 0;
}

static int ask_events(void)
{
	struct seen s = {};
	struct why why = {};
	int err = client_talk(path, json_pack("{s:s}", "request", "events"), on_line, &s, &why);

	return err == 0 && s.missed == ADDED - KEPT && s.events == KEPT ? 0 : 1;
}

static int follow_events(void)
{
	struct seen s = {.follow = true};
	struct why why = {};
	int err = client_talk(path, json_pack("{s:s, s:b}", "request", "events", "follow", 1),
			      on_line, &s, &why);

	return err == -ECANCELED && s.events == KEPT + 1 ? 0 : 1;
}

static int ask_nonsense(void)
{
	struct seen s = {};
	struct why why = {};
	struct stat st;
	int err = client_talk(path, json_pack("{s:s}", "request", "dance"), on_line, &s, &why);

	if (stat(path, &st) < 0 || (st.st_mode & 0777) != 0600)
		return 2;
	return err == -EPROTO && strstr(why.what, "unknown request") ? 0 : 1;
}

static int reload_well(struct service *s, void *arg, struct why *why)
{
	static struct ipso_config other = {.path = (char *)"other.yaml",
					   .metrics.address = (char *)"::1"};

	(void)arg;
	(void)why;
	s->cfg = &other;
	return 0;
}

static int reload_badly(struct service *s, void *arg, struct why *why)
{
	(void)s;
	(void)arg;
	return why_set(why, -EINVAL, "f.yaml:3:1: found moed");
}

static int on_reloaded(json_t *j, void *arg)
{
	bool *done = arg;

	*done = json_is_true(json_object_get(j, "reloaded"));
	return 0;
}

static int ask_reload(void)
{
	struct why why = {};
	bool done = false;
	int err = client_talk(path, json_pack("{s:s}", "request", "reload"), on_reloaded, &done, &why);

	return err == 0 && done ? 0 : 1;
}

static int ask_bad_reload(void)
{
	struct why why = {};
	bool done = false;
	int err = client_talk(path, json_pack("{s:s}", "request", "reload"), on_reloaded, &done, &why);

	return err == -EPROTO && strstr(why.what, "f.yaml:3:1: found moed") && !done ? 0 : 1;
}

static void kept_events_with_what_was_missed(void **state)
{
	(void)state;
	assert_int_equal(serve(ask_events), 0);
}

static void following_sees_what_comes(void **state)
{
	(void)state;
	assert_int_equal(serve(follow_events), 0);
}

static void unknown_requests_are_refused(void **state)
{
	(void)state;
	assert_int_equal(serve(ask_nonsense), 0);
}

static void reload_takes_over(void **state)
{
	(void)state;
	reload = reload_well;
	assert_int_equal(serve(ask_reload), 0);
	assert_string_equal(config_after->path, "other.yaml");
}

static void bad_reload_changes_nothing(void **state)
{
	(void)state;
	reload = reload_badly;
	assert_int_equal(serve(ask_bad_reload), 0);
	assert_ptr_equal(config_after, &config);
}

#define MEMBERS 4712

/* As somebody of that group, who has reached the socket through a folder that is root's. */
static bool become(gid_t gid, gid_t also)
{
	return setgroups(1, &also) == 0 && setgid(gid) == 0 && setuid(4711) == 0;
}

static int ask_refused(const char *request, const char *words)
{
	struct seen s = {};
	struct why why = {};
	int err = client_talk(path, json_pack("{s:s}", "request", request), on_line, &s, &why);

	if (err == -EPROTO && strstr(why.what, words))
		return 0;
	print_error("%s: %d %s, not %s\n", request, err, why.what, words);
	return 1;
}

static int ask_member_first(void)
{
	return !become(MEMBERS, 4711) ? 9 : ask_events() || ask_refused("reload", "only root may change") ||
						       ask_refused("window", "only root may change");
}

static int ask_member_also(void)
{
	return !become(4711, MEMBERS) ? 9 : ask_events() || ask_refused("reload", "only root may change");
}

static int ask_stranger(void)
{
	return !become(4711, 4713) ? 9
				   : ask_refused("events", "only root may ask") ||
					     ask_refused("reload", "only root may ask");
}

static int ask_root(void) { return ask_events() || ask_reload(); }

static int ask_closed(void)
{
	struct seen s = {};
	struct why why = {};

	if (!become(MEMBERS, MEMBERS))
		return 9;
	return client_talk(path, json_pack("{s:s}", "request", "events"), on_line, &s, &why) ==
			       -EACCES &&
			       strstr(why.remedy, "readers-group")
		       ? 0
		       : 1;
}

static void members_read_and_root_changes(void **state)
{
	(void)state;
	if (geteuid() != 0)
		skip();
	reload = reload_well;
	readers = (struct readers){true, MEMBERS};
	assert_int_equal(serve(ask_member_first), 0);
	assert_int_equal(serve(ask_member_also), 0);
	assert_ptr_equal(config_after, &config);
	assert_int_equal(serve(ask_stranger), 0);
	assert_int_equal(serve(ask_root), 0);
	readers = (struct readers){};
	assert_int_equal(serve(ask_closed), 0);
}

static void groups_have_to_exist(void **state)
{
	struct readers r = {true, 1};
	struct why why = {};

	(void)state;
	assert_int_equal(peer_readers(NULL, &r, &why), 0);
	assert_false(r.set);
	assert_int_equal(peer_readers("root", &r, &why), 0);
	assert_true(r.set && r.gid == 0);
	assert_int_equal(peer_readers("no-such-group", &r, &why), -ENOENT);
	assert_false(r.set);
	assert_non_null(strstr(why.what, "readers-group no-such-group"));
	assert_non_null(strstr(why.remedy, "groupadd --system no-such-group"));
}

static void nobody_there(void **state)
{
	struct seen s = {};
	struct why why = {};

	(void)state;
	assert_int_equal(client_talk(path, json_pack("{s:s}", "request", "status"), on_line, &s,
				     &why),
			 -ENOTCONN);
	assert_non_null(strstr(why.what, "not running"));
	assert_non_null(strstr(why.remedy, "ipso run -c"));
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(kept_events_with_what_was_missed),
		cmocka_unit_test(following_sees_what_comes),
		cmocka_unit_test(unknown_requests_are_refused),
		cmocka_unit_test(reload_takes_over),
		cmocka_unit_test(bad_reload_changes_nothing),
		cmocka_unit_test(members_read_and_root_changes),
		cmocka_unit_test(groups_have_to_exist),
		cmocka_unit_test(nobody_there),
	};

	return cmocka_run_group_tests_name("daemon_control", tests, make_dir, remove_dir);
}
