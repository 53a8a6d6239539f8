/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the kernel's answers mean: one table, whose rows are in catalogue/, a file a section. It is
 * the source of `ipso explain`, of the findings of `ipso check`, and of the man page
 * ipso-catalogue(7). Texts are as in the source of Linux 6.12 and 7.3.
 * Classes: CFG wrong configuration, CAP something is missing, ORDER wrong order or a holder in the
 * way, BUSY passes by itself, RES a resource is exhausted, REQ malformed request, INT internal,
 * INFO no failure.
 */
#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/mem.h"
#include "explain/internal.h"

#define LIST(...) {__VA_ARGS__}
#define CALLEE 0    /* whatever the function below answered */
#define ACCEPTED 0  /* the request succeeds */
#define MALFORMED "a malformed request: refused before any driver is asked", \
	"correct the program that sent the request"

/* Two steps, so that a macro may stand for cause and remedy. */
#define ROW_(kind_, id_, kernel_, errnos, class_name, step_, text_, cause_, remedy_)      \
	{                                                                                 \
		.id = #id_, .class_ = #class_name, .kernel = #kernel_, .text = text_,     \
		.step = step_, .err = LIST errnos, .kind = kind_, .cause = cause_,        \
		.remedy = remedy_                                                         \
	},
#define ROW(...) ROW_(__VA_ARGS__)
#define TEXT(id, kernel, errnos, class_name, ...) \
	ROW(CATALOGUE_TEXT, id, kernel, errnos, class_name, "", __VA_ARGS__)
#define GENERAL(id, kernel, errnos, class_name, ...) \
	ROW(CATALOGUE_GENERAL, id, kernel, errnos, class_name, "", __VA_ARGS__)
#define SILENT(id, kernel, errnos, class_name, step, ...) \
	ROW(CATALOGUE_SILENT, id, kernel, errnos, class_name, step, "", __VA_ARGS__)
#define LOG(id, kernel, class_name, ...) \
	ROW(CATALOGUE_LOG, id, kernel, (CALLEE), class_name, "", __VA_ARGS__)
#define LATER(id, kernel, ...) \
	ROW(CATALOGUE_LATER, id, kernel, (ACCEPTED), INFO, "", __VA_ARGS__)
#define FINDING(id, class_name, ...) \
	ROW(CATALOGUE_FINDING, id, both, (ACCEPTED), class_name, "ipso check", __VA_ARGS__)
#define STATUS(id, status, errnos, ...) \
	ROW(CATALOGUE_FIRMWARE, id, both, errnos, INT, #status, __VA_ARGS__)
#define SYNDROME(id, syndrome, ...) \
	ROW(CATALOGUE_FIRMWARE, id, both, (CALLEE), INT, #syndrome, "syndrome " #syndrome, \
	    __VA_ARGS__)

static const struct catalogue_row rows[] = {
#include "explain/catalogue/own.def"
#include "explain/catalogue/ck.def"
#include "explain/catalogue/s.def"
#include "explain/catalogue/xd.def"
#include "explain/catalogue/xu.def"
#include "explain/catalogue/xs.def"
#include "explain/catalogue/mi.def"
#include "explain/catalogue/me.def"
#include "explain/catalogue/mf.def"
#include "explain/catalogue/md.def"
#include "explain/catalogue/mn.def"
#include "explain/catalogue/ms.def"
#include "explain/catalogue/dp.def"
#include "explain/catalogue/dq.def"
#include "explain/catalogue/mt.def"
#include "explain/catalogue/ma.def"
#include "explain/catalogue/mu.def"
#include "explain/catalogue/tc.def"
#include "explain/catalogue/tf.def"
#include "explain/catalogue/tq.def"
#include "explain/catalogue/ta.def"
#include "explain/catalogue/firmware.def"
#include "explain/catalogue/p.def"
#include "explain/catalogue/ks.def"
#include "explain/catalogue/kc.def"
#include "explain/catalogue/ke.def"
#include "explain/catalogue/ko.def"
#include "explain/catalogue/ki.def"
#include "explain/catalogue/kf.def"
#include "explain/catalogue/kt.def"
};

#define SECTION(letters_, step_, driver_, title_, source_)                             \
	{                                                                              \
		.letters = #letters_, .step = CATALOGUE_STEP_##step_, .driver = driver_, \
		.title = title_, .source = source_                                     \
	},
static const struct catalogue_section sections[] = {
#include "explain/catalogue/sections.def"
};

const struct catalogue_row *catalogue_find(const char *id)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(rows); i++) {
		if (strcasecmp(rows[i].id, id) == 0)
			return &rows[i];
	}
	return NULL;
}

const struct catalogue_row *catalogue_row(unsigned int i)
{
	return i < ARRAY_SIZE(rows) ? &rows[i] : NULL;
}

const struct catalogue_section *catalogue_section(const struct catalogue_row *row)
{
	size_t n = strcspn(row->id, "-");

	for (unsigned int i = 0; i < ARRAY_SIZE(sections); i++) {
		if (strlen(sections[i].letters) == n && !strncmp(sections[i].letters, row->id, n))
			return &sections[i];
	}
	return NULL;
}
