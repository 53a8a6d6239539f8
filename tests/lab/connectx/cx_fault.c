/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Faults on request, from a text file that is read again whenever it changes; its lines and when
 * each takes effect are in README.md. No part of the firmware interface: what a fault produces is.
 */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "cx.h"

enum {
	POLL_MS = 100,
	FOREVER = 0x7fffffff,
	ANY_OP_MOD = -1,
};

enum kind { CMD, DELAY, LIMIT, LINK, CAP, DROP_EVENT, WIRE };

struct fault {
	enum kind kind;
	unsigned int code;	/* opcode, object type, event, enum cx_wire_fault; link: 1 = down */
	int op_mod;		/* or ANY_OP_MOD */
	uint8_t status;
	uint32_t syndrome;
	unsigned int ms;
	uint64_t value;		/* limit, capability */
	char name[64];		/* capability */
	unsigned int times;	/* left */
};

struct cx_faults {
	struct cx_dev *dev;
	char *path;
	struct timespec changed;
	off_t size;
	ino_t inode;
	GArray *list;		/* struct fault */
	bool gone;		/* freed, the timer has yet to notice */
};

/* Takes one word of a fault line; false when it does not belong there. */
static bool parse_option(struct fault *f, const char *word)
{
	unsigned int n;

	if (sscanf(word, "times=%u", &f->times) == 1 || sscanf(word, "ms=%u", &f->ms) == 1)
		return true;
	if (sscanf(word, "status=%i", (int *)&n) == 1) {
		f->status = n;
		return true;
	}
	if (sscanf(word, "syndrome=%i", (int *)&f->syndrome) == 1)
		return true;
	return sscanf(word, "max=%" SCNu64, &f->value) == 1;
}

static bool parse_subject(struct fault *f, const char *verb, const char *word)
{
	static const char *const wire[] = { "drop", "corrupt", "replay" };
	char *equals;

	if (!strcmp(verb, "cmd")) {
		f->kind = CMD;
		f->status = CX_INTERNAL_ERR;
		if (sscanf(word, "%x/%i", &f->code, &f->op_mod) == 1)
			f->op_mod = ANY_OP_MOD;
		return f->code;
	}
	if (!strcmp(verb, "delay")) {
		f->kind = DELAY;
		return sscanf(word, "%x", &f->code) == 1;
	}
	if (!strcmp(verb, "limit")) {
		f->kind = LIMIT;
		return sscanf(word, "%x", &f->code) == 1;
	}
	if (!strcmp(verb, "drop-event")) {
		f->kind = DROP_EVENT;
		return sscanf(word, "%x", &f->code) == 1;
	}
	if (!strcmp(verb, "link")) {
		f->kind = LINK;
		f->code = !strcmp(word, "down");
		return f->code || !strcmp(word, "up");
	}
	if (!strcmp(verb, "cap")) {
		f->kind = CAP;
		equals = strchr(word, '=');
		if (!equals)
			return false;
		snprintf(f->name, sizeof(f->name), "%.*s", (int)(equals - word), word);
		f->value = strtoull(equals + 1, NULL, 0);
		return true;
	}
	if (!strcmp(verb, "wire")) {
		f->kind = WIRE;
		for (unsigned int i = 0; i < G_N_ELEMENTS(wire); i++) {
			f->code = i;
			if (!strcmp(word, wire[i]))
				return true;
		}
	}
	return false;
}

static bool parse_line(char *line, struct fault *ret_fault)
{
	struct fault f = { .times = FOREVER };
	char *verb, *word, *rest;

	verb = strtok_r(line, " \t\n", &rest);
	word = strtok_r(NULL, " \t\n", &rest);
	if (!word || !parse_subject(&f, verb, word))
		return false;
	while ((word = strtok_r(NULL, " \t\n", &rest)))
		if (!parse_option(&f, word))
			return false;
	*ret_fault = f;
	return true;
}

static void load(struct cx_faults *faults)
{
	struct cx_fn *pf = faults->dev->fn[0];
	FILE *file = fopen(faults->path, "r");
	unsigned int number = 0;
	char line[256], copy[256];
	struct fault f;

	g_array_set_size(faults->list, 0);
	while (file && fgets(line, sizeof(line), file)) {
		number++;
		line[strcspn(line, "#\n")] = 0;
		if (!line[strspn(line, " \t")])
			continue;
		memcpy(copy, line, sizeof(copy));
		if (parse_line(line, &f)) {
			g_array_append_val(faults->list, f);
			cx_log(pf, CX_LOG_COMMAND, "fault set: %s", copy);
		} else {
			cx_log(pf, CX_LOG_ERROR, "%s:%u: not a fault: %s", faults->path, number,
			       copy);
		}
	}
	if (file)
		fclose(file);
}

