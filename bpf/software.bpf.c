// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Packets of a packet-offload SA that the CPU encrypts or decrypts: there should be none. Counted
 * for each SA; the first of an SA is reported.
 */
#include "emit.bpf.h"
#include "sa.bpf.h"

char LICENSE[] SEC("license") = "GPL";

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4096);
	__type(key, struct ipso_sa_key);
	__type(value, __u64);
} software SEC(".maps");

static __always_inline int seen(struct xfrm_state *x)
{
	struct xfrm_dev_offload *xso = &x->xso;
	struct ipso_sa_key key = {};
	struct ipso_event_sa *e;
	__u64 one = 1, *n;

	if (BPF_CORE_READ_BITFIELD(xso, type) != IPSO_OFFLOAD_PACKET)
		return 0;
	sa_key(x, &key);
	n = bpf_map_lookup_elem(&software, &key);
	if (n) {
		__sync_fetch_and_add(n, 1);
		return 0;
	}
	if (bpf_map_update_elem(&software, &key, &one, BPF_NOEXIST)) {
		count_lost(IPSO_EV_SA_SOFTWARE);
		return 0;
	}
	e = emit_begin(IPSO_EV_SA_SOFTWARE, sizeof(*e), BY_KERNEL);
	if (!e)
		return 0;
	sa_fill(e, x);
	sa_fill_offload(e, x);
	emit_end(e);
	return 0;
}

SEC("?fentry/esp_output")
int BPF_PROG(software_out4, struct xfrm_state *x)
{
	return seen(x);
}

SEC("?fentry/esp6_output")
int BPF_PROG(software_out6, struct xfrm_state *x)
{
	return seen(x);
}

SEC("?fentry/esp_input")
int BPF_PROG(software_in4, struct xfrm_state *x)
{
	return seen(x);
}

SEC("?fentry/esp6_input")
int BPF_PROG(software_in6, struct xfrm_state *x)
{
	return seen(x);
}

/* The count goes with its SA. */
SEC("?fentry/xfrm_dev_state_free")
int BPF_PROG(software_forget, struct xfrm_state *x)
{
	struct ipso_sa_key key = {};

	if (!x->xso.dev)
		return 0;
	sa_key(x, &key);
	bpf_map_delete_elem(&software, &key);
	return 0;
}
