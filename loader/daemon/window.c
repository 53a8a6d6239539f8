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
#define WAIT_NS (20 * NSEC_PER_SEC) /* for a rekey whose time has come */
/*
 * For one that was refused, here or by the peer, which may have rules of its own to take out first: strongSwan
 * tries again after 5 to 15 s (RETRY_INTERVAL, RETRY_JITTER in child_rekey.c), libreswan after a minute (seen
 * on 5.2). Where both ends refuse, the second try is the other end's first, so only the third can pass.
 */
#define REFUSED_WAIT_NS (150 * NSEC_PER_SEC)
#define QUIET_NS NSEC_PER_SEC /* after the last SA: more tunnels may have come to their time */
#define REST_NS (30 * NSEC_PER_SEC)

/* An SA that is taken back, as when the peer refused its own, was none. */
static void note_added(struct window *w, const struct ipso_event_sa *e)
{
	uint64_t ns = e->hdr.ktime;

	if (e->dir >= ARRAY_SIZE(w->added))
		return;
	if (e->hdr.kind == IPSO_EV_SA_ADD)
		w->added[e->dir] = (struct window_sa){ns, e->key.spi};
	else if (w->added[e->dir].spi == e->key.spi)
		w->added[e->dir] = (struct window_sa){};
}

void window_event(struct window *w, const struct ipso_event_hdr *ev, const struct explanation *ex)
{
	const struct ipso_event_sa *e = (const struct ipso_event_sa *)ev;

	if ((ev->kind != IPSO_EV_SA_ADD && ev->kind != IPSO_EV_SA_DELETE) ||
	    e->offload != IPSO_OFFLOAD_PACKET)
		return;
	if (!ev->result)
		note_added(w, e);
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

/* 1: open; 0: there is nothing to take out. */
static int open_window(struct window *w, const struct service *s, uint32_t ifindex, enum window_cause cause,
		       struct why *why)
{
	static const char *const because[] = {
		[WINDOW_LIMIT] = "an SA is near its soft limit",
		[WINDOW_REFUSED] = "an SA was refused",
		[WINDOW_PIN] = "the pin of the IPsec tables is gone",
		[WINDOW_ASKED] = "somebody asked for it",
	};
	int d = device_of(s, ifindex);
	unsigned int done = 0;
	uint64_t now;
	int err;

	if (d < 0 || !rules_hold(ifindex))
		return 0;
	log_info("rekey window of %s: %s; TC rules leave the hardware", s->st->devices[d].pci, because[cause]);
	w->opened_ns = monotonic_ns();
	service_patience(true); /* Open vSwitch may take its time */
	err = apply_window_open(s->cfg, w->st, (unsigned int)d, w->fn, w->arg, &done, why);
	observe_shed(*w->st);
	service_patience(false);
	now = monotonic_ns();
	if (err < 0 || !done) {
		w->rest_ns = now + REST_NS;
		w->failed += err < 0;
		if (err < 0)
			log_err(err, "the rekey window cannot be opened: %s: %s; %s", why->what, why->kernel,
				why->remedy);
		return err;
	}
	w->opening_ns = now - w->opened_ns;
	w->open = true;
	w->told = false;
	w->for_pair = cause != WINDOW_PIN;
	w->until_ns = now + (cause == WINDOW_LIMIT ? WAIT_NS : REFUSED_WAIT_NS);
	return 1;
}

int window_ask(struct window *w, const struct service *s, unsigned int *ret_open, struct why *why)
{
	*ret_open = 0;
	if (s->cfg->on_conflict != CFG_CONFLICT_DISPLACE)
		return why_set(why, -EPERM, "rules of others are not to be taken out of hardware: "
					    "%s does not say on-conflict: displace", s->cfg->path);
	for (unsigned int d = 0; d < s->st->devices_count; d++) {
		int n = open_window(w, s, s->st->devices[d].uplink.ifindex, WINDOW_ASKED, why);

		if (n < 0)
			return n;
		*ret_open += (unsigned int)n;
	}
	/* A daemon that is started again at once has the whole time, too. */
	if (w->open)
		w->until_ns = monotonic_ns() + REFUSED_WAIT_NS;
	return 0;
}

static bool has_pair(const struct window *w)
{
	return w->added[IPSO_DIR_IN].ns >= w->opened_ns && w->added[IPSO_DIR_OUT].ns >= w->opened_ns;
}

static uint64_t last_add(const struct window *w)
{
	uint64_t in = w->added[IPSO_DIR_IN].ns, out = w->added[IPSO_DIR_OUT].ns;

	return in > out ? in : out;
}

static bool has_what_it_is_for(const struct window *w)
{
	return !w->lacking && (!w->for_pair || has_pair(w));
}

static void close_window(struct window *w)
{
	bool done = has_what_it_is_for(w);
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
	if (done) {
		w->done++;
	} else {
		w->in_vain++;
		w->rest_ns = now + REST_NS;
		log_warn("%s in %llu s: the rules are in hardware again, and the next rekey is refused as "
			 "this one was", w->lacking ? "the pin did not come back" : "no new SAs came",
			 (unsigned long long)((now - w->opened_ns) / NSEC_PER_SEC));
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
	struct why why = {};

	if (w->open) {
		if ((has_what_it_is_for(w) && now >= last_add(w) + QUIET_NS) || now >= w->until_ns)
			close_window(w);
		w->refused[0] = '\0';
		return;
	}
	if (s->cfg->on_conflict != CFG_CONFLICT_DISPLACE) {
		w->refused[0] = '\0';
		return;
	}
	if (now < w->rest_ns)
		return;
	memcpy(refused, w->refused, sizeof(refused));
	w->refused[0] = '\0';
	if (w->lacking) {
		open_window(w, s, w->lacking, WINDOW_PIN, &why);
		return;
	}
	if (*refused) {
		open_window(w, s, if_nametoindex(refused), WINDOW_REFUSED, &why);
		return;
	}
	if (collect_expects(s->collect))
		collect_each(s->collect, see, &e);
	if (e.ifindex)
		open_window(w, s, e.ifindex, WINDOW_LIMIT, &why);
}

void window_end(struct window *w)
{
	if (w->open)
		close_window(w);
}
