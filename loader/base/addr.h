/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses and device names as the configuration writes them. */
#ifndef IPSO_BASE_ADDR_H
#define IPSO_BASE_ADDR_H

#include <stdbool.h>
#include <stdint.h>

struct addr {
	uint16_t family; /* AF_INET, AF_INET6; 0 = not set */
	uint8_t prefix;	 /* bits; 32 or 128 for a bare address */
	uint8_t b[16];	 /* network order, IPv4 in the first 4 bytes */
};

/* A bare address; b: 4 or 16 bytes in network order, in a field of 16. */
struct addr addr_host(uint16_t family, const uint8_t b[16]);
/* "192.0.2.1", "192.0.2.1/24", "2001:db8::1/64". -EINVAL. */
int addr_parse(const char *s, struct addr *ret_a);
/* With "/prefix" when with_prefix. Returns buf. */
#define ADDR_STRLEN 52
const char *addr_str(const struct addr *a, bool with_prefix, char buf[ADDR_STRLEN]);
bool addr_equal(const struct addr *a, const struct addr *b, bool with_prefix);

/* "0000:08:00.0" to IPSO_PCI() form and back. */
int pci_parse(const char *s, uint32_t *ret_pci);
#define PCI_STRLEN 16
const char *pci_str(uint32_t pci, char buf[PCI_STRLEN]);

#define MAC_STRLEN 18
int mac_parse(const char *s, uint8_t ret_mac[6]);
const char *mac_str(const uint8_t mac[6], char buf[MAC_STRLEN]);

#endif
