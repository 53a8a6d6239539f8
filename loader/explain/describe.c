/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Records as words: who did it, to what. */
#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/netfilter/nfnetlink.h>
#include <linux/rtnetlink.h>
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "explain/internal.h"
#include "ipso/gate.h"

static const char *const dir_names[] = {
	[IPSO_DIR_NONE] = "", [IPSO_DIR_IN] = "in", [IPSO_DIR_OUT] = "out", [IPSO_DIR_FWD] = "fwd"};

static const char *dir_name(uint8_t dir)
{
	return dir < ARRAY_SIZE(dir_names) ? dir_names[dir] : "?";
}

static const char *addr_text(const uint8_t b[16], uint16_t family, char buf[ADDR_STRLEN])
{
	struct addr a = {.family = family};

	memcpy(a.b, b, sizeof(a.b));
	return addr_str(&a, false, buf);
}

/* As tc writes it. */
static const char *protocol_name(uint16_t protocol, char buf[8])
{
	static const struct {
		uint16_t number;
		const char *name;
	} names[] = {{ETH_P_ALL, "all"},     {ETH_P_IP, "ip"},	   {ETH_P_IPV6, "ipv6"},
		     {ETH_P_ARP, "arp"},     {ETH_P_8021Q, "802.1Q"}, {ETH_P_8021AD, "802.1ad"}};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (names[i].number == protocol)
			return names[i].name;
	snprintf(buf, 8, "0x%04x", protocol);
	return buf;
}

void describe_rule(char *buf, size_t size, const char *ifname, uint32_t prio, uint16_t protocol,
		   uint32_t chain)
{
	char name[8], in_chain[24] = "";

	if (chain)
		snprintf(in_chain, sizeof(in_chain), " chain %u", chain);
	snprintf(buf, size, "%s pref %u protocol %s%s", ifname, prio,
		 protocol_name(protocol, name), in_chain);
}

void describe_who(const struct ipso_event_hdr *ev, char *buf, size_t size)
{
	if (!ev->comm[0])
		snprintf(buf, size, "%s, netns %u",
			 ev->kind == IPSO_EV_FALLBACK ? "unknown" : "the kernel", ev->netns);
	else
		snprintf(buf, size, "%.*s (pid %u, uid %u), netns %u", IPSO_COMM, ev->comm, ev->pid,
			 ev->uid, ev->netns);
}

void describe_sa(const struct ipso_sa_key *key, char *buf, size_t size)
{
	char dst[ADDR_STRLEN];

	snprintf(buf, size, "SA 0x%08x to %s", key->spi, addr_text(key->daddr, key->family, dst));
}

static void what_sa(const struct ipso_event_sa *e, char *buf, size_t size)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	if (e->hdr.kind == IPSO_EV_FALLBACK && e->offload == IPSO_OFFLOAD_NONE) {
		snprintf(buf, size, "SA %s%s%s -> %s spi 0x%08x is in software", dir_name(e->dir),
			 e->dir ? " " : "", addr_text(e->saddr, e->key.family, src),
			 addr_text(e->key.daddr, e->key.family, dst), e->key.spi);
		return;
	}
	snprintf(buf, size, "SA %s %s -> %s spi 0x%08x %son %s", dir_name(e->dir),
		 addr_text(e->saddr, e->key.family, src),
		 addr_text(e->key.daddr, e->key.family, dst), e->key.spi,
		 e->hdr.kind == IPSO_EV_FALLBACK ? "is in crypto offload only " : "",
		 e->ifname[0] ? e->ifname : "an unknown device");
}

static void what_policy(const struct ipso_event_policy *e, char *buf, size_t size)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	snprintf(buf, size, "policy %s %s/%u -> %s/%u priority %u on %s", dir_name(e->dir),
		 addr_text(e->saddr, e->family, src), e->prefix_s,
		 addr_text(e->daddr, e->family, dst), e->prefix_d, e->priority,
		 e->ifname[0] ? e->ifname : "an unknown device");
}

