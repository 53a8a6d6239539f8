// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What ends offload at one stroke: somebody sets a mode, asks for another number of VFs or a reload,
 * or a link goes. Requests to devlink are heard where devlink takes them, so that those are heard,
 * too, that the driver refuses.
 */
#include "author.bpf.h"
#include "driver.bpf.h"
#include "emit.bpf.h"
#include "notes.bpf.h"
#include "sa.bpf.h"

char LICENSE[] SEC("license") = "GPL";

static __always_inline void *devlink_attr(struct genl_info *info, __u32 type)
{
	struct nlattr **attrs = BPF_CORE_READ(info, attrs);
	struct nlattr *a = NULL;

	bpf_probe_read_kernel(&a, sizeof(a), attrs + type);
	return a ? (void *)a + sizeof(struct nlattr) : NULL;
}

static __always_inline struct ipso_event_mode *begin(__u32 item, int ret)
{
	struct ipso_event_mode *e = emit_begin(IPSO_EV_MODE, sizeof(*e), BY_TASK);

	if (!e)
		return NULL;
	e->hdr.result = ret;
	e->item = item;
	program_name(e->hdr.comm);
	author_of(&e->author);
	return e;
}

static __always_inline struct ipso_event_mode *request(struct genl_info *info, __u32 item, int ret)
{
	struct ipso_event_mode *e = begin(item, ret);

	if (!e)
		return NULL;
	e->pci = pci_named((__u64)devlink_attr(info, DEVLINK_ATTR_DEV_NAME));
	answer_text(BPF_CORE_READ(info, extack), e->text);
	return e;
}

SEC("?fexit/devlink_nl_eswitch_set_doit")
int BPF_PROG(mode_eswitch, struct sk_buff *skb, struct genl_info *info, int ret)
{
	void *mode = devlink_attr(info, DEVLINK_ATTR_ESWITCH_MODE);
	struct ipso_event_mode *e;
	__u16 number = 0;

	if (!mode) /* inline or encap mode */
		return 0;
	e = request(info, IPSO_MODE_ESWITCH, ret);
	if (!e)
		return 0;
	bpf_probe_read_kernel(&number, sizeof(number), mode);
	e->number = number;
	emit_end(e);
	return 0;
}

SEC("?fexit/devlink_nl_param_set_doit")
int BPF_PROG(mode_param, struct sk_buff *skb, struct genl_info *info, int ret)
{
	void *name = devlink_attr(info, DEVLINK_ATTR_PARAM_NAME);
	void *value = devlink_attr(info, DEVLINK_ATTR_PARAM_VALUE_DATA);
	struct ipso_event_mode *e = request(info, IPSO_MODE_PARAMETER, ret);

	if (!e)
		return 0;
	bpf_probe_read_kernel_str(e->name, sizeof(e->name), name);
	/* dmfs, smfs, hmfs: text; other parameters may have numbers, which are not shown */
	if (e->name[0] == 'f' && e->name[5] == 's' && e->name[14] == 'm') {
		e->item = IPSO_MODE_STEERING;
		bpf_probe_read_kernel_str(e->value, sizeof(e->value), value);
	}
	emit_end(e);
	return 0;
}

SEC("?fexit/devlink_nl_reload_doit")
int BPF_PROG(mode_reload, struct sk_buff *skb, struct genl_info *info, int ret)
{
	struct ipso_event_mode *e = request(info, IPSO_MODE_RELOAD, ret);

	if (e)
		emit_end(e);
	return 0;
}

SEC("?fexit/mlx5_devlink_port_fn_ipsec_packet_set")
int BPF_PROG(mode_ipsec, struct devlink_port *port, bool enable, struct netlink_ext_ack *extack,
	     int ret)
{
	struct ipso_event_mode *e = begin(IPSO_MODE_IPSEC_PACKET, ret);

	if (!e)
		return 0;
	e->number = enable;
	e->port = BPF_CORE_READ(port, index);
	e->pci = pci_of(BPF_CORE_READ(port, devlink, dev));
	answer_text(extack, e->text);
	emit_end(e);
	return 0;
}

SEC("?fexit/mlx5_core_sriov_configure")
int BPF_PROG(mode_vfs, struct pci_dev *pdev, int num_vfs, int ret)
{
	struct ipso_event_mode *e = begin(IPSO_MODE_VFS, ret < 0 ? ret : 0); /* else how many */

	if (!e)
		return 0;
	e->number = num_vfs;
	e->pci = pci_number((__u64)pdev + bpf_core_field_offset(struct pci_dev, dev));
	emit_end(e);
	return 0;
}

/*
 * From xfrm_dev_down() and xfrm_dev_unregister(): all that is offloaded to it goes, policies after it.
 * Representors, which go with their VFs, are of the card that has the tables and take no IPsec.
 */
SEC("?fentry/xfrm_dev_state_flush")
int BPF_PROG(link_flush, struct net *net, struct net_device *dev)
{
	struct ipso_event_link *e = emit_begin(IPSO_EV_LINK, sizeof(*e), BY_TASK);

	if (!e)
		return 0;
	e->hdr.netns = BPF_CORE_READ(net, ns.inum);
	dev_fill(dev, e->ifname, &e->ifindex);
	program_name(e->hdr.comm);
	driver_state_of(dev, &e->drv);
	if (e->drv.takes_ipsec && (e->drv.rx_tables || e->drv.tx_tables))
		emit_end(e);
	else
		bpf_ringbuf_discard(e, 0); /* nothing of it was in hardware */
	return 0;
}
