/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Proof that the gate answers, not only that it is attached. A message is sent that is harmless
 * whatever happens to it: a flower rule for net device -2. No device can have a negative index
 * (dev_index_reserve(), net/core/dev.c), so a kernel that lets it through answers that there is no
 * such device. The gate refuses it at send time because an entry of its proof map, made for this one
 * message with a number that this process made up, leads to the eswitch whose tables never exist.
 */
#include <bpf/bpf.h>
#include <errno.h>
#include <libmnl/libmnl.h>
#include <linux/pkt_cls.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "attach/internal.h"
#include "base/mem.h"

static int send_rule(uint32_t number)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	char buf[256] __attribute__((aligned(4)));
	struct nlmsghdr *nlh = mnl_nlmsg_put_header(buf);
	_close_ int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct tcmsg *t;

	if (fd < 0)
		return -errno;
	nlh->nlmsg_type = RTM_NEWTFILTER;
	nlh->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL;
	t = mnl_nlmsg_put_extra_header(nlh, sizeof(*t));
	t->tcm_ifindex = (int)IPSO_GATE_PROOF_IFINDEX;
	t->tcm_parent = number;
	mnl_attr_put_strz(nlh, TCA_KIND, "flower");
	if (sendto(fd, nlh, nlh->nlmsg_len, 0, (struct sockaddr *)&kernel, sizeof(kernel)) < 0)
		return -errno;
	return 0;
}

int gate_prove(int switch_fd, int proof_fd, struct why *why)
{
	struct ipso_gate_proof key = {0};
	uint32_t pci = IPSO_GATE_PROOF;
	struct stat st;
	int err;

	if (stat("/proc/self/ns/net", &st) < 0)
		return why_set(why, -errno, "reading the number of this network namespace");
	key.netns = (uint32_t)st.st_ino;
	if (getrandom(&key.number, sizeof(key.number), 0) != sizeof(key.number))
		return why_set(why, -errno, "making up a number for the gate's proof");
	err = gate_switch(switch_fd, pci, IPSO_GATE_ENFORCE);
	if (!err && bpf_map_update_elem(proof_fd, &key, &pci, BPF_ANY))
		err = -errno;
	if (err) {
		gate_switch(switch_fd, pci, IPSO_GATE_OFF);
		return why_set(why, err, "preparing the gate's proof");
	}
	err = send_rule(key.number);
	bpf_map_delete_elem(proof_fd, &key);
	gate_switch(switch_fd, pci, IPSO_GATE_OFF);
	if (err == -EBUSY)
		return 0;
	if (err)
		return why_set(why, err, "sending the gate's proof");
	why_remedy(why, "another program may override security_netlink_send; see `bpftool prog`");
	return why_set(why, -ENOTSUP, "the gate is attached but does not answer");
}
