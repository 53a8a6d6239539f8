/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "daemon/window.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>

#include "base/log.h"
#include "base/mem.h"
#include "daemon/service.h"

#define NSEC_PER_SEC 1000000000ull
/*
 * Before the soft limit: SAs are looked at once a second, and then rules have to go, which takes Open
 * vSwitch a second or two. The first window tells how long.
 */
#define LEAD_SECONDS 2.0
#define FIRST_SECONDS 2.0
/* A refused SA is tried again by strongSwan after 5 to 15 s (RETRY_INTERVAL, RETRY_JITTER in child_rekey.c). */
#define WAIT_NS (20 * NSEC_PER_SEC)
/*
 * Where no tunnel has an SA yet there is nothing to carry on meanwhile, and libreswan tries an exchange
 * again after a minute (seen on 5.2).
 */
#define FIRST_WAIT_NS (75 * NSEC_PER_SEC)
#define QUIET_NS NSEC_PER_SEC /* after the last SA: more tunnels may have come to their time */
#define REST_NS (30 * NSEC_PER_SEC)

void window_event(struct window *w, const struct ipso_event_hdr *ev, const struct explanation *ex)
{
	const struct ipso_event_sa *e = (const struct ipso_event_sa *)ev;

	if (ev->kind != IPSO_EV_SA_ADD || e->offload != IPSO_OFFLOAD_PACKET)
		return;
	if (!ev->result && e->dir < ARRAY_SIZE(w->added_ns))
		w->added_ns[e->dir] = ev->ktime;
	else if (ex && ev->ktime > w->closed_ns && (strcmp(ex->id, "S-06") == 0 || strcmp(ex->id, "S-05") == 0))
		memcpy(w->refused, e->ifname, sizeof(w->refused));
}

/* Position of the configured device whose uplink that is, -ENODEV. */
static int device_of(const struct service *s, uint32_t ifindex)
{
	for (unsigned int d = 0; d < s->st->devices_count; d++) {
		if (ifindex && s->st->devices[d].uplink.ifindex == ifindex)
			return (int)d;
	}
	return -ENODEV;
}

static bool rules_hold(uint32_t ifindex)
{
	struct ipso_gate_probe p;

	return gate_probe_here(ifindex, &p) == 0 && (p.drv.known & IPSO_DRV_USERS) &&
	       p.drv.esw_users;
}

struct ending {
	const struct service *s;
	double lead;	  /* seconds before its soft limit */
	uint32_t ifindex; /* of an SA that is about to be replaced, 0 = none */
};

static const struct cfg_tunnel *ike_tunnel(const struct ipso_config *cfg, const char *name)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		const struct cfg_tunnel *t = &cfg->tunnels[i];

		if (t->keying == CFG_KEYING_IKE && strcmp(t->name, name) == 0)
			return t;
	}
	return NULL;
}

/* Will used, growing by rate a second, reach the limit in time for a window to be opened before? */
static bool nears(double used, double rate, uint64_t limit, double lead)
{
	return limit && used < (double)limit && used + rate * lead >= (double)limit;
}

static void see(const struct sa_row *r, uint64_t now_s, void *arg)
{
	struct ending *e = arg;
	uint64_t age = r->add_time && now_s > r->add_time ? now_s - r->add_time : 0;
	const struct cfg_tunnel *t;

	if (e->ifindex || r->offload != IPSO_OFFLOAD_PACKET || !r->tunnel[0])
		return;
	t = ike_tunnel(e->s->cfg, r->tunnel);
	if (!t || device_of(e->s, r->ifindex) < 0)
		return;
	/* libreswan tells the kernel no soft time: it has it from what was rendered. */
	if (nears((double)age, 1, r->soft_seconds ? r->soft_seconds : t->soft_seconds, e->lead) ||
	    nears((double)r->now.packets, r->packet_rate, r->soft_packets, e->lead) ||
	    nears((double)r->now.bytes, r->byte_rate, r->soft_bytes, e->lead))
		e->ifindex = r->ifindex;
}

struct count {
	const struct service *s;
	unsigned int device, sas;
};

