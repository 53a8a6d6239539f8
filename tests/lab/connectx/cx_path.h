/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The road of a frame through the card: which part hands it to which. All synchronous. */
#ifndef CX_PATH_H
#define CX_PATH_H

#include "cx_flow.h"

/* What became of a frame in a domain. The frame stays with the caller in every case. */
enum cx_verdict {
	CX_NEXT,	/* missed or was allowed: the default of the domain applies */
	CX_DROPPED,
	CX_DONE,	/* delivered, or handed to another domain */
	CX_LEAVES,	/* missed in RDMA RX where a miss leads back into NIC RX */
};

/* cx_steer.c */
enum cx_verdict cx_steer(struct cx_dev *dev, struct cx_table *table, struct cx_pkt *pkt);

/* cx_eswitch.c: a function sends a frame; an FDB entry sends one to a port. */
void cx_eswitch_send(struct cx_fn *fn, struct cx_pkt *pkt);
/* Where a frame goes that the FDB has no entry for. */
void cx_eswitch_default(struct cx_dev *dev, struct cx_pkt *pkt);
void cx_eswitch_to_vport(struct cx_dev *dev, struct cx_pkt *pkt, uint16_t vport);

/* The same for a RoCE frame of a queue pair: by RDMA TX, not by NIC TX. */
void cx_eswitch_send_rdma(struct cx_fn *fn, struct cx_pkt *pkt);

/* cx_roce.c: a RoCE frame has come through RDMA RX. */
void cx_roce_receive(struct cx_fn *fn, struct cx_pkt *pkt);
bool cx_pkt_is_roce(struct cx_pkt *pkt);

/* cx_rx.c: into a receive queue of the TIR. */
void cx_rx_tir(struct cx_obj *tir, struct cx_pkt *pkt);

/* cx_reformat.c: VLAN tags and L2 tunnels (VXLAN). False: the frame cannot be changed so. */
bool cx_vlan_push(struct cx_pkt *pkt, struct cx_vlan_tag tag);
bool cx_vlan_pop(struct cx_pkt *pkt);
bool cx_l2_tunnel_encap(struct cx_pkt *pkt, const struct cx_reformat *reformat);
bool cx_l2_tunnel_decap(struct cx_pkt *pkt);

/*
 * cx_esp.c. Encrypt: false drops the frame (lifetime or sequence numbers used up, nothing to
 * protect). Decrypt: false drops it (lifetime); failures of the checks are left in ipsec_syndrome
 * and the SA's return register, and leave the frame as it came.
 */
bool cx_esp_encrypt(struct cx_obj *sa, const struct cx_reformat *reformat, struct cx_pkt *pkt);
bool cx_esp_decrypt(struct cx_obj *sa, const struct cx_reformat *reformat, struct cx_pkt *pkt);

/* cx_aso.c: an ACCESS_ASO work request of len bytes. False when it is not understood. */
bool cx_aso_access(struct cx_fn *fn, const uint8_t *wqe, uint32_t len);

#endif
