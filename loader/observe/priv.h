/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the parts of the observe stage hand to each other. */
#ifndef IPSO_OBSERVE_PRIV_H
#define IPSO_OBSERVE_PRIV_H

#include "nl/devlink.h"
#include "nl/ethtool.h"
#include "nl/link.h"
#include "observe/observe.h"

/* Net devices and addresses of one network namespace, as one dump saw them. */
struct netview {
	char netns[64]; /* "" = the caller's */
	struct link_info *links;
	unsigned int links_count;
	struct netview_addr {
		uint32_t ifindex;
		struct addr a;
	} *addrs;
	unsigned int addrs_count;
	struct ethtool *ethtool; /* NULL: the kernel has no ethtool netlink */
};

/* The caller's namespace first, then every one that the configuration names and that exists. */
struct view {
	struct netview *nets;
	unsigned int nets_count;
	struct devlink *devlink; /* NULL: the kernel has no devlink */
};

int view_open(const struct ipso_config *cfg, struct view *ret_v, struct why *why);
/* One more namespace; one that is there already is not read again. */
int view_add(struct view *v, const char *netns, struct why *why);
void view_close(struct view *v);

const struct link_info *view_by_name(const struct netview *n, const char *name);
const struct link_info *view_by_index(const struct netview *n, uint32_t ifindex);
/* The net device of a PCI function that has only one (a VF); sets *ret_net to where it is. */
const struct link_info *view_by_pci(const struct view *v, const char *pci,
				    const struct netview **ret_net);
/* Copy with addresses and features. */
int view_fill_link(const struct netview *n, const struct link_info *l, struct obs_link *ret_l);

/* One more element at the end of a growing array. */
int array_grow(void *array, unsigned int count, size_t size);

/* PCI address of a configured device; -ENODEV names its place in the configuration. */
int device_resolve(const struct ipso_config *cfg, const struct cfg_device *d, const struct view *v,
		   char ret_pci[PCI_STRLEN], struct why *why);
/* What sysfs tells of a PCI function: its address, model and driver. */
void device_begin(const char *pci, struct obs_device *ret_d);
int device_read(const char *pci, const struct view *v, struct obs_device *ret_d, struct why *why);
void device_free(struct obs_device *d);
/* PCI addresses of the host's ConnectX physical functions, whether or not a driver has them. */
int device_list(char (**ret_pcis)[PCI_STRLEN], unsigned int *ret_n);
/* Name of the driver that has a PCI function, "" when none. */
void device_driver(const char *pci, char *buf, size_t size);

int ipsec_read(const struct ipso_config *cfg, const struct view *v, struct ipso_state *st,
	       struct why *why);
int rules_read(struct ipso_state *st, struct why *why);
/* The vxlans of the state, anew. */
int vxlans_read(const struct view *v, struct ipso_state *st);
int kernel_read(struct obs_kernel *ret_k);

/*
 * Called with the name of every function in the BTF of the kernel and of one module (part NULL), and
 * with every part of the module's types: the member `part` of the struct `name`, or a parameter of
 * some function (name ""). The kernel's own types stand for those of a module that is built in. 0,
 * -ENOENT without BTF, -EBADMSG.
 */
typedef void (*btf_name_fn)(const char *name, const char *part, void *arg);
int btf_names(const char *module, btf_name_fn fn, void *arg);
/* Read the net devices of a device that is known again; everything else of it stays. */
int device_read_links(const struct view *v, struct obs_device *d);

#endif
