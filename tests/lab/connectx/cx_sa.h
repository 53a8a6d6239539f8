/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the card keeps for one IPsec object. The fields the driver can read or write (counters,
 * arms, sequence number) live only in the object's own ipsec_obj, where ASO operations find them.
 */
#ifndef CX_SA_H
#define CX_SA_H

#include "cx_gcm.h"
#include "cx_path.h"

enum { CX_REPLAY_MAX = 256 };	/* bits: MLX5_IPSEC_ASO_REPLAY_WIN_256BIT */

struct cx_sa {
	struct cx_gcm *gcm;
	bool exhausted;		/* out: the last sequence number without ESN was used */
	uint64_t seen[CX_REPLAY_MAX / 64];	/* in: bit i = highest - i was received */
};

static inline uint8_t *cx_sa_aso(struct cx_obj *obj)
{
	return CX_PTR(ipsec_obj, obj->data, ipsec_aso);
}

/* cx_sequence.c */
/* The upper half of the sequence number whose lower half is seq (RFC 4303, appendix A). */
uint32_t cx_sa_seq_high(const struct cx_obj *obj, uint32_t seq);
/* Takes the next sequence number of an outbound SA; false when there is none left. */
bool cx_sa_next_seq(struct cx_obj *obj, uint32_t *ret_seq);
/* An authentic packet came: true when it is new and inside the window, which then knows it. */
bool cx_sa_accept_seq(struct cx_obj *obj, uint32_t seq);
/* The replay window as the ASO context shows it. */
void cx_sa_store_window(struct cx_obj *obj);

/* cx_life.c */
/* One packet of the SA's lifetime is used; false when none is left. */
bool cx_life_packet(struct cx_obj *obj);
/* The sequence number went from old to now: raises the ESN event if it is armed and due. */
void cx_life_sequence(struct cx_obj *obj, uint32_t old, uint32_t now);

#endif