static void count_sa(const struct sa_row *r, uint64_t now_s, void *arg)
{
	struct count *c = arg;

	(void)now_s;
	c->sas += r->offload == IPSO_OFFLOAD_PACKET && r->tunnel[0] && ike_tunnel(c->s->cfg, r->tunnel) &&
		  device_of(c->s, r->ifindex) == (int)c->device;
}

static void open_window(struct window *w, const struct service *s, uint32_t ifindex, const char *because)
{
	int d = device_of(s, ifindex);
	struct count c = {.s = s};
	unsigned int done = 0;
	struct why why = {};
	uint64_t now;
	int err;

	if (d < 0 || !rules_hold(ifindex))
		return;
	log_info("rekey window of %s: %s; TC rules leave the hardware", s->st->devices[d].pci, because);
	w->opened_ns = monotonic_ns();
	service_patience(true); /* Open vSwitch may take its time */
	err = apply_window_open(s->cfg, w->st, (unsigned int)d, w->fn, w->arg, &done, &why);
	observe_shed(*w->st);
	service_patience(false);
	now = monotonic_ns();
	if (err < 0 || !done) {
		w->rest_ns = now + REST_NS;
		w->failed += err < 0;
		if (err < 0)
			log_err(err, "the rekey window cannot be opened: %s: %s; %s", why.what, why.kernel,
				why.remedy);
		return;
	}
	w->opening_ns = now - w->opened_ns;
	w->open = true;
	w->told = false;
	w->device = (unsigned int)d;
	c.device = (unsigned int)d;
	collect_each(s->collect, count_sa, &c);
	w->until_ns = now + (c.sas ? WAIT_NS : FIRST_WAIT_NS);
}

static bool has_pair(const struct window *w)
{
	return w->added_ns[IPSO_DIR_IN] >= w->opened_ns && w->added_ns[IPSO_DIR_OUT] >= w->opened_ns;
}

static uint64_t last_add(const struct window *w)
{
	uint64_t in = w->added_ns[IPSO_DIR_IN], out = w->added_ns[IPSO_DIR_OUT];

	return in > out ? in : out;
}

static void close_window(struct window *w)
{
	bool pair = has_pair(w);
	struct why why = {};
	int err = apply_window_close(w->fn, w->arg, &why);
	uint64_t now = monotonic_ns();

	if (err < 0) { /* it stays open, and this is tried again: the rules are in the journal */
		w->until_ns = now + NSEC_PER_SEC;
		w->failed += !w->told;
		if (!w->told)
			log_err(err, "rules that were taken out for a rekey cannot be put back: %s: %s; %s",
				why.what, why.kernel, why.remedy);
		w->told = true;
		return;
	}
	w->open = false;
	w->closed_ns = now;
	w->total_ns += now - w->opened_ns;
	if (pair) {
		w->done++;
	} else {
		w->in_vain++;
		w->rest_ns = now + REST_NS;
		log_warn("no new SAs came in %llu s: the rules are in hardware again, and the next rekey "
			 "is refused as this one was", (unsigned long long)((now - w->opened_ns) / NSEC_PER_SEC));
	}
	log_info("rekey window closed after %llu ms",
		 (unsigned long long)((now - w->opened_ns) / 1000000));
}

void window_tend(struct window *w, const struct service *s)
{
	struct ending e = {
		.s = s,
		.lead = LEAD_SECONDS + (w->opening_ns ? (double)w->opening_ns / NSEC_PER_SEC
						      : FIRST_SECONDS),
	};
	uint64_t now = monotonic_ns();
	char refused[IPSO_IFNAM];

	if (w->open) {
		if ((has_pair(w) && now >= last_add(w) + QUIET_NS) || now >= w->until_ns)
			close_window(w);
		w->refused[0] = '\0';
		return;
	}
	memcpy(refused, w->refused, sizeof(refused));
	w->refused[0] = '\0';
	if (s->cfg->on_conflict != CFG_CONFLICT_DISPLACE || now < w->rest_ns)
		return;
	if (*refused) {
		open_window(w, s, if_nametoindex(refused), "an SA was refused");
		return;
	}
	if (collect_expects(s->collect))
		collect_each(s->collect, see, &e);
	if (e.ifindex)
		open_window(w, s, e.ifindex, "an SA is near its soft limit");
}

void window_end(struct window *w)
{
	if (w->open)
		close_window(w);
}
