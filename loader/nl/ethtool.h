/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ethtool: feature bits over generic netlink (include/uapi/linux/ethtool_netlink.h), driver name
 * and firmware by ioctl, the one thing netlink does not offer.
 */
#ifndef IPSO_NL_ETHTOOL_H
#define IPSO_NL_ETHTOOL_H

#include <stdbool.h>
#include <stdint.h>

#include "nl/sock.h"

struct ethtool_features_seen {
	bool esp_hw_offload; /* NETIF_F_HW_ESP, active */
	bool tc_offload;     /* NETIF_F_HW_TC, active */
};

#define ETHTOOL_TC_OFFLOAD "hw-tc-offload"
#define ETHTOOL_ESP_OFFLOAD "esp-hw-offload"

/* An open ethtool family; features of devices in the socket's namespace. */
struct ethtool;
int ethtool_open(const char *netns, struct ethtool **ret_e, struct why *why);
void ethtool_close(struct ethtool **e);
#define _ethtool_ _cleanup_(ethtool_close)

int ethtool_features(struct ethtool *e, uint32_t ifindex, struct ethtool_features_seen *ret_f,
		     struct why *why);
/* Wanted on or off; -EOPNOTSUPP when the device keeps it as it was. */
int ethtool_set_feature(struct ethtool *e, uint32_t ifindex, const char *name, bool on,
			struct why *why);

struct ethtool_driver {
	char driver[32], firmware[32], bus[32];
};
int ethtool_driver(const char *netns, const char *ifname, struct ethtool_driver *ret_d,
		   struct why *why);

/* Counters of `ethtool -S` whose names begin with prefix, without it. Caller frees *ret_c. */
struct ethtool_counter {
	char name[32];
	uint64_t value;
};
int ethtool_counters(const char *netns, const char *ifname, const char *prefix,
		     struct ethtool_counter **ret_c, unsigned int *ret_n, struct why *why);

/* Bytes. */
void ethtool_put_get_features(struct nl_msg *m, uint16_t family, uint32_t ifindex);
void ethtool_put_set_feature(struct nl_msg *m, uint16_t family, uint32_t ifindex, const char *name,
			     bool on);
int ethtool_parse_features(const struct nlmsghdr *nlh, struct ethtool_features_seen *ret_f);

#endif
