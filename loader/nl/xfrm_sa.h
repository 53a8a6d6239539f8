/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * XFRM states to and from netlink bytes (include/uapi/linux/xfrm.h, net/xfrm/xfrm_user.c):
 * ESP, AES-GCM with 16 byte ICV (RFC 4106), transport or tunnel mode, in UDP or not (RFC 3948).
 */
#ifndef IPSO_NL_XFRM_SA_H
#define IPSO_NL_XFRM_SA_H

#include <stdbool.h>
#include <stdint.h>

#include "base/addr.h"
#include "ipso/event.h"
#include "nl/sock.h"

#define XFRM_KEY_MAX 36 /* AES-256 key and salt */

struct xfrm_sa {
	struct addr src, dst;
	uint32_t spi, reqid, mark;
	uint8_t proto; /* IPPROTO_ESP; builders write ESP always */
	uint8_t mode;  /* XFRM_MODE_TRANSPORT 0, XFRM_MODE_TUNNEL 1 */
	bool esn;
	uint32_t replay_window; /* packets */
	uint64_t soft_packets, hard_packets, soft_bytes, hard_bytes; /* 0 = no limit */
	uint64_t soft_seconds, hard_seconds; /* since it was added; 0 = no limit */
	struct addr sel_src, sel_dst; /* selector; family 0 = any */
	uint16_t udp_sport, udp_dport; /* ESP in UDP; 0 = none */

	uint8_t dir;	  /* enum ipso_dir; of the offload when there is one */
	uint8_t offload;  /* enum ipso_offload */
	uint32_t ifindex; /* offload device */
	bool say_dir;	  /* request: send XFRMA_SA_DIR, see xfrm_sa_knows_dir() */

	/*
	 * Key and salt. Request: borrowed, not kept. Reply: points into the message, valid during
	 * the callback; NULL or zeros when the kernel does not tell (lockdown).
	 */
	const uint8_t *key;
	uint32_t key_len;    /* bytes with salt */
	uint32_t icv_bits;   /* reply: 128 */
	bool gcm;	     /* reply: the algorithm is rfc4106(gcm(aes)) */
	bool larval;	     /* reply: it has no algorithm yet, for a daemon negotiates */

	/* Reply only. */
	uint64_t packets, bytes, add_time, use_time; /* the times: seconds since the epoch */
	uint32_t integrity, replay_drops, window_drops; /* xfrm_stats of the state */
	uint32_t seq_lo, seq_hi;	/* highest number known to the kernel, of its direction */
};

/* Bytes. A key longer than XFRM_KEY_MAX or an address family that does not fit is -EINVAL. */
int xfrm_sa_put_add(struct nl_msg *m, const struct xfrm_sa *sa);
int xfrm_sa_put_delete(struct nl_msg *m, const struct xfrm_sa *sa);
int xfrm_sa_put_get(struct nl_msg *m, const struct xfrm_sa *sa);
void xfrm_sa_put_dump(struct nl_msg *m);
/* From XFRM_MSG_NEWSA; -EBADMSG for anything else or a short message. */
int xfrm_sa_parse(const struct nlmsghdr *nlh, struct xfrm_sa *ret_sa);

/* Exchanges; dst, spi, (family, mark) name the state in the last three. */
int xfrm_sa_add(struct nl *nl, const struct xfrm_sa *sa, struct why *why);
int xfrm_sa_delete(struct nl *nl, const struct xfrm_sa *sa, struct why *why);
typedef int (*xfrm_sa_fn)(const struct xfrm_sa *sa, void *arg);
int xfrm_sa_get(struct nl *nl, const struct xfrm_sa *sa, xfrm_sa_fn fn, void *arg, struct why *why);
int xfrm_sa_dump(struct nl *nl, xfrm_sa_fn fn, void *arg, struct why *why);

/*
 * Does this kernel know XFRMA_SA_DIR? Asked with a XFRM_MSG_GETSA that carries it: who knows the
 * attribute refuses it there (xfrm_reject_unused_attr), who does not finds no such state.
 */
bool xfrm_sa_knows_dir(struct nl *nl);

#endif
