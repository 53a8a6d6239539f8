/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Kernel events in, one table out. The table is bounded, keyed by struct ipso_sa_key, filled from
 * a netlink dump at start and from the ring from then on. Readers get a snapshot.
 */
#ifndef IPSO_COLLECT_H
#define IPSO_COLLECT_H

#include <stdbool.h>
#include <stdint.h>

#include "attach/attach.h"
#include "base/addr.h"
#include "explain/explain.h"
#include "ipso/event.h"

#define COLLECT_SAS_MAX 131072 /* more are counted, not kept */

/* There may be as many as that: what several rows share is pointed to. */
struct sa_row {
	struct ipso_sa_key key;
	uint8_t src[16]; /* of the key's family */
	uint32_t reqid, ifindex, replay_window;
	uint8_t dir;	 /* enum ipso_dir; NONE for software SAs */
	uint8_t offload; /* enum ipso_offload, as granted */
	uint8_t mode;
	bool esn;
	const char *ifname; /* "" = none; never NULL */
	const char *tunnel; /* configured name, "" = not ours; never NULL */
	uint64_t soft_packets, hard_packets, soft_bytes, hard_bytes; /* 0 = no limit */
	uint64_t soft_seconds, hard_seconds; /* since add_time; 0 = no limit */
	uint64_t add_time;    /* seconds since the epoch */
	uint64_t added_ns;    /* CLOCK_MONOTONIC */
	uint64_t sampled_ns;  /* CLOCK_MONOTONIC of `now`; 0 = never */
	uint64_t software;    /* packets that took the software path */
	struct ipso_sa_sample now;
	float packet_rate, byte_rate; /* a second, over the last few refreshes */
};

static inline struct addr sa_row_src(const struct sa_row *r)
{
	return addr_host(r->key.family, r->src);
}

static inline struct addr sa_row_dst(const struct sa_row *r)
{
	return addr_host(r->key.family, r->key.daddr);
}

/* By tunnel, direction, SPI, and what else there is: no two rows are equal. */
int sa_row_order(const struct sa_row *a, const struct sa_row *b);

/* A failed offload, as the last of its cause. */
struct failure_row {
	struct ipso_event_hdr hdr;
	struct explanation ex;
	uint64_t count;
};

/* What the SAs of a tunnel carried together since the service began; nothing here ever falls. */
struct tunnel_row {
	struct tunnel_sums {
		uint64_t packets, bytes;
		uint64_t rekeys; /* SAs that came after another one */
		bool had_sa;
	} dir[4]; /* by enum ipso_dir */
	char name[];
};

/* Rules at the ingress of one net device; those that say skip_hw are none that could be there. */
struct tc_row {
	char ifname[IPSO_IFNAM];
	uint32_t ifindex, block;
	bool ingress;
	unsigned int hardware, software;
};

/* A sum of the card or its driver over all SAs of a device. */
struct hardware_row {
	const char *ifname; /* of the snapshot */
	char counter[32];   /* "rx_drop_pkts", ... */
	uint64_t value;
};

/* Valid until the collector is told or asked anything else: rows are its own. */
struct snapshot {
	uint64_t now_ns; /* CLOCK_MONOTONIC */
	uint64_t now_s;	 /* since the epoch */
	const struct sa_row **sas; /* in the order of sa_row_order() */
	unsigned int sas_count;
	uint64_t refreshed_ns;			  /* end of the last whole refresh, 0 = none */
	uint64_t sas_overflow;			  /* SAs not shown: the table was full */
	struct failure_row *failures;		  /* one a cause, newest first */
	unsigned int failures_count;
	uint64_t events[IPSO_EV_MAX];		  /* seen */
	uint64_t lost[IPSO_EV_MAX];		  /* failed reserves in the kernel */
	uint64_t unreadable;			  /* records of wrong size or version */
	const struct hook_info *hooks;		  /* borrowed from the hooks */
	unsigned int hooks_count;
	struct gate_status gate;
	uint64_t bypasses[IPSO_WAY_MAX];	  /* rules in hardware of a guarded, closed eswitch */
	struct {
		char ifname[IPSO_IFNAM];
		struct ipso_gate_probe probe;
		uint32_t drift; /* bits by enum ipso_mode_item: not as wanted */
	} eswitches[IPSO_GATE_MAX];
	unsigned int eswitches_count;
	bool sa_needs_free_eswitch; /* collect_expect(): no new SA while a TC rule is in hardware */
	struct tunnel_row *const *tunnels; /* by name; those that were named once stay */
	unsigned int tunnels_count;
	const struct tc_row *tc; /* after collect_rules() */
	unsigned int tc_count;
	struct hardware_row *hardware; /* of the eswitches, after collect_hardware() */
	unsigned int hardware_count;
	unsigned int policies[4]; /* packet-offload policies by enum ipso_dir */
	unsigned int below; /* block policies below them, xfrm_policy_below() */
};

