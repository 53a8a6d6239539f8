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

#endif
