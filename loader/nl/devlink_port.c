/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devlink ports: which net device stands for which port, and the function behind it. */
#include <errno.h>
#include <string.h>

#include "nl/compat.h"
#include "nl/devlink_priv.h"

static void put_port(struct nl_msg *m, uint16_t family, const char *pci, uint32_t port)
{
	devlink_put_get(m, family, DEVLINK_CMD_PORT_SET, pci);
	mnl_attr_put_u32(&m->h, DEVLINK_ATTR_PORT_INDEX, port);
}

void devlink_put_port_mac(struct nl_msg *m, uint16_t family, const char *pci, uint32_t port,
			  const uint8_t mac[6])
{
	struct nlattr *nest;

	put_port(m, family, pci, port);
	nest = mnl_attr_nest_start(&m->h, DEVLINK_ATTR_PORT_FUNCTION);
	mnl_attr_put(&m->h, DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, 6, mac);
	mnl_attr_nest_end(&m->h, nest);
}

void devlink_put_port_cap(struct nl_msg *m, uint16_t family, const char *pci, uint32_t port,
			  uint32_t cap, bool on)
{
	struct nla_bitfield32 caps = {.value = on ? cap : 0, .selector = cap};
	struct nlattr *nest;

	put_port(m, family, pci, port);
	nest = mnl_attr_nest_start(&m->h, DEVLINK_ATTR_PORT_FUNCTION);
	mnl_attr_put(&m->h, NL_DEVLINK_PORT_FN_ATTR_CAPS, sizeof(caps), &caps);
	mnl_attr_nest_end(&m->h, nest);
}

static void parse_function(const struct nlattr *nest, struct devlink_port *p)
{
	const struct nlattr *a[NL_DEVLINK_PORT_FN_ATTR_CAPS + 1];
	const struct nlattr *mac, *caps;

	nl_nest(nest, a, NL_DEVLINK_PORT_FN_ATTR_CAPS);
	mac = a[DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR];
	caps = a[NL_DEVLINK_PORT_FN_ATTR_CAPS];
	if (mac && mnl_attr_get_payload_len(mac) == sizeof(p->mac)) {
		memcpy(p->mac, mnl_attr_get_payload(mac), sizeof(p->mac));
		p->has_mac = true;
	}
	if (caps && mnl_attr_get_payload_len(caps) >= sizeof(struct nla_bitfield32)) {
		const struct nla_bitfield32 *b = mnl_attr_get_payload(caps);

		p->caps = b->value;
		p->caps_known = b->selector;
	}
}

int devlink_parse_port(const struct nlmsghdr *nlh, const char *pci, struct devlink_port *ret_p)
{
	const struct nlattr *a[DEVLINK_ATTR_PORT_FUNCTION + 1];
	struct devlink_port p = {};

	nl_attrs(nlh, sizeof(struct genlmsghdr), a, DEVLINK_ATTR_PORT_FUNCTION);
	if (!a[DEVLINK_ATTR_PORT_INDEX] || !a[DEVLINK_ATTR_DEV_NAME] || !a[DEVLINK_ATTR_BUS_NAME])
		return -EBADMSG;
	if (strcmp(mnl_attr_get_str(a[DEVLINK_ATTR_BUS_NAME]), "pci") != 0 ||
	    strcmp(mnl_attr_get_str(a[DEVLINK_ATTR_DEV_NAME]), pci) != 0)
		return -ENOENT;
	p.index = mnl_attr_get_u32(a[DEVLINK_ATTR_PORT_INDEX]);
	if (a[DEVLINK_ATTR_PORT_NETDEV_IFINDEX])
		p.ifindex = mnl_attr_get_u32(a[DEVLINK_ATTR_PORT_NETDEV_IFINDEX]);
	if (a[DEVLINK_ATTR_PORT_FLAVOUR])
		p.flavour = mnl_attr_get_u16(a[DEVLINK_ATTR_PORT_FLAVOUR]);
	if (a[DEVLINK_ATTR_PORT_PCI_VF_NUMBER]) {
		p.vf = mnl_attr_get_u16(a[DEVLINK_ATTR_PORT_PCI_VF_NUMBER]);
		p.has_vf = true;
	}
	if (a[DEVLINK_ATTR_PORT_FUNCTION])
		parse_function(a[DEVLINK_ATTR_PORT_FUNCTION], &p);
	*ret_p = p;
	return 0;
}

struct port_call {
	const char *pci;
	devlink_port_fn fn;
	void *arg;
};

static int take_port(const struct nlmsghdr *nlh, void *arg)
{
	const struct port_call *c = arg;
	struct devlink_port p;
	int err = devlink_parse_port(nlh, c->pci, &p);

	if (err == -ENOENT)
		return 0;
	return err < 0 ? err : c->fn(&p, c->arg);
}

int devlink_ports(struct devlink *dl, const char *pci, devlink_port_fn fn, void *arg,
		  struct why *why)
{
	struct port_call c = {pci, fn, arg};
	struct nl_msg m;
	int err;

	devlink_put_get(&m, dl->family, DEVLINK_CMD_PORT_GET, pci);
	err = nl_dump(dl->nl, &m, take_port, &c, why);
	return err < 0 ? why_set(why, err, "read the devlink ports of %s", pci) : 0;
}

int devlink_port_set_mac(struct devlink *dl, const char *pci, uint32_t port, const uint8_t mac[6],
			 struct why *why)
{
	struct nl_msg m;
	int err;

	devlink_put_port_mac(&m, dl->family, pci, port, mac);
	err = nl_request(dl->nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set the hardware address behind port pci/%s/%u", pci, port);
	return err;
}

int devlink_port_set_cap(struct devlink *dl, const char *pci, uint32_t port, uint32_t cap,
			 const char *name, bool on, struct why *why)
{
	struct nl_msg m;
	int err;

	devlink_put_port_cap(&m, dl->family, pci, port, cap, on);
	err = nl_request(dl->nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "switch %s %s behind port pci/%s/%u", name, on ? "on" : "off", pci,
			port);
	return err;
}
