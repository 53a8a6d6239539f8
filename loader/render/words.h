/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words that all three forms write alike. */
#ifndef IPSO_RENDER_WORDS_H
#define IPSO_RENDER_WORDS_H

#include <netinet/in.h>

#include "config/config.h"

static inline const char *mode_word(const struct cfg_tunnel *t)
{
	return t->mode == CFG_IPSEC_TUNNEL ? "tunnel" : "transport";
}

/* Of a selector that has a protocol. */
static inline const char *protocol_word(uint16_t protocol)
{
	return protocol == IPPROTO_TCP ? "tcp" : "udp";
}

#endif
