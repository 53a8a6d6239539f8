/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files of this stage share. */
#ifndef IPSO_COLLECT_INTERNAL_H
#define IPSO_COLLECT_INTERNAL_H

#include "base/when.h"
#include "collect/collect.h"

#define NOTES_MAX 4096	/* TC rules whose author is remembered */

/* ---- SA table ---- */
struct sa_mark {
	uint64_t packets, bytes;
};
struct sa_node {
	struct sa_row row;
	struct sa_mark from, next_from; /* what the rates are measured from, now and next */
	uint32_t from_ms, next_from_ms; /* when; differences count, 0 = not yet */
	struct tunnel_row *tunnel;	/* of row.tunnel, NULL = none */
	uint32_t next;	/* of its bucket, or of the free ones */
	uint32_t round : 30;	/* of the last dump that had it */
	uint32_t told : 1;	/* that it is not in packet offload */
	uint32_t counted : 1;	/* what row.now says is in the sums of a tunnel, be it another one */
};
struct sa_table {
	struct sa_node **chunk;
	uint32_t *bucket;	  /* nodes are numbered from 1; 0 = none */
	uint32_t buckets, used, free; /* used: nodes that ever were */
	unsigned int count;
	uint64_t overflow;
};
/* A row of that key and nothing else. */
void row_begin(struct sa_row *r, const struct ipso_sa_key *key);
/* The row of key, made when it is not there; NULL when the table is full (counted). */
struct sa_node *table_get(struct sa_table *t, const struct ipso_sa_key *key);
struct sa_node *table_find(const struct sa_table *t, const struct ipso_sa_key *key);
void table_remove(struct sa_table *t, const struct ipso_sa_key *key);
/* Remove the rows of a namespace that the dump of this round did not have. */
void table_sweep(struct sa_table *t, uint32_t netns, uint32_t round);
#define SAS_NAMED 6
/* The first of the packet-offload SAs on the device that a rule was for; how many. */
unsigned int table_offloaded(const struct sa_table *t, const struct ipso_event_tc *e,
			     struct sa_note notes[SAS_NAMED]);
/* How many of them are in hardware of that net device. */
unsigned int table_on_device(const struct sa_table *t, const char *ifname);
/* Each row once, *i = 0 at first; NULL behind the last. What it returns may be removed. */
struct sa_node *table_next(const struct sa_table *t, uint32_t *i);
/* Fill rows[t->count]. */
void table_rows(const struct sa_table *t, const struct sa_row **rows);
void table_clear(struct sa_table *t);

/* The row was read anew: its rates. */
void rate_take(struct sa_node *n, uint64_t now_ns);

/* ---- sums of tunnels ---- */
struct tunnels {
	struct tunnel_row **list; /* by name */
	unsigned int count;
};
/* The row of name, made when it is not there; it stays. NULL without memory. */
struct tunnel_row *tunnels_get(struct tunnels *t, const char *name);
void tunnels_free(struct tunnels *t);
/* The SA's counters were read: they are the row's, and what is new of them its tunnel's. */
void sa_read(struct sa_node *n, const struct ipso_sa_sample *now);
/* The node has got its tunnel; whether its SA was seen to come, or was there. */
void tunnel_joined(struct sa_node *n, bool seen_to_come);

/* ---- TC rules: how many are where ---- */
struct tc_rules {
	struct tc_row *rows;
	unsigned int count;
	uint64_t rest_ns; /* CLOCK_MONOTONIC: not to be read again before */
};

/* ---- TC rules in hardware ---- */
struct note_row {
	uint64_t cookie;
	uint32_t ifindex;
	char pci[PCI_STRLEN]; /* of the eswitch, "" when it could not be told */
	struct tc_rule_note note;
};
struct notes {
	struct note_row *rows;
	unsigned int count;
};
void notes_add(struct notes *n, const struct ipso_event_tc *e);
void notes_remove(struct notes *n, const struct ipso_event_tc *e);
/* The notes of the eswitch that ifname belongs to; caller frees *ret_rules. */
int notes_on(const struct notes *n, const char *ifname, struct tc_rule_note **ret_rules,
	     unsigned int *ret_count);

