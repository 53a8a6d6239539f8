/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A crafted snapshot: two SAs of a tunnel, one of a stranger, one eswitch, a few failures. */
#ifndef IPSO_TEST_SNAPSHOTS_H
#define IPSO_TEST_SNAPSHOTS_H

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "collect/collect.h"

static const struct hook_info test_hooks[] = {
	{.name = "sa_add", .target = "xfrm_dev_state_add", .shows = "SAs", .attached = true},
	{.name = "tc_add", .target = "mlx5e_configure_flower", .shows = "TC rules",
	 .reason = "not in this kernel or its loaded modules"},
};

static struct hardware_row test_hardware = {.ifname = "eth0", .counter = "rx_drop_pkts",
					    .value = 3};

static const struct tc_row test_tc = {.ifname = "eth0", .hardware = 2, .software = 1};

static inline struct tunnel_row *test_tunnel(void)
{
	static union {
		struct tunnel_row row;
		char room[sizeof(struct tunnel_row) + 32];
	} t;

	strcpy(t.row.name, "a \"quoted\" name");
	t.row.dir[IPSO_DIR_OUT].packets = 123;
	t.row.dir[IPSO_DIR_OUT].bytes = 11932;
	t.row.dir[IPSO_DIR_OUT].rekeys = 4;
	t.row.dir[IPSO_DIR_OUT].had_sa = true;
	return &t.row;
}

static inline struct sa_row test_sa(uint8_t dir, uint32_t spi, const char *tunnel)
{
	const uint8_t a[16] = {192, 0, 2, 1}, b[16] = {192, 0, 2, 2};
	struct sa_row r = {
		.key = {.spi = spi, .netns = 4026531840u, .family = AF_INET, .proto = 50},
		.reqid = 7,
		.ifindex = 3,
		.replay_window = dir == IPSO_DIR_IN ? 64 : 0,
		.dir = dir,
		.offload = IPSO_OFFLOAD_PACKET,
		.esn = true,
		.ifname = "eth0",
		.tunnel = tunnel,
		.hard_packets = 1000,
		.added_ns = 1000000000ull,
		.sampled_ns = 9500000000ull,
		.now = {.packets = 23, .bytes = 1932, .use_time = 1790000000},
	};

	memcpy(r.src, dir == IPSO_DIR_IN ? b : a, 16);
	memcpy(r.key.daddr, dir == IPSO_DIR_IN ? a : b, 16);
	return r;
}

static inline struct snapshot test_snapshot(struct sa_row sas[3], struct failure_row *failure)
{
	static const struct sa_row *rows[3];
	static struct tunnel_row *tunnel;
	struct snapshot s = {
		.now_ns = 10000000000ull,
		.now_s = 1790000010,
		.sas = rows,
		.sas_count = 3,
		.failures = failure,
		.failures_count = 1,
		.hooks = test_hooks,
		.hooks_count = 2,
		.eswitches_count = 1,
		.policies = {0, 1, 2, 0},
		.tunnels = &tunnel,
		.tunnels_count = 1,
		.tc = &test_tc,
		.tc_count = 1,
	};

	sas[0] = test_sa(IPSO_DIR_OUT, 0x1001, "a \"quoted\" name");
	sas[1] = test_sa(IPSO_DIR_IN, 0xb29ed314, "a \"quoted\" name");
	sas[1].now.integrity = 1;
	sas[1].now.replay = 2;
	sas[2] = test_sa(IPSO_DIR_NONE, 0x2001, "");
	sas[2].offload = IPSO_OFFLOAD_NONE;
	sas[2].ifindex = 0;
	sas[2].ifname = "";
	sas[2].software = 5;
	tunnel = test_tunnel();
	for (int i = 0; i < 3; i++)
		rows[i] = &sas[i];
	memset(failure, 0, sizeof(*failure));
	failure->count = 3;
	strcpy(failure->ex.id, "S-05");
	strcpy(failure->ex.class_, "ORDER");
	strcpy(failure->ex.what, "SA out 192.0.2.1 -> 192.0.2.2 spi 0x00001001 on eth0");
	strcpy(failure->ex.answer, "EBUSY");
	strcpy(s.eswitches[0].ifname, "eth0");
	s.eswitches[0].probe.pci = IPSO_PCI(0, 1, 0);
	s.eswitches[0].probe.open = 1;
	s.eswitches[0].probe.guarded = IPSO_GATE_ENFORCE;
	s.eswitches[0].probe.drv.rx_tables = 1;
	s.eswitches[0].probe.drv.tx_tables = 2;
	s.eswitches[0].probe.drv.eswitch_mode = 1;
	s.eswitches[0].probe.drv.known = IPSO_DRV_TABLES | IPSO_DRV_ESWITCH;
	s.gate.installed = true;
	s.gate.rules_count = 1;
	s.gate.rules[0].pci = IPSO_PCI(0, 1, 0);
	s.gate.rules[0].mode = IPSO_GATE_ENFORCE;
	s.gate.verdicts[IPSO_VERDICT_REFUSED] = 2;
	s.events[IPSO_EV_SA_ADD] = 2;
	s.events[IPSO_EV_FW_ERROR] = 4;
	s.lost[IPSO_EV_GATE] = 1;
	s.hardware = &test_hardware;
	s.hardware_count = 1;
	return s;
}

#endif
