/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is served beyond this host is encrypted, and only for those who show who they are. */
#include <arpa/inet.h>
#include <netinet/in.h>

#include "config/check.h"

static bool is_local(const char *address)
{
	struct in6_addr a6;
	struct in_addr a4;

	if (inet_pton(AF_INET, address, &a4) == 1)
		return ntohl(a4.s_addr) >> 24 == IN_LOOPBACKNET;
	return inet_pton(AF_INET6, address, &a6) == 1 && IN6_IS_ADDR_LOOPBACK(&a6);
}

int config_check_access(const struct ipso_config *cfg, const struct cfg_places *p)
{
	const struct cfg_metrics *m = &cfg->metrics;
	struct cfg_at at = place_of(p, m);

	if (config_on_socket(m) && (m->has_tls || m->token_file))
		return place_error(p, at, "listen: found a unix socket with tls or token-file; allowed "
					  "is neither, readers-group tells its readers");
	if (config_on_socket(m) || is_local(m->address))
		return 0;
	if (!m->has_tls)
		return place_error(p, at, "listen: found %s, which other hosts reach, without tls; "
					  "allowed is with tls and one of token-file and tls.client-ca, "
					  "or an address of this host alone, as 127.0.0.1", m->address);
	if (!m->token_file && !m->tls.client_ca)
		return place_error(p, at, "listen: found %s, which other hosts reach, and nothing that "
					  "tells who asks; allowed is with token-file or tls.client-ca",
				   m->address);
	return 0;
}