/* ---- what a device is to be ---- */
struct drift {
	struct mode_want want;
	char ifname[IPSO_IFNAM];		   /* as last seen */
	uint32_t seen, told;			   /* bits by enum ipso_mode_item */
	struct asker {
		struct ipso_event_hdr hdr;
		struct ipso_author author;
	} by[IPSO_MODE_MAX]; /* who asked for it last, all 0 = nobody */
	struct ipso_event_hdr left;		   /* of the last SA or policy that left */
	uint32_t rx_tables, tx_tables;
};
void drift_asked(struct collect *c, const struct ipso_event_mode *e);
void drift_left(struct collect *c, const struct ipso_event_hdr *ev, const char *ifname);
/* Compare with what the driver says now; what differs twice is told. */
void drift_look(struct collect *c, struct drift *d, const struct ipso_driver_state *now);
uint32_t drift_told(const struct collect *c, uint32_t pci);

/* ---- SAs that are to be in hardware and are not ---- */
#define REFUSALS_MAX 16
struct refusals {
	struct ipso_event_sa rows[REFUSALS_MAX]; /* the last ones of packet offload */
	unsigned int next;
};
void fallback_refused(struct refusals *r, const struct ipso_event_sa *e);
/* The SA was read: tell once when it is of a tunnel and not in packet offload. */
void fallback_look(struct collect *c, struct sa_node *n);

/* ---- names that rows point to ---- */
struct sa_name {
	struct ipso_sa_key key; /* SPI, family and destination */
	struct addr a, b;	/* a.family set: any SA between these, whatever its key */
	struct tunnel_row *tunnel;
};
struct sa_names {
	struct tunnels tunnels;
	struct sa_name *rows, *ends;
	unsigned int count, ends_count;
	char **devices;
	unsigned int devices_count;
	bool unsettled; /* names came since the table was named */
};
/* The name is not in force before names_settle(). -ENOMEM. */
int names_add(struct sa_names *n, const struct sa_name *name, const char *tunnel);
/*
 * Name every row, if names came since; before any row is made or read. running: a refresh has been, and
 * what had no tunnel yet came after it.
 */
void names_settle(struct sa_names *n, struct sa_table *t, bool running);
/* Give a node the tunnel of its row, if it is of one. */
void names_tunnel(const struct sa_names *n, struct sa_node *node);
/* ifname, as long as the collector lives. */
const char *names_device(struct sa_names *n, const char *ifname);
void names_forget(struct sa_names *n, struct sa_table *t);
void names_free(struct sa_names *n, struct sa_table *t);

#define RINGS_MAX 8 /* one of the hooks, one for each gate installed while we run */
struct ring_source {
	uint32_t map_id;
	int ring_fd, lost_fd; /* owned unless it is the hooks' own */
	bool owned;
};

struct collect {
	struct hooks *hooks; /* borrowed; NULL in tests */
	collect_event_fn fn;
	void *arg;
	struct ring_buffer *rb;
	struct ring_source ring[RINGS_MAX];
	unsigned int rings;

	struct sa_table table;
	struct notes notes;
	struct tc_rules tc;
	struct failure_row *failures;
	unsigned int failures_count;
	struct sa_names names;
	uint32_t *watch;
	unsigned int watch_count;

	struct refusals refusals;
	struct drift *drifts;
	unsigned int drifts_count;

	uint32_t round; /* of dumps */
	uint64_t refreshed_ns;
	struct ipso_event_sa refused; /* the last refused SA that was told */
	unsigned int refused_row;     /* of failures, that counts it */
	unsigned int taken; /* records, in one dispatch */
	uint64_t until_ns;  /* when it has to end */
	uint64_t events[IPSO_EV_MAX];
	uint64_t unreadable;
	uint64_t bypasses[IPSO_WAY_MAX];
	bool sa_needs_free_eswitch;
	unsigned int policies[4], below;
};

/* Take one record of the ring; what does not look like one is counted as unreadable. */
void collect_record(struct collect *c, const void *data, size_t len);

/* Read the gate's ring too, when a gate is installed whose ring is not yet read. */
void collect_follow_gate(struct collect *c);

#endif