static void what_gate(const struct ipso_event_gate *e, char *buf, size_t size)
{
	char rule[80], on[IPSO_IFNAM + 16];

	if (e->block)
		snprintf(on, sizeof(on), "block %u", e->block);
	else
		snprintf(on, sizeof(on), "%s", e->ifname);
	if (e->msg_type == RTM_NEWQDISC) {
		snprintf(buf, size, "shared TC block bound to %s", on);
		return;
	}
	if (e->msg_type >> 8 == NFNL_SUBSYS_NFTABLES) {
		snprintf(buf, size, "%s for hardware on %s", e->tc_kind, on);
		return;
	}
	describe_rule(rule, sizeof(rule), on, e->prio, e->protocol, 0);
	snprintf(buf, size, "TC %s rule on %s", e->tc_kind[0] ? e->tc_kind : "filter", rule);
}

const char *gate_mode_label(unsigned int mode)
{
	static const char *const modes[] = {"off", "observe", "enforce", "hold"};

	return mode < ARRAY_SIZE(modes) ? modes[mode] : "unknown";
}

const char *roce_label(unsigned int roce)
{
	static const char *const words[IPSO_ROCE_MAX] = {
		[IPSO_ROCE_UNKNOWN] = "unknown",
		[IPSO_ROCE_OFF] = "off",
		[IPSO_ROCE_COVERED] = "covered",
		[IPSO_ROCE_PASSES] = "in the clear",
	};

	return words[roce < IPSO_ROCE_MAX ? roce : IPSO_ROCE_UNKNOWN];
}

static void what_mode(const struct ipso_event_gate_mode *e, char *buf, size_t size)
{
	char pci[PCI_STRLEN];

	snprintf(buf, size, "gate of %s: %s, was %s", pci_str(e->pci, pci), gate_mode_label(e->to),
		 gate_mode_label(e->from));
}

static void what_sample(const struct ipso_event_sample *e, char *buf, size_t size)
{
	char dst[ADDR_STRLEN];

	snprintf(buf, size, "SA to %s spi 0x%08x",
		 addr_text(e->key.daddr, e->key.family, dst), e->key.spi);
}

void describe_what(const struct ipso_event_hdr *ev, char *buf, size_t size)
{
	const struct ipso_event_tc *tc = (const struct ipso_event_tc *)ev;
	const struct ipso_event_fw *fw = (const struct ipso_event_fw *)ev;
	char rule[80], pci[PCI_STRLEN];

	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_SA_EXPIRE:
	case IPSO_EV_SA_SOFTWARE:
	case IPSO_EV_FALLBACK:
		what_sa((const struct ipso_event_sa *)ev, buf, size);
		break;
	case IPSO_EV_SA_SAMPLE:
		what_sample((const struct ipso_event_sample *)ev, buf, size);
		break;
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_POLICY_DELETE:
		what_policy((const struct ipso_event_policy *)ev, buf, size);
		break;
	case IPSO_EV_TC_ADD:
	case IPSO_EV_TC_DELETE:
		describe_rule(rule, sizeof(rule), tc->ifname, tc->prio, tc->protocol, tc->chain);
		snprintf(buf, size, "TC flower rule on %s", rule);
		break;
	case IPSO_EV_GATE:
		what_gate((const struct ipso_event_gate *)ev, buf, size);
		break;
	case IPSO_EV_MODULE:
		snprintf(buf, size, "module %s is to be unloaded",
			 ((const struct ipso_event_module *)ev)->module);
		break;
	case IPSO_EV_MODE:
	case IPSO_EV_DRIFT:
	case IPSO_EV_LINK:
	case IPSO_EV_TABLES:
		what_device(ev, buf, size);
		break;
	case IPSO_EV_GATE_MODE:
		what_mode((const struct ipso_event_gate_mode *)ev, buf, size);
		break;
	case IPSO_EV_FW_ERROR:
		snprintf(buf, size, "firmware command 0x%03x/%u of %s", fw->fw.opcode,
			 fw->fw.op_mod, pci_str(fw->pci, pci));
		break;
	default:
		snprintf(buf, size, "record of kind %u", ev->kind);
	}
}
