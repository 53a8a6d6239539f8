/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and device names: text to value and back, the whole string or nothing. */
#include "base/addr.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"
#include "ipso/event.h"

struct addr addr_host(uint16_t family, const uint8_t b[16])
{
	struct addr a = {.family = family, .prefix = family == AF_INET ? 32 : 128};

	memcpy(a.b, b, sizeof(a.b));
	return a;
}

int addr_parse(const char *s, struct addr *ret_a)
{
	const char *slash = strchr(s, '/');
	size_t len = slash ? (size_t)(slash - s) : strlen(s);
	char host[INET6_ADDRSTRLEN];
	struct addr a = {};
	uint32_t prefix;

	if (len >= sizeof(host))
		return -EINVAL;
	memcpy(host, s, len);
	host[len] = '\0';
	a.family = strchr(host, ':') ? AF_INET6 : AF_INET;
	if (inet_pton(a.family, host, a.b) != 1)
		return -EINVAL;
	prefix = a.family == AF_INET ? 32 : 128;
	/* num_u32 would take hexadecimal, which nobody means in a prefix. */
	if (slash && (strchr(slash, 'x') || strchr(slash, 'X') ||
		      num_u32(slash + 1, 0, prefix, &prefix) < 0))
		return -EINVAL;
	a.prefix = (uint8_t)prefix;
	*ret_a = a;
	return 0;
}

const char *addr_str(const struct addr *a, bool with_prefix, char buf[ADDR_STRLEN])
{
	char host[INET6_ADDRSTRLEN];

	if (!a->family || !inet_ntop(a->family, a->b, host, sizeof(host)))
		snprintf(buf, ADDR_STRLEN, "none");
	else if (with_prefix)
		snprintf(buf, ADDR_STRLEN, "%s/%u", host, a->prefix);
	else
		snprintf(buf, ADDR_STRLEN, "%s", host);
	return buf;
}

bool addr_equal(const struct addr *a, const struct addr *b, bool with_prefix)
{
	size_t len = a->family == AF_INET ? 4 : 16;

	return a->family == b->family && memcmp(a->b, b->b, len) == 0 &&
	       (!with_prefix || a->prefix == b->prefix);
}

/* Exactly n hexadecimal digits. */
static int hex(const char *s, unsigned int n, unsigned int *ret_v)
{
	unsigned int v = 0;

	for (unsigned int i = 0; i < n; i++) {
		if (!isxdigit((unsigned char)s[i]))
			return -EINVAL;
		v = v << 4 | (unsigned int)(isdigit((unsigned char)s[i])
						    ? s[i] - '0'
						    : tolower((unsigned char)s[i]) - 'a' + 10);
	}
	*ret_v = v;
	return 0;
}

int pci_parse(const char *s, uint32_t *ret_pci)
{
	unsigned int domain, bus, dev, fn;

	if (strlen(s) != strlen("0000:08:00.0") || s[4] != ':' || s[7] != ':' || s[10] != '.')
		return -EINVAL;
	if (hex(s, 4, &domain) < 0 || hex(s + 5, 2, &bus) < 0 || hex(s + 8, 2, &dev) < 0 ||
	    hex(s + 11, 1, &fn) < 0 || dev > 0x1f || fn > 7)
		return -EINVAL;
	*ret_pci = IPSO_PCI(domain, bus, dev << 3 | fn);
	return 0;
}

const char *pci_str(uint32_t pci, char buf[PCI_STRLEN])
{
	snprintf(buf, PCI_STRLEN, "%04x:%02x:%02x.%u", pci >> 16, pci >> 8 & 0xff, pci >> 3 & 0x1f,
		 pci & 7);
	return buf;
}

int mac_parse(const char *s, uint8_t ret_mac[6])
{
	uint8_t mac[6];
	unsigned int v;

	if (strlen(s) != MAC_STRLEN - 1)
		return -EINVAL;
	for (unsigned int i = 0; i < 6; i++) {
		if (hex(s + 3 * i, 2, &v) < 0 || (i < 5 && s[3 * i + 2] != ':'))
			return -EINVAL;
		mac[i] = (uint8_t)v;
	}
	memcpy(ret_mac, mac, sizeof(mac));
	return 0;
}

const char *mac_str(const uint8_t mac[6], char buf[MAC_STRLEN])
{
	snprintf(buf, MAC_STRLEN, "%02x:%02x:%02x:%02x:%02x:%02x", mac[0], mac[1], mac[2], mac[3],
		 mac[4], mac[5]);
	return buf;
}
