/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the data half (packets, steering, ESP) offers the control half. Its own inner interfaces are
 * in cx_packet.h and beside it.
 */
#ifndef CX_DATA_H
#define CX_DATA_H

#include "cx_cmd.h"

struct cx_obj;

/* State of steering, one a card: roots, counters. Made before the first function is realized. */
struct cx_flow *cx_flow_init(struct cx_dev *dev);
void cx_flow_free(struct cx_flow *flow);
/*
 * A function was reset or torn down: forget the roots its vport had and everything the data half
 * keeps for it outside the object store. Its objects (tables too) are freed right after this call.
 * For the PF the eswitch's roots go too.
 */
void cx_flow_reset_fn(struct cx_fn *fn);

/* cx_flow.c: handlers of the dispatch table in cx_cmd.c. */
cx_cmd_handler cx_cmd_create_flow_table, cx_cmd_destroy_flow_table, cx_cmd_modify_flow_table;
cx_cmd_handler cx_cmd_query_flow_table, cx_cmd_set_flow_table_root;
cx_cmd_handler cx_cmd_create_flow_group, cx_cmd_destroy_flow_group;
cx_cmd_handler cx_cmd_set_fte, cx_cmd_delete_fte;
cx_cmd_handler cx_cmd_alloc_flow_counter, cx_cmd_dealloc_flow_counter, cx_cmd_query_flow_counter;
cx_cmd_handler cx_cmd_alloc_packet_reformat, cx_cmd_dealloc_packet_reformat;
cx_cmd_handler cx_cmd_alloc_modify_header, cx_cmd_dealloc_modify_header;

/* cx_tx.c: a doorbell of an SQ; the producer is in its record. Unknown numbers are logged. */
void cx_sq_doorbell(struct cx_fn *fn, uint32_t sqn);
/* cx_qp.c: the same for a queue pair; false when fn has none of this number. */
bool cx_qp_doorbell(struct cx_fn *fn, uint32_t qpn);
/* An SQ or RQ was created, changed its state or is about to be freed (state RST). */
struct cx_wq;
void cx_wq_changed(struct cx_wq *wq);

/* cx_eswitch.c: a frame (no FCS) came from the wire. */
void cx_wire_rx(struct cx_dev *dev, const uint8_t *frame, size_t len);

/*
 * cx_esp.c: IPsec objects. created: the control half has checked key, icv_length and mode; false
 * refuses the object (INTERNAL_ERR). changed: ESN fields were modified by command. freed: wipe and
 * free obj->priv. The key is obj_find(KEY, ipsec_obj.dekn); it holds a reference to it.
 */
bool cx_esp_created(struct cx_obj *sa);
void cx_esp_changed(struct cx_obj *sa);
void cx_esp_freed(struct cx_obj *sa);
/* Key bytes of an encryption_key_obj in the control half's store: 16 or 32, 0 when malformed. */
unsigned int cx_key_bytes(const struct cx_obj *key, const uint8_t **ret_key);

#endif