struct collect;

/*
 * Called for every record after the table took it, samples excepted: they are the counters of a
 * row, several a second for each SA. Text of a failure in ex, else NULL; the configured name of an
 * SA's tunnel, else "".
 */
typedef void (*collect_event_fn)(const struct ipso_event_hdr *ev, const struct explanation *ex,
				 const char *tunnel, void *arg);

/*
 * Reads the ring of the hooks (borrowed) and that of the gate, from now or from when it is
 * installed. h NULL: neither, records come through collect_record() only (tests).
 */
int collect_new(struct hooks *h, collect_event_fn fn, void *arg, struct collect **ret_c,
		struct why *why);
void collect_free(struct collect **c);
int collect_fd(const struct collect *c); /* epoll-able: readable when records wait */
/* Handle what waits, for 50 ms at most; number of records or -errno. */
int collect_dispatch(struct collect *c);

/* Name SAs by SPI, family and destination after the configuration's tunnels, in any namespace. */
int collect_name(struct collect *c, const struct ipso_sa_key *key, const char *tunnel);
/* The same for every SA between two hosts, whose SPIs nobody knows before. */
int collect_name_ends(struct collect *c, const struct addr *a, const struct addr *b,
		      const char *tunnel);
/* The uplink of a guarded eswitch, shown in the snapshot with the gate's view of it. */
int collect_watch(struct collect *c, uint32_t ifindex);
void collect_unwatch(struct collect *c); /* all: their net devices were made anew */

/* Names and uplinks of another configuration come: forget those that were told. */
void collect_forget(struct collect *c);

/* What observe() found of this driver: every new SA needs an eswitch without rules in hardware. */
void collect_expect(struct collect *c, bool sa_needs_free_eswitch);

/*
 * Ask the kernel for every SA and policy of this namespace and of those under /run/netns: makes
 * the driver refresh its counters and resynchronises the table.
 */
int collect_refresh(struct collect *c, struct why *why);

/* What a device is to be; -1 = whatever it is. Forgotten with collect_forget(). */
struct mode_want {
	uint32_t pci; /* IPSO_PCI() of the PF */
	int32_t wanted[IPSO_MODE_MAX];
};
int collect_want(struct collect *c, const struct mode_want *want);
/*
 * Compare, and tell of differences as events. How many devices could not be looked at, because the
 * net devices to be watched are others by now: then collect_unwatch() and collect_watch() them.
 */
int collect_drift(struct collect *c);
/* Some device differs, and that was told. */
bool collect_drifted(const struct collect *c);

/* Block policies of ipso that the last refresh saw. */
unsigned int collect_below(const struct collect *c);

int collect_snapshot(struct collect *c, struct snapshot **ret_s);
/* Does every new SA need an eswitch without rules in hardware, as expected or as seen? */
bool collect_expects(const struct collect *c);
/* Each row, without a snapshot's cost. now_s: seconds since the epoch. */
void collect_each(const struct collect *c, void (*fn)(const struct sa_row *r, uint64_t now_s, void *arg),
		  void *arg);
/* Asks the driver for its sums, which asks the card: for those who want them, not for everybody. */
int collect_hardware(struct snapshot *s);
/* The same of TC rules, which may be many: as they were when this was not too short ago. */
int collect_rules(struct collect *c, struct snapshot *s);
void snapshot_free(struct snapshot **s);

#endif
