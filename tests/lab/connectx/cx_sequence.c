// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Sequence numbers of ESP: the sender's counter, the receiver's anti-replay window, and the upper
 * half of extended numbers (RFC 4303, 3.3.3, 3.4.3 and appendix A).
 *
 * The card knows the upper half only as the driver states it: esn_msb, and esn_overlap once the
 * lower half is in its upper range, meaning that small numbers already belong to the next upper
 * half. ipsec_aso.mode_parameter is the next number to send or the highest one received.
 * Left out: restoring a window from the driver (it never writes replay_protection_window).
 */
#include "cx_sa.h"

#define ESN_MIDDLE 0x80000000u

/* Upper half by esn_msb and esn_overlap alone. */
static uint32_t stated_high(const struct cx_obj *obj, uint32_t seq)
{
	uint32_t high = CX_GET(ipsec_obj, obj->data, esn_msb);

	return high + (CX_GET(ipsec_obj, obj->data, esn_overlap) && seq < ESN_MIDDLE);
}

static bool guards_replay(const struct cx_obj *obj)
{
	return CX_GET(ipsec_aso, CX_PTR(ipsec_obj, obj->data, ipsec_aso), mode) ==
	       MLX5_IPSEC_ASO_REPLAY_PROTECTION;
}

static uint32_t window_bits(const struct cx_obj *obj)
{
	return 32u << CX_GET(ipsec_aso, CX_PTR(ipsec_obj, obj->data, ipsec_aso), window_sz);
}

uint32_t cx_sa_seq_high(const struct cx_obj *obj, uint32_t seq)
{
	const uint8_t *aso = CX_PTR(ipsec_obj, obj->data, ipsec_aso);
	uint32_t highest = CX_GET(ipsec_aso, aso, mode_parameter);
	uint32_t reach = window_bits(obj) - 1;

	/* A2.2 case B: the window still reaches back over the wrap of the lower half. */
	if (guards_replay(obj) && highest < reach && seq >= highest - reach)
		return stated_high(obj, highest) - 1;
	return stated_high(obj, seq);
}

bool cx_sa_next_seq(struct cx_obj *obj, uint32_t *ret_seq)
{
	struct cx_sa *sa = obj->priv;
	uint8_t *aso = cx_sa_aso(obj);
	uint32_t seq = CX_GET(ipsec_aso, aso, mode_parameter);

	if (sa->exhausted)
		return false;
	CX_SET(ipsec_aso, aso, mode_parameter, seq + 1);
	if (seq == UINT32_MAX && !CX_GET(ipsec_obj, obj->data, esn_en))
		sa->exhausted = true;
	cx_life_sequence(obj, seq, seq + 1);
	*ret_seq = seq;
	return true;
}

/* The window's right edge moves n numbers up. */
static void advance(struct cx_sa *sa, uint64_t n)
{
	unsigned int words = n / 64, bits = n % 64;
	int i, count = G_N_ELEMENTS(sa->seen);

	if (n >= CX_REPLAY_MAX) {
		memset(sa->seen, 0, sizeof(sa->seen));
		return;
	}
	for (i = count - 1; i >= 0; i--) {
		int from = i - (int)words;
		uint64_t word = from >= 0 ? sa->seen[from] << bits : 0;

		if (bits && from >= 1)
			word |= sa->seen[from - 1] >> (64 - bits);
		sa->seen[i] = word;
	}
}

/* The whole number: 64 bits with ESN, 32 without. */
static uint64_t whole(const struct cx_obj *obj, uint32_t high, uint32_t seq)
{
	return CX_GET(ipsec_obj, obj->data, esn_en) ? (uint64_t)high << 32 | seq : seq;
}

bool cx_sa_accept_seq(struct cx_obj *obj, uint32_t seq)
{
	struct cx_sa *sa = obj->priv;
	uint8_t *aso = cx_sa_aso(obj);
	uint32_t highest = CX_GET(ipsec_aso, aso, mode_parameter);
	uint64_t top, now, back;

	if (!guards_replay(obj))
		return true;
	top = whole(obj, stated_high(obj, highest), highest);
	now = whole(obj, cx_sa_seq_high(obj, seq), seq);
	if (now > top) {
		advance(sa, now - top);
		sa->seen[0] |= 1;
		CX_SET(ipsec_aso, aso, mode_parameter, seq);
		cx_life_sequence(obj, highest, seq);
		return true;
	}
	back = top - now;
	if (!now || back >= window_bits(obj) || sa->seen[back / 64] >> back % 64 & 1)
		return false;
	sa->seen[back / 64] |= 1ull << back % 64;
	return true;
}

void cx_sa_store_window(struct cx_obj *obj)
{
	const struct cx_sa *sa = obj->priv;
	uint8_t *window = CX_PTR(ipsec_aso, cx_sa_aso(obj), replay_protection_window);
	int i, count = G_N_ELEMENTS(sa->seen);

	for (i = 0; i < count; i++)
		cx_put_be64(window + 8 * i, sa->seen[count - 1 - i]);
}
