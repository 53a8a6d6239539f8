/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Does RoCE of a function go through its IPsec tables? The driver leads it there when the firmware lets
 * it join the tables of RDMA to those of the NIC (MLX5_IPSEC_CAP_ROCE, mlx5_ipsec_device_caps()), which
 * it has decided when it made its IPsec context.
 */
#ifndef IPSO_BPF_ROCE_H
#define IPSO_BPF_ROCE_H

#include "driver.bpf.h"

SUBPROG __u32 roce_state(struct mlx5_core_dev *mdev)
{
	struct net_device *uplink;
	struct mlx5e_ipsec *ipsec;
	struct mlx5e_priv *priv;

	if (!mdev || !bpf_core_type_exists(struct mlx5_core_dev) ||
	    !bpf_core_field_exists(mdev->roce.roce_en) ||
	    !bpf_core_field_exists(mdev->mlx5e_res.uplink_netdev))
		return IPSO_ROCE_UNKNOWN;
	if (!BPF_CORE_READ(mdev, roce.roce_en))
		return IPSO_ROCE_OFF;
	uplink = BPF_CORE_READ(mdev, mlx5e_res.uplink_netdev);
	if (!uplink || !bpf_core_field_exists(struct mlx5e_priv, ipsec))
		return IPSO_ROCE_UNKNOWN;
	priv = priv_of(uplink);
	ipsec = BPF_CORE_READ(priv, ipsec);
	if (!ipsec || !bpf_core_field_exists(struct mlx5e_ipsec, roce))
		return IPSO_ROCE_PASSES;
	/* The manager of an eswitch in switchdev has raw packets alone, whatever it switched on. */
	if (BPF_CORE_READ_BITFIELD_PROBED(ipsec, is_uplink_rep))
		return IPSO_ROCE_OFF;
	return BPF_CORE_READ(ipsec, roce) ? IPSO_ROCE_COVERED : IPSO_ROCE_PASSES;
}

#endif
