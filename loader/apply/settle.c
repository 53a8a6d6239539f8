/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a step: read the host until it shows what the step was for, within a limit. */
#include <errno.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <time.h>

#include "apply/priv.h"
#include "base/when.h"

#define LOOK_AGAIN_MS 250 /* for what no net device's change announces */

void sleep_ms(unsigned int ms)
{
	struct timespec t = {.tv_sec = ms / 1000, .tv_nsec = (long)(ms % 1000) * 1000000};

	nanosleep(&t, NULL);
}

static uint64_t now_ms(void)
{
	return monotonic_ns() / 1000000;
}

/* Every configured VF of the device has its devlink port, and that its net device. */
static const char *ports_missing(const struct work *w)
{
	const struct cfg_device *c = &w->cfg->devices[w->s->device];
	const struct obs_device *d = &(*w->st)->devices[w->s->device];

	if (!d->uplink.ifindex)
		return "the uplink's net device";
	for (unsigned int i = 0; d->switchdev && i < c->vfs_count; i++) {
		const struct obs_vf *vf = observe_vf(*w->st, w->s->device, c->vfs[i].index);

		if (!vf || !vf->has_port)
			return "a VF's devlink port";
		if (!vf->rep.ifindex)
			return "a representor's net device";
	}
	return NULL;
}

/* What is not there yet of what later steps build on; NULL when all is. */
static const char *missing(const struct work *w)
{
	const struct obs_vf *vf = step_vf(w->cfg, *w->st, w->s);

	if (!step_satisfied(w->cfg, *w->st, w->s))
		return "it to show";
	switch (w->s->kind) {
	case STEP_SRIOV:
	case STEP_LEGACY:
	case STEP_ESWITCH:
		return ports_missing(w);
	case STEP_VF_BIND:
		return vf->link.ifindex ? NULL : "the VF's net device";
	default:
		return NULL;
	}
}

/* What a step may have changed. Who rebuilds a device may have taken all that was on it along. */
static unsigned int changed_by(enum step_kind kind)
{
	switch (kind) {
	case STEP_GATE:
	case STEP_GATE_HOLD:
		return OBS_GATE;
	case STEP_NETNS:
	case STEP_MTU:
	case STEP_ADDRESS:
	case STEP_LINK_UP:
	case STEP_TC_OFFLOAD:
	case STEP_VXLAN:
		return OBS_LINKS;
	case STEP_STEERING:
	case STEP_PORT_MAC:
	case STEP_PORT_IPSEC:
	case STEP_PORT_ROCE:
		return OBS_DEVICES;
	case STEP_TC_QDISC:
	case STEP_DISPLACE:
		return OBS_RULES;
	default:
		return OBS_ALL;
	}
}

/* The first of the steps whose goal is not reached; NULL when all are. */
static const char *first_missing(const struct work *w, unsigned int n, const struct work **ret_w)
{
	const char *what = NULL;

	for (*ret_w = w; !what && *ret_w < w + n; ++*ret_w)
		what = missing(*ret_w);
	--*ret_w;
	return what;
}

int settle(const struct work *w, unsigned int n)
{
	uint64_t end = now_ms() + WAIT_LIMIT_MS;
	_nl_ struct nl *news = NULL;
	const struct work *late = w;
	const char *what;
	char text[256];
	int err;

	/* Listening begins before the first look, so that nothing happens unheard between. */
	err = nl_listen(NETLINK_ROUTE, RTNLGRP_LINK, &news, w->why);
	if (err < 0)
		return err;
	for (;;) {
		err = observe_again(w->cfg, w->st, changed_by(w->s->kind), w->why);
		/* A device between two lives answers oddly; the limit decides. */
		what = err < 0 ? "the host to be readable" : first_missing(w, n, &late);
		if (!what)
			return 0;
		if (now_ms() > end)
			break;
		nl_wait(news, LOOK_AGAIN_MS);
	}
	step_text(w->cfg, *w->st, late->s, text, sizeof(text));
	why_set(w->why, -ETIMEDOUT, "%s: done, but waited %u s for %s in vain", text,
		WAIT_LIMIT_MS / 1000, what);
	why_remedy(w->why, "see dmesg for what the driver says");
	return -ETIMEDOUT;
}
