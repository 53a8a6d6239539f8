// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * The gate: refuses, at send time, TC rules, bindings of filled blocks and offloaded flowtables
 * that could reach the hardware of a guarded eswitch while its IPsec tables do not exist. It keeps
 * no state of its own: the device is found from the message, the tables are read in the driver.
 * fmod_ret works whether or not "bpf" is in lsm=. A refused message refuses the whole send with
 * EBUSY; nothing of it is applied.
 */
#define IPSO_ONE_FILE
#include "judge.bpf.h"
#include "netlink.bpf.h"
#include "nft.bpf.h"
#include "roce.bpf.h"

char LICENSE[] SEC("license") = "GPL";

#define MESSAGES_MAX 32768 /* in one send; bpf_loop takes 1 << 23, that would stall */

/* Attribute of TCA_OPTIONS with a classifier's flags, 0 = it has no hardware path. */
static __always_inline __u32 flags_attr(const char *kind)
{
	switch (kind[0] | kind[1] << 8 | kind[2] << 16) {
	case 'f' | 'l' << 8 | 'o' << 16: /* flower; "flow" has no offload */
		return kind[4] == 'e' ? TCA_FLOWER_FLAGS : 0;
	case 'm' | 'a' << 8 | 't' << 16:
		return TCA_MATCHALL_FLAGS;
	case 'u' | '3' << 8 | '2' << 16:
		return TCA_U32_FLAGS;
	case 'b' | 'p' << 8 | 'f' << 16:
		return TCA_BPF_FLAGS_GEN;
	}
	return 0;
}

/* Could a driver take this rule? An unnamed kind changes a rule that is there. */
GLOBAL int offloadable(struct trial *m, struct attrs *a)
{
	struct attrs v = {};
	__u32 attr;

	if (!m || !a)
		return 0;
	if (!attr_find(a, TCA_KIND, &v))
		return 1;
	bpf_probe_read_kernel_str(m->kind, sizeof(m->kind), v.p);
	attr = flags_attr(m->kind);
	if (!attr)
		return 0;
	return !attr_find(a, TCA_OPTIONS, &v) ||
	       !(attr_u32(&v, attr) & TCA_CLS_FLAGS_SKIP_HW);
}

/* The send that is looked at. */
struct walk {
	unsigned char *data;
	struct net *net;
	__u32 len;
	__u32 off;
	__u32 messages;
	__u32 refuse;
	__u32 changed; /* it has made links, qdiscs or rules so far */
	__u32 protocol;
};

/* The verdict is counted and told; is it a refusal? */
SUBPROG bool pronounce(struct trial *m)
{
	if (m->proof)
		return true;
	count(m->verdict);
	if (m->verdict == IPSO_VERDICT_PASS)
		return false;
	report(m);
	return m->verdict != IPSO_VERDICT_OBSERVED;
}

GLOBAL int try_tc(__u64 net, __u64 at, __u32 len, __u32 type, __u32 changed)
{
	struct trial m = { .net = (void *)net, .type = type };
	unsigned char *msg = (void *)at;
	__u32 head = sizeof(struct nlmsghdr) + sizeof(struct tcmsg), ingress, egress;
	struct attrs a = {};

	if (len < head)
		return 0;
	bpf_probe_read_kernel(&m.t, sizeof(m.t), msg + sizeof(struct nlmsghdr));
	a.p = msg + head;
	a.len = len - head;
	if ((__u32)m.t.tcm_ifindex == IPSO_GATE_PROOF_IFINDEX) {
		weigh_proof(&m);
	} else if (type == RTM_NEWQDISC) {
		ingress = attr_u32(&a, TCA_INGRESS_BLOCK);
		egress = attr_u32(&a, TCA_EGRESS_BLOCK);
		if (ingress)
			judge_binding(&m, ingress, false, changed);
		if (egress)
			judge_binding(&m, egress, true, changed);
	} else if (offloadable(&m, &a)) {
		judge_rule(&m, changed);
	}
	return pronounce(&m);
}

GLOBAL int try_nft(__u64 net, __u64 msg, __u32 len, __u32 type)
{
	struct named n = { .m = { .net = (void *)net, .type = type } };

	__builtin_memcpy(n.m.kind, type == NFT_NEWFLOWTABLE ? "flowtable" : "nft chain", 10);
	judge_nft(&n, (void *)msg, len);
	if (n.indirect)
		weigh_all(&n.m);
	return pronounce(&n.m);
}