/* The link is a state, not an event: as the last link line says, up without one. */
static void apply_link(struct cx_faults *faults)
{
	bool down = false;

	for (unsigned int i = 0; i < faults->list->len; i++) {
		const struct fault *f = &g_array_index(faults->list, struct fault, i);

		if (f->kind == LINK)
			down = f->code;
	}
	if (down == faults->dev->port.fault_down)
		return;
	faults->dev->port.fault_down = down;
	cx_vports_link_changed(faults->dev);
}

static void refresh(struct cx_faults *faults)
{
	struct stat st = { 0 };

	if (!faults->path || !faults->dev->fn[0])
		return;
	stat(faults->path, &st);	/* absent: all zero, as an empty file */
	if (!memcmp(&st.st_mtim, &faults->changed, sizeof(st.st_mtim)) &&
	    st.st_size == faults->size && st.st_ino == faults->inode)
		return;
	faults->changed = st.st_mtim;
	faults->size = st.st_size;
	faults->inode = st.st_ino;
	load(faults);
	apply_link(faults);
}

static void poll_file(void *arg)
{
	struct cx_faults *faults = arg;

	if (faults->gone) {
		g_free(faults);
		return;
	}
	refresh(faults);
	cx_defer(POLL_MS, poll_file, faults);
}

struct cx_faults *cx_faults_new(struct cx_dev *dev, const char *path)
{
	struct cx_faults *faults = g_new0(struct cx_faults, 1);

	faults->dev = dev;
	faults->list = g_array_new(FALSE, TRUE, sizeof(struct fault));
	faults->path = path && *path ? g_strdup(path) : NULL;
	if (faults->path)
		cx_defer(POLL_MS, poll_file, faults);
	return faults;
}

void cx_faults_free(struct cx_faults *faults)
{
	bool polled = faults->path;

	g_free(faults->path);
	g_array_free(faults->list, TRUE);
	faults->gone = true;
	if (!polled)
		g_free(faults);
}

/* The first live fault of this kind and code, one of its times used; NULL without one. */
static struct fault *take(struct cx_dev *dev, enum kind kind, unsigned int code, int op_mod)
{
	struct cx_faults *faults = dev->faults;

	refresh(faults);
	for (unsigned int i = 0; i < faults->list->len; i++) {
		struct fault *f = &g_array_index(faults->list, struct fault, i);

		if (f->kind != kind || f->code != code || !f->times)
			continue;
		if (kind == CMD && f->op_mod != ANY_OP_MOD && f->op_mod != op_mod)
			continue;
		if (f->times != FOREVER)
			f->times--;
		return f;
	}
	return NULL;
}

bool cx_fault_command(struct cx_dev *dev, uint16_t opcode, uint16_t op_mod, uint8_t *ret_status,
		      uint32_t *ret_syndrome)
{
	const struct fault *f = take(dev, CMD, opcode, op_mod);

	if (!f)
		return false;
	*ret_status = f->status;
	*ret_syndrome = f->syndrome;
	return true;
}

unsigned int cx_fault_delay_ms(struct cx_dev *dev, uint16_t opcode)
{
	const struct fault *f = take(dev, DELAY, opcode, ANY_OP_MOD);

	return f ? f->ms : 0;
}

bool cx_fault_drop_event(struct cx_dev *dev, uint8_t event)
{
	return take(dev, DROP_EVENT, event, ANY_OP_MOD);
}

bool cx_fault_wire(struct cx_dev *dev, enum cx_wire_fault what)
{
	return take(dev, WIRE, what, ANY_OP_MOD);
}

uint32_t cx_fault_object_limit(struct cx_dev *dev, uint16_t obj_type)
{
	const struct fault *f = take(dev, LIMIT, obj_type, ANY_OP_MOD);

	return f ? f->value : UINT32_MAX;
}

void cx_fault_caps(struct cx_dev *dev, void (*set)(void *, const char *, uint64_t), void *arg)
{
	refresh(dev->faults);
	for (unsigned int i = 0; i < dev->faults->list->len; i++) {
		const struct fault *f = &g_array_index(dev->faults->list, struct fault, i);

		if (f->kind == CAP)
			set(arg, f->name, f->value);
	}
}
