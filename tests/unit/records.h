/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Crafted records, as the kernel side would write them. */
#ifndef IPSO_TEST_RECORDS_H
#define IPSO_TEST_RECORDS_H

#include <errno.h>
#include <linux/rtnetlink.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "ipso/gate.h"

static inline struct ipso_event_hdr record_hdr(unsigned int kind, size_t len, int result)
{
	struct ipso_event_hdr h = {
		.version = IPSO_EVENT_VERSION,
		.kind = (__u16)kind,
		.len = (__u32)len,
		.ktime = 1000000000ull,
		.pid = 42,
		.netns = 4026531840u,
		.result = result,
		.comm = "ip",
	};

	return h;
}

static inline struct ipso_driver_state record_driver(void)
{
	struct ipso_driver_state d = {
		.eswitch_mode = 1,
		.known = IPSO_DRV_BLOCK | IPSO_DRV_ESWITCH | IPSO_DRV_STEERING | IPSO_DRV_TABLES |
			 IPSO_DRV_USERS,
	};

	return d;
}

/* 192.0.2.1 -> 192.0.2.2 on eth0, outbound */
static inline struct ipso_event_sa record_sa(unsigned int kind, __u32 spi, int result)
{
	struct ipso_event_sa e = {
		.hdr = record_hdr(kind, sizeof(e), result),
		.key = {.daddr = {192, 0, 2, 2}, .spi = spi, .netns = 4026531840u,
			.family = AF_INET, .proto = IPPROTO_ESP},
		.saddr = {192, 0, 2, 1},
		.reqid = 7,
		.ifindex = 3,
		.dir = IPSO_DIR_OUT,
		.offload = IPSO_OFFLOAD_PACKET,
		.flags = 0x80,
		.ifname = "eth0",
		.drv = record_driver(),
	};

	return e;
}

static inline struct ipso_event_tc record_tc(unsigned int kind, __u64 cookie, int result)
{
	struct ipso_event_tc e = {
		.hdr = record_hdr(kind, sizeof(e), result),
		.cookie = cookie,
		.ifindex = 3,
		.prio = 5,
		.protocol = 0x0800,
		.ifname = "eth0",
		.drv = record_driver(),
	};

	strcpy(e.hdr.comm, "tc");
	return e;
}

static inline struct ipso_event_gate record_gate(unsigned int verdict)
{
	struct ipso_event_gate e = {
		.hdr = record_hdr(IPSO_EV_GATE, sizeof(e),
				  verdict == IPSO_VERDICT_OBSERVED ? 0 : -EBUSY),
		.pci = IPSO_PCI(0, 1, 0),
		.ifindex = 3,
		.prio = 7,
		.protocol = 0x0003,
		.msg_type = RTM_NEWTFILTER,
		.verdict = verdict,
		.ifname = "eth0",
		.tc_kind = "flower",
		.drv = record_driver(),
	};

	strcpy(e.hdr.comm, "tc");
	return e;
}

#endif
