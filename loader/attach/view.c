/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the gate says of itself: its policy, its counters, its records, its view of an eswitch. */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "attach/internal.h"
#include "base/mem.h"
#include "gate.skel.h"

static void read_rules(int fd, struct gate_status *st)
{
	struct ipso_gate_policy p;
	uint32_t key, next;
	int more = bpf_map_get_next_key(fd, NULL, &key) == 0;

	while (more && st->rules_count < IPSO_GATE_MAX) {
		if (key != IPSO_GATE_UNKNOWN && key != IPSO_GATE_PROOF &&
		    bpf_map_lookup_elem(fd, &key, &p) == 0)
			st->rules[st->rules_count++] = (struct gate_rule){key, p.mode};
		more = bpf_map_get_next_key(fd, &key, &next) == 0;
		key = next;
	}
}

static int read_verdicts(int fd, uint64_t *verdicts)
{
	int cpus = libbpf_num_possible_cpus(), i;
	_free_ uint64_t *value = NULL;
	uint32_t v;

	if (cpus < 0)
		return cpus;
	value = calloc(cpus, sizeof(*value));
	if (!value)
		return -ENOMEM;
	for (v = 0; v < IPSO_VERDICT_MAX; v++) {
		if (bpf_map_lookup_elem(fd, &v, value))
			return -errno;
		for (i = 0; i < cpus; i++)
			verdicts[v] += value[i];
	}
	return 0;
}

int gate_status(struct gate_status *ret_st, struct why *why)
{
	_close_ int verdicts = -1;
	_close_ int policy = -1;
	struct bpf_prog_info info;
	struct gate_status st = {0};
	int err = pin_program(&info);

	if (err == -ENOENT) {
		*ret_st = st;
		return 0;
	}
	if (!err) {
		st.installed = pin_is_ours(&info);
		st.foreign = !st.installed;
	}
	if (!err && st.installed)
		err = pin_get(PIN_POLICY, &policy);
	if (!err && st.installed)
		err = pin_get(PIN_VERDICTS, &verdicts);
	if (!err && st.installed) {
		read_rules(policy, &st);
		err = read_verdicts(verdicts, st.verdicts);
	}
	if (err)
		return why_set(why, err, "reading the gate pinned at " GATE_PIN_DIR);
	*ret_st = st;
	return 0;
}

int gate_ring(int *ret_ring_fd, int *ret_lost_fd)
{
	_close_ int ring = -1;
	_close_ int lost = -1;
	struct bpf_prog_info info;
	int err = pin_program(&info);

	if (!err && !pin_is_ours(&info))
		err = -ENOENT;
	if (!err)
		err = pin_get(PIN_EVENTS, &ring);
	if (!err)
		err = pin_get(PIN_LOST, &lost);
	if (err)
		return err;
	*ret_ring_fd = TAKE_FD(ring);
	*ret_lost_fd = TAKE_FD(lost);
	return 0;
}

/* A second copy of the gate's object of which only the probe is loaded. */
static int load_probe(struct gate_bpf **ret_s, struct why *why)
{
	struct gate_bpf *s;
	int err;

	libbpf_log_install();
	s = gate_bpf__open();
	if (!s)
		return why_set(why, -errno, "opening the gate's probe");
	bpf_program__set_autoload(s->progs.ipso_gate_v1, false);
	bpf_program__set_autoload(s->progs.gate_switch, false);
	bpf_map__set_autocreate(s->maps.policy, false);
	bpf_map__set_autocreate(s->maps.verdicts, false);
	bpf_map__set_autocreate(s->maps.reports, false);
	bpf_map__set_autocreate(s->maps.notes, false);
	bpf_map__set_autocreate(s->maps.events, false);
	bpf_map__set_autocreate(s->maps.lost, false);
	err = gate_bpf__load(s);
	if (err) {
		gate_bpf__destroy(s);
		if (err == -EPERM)
			why_remedy(why, "run as root, or with CAP_BPF and CAP_PERFMON");
		return why_set(why, err, "loading the gate's probe into the kernel");
	}
	*ret_s = s;
	return 0;
}

enum ipso_gate_mode gate_mode(uint32_t pci)
{
	_close_ int fd = -1;
	struct ipso_gate_policy p;

	if (!pci || pin_get(PIN_POLICY, &fd) || bpf_map_lookup_elem(fd, &pci, &p))
		return IPSO_GATE_OFF;
	return p.mode;
}

int gate_probe(uint32_t netns, uint32_t ifindex, struct ipso_gate_probe *ret_p, struct why *why)
{
	static struct gate_bpf *probe; /* kept: the daemon asks again and again */
	struct ipso_gate_probe arg = {.netns = netns, .ifindex = ifindex};
	LIBBPF_OPTS(bpf_test_run_opts, opts, .ctx_in = &arg, .ctx_size_in = sizeof(arg));
	int err;

	if (!probe) {
		err = load_probe(&probe, why);
		if (err)
			return err;
	}
	if (bpf_prog_test_run_opts(bpf_program__fd(probe->progs.gate_probe), &opts))
		return why_set(why, -errno, "asking the gate's probe");
	if ((int)opts.retval < 0)
		return why_set(why, (int)opts.retval,
			       "asking the gate's probe about a device of another namespace");
	arg.guarded = gate_mode(arg.pci);
	*ret_p = arg;
	return 0;
}
