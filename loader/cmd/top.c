/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso top: the running service in a terminal, asked once a second and after every key. */
#include "cmd/top.h"

#include <locale.h>
#include <ncurses.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"

#define EVERY_MS 1000
#define KEY_ESC 27

static volatile sig_atomic_t ended;

static void on_signal(int number)
{
	(void)number;
	ended = 1;
}

static int on_answer(json_t *j, void *arg)
{
	struct top *t = arg;

	json_decref(t->seen);
	t->seen = json_incref(j);
	return 0;
}

/* What cannot be had now may be later: the service may be on its way back. */
static int ask(struct top *t, struct why *why)
{
	json_t *request = json_pack("{s:s, s:s, s:s, s:b, s:i, s:i, s:i}", "request", "top", "search",
				    t->search, "sort", export_order_key(t->order), "descending",
				    (int)t->descending, "offset", (int)t->offset, "limit",
				    (int)top_rows(t), "events", TOP_EVENTS);
	int err = client_talk(CONTROL_PATH, request, on_answer, t, why);

	t->trouble[0] = '\0';
	if (err < 0)
		snprintf(t->trouble, sizeof(t->trouble), "%.250s", why->what);
	return err;
}

static unsigned int matching(const struct top *t)
{
	return (unsigned int)json_integer_value(
		json_object_get(json_object_get(t->seen, "table"), "matching"));
}

/* By so many rows, within what there is. */
static void move_by(struct top *t, long rows)
{
	long last = (long)matching(t) - (long)top_rows(t), to = (long)t->offset + rows;

	if (to > last)
		to = last;
	t->offset = to > 0 ? (unsigned int)to : 0;
}

static void type(struct top *t, int key)
{
	size_t len = strlen(t->search);

	if (key == '\n' || key == '\r' || key == KEY_ENTER) {
		t->typing = false;
	} else if (key == KEY_ESC) {
		t->typing = false;
		t->search[0] = '\0';
	} else if ((key == KEY_BACKSPACE || key == 127 || key == '\b') && len) {
		t->search[len - 1] = '\0';
	} else if (key >= ' ' && key < 127 && len + 1 < sizeof(t->search)) {
		t->search[len] = (char)key;
		t->search[len + 1] = '\0';
	}
	t->offset = 0;
}

static void press(struct top *t, int key)
{
	switch (key) {
	case 'q':
	case 'Q':
		ended = 1;
		break;
	case '/':
		t->typing = true;
		break;
	case KEY_ESC:
		t->search[0] = '\0';
		break;
	case '<':
	case KEY_LEFT:
		t->order = top_next_order(t->order, true);
		break;
	case '>':
	case KEY_RIGHT:
		t->order = top_next_order(t->order, false);
		break;
	case 'r':
		t->descending = !t->descending;
		break;
	case 'p':
		t->paused = !t->paused;
		break;
	case KEY_UP:
		move_by(t, -1);
		break;
	case KEY_DOWN:
		move_by(t, 1);
		break;
	case KEY_PPAGE:
		move_by(t, -(long)top_rows(t));
		break;
	case KEY_NPAGE:
	case ' ':
		move_by(t, (long)top_rows(t));
		break;
	case KEY_HOME:
		t->offset = 0;
		break;
	case KEY_END:
		move_by(t, (long)matching(t));
		break;
	}
}

static void watch(struct top *t)
{
	struct why why = {};

	while (!ended) {
		int key;

		top_draw(t);
		key = getch(); /* also when a second is over, or the window has another size */
		if (key != ERR && t->typing)
			type(t, key);
		else if (key != ERR)
			press(t, key);
		if (!ended && (!t->paused || key != ERR)) {
			ask(t, &why);
			move_by(t, 0);
		}
	}
}

static void screen_begin(void)
{
	setlocale(LC_CTYPE, "");
	set_escdelay(25);
	initscr();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	curs_set(0);
	timeout(EVERY_MS);
	if (has_colors() && !getenv("NO_COLOR")) {
		start_color();
		use_default_colors();
		init_pair(1, COLOR_RED, -1);
	}
}

int cmd_top(const struct cmd_args *a)
{
	struct sigaction act = {.sa_handler = on_signal};
	struct top t = {.order = SA_BY_BYTE_RATE, .descending = true};
	struct why why = {};

	(void)a;
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO)) {
		log_err(0, "top: needs a terminal; `ipso status` prints once");
		return EXIT_USAGE;
	}
	LINES = 24; /* before there is a screen: what the first question may ask for */
	if (ask(&t, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	screen_begin();
	ask(&t, &why);
	watch(&t);
	endwin();
	json_decref(t.seen);
	return EXIT_DONE;
}
