/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that encapsulation adds to a packet. */
#ifndef IPSO_CONFIG_ROOM_H
#define IPSO_CONFIG_ROOM_H

#define IP4_HEADER 20
#define IP6_HEADER 40
#define UDP_HEADER 8

/*
 * Transport-mode ESP with AES-GCM at most: header 8, IV 8, padding 3, trailer 2, ICV 16 (RFC 4303
 * section 2, RFC 4106).
 */
#define ESP_ROOM (8 + 8 + 3 + 2 + 16)
/* VXLAN without the outer IP header: inner Ethernet 14, VXLAN 8, UDP (RFC 7348 section 5). */
#define VXLAN_ROOM (14 + 8 + UDP_HEADER)

struct ipso_config;

/*
 * Bytes that VXLAN, ESP and their headers add at most to a frame's IP packet on the uplink of a
 * device: outer IPv4 or IPv6, ESP in UDP or not; 0 when no VXLAN port sends through its tunnels.
 */
unsigned int config_vxlan_room(const struct ipso_config *cfg, unsigned int device);

#endif
