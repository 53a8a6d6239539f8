/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * devlink over generic netlink (include/uapi/linux/devlink.h): eswitch mode, the steering
 * parameter, ports and their functions. Devices are named by PCI address, "0000:08:00.0".
 */
#ifndef IPSO_NL_DEVLINK_H
#define IPSO_NL_DEVLINK_H

#include <linux/devlink.h>
#include <stdbool.h>
#include <stdint.h>

#include "nl/sock.h"

#define DEVLINK_PARAM_STEERING "flow_steering_mode"

struct devlink;

int devlink_open(struct devlink **ret_dl, struct why *why);
void devlink_close(struct devlink **dl);
#define _devlink_ _cleanup_(devlink_close)

struct devlink_eswitch {
	uint16_t mode;	     /* DEVLINK_ESWITCH_MODE_LEGACY, _SWITCHDEV */
	uint8_t inline_mode; /* DEVLINK_ESWITCH_INLINE_MODE_* */
	uint8_t encap_mode;  /* DEVLINK_ESWITCH_ENCAP_MODE_* */
};

int devlink_eswitch_get(struct devlink *dl, const char *pci, struct devlink_eswitch *ret_e,
			struct why *why);
int devlink_eswitch_set(struct devlink *dl, const char *pci, uint16_t mode, struct why *why);
/* The eswitch should be legacy: in switchdev it is made anew. */
int devlink_encap_set(struct devlink *dl, const char *pci, uint8_t encap_mode, struct why *why);

/* Runtime value of a string parameter, e.g. "dmfs". */
int devlink_param_get(struct devlink *dl, const char *pci, const char *name, char *buf,
		      size_t size, struct why *why);
int devlink_param_set(struct devlink *dl, const char *pci, const char *name, const char *value,
		      struct why *why);

struct devlink_port {
	uint32_t index, ifindex; /* ifindex 0 = no net device in this namespace */
	uint16_t flavour;	 /* enum devlink_port_flavour */
	bool has_vf, has_mac;
	uint16_t vf;
	uint8_t mac[6];
	uint32_t caps, caps_known; /* NL_DEVLINK_PORT_FN_CAP_* that are on, of those that it tells of */
};

typedef int (*devlink_port_fn)(const struct devlink_port *p, void *arg);
/* Every port of one device. */
int devlink_ports(struct devlink *dl, const char *pci, devlink_port_fn fn, void *arg,
		  struct why *why);
int devlink_port_set_mac(struct devlink *dl, const char *pci, uint32_t port, const uint8_t mac[6],
			 struct why *why);
/* cap: one of NL_DEVLINK_PORT_FN_CAP_*, name: as devlink(8) calls it. */
int devlink_port_set_cap(struct devlink *dl, const char *pci, uint32_t port, uint32_t cap,
			 const char *name, bool on, struct why *why);

/* Bytes, family number given, for tests and the calls above. */
void devlink_put_get(struct nl_msg *m, uint16_t family, uint8_t cmd, const char *pci);
void devlink_put_eswitch(struct nl_msg *m, uint16_t family, const char *pci, uint16_t mode);
void devlink_put_encap(struct nl_msg *m, uint16_t family, const char *pci, uint8_t encap_mode);
void devlink_put_param(struct nl_msg *m, uint16_t family, const char *pci, const char *name,
		       const char *value);
void devlink_put_port_mac(struct nl_msg *m, uint16_t family, const char *pci, uint32_t port,
			  const uint8_t mac[6]);
void devlink_put_port_cap(struct nl_msg *m, uint16_t family, const char *pci, uint32_t port,
			  uint32_t cap, bool on);
/* -ENOENT when the message speaks of another device than pci. */
int devlink_parse_port(const struct nlmsghdr *nlh, const char *pci, struct devlink_port *ret_p);

#endif
