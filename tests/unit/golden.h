/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Text against tests/golden/; a difference leaves what was got in out/golden/, to look at. */
#ifndef IPSO_TEST_GOLDEN_H
#define IPSO_TEST_GOLDEN_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/mem.h"
#include "config/config.h"

static inline struct ipso_config *golden_config(void)
{
	struct ipso_config *cfg = NULL;
	struct why why = {};

	if (config_load("tests/golden/pair.yaml", &cfg, &why) < 0)
		fail_msg("%s", why.what);
	return cfg;
}

static inline void as_golden(const char *got, const char *name)
{
	_free_ char *want = NULL;
	char path[128];

	snprintf(path, sizeof(path), "tests/golden/%s", name);
	if (file_read(path, 1 << 20, &want, NULL) == 0 && strcmp(got, want) == 0)
		return;
	mkdir("out/golden", 0755);
	snprintf(path, sizeof(path), "out/golden/%s", name);
	file_replace(path, got, strlen(got), 0644);
	fail_msg("differs: diff tests/golden/%s %s", name, path);
}

#endif
