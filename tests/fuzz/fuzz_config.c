/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Configuration text through loader and checks. Beside not crashing: a refusal has a place and
 * words, and an accepted file keeps the promises that later stages rest on.
 *   clang -std=gnu11 -g -O1 -fsanitize=fuzzer,address,undefined -D_GNU_SOURCE -Iinclude -Iloader \
 *     tests/fuzz/fuzz_config.c loader/base/[a-z]*.c loader/config/[a-z]*.c -lyaml -o out/fuzz_config
 *   out/fuzz_config -max_len=4096 -max_total_time=60 CORPUS
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "config/config.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool what)
{
	if (!what)
		abort();
}

static void promises(const struct ipso_config *cfg)
{
	require(cfg->version == 1 && cfg->devices_count >= 1 && cfg->metrics.address);
	for (unsigned int i = 0; i < cfg->devices_count; i++)
		require(config_device_name(cfg, i) != NULL);
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		require(t->name && t->device < cfg->devices_count);
		require(t->local.family && t->local.family == t->remote.family);
		require(t->out.spi >= 256 && t->in.spi >= 256 && t->out.reqid && t->in.reqid);
		require(!t->on_vf || config_vf(cfg, t->device, t->vf));
		require(!t->out.key && !t->in.key);
	}
	for (unsigned int i = 0; i < cfg->tc_count; i++)
		require(cfg->tc[i].device < cfg->devices_count && cfg->tc[i].pref);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_free_ char *text = malloc(size + 1);
	struct why why = {};
	int err;

	require(text != NULL);
	memcpy(text, data, size);
	text[size] = '\0';
	err = config_parse("f", text, size, &cfg, &why);
	if (err < 0)
		require(err == -EINVAL && !cfg && strncmp(why.what, "f:", 2) == 0 && why.what[2] != '0');
	else
		promises(cfg);
	return 0;
}