static __always_inline bool try_message(struct walk *w, unsigned char *msg, struct nlmsghdr *h)
{
	__u32 type = h->nlmsg_type;
	bool refused = false;

	if (!(h->nlmsg_flags & NLM_F_REQUEST))
		return false;
	if (w->protocol == NETLINK_NETFILTER) {
		if (type == NFT_NEWFLOWTABLE || type == NFT_NEWCHAIN)
			refused = try_nft((__u64)w->net, (__u64)msg, h->nlmsg_len, type);
		return refused;
	}
	if (type == RTM_NEWTFILTER || type == RTM_NEWQDISC)
		refused = try_tc((__u64)w->net, (__u64)msg, h->nlmsg_len, type, w->changed);
	if (type == RTM_NEWTFILTER || type == RTM_NEWQDISC || type == RTM_NEWLINK)
		LAUNDER(w->changed, 1);
	return refused;
}

static long message_step(__u32 i, struct walk *w)
{
	unsigned char *msg = w->data + w->off;
	__u32 left = w->len - w->off, step;
	struct nlmsghdr h;

	if (w->off >= w->len || left < sizeof(h))
		return 1;
	if (bpf_probe_read_kernel(&h, sizeof(h), msg))
		return 1;
	if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > left)
		return 1; /* netlink_rcv_skb() stops here too */
	w->messages = i + 1;
	if (try_message(w, msg, &h)) {
		w->refuse = 1;
		return 1;
	}
	step = NLA_ALIGN(h.nlmsg_len);
	LAUNDER(w->off, w->off + (step > left ? left : step));
	return 0;
}

SEC("fmod_ret/security_netlink_send")
int BPF_PROG(ipso_gate_v1, struct sock *sk, struct sk_buff *skb, int ret)
{
	__u32 unknown = IPSO_GATE_UNKNOWN;
	struct ipso_gate_policy *p;
	struct walk w = {};

	if (ret)
		return ret;
	w.protocol = BPF_CORE_READ(sk, sk_protocol);
	if (w.protocol != NETLINK_ROUTE && w.protocol != NETLINK_NETFILTER)
		return 0;
	w.data = BPF_CORE_READ(skb, data);
	w.len = BPF_CORE_READ(skb, len);
	w.net = BPF_CORE_READ(sk, __sk_common.skc_net.net);
	bpf_loop(MESSAGES_MAX, message_step, &w, 0);
	if (w.refuse)
		return -EBUSY;
	if ((w.messages < MESSAGES_MAX || w.off >= w.len) && !BPF_CORE_READ(skb, data_len))
		return 0;
	/* not walked to the end: refused where anything is guarded */
	p = bpf_map_lookup_elem(&policy, &unknown);
	if (!p || p->mode < IPSO_GATE_ENFORCE)
		return 0;
	count(IPSO_VERDICT_OVERLONG);
	return -EBUSY;
}

/* BPF_PROG_TEST_RUN: what the gate sees of one device of the caller's namespace. */
SEC("syscall")
int gate_probe(struct ipso_gate_probe *arg)
{
	struct task_struct *task = (void *)bpf_get_current_task();
	struct net *net = BPF_CORE_READ(task, nsproxy, net_ns);
	struct ipso_driver_state drv = {};
	struct device *port;

	if (BPF_CORE_READ(net, ns.inum) != arg->netns)
		return -ESRCH;
	port = mlx5_parent(dev_by_ifindex(net, arg->ifindex));
	driver_state(mdev_of(port), &drv);
	arg->pci = port ? pci_of(port) : 0;
	arg->guarded = IPSO_GATE_OFF; /* user space reads it from the pinned policy */
	arg->open = drv.rx_tables && drv.tx_tables;
	arg->roce = roce_state(mdev_of(port));
	arg->drv = drv;
	return 0;
}

static __always_inline void report_mode(__u32 pci, __u32 from, __u32 to)
{
	struct ipso_event_gate_mode *e = emit_begin(IPSO_EV_GATE_MODE, sizeof(*e), BY_TASK);

	if (!e)
		return;
	e->pci = pci;
	e->from = from;
	e->to = to;
	emit_end(e);
}

/* BPF_PROG_TEST_RUN: another mode for one eswitch. 0 or -errno. */
SEC("syscall")
int gate_switch(struct ipso_gate_switch *arg)
{
	struct ipso_gate_policy now = { IPSO_GATE_VERSION, arg->mode };
	struct ipso_gate_policy *old;
	__u32 pci = arg->pci, from;
	int err;

	old = bpf_map_lookup_elem(&policy, &pci);
	from = old ? old->mode : IPSO_GATE_OFF;
	if (now.mode == IPSO_GATE_OFF && pci != IPSO_GATE_UNKNOWN)
		err = old ? bpf_map_delete_elem(&policy, &pci) : 0;
	else
		err = bpf_map_update_elem(&policy, &pci, &now, BPF_ANY);
	if (!err && from != now.mode && pci != IPSO_GATE_UNKNOWN && pci != IPSO_GATE_PROOF)
		report_mode(pci, from, now.mode);
	return err;
}
