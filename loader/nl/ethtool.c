/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ethtool features and driver information. */
#include "nl/ethtool.h"

#include <errno.h>
#include <linux/ethtool.h>
#include <linux/ethtool_netlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

struct ethtool {
	struct nl *nl;
	uint16_t family;
};

int ethtool_open(const char *netns, struct ethtool **ret_e, struct why *why)
{
	_ethtool_ struct ethtool *e = calloc(1, sizeof(*e));
	int err;

	if (!e)
		return why_set(why, -ENOMEM, "open ethtool netlink");
	err = nl_open(NETLINK_GENERIC, netns, &e->nl, why);
	if (!err)
		err = nl_family(e->nl, ETHTOOL_GENL_NAME, &e->family, why);
	if (err < 0)
		return err;
	*ret_e = TAKE_PTR(e);
	return 0;
}

void ethtool_close(struct ethtool **e)
{
	if (*e)
		nl_close(&(*e)->nl);
	free(*e);
	*e = NULL;
}

static void put_header(struct nl_msg *m, uint16_t attr, uint32_t ifindex)
{
	struct nlattr *nest = mnl_attr_nest_start(&m->h, attr);

	mnl_attr_put_u32(&m->h, ETHTOOL_A_HEADER_DEV_INDEX, ifindex);
	mnl_attr_nest_end(&m->h, nest);
}

void ethtool_put_get_features(struct nl_msg *m, uint16_t family, uint32_t ifindex)
{
	nl_msg_start_genl(m, family, ETHTOOL_MSG_FEATURES_GET, ETHTOOL_GENL_VERSION);
	put_header(m, ETHTOOL_A_FEATURES_HEADER, ifindex);
}

void ethtool_put_set_feature(struct nl_msg *m, uint16_t family, uint32_t ifindex, const char *name,
			     bool on)
{
	struct nlattr *wanted, *bits, *bit;

	nl_msg_start_genl(m, family, ETHTOOL_MSG_FEATURES_SET, ETHTOOL_GENL_VERSION);
	put_header(m, ETHTOOL_A_FEATURES_HEADER, ifindex);
	wanted = mnl_attr_nest_start(&m->h, ETHTOOL_A_FEATURES_WANTED);
	bits = mnl_attr_nest_start(&m->h, ETHTOOL_A_BITSET_BITS);
	bit = mnl_attr_nest_start(&m->h, ETHTOOL_A_BITSET_BITS_BIT);
	mnl_attr_put_strz(&m->h, ETHTOOL_A_BITSET_BIT_NAME, name);
	if (on)
		mnl_attr_put(&m->h, ETHTOOL_A_BITSET_BIT_VALUE, 0, NULL);
	mnl_attr_nest_end(&m->h, bit);
	mnl_attr_nest_end(&m->h, bits);
	mnl_attr_nest_end(&m->h, wanted);
}

/* In a bitset without mask, as "active" is, a listed bit is a set bit. */
static void take_bit(const struct nlattr *bit, struct ethtool_features_seen *f)
{
	const struct nlattr *a[ETHTOOL_A_BITSET_BIT_VALUE + 1], *name;

	nl_nest(bit, a, ETHTOOL_A_BITSET_BIT_VALUE);
	name = a[ETHTOOL_A_BITSET_BIT_NAME];
	if (!name || mnl_attr_validate(name, MNL_TYPE_NUL_STRING) < 0)
		return;
	if (strcmp(mnl_attr_get_str(name), ETHTOOL_ESP_OFFLOAD) == 0)
		f->esp_hw_offload = true;
	if (strcmp(mnl_attr_get_str(name), ETHTOOL_TC_OFFLOAD) == 0)
		f->tc_offload = true;
}

int ethtool_parse_features(const struct nlmsghdr *nlh, struct ethtool_features_seen *ret_f)
{
	const struct nlattr *a[ETHTOOL_A_FEATURES_ACTIVE + 1], *b[ETHTOOL_A_BITSET_BITS + 1], *bit;
	struct ethtool_features_seen f = {};

	nl_attrs(nlh, sizeof(struct genlmsghdr), a, ETHTOOL_A_FEATURES_ACTIVE);
	if (!a[ETHTOOL_A_FEATURES_ACTIVE])
		return -EBADMSG;
	nl_nest(a[ETHTOOL_A_FEATURES_ACTIVE], b, ETHTOOL_A_BITSET_BITS);
	if (b[ETHTOOL_A_BITSET_BITS]) {
		mnl_attr_for_each_nested(bit, b[ETHTOOL_A_BITSET_BITS])
			take_bit(bit, &f);
	}
	*ret_f = f;
	return 0;
}

static int take_features(const struct nlmsghdr *nlh, void *arg)
{
	return ethtool_parse_features(nlh, arg);
}

int ethtool_features(struct ethtool *e, uint32_t ifindex, struct ethtool_features_seen *ret_f,
		     struct why *why)
{
	struct ethtool_features_seen f = {};
	struct nl_msg m;
	int err;

	ethtool_put_get_features(&m, e->family, ifindex);
	err = nl_request(e->nl, &m, take_features, &f, why);
	if (err < 0)
		return why_set(why, err, "read the features of net device %u", ifindex);
	*ret_f = f;
	return 0;
}

int ethtool_set_feature(struct ethtool *e, uint32_t ifindex, const char *name, bool on,
			struct why *why)
{
	struct ethtool_features_seen now = {};
	struct nl_msg m;
	bool is;
	int err;

	ethtool_put_set_feature(&m, e->family, ifindex, name, on);
	err = nl_request(e->nl, &m, NULL, NULL, why);
	if (!err)
		err = ethtool_features(e, ifindex, &now, why);
	is = strcmp(name, ETHTOOL_TC_OFFLOAD) == 0 ? now.tc_offload : now.esp_hw_offload;
	if (!err && is != on)
		err = -EOPNOTSUPP;
	if (err < 0)
		why_set(why, err, "switch feature %s of net device %u %s", name, ifindex,
			on ? "on" : "off");
	return err;
}

int ethtool_driver(const char *netns, const char *ifname, struct ethtool_driver *ret_d,
		   struct why *why)
{
	struct ethtool_drvinfo info = {.cmd = ETHTOOL_GDRVINFO};
	struct ifreq ifr = {.ifr_data = (void *)&info};
	int err;

	snprintf(ifr.ifr_name, sizeof(ifr.ifr_name), "%s", ifname);
	err = nl_ioctl(netns, SIOCETHTOOL, &ifr);
	if (err < 0)
		return why_set(why, err, "read the driver of %s", ifname);
	snprintf(ret_d->driver, sizeof(ret_d->driver), "%s", info.driver);
	snprintf(ret_d->firmware, sizeof(ret_d->firmware), "%.31s", info.fw_version);
	snprintf(ret_d->bus, sizeof(ret_d->bus), "%.31s", info.bus_info);
	return 0;
}
