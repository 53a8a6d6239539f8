/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers as the words that outputs use. */
#include <stdio.h>

#include "base/err.h"
#include "base/mem.h"
#include "export/internal.h"

static const char *const kinds[] = {
#define IPSO_EVENT(id, label, help) label,
#include "ipso/names.def"
};
static const char *const verdicts[] = {
#define IPSO_VERDICT(id, label, help) label,
#include "ipso/names.def"
};
static const char *const ways[] = {
#define IPSO_WAY(id, label, help) label,
#include "ipso/names.def"
};
static const char *const dirs[] = {"none", "in", "out", "fwd"};
static const char *const offloads[] = {"none", "crypto", "packet"};

_Static_assert(ARRAY_SIZE(kinds) == IPSO_EV_MAX, "one label for each kind of event");
_Static_assert(ARRAY_SIZE(verdicts) == IPSO_VERDICT_MAX, "one label for each verdict");

_Static_assert(ARRAY_SIZE(ways) == IPSO_WAY_MAX, "one label for each way");

#define LABEL(list, i) ((i) < ARRAY_SIZE(list) ? (list)[i] : "unknown")

const char *kind_label(unsigned int kind)
{
	return LABEL(kinds, kind);
}

const char *verdict_label(unsigned int verdict)
{
	return LABEL(verdicts, verdict);
}

const char *way_label(unsigned int way)
{
	return LABEL(ways, way);
}

const char *dir_label(unsigned int dir)
{
	return LABEL(dirs, dir);
}

const char *offload_label(unsigned int offload)
{
	return LABEL(offloads, offload);
}

json_t *result_json(int result)
{
	return result ? json_string(err_name(result)) : json_integer(0);
}

const char *spi_text(uint32_t spi, char buf[SPI_STRLEN])
{
	snprintf(buf, SPI_STRLEN, "0x%08x", spi);
	return buf;
}

const char *sa_src_text(const struct sa_row *r, char buf[ADDR_STRLEN])
{
	struct addr a = sa_row_src(r);

	return addr_str(&a, false, buf);
}

const char *sa_dst_text(const struct sa_row *r, char buf[ADDR_STRLEN])
{
	struct addr a = sa_row_dst(r);

	return addr_str(&a, false, buf);
}

static void put(json_t *j, const char *key, uint64_t value)
{
	json_object_set_new(j, key, json_integer((json_int_t)value));
}

json_t *driver_json(const struct ipso_driver_state *d)
{
	json_t *j = json_object();

	if (d->known & IPSO_DRV_BLOCK) {
		put(j, "ipsec_keeping_tc_away", d->num_block_tc);
		put(j, "tc_keeping_ipsec_away", d->num_block_ipsec);
	}
	if (d->known & IPSO_DRV_ESWITCH) {
		json_object_set_new(j, "eswitch_mode", json_string(eswitch_mode_label(d)));
		put(j, "pf_ipsec_users", d->num_ipsec_offloads);
		put(j, "vfs_with_ipsec", d->vf_ipsec);
	}
	if (d->known & IPSO_DRV_STEERING)
		json_object_set_new(j, "steering_mode", json_string(steering_label(d)));
	if (d->known & IPSO_DRV_TABLES) {
		put(j, "rx_table_users", d->rx_tables);
		put(j, "tx_table_users", d->tx_tables);
	}
	if (d->known & IPSO_DRV_USERS)
		put(j, "eswitch_users", d->esw_users);
	return j;
}
