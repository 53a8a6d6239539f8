// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What explains a failure below its errno: the firmware command that failed, and the first extack
 * text of the request. Both are kept in the task's note while a request is under way.
 */
#include "driver.bpf.h"
#include "emit.bpf.h"
#include "notes.bpf.h"

#include <bpf/bpf_endian.h>

char LICENSE[] SEC("license") = "GPL";

#define EREMOTEIO 121

/* The one place every failed command comes through: sync, polled, async; mlx5 core/cmd.c. */
SEC("?fexit/cmd_status_err")
int BPF_PROG(fw_error, struct mlx5_core_dev *dev, int err, __u16 opcode, __u16 op_mod, void *out,
	     int ret)
{
	struct ipso_fw_error fw = { .opcode = opcode, .op_mod = op_mod, .err = ret };
	struct ipso_event_fw *e;
	struct device *parent;
	__be32 syndrome = 0;
	__u8 status = 0;
	struct note *n;

	if (!ret)
		return 0;
	if (ret == -EREMOTEIO) { /* answered with a bad status; else `out` may be stale */
		bpf_probe_read_kernel(&status, sizeof(status), out);
		bpf_probe_read_kernel(&syndrome, sizeof(syndrome), out + 4);
		fw.status = status;
		fw.syndrome = bpf_ntohl(syndrome);
	}
	n = note_find();
	if (n)
		n->fw = fw;
	e = emit_begin(IPSO_EV_FW_ERROR, sizeof(*e), BY_TASK);
	if (!e)
		return 0;
	parent = BPF_CORE_READ(dev, device);
	e->pci = pci_of(parent);
	e->fw = fw;
	emit_end(e);
	return 0;
}

/* Every NL_SET_ERR_MSG, also where the request carries no extack. */
SEC("?tp_btf/netlink_extack")
int BPF_PROG(extack_text, const char *msg)
{
	struct note *n = note_find();

	if (n && !n->text[0])
		bpf_probe_read_kernel_str(n->text, sizeof(n->text), msg);
	return 0;
}
