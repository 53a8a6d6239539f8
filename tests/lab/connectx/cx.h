/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The emulated ConnectX: what its parts know of each other. No QEMU types here: QEMU is met only in
 * cx_pci.c and cx_abi.c. Everything runs under the big QEMU lock, inside the MMIO write, the
 * network client's receive callback or a timer; nothing needs a lock of its own.
 *
 * Control half: cx_pci, cx_abi, cx_cmd, cx_caps, cx_object, cx_eq, cx_queue, cx_vport, cx_reg,
 * cx_fault, cx_log. Data half (cx_data.h): cx_packet, cx_flow, cx_steer, cx_eswitch, cx_tx, cx_rx,
 * cx_gcm, cx_esp, cx_aso.
 */
#ifndef CX_H
#define CX_H

#include <glib.h>

#include "cx_ifc.h"

enum {
	CX_MAX_VF = 8,
	CX_VECTORS = 64,		/* MSI-X vectors of a function */
	CX_MAX_EQ = 64,
	CX_VPORT_UPLINK = 0xffff,	/* MLX5_VPORT_UPLINK */
	CX_MAX_MAC_LIST = 128,		/* log_max_current_uc_list / mc_list of cx_caps_table.c */
	CX_MAX_VLAN_LIST = 512,		/* log_max_vlan_list */
	CX_ROCE_ADDRESSES = 255,	/* roce_address_table_size of cx_caps_table.c */
	CX_CAP_TYPES = 0x40,		/* capability pages, numbered by op_mod >> 1 */
	CX_CAP_BYTES = 0x1000,
	CX_PORT_MAX_MTU = 10000,	/* PMTU counts Ethernet header, VLAN and FCS (22) too */
};

struct cx_fn;
struct cx_flow;
struct cx_faults;
struct cx_log;

/* Packets and bytes by destination kind; bytes are whole frames without FCS. */
enum cx_cast { CX_UNICAST, CX_MULTICAST, CX_BROADCAST, CX_CASTS };

struct cx_traffic {
	uint64_t rx_packets[CX_CASTS], rx_bytes[CX_CASTS];
	uint64_t tx_packets[CX_CASTS], tx_bytes[CX_CASTS];
	uint64_t rx_dropped;	/* no receive buffer, no table, dropped by steering */
	uint64_t tx_dropped;
};

struct cx_mac_list {
	unsigned int count;
	uint8_t mac[CX_MAX_MAC_LIST][6];
};

/* An eswitch port: PF (0), VFs (1..) or the uplink. The data half adds to traffic. */
struct cx_vport {
	uint16_t number;
	uint8_t nic_context[CX_SIZE(nic_vport_context)];
	uint8_t esw_context[CX_SIZE(esw_vport_context)];
	uint8_t admin_state;	/* MLX5_VPORT_ADMIN_STATE_*: 0 down, 1 up, 2 as the port */
	bool link;		/* the state its function was last told */
	bool untold;		/* changed while the manager had not armed its events */
	struct cx_mac_list unicast, multicast;
	unsigned int vlan_count;
	uint16_t vlan[CX_MAX_VLAN_LIST];
	struct cx_traffic traffic;	/* rx = delivered to the function, tx = sent by it */
};

/* The physical port. */
struct cx_port {
	bool carrier;		/* of the QEMU network client */
	bool fault_down;	/* taken down by the fault file */
	bool admin_up;		/* PAOS */
	uint16_t mtu;		/* PMTU admin_mtu */
	uint8_t pfcc[CX_SIZE(pfcc_reg)];
	struct cx_traffic traffic;	/* rx = from the wire, tx = to the wire */
};

/* One card: what the PF and its VFs share. */
struct cx_dev {
	struct cx_fn *fn[CX_MAX_VF + 1];	/* by vport; NULL before the VF is realized */
	struct cx_vport vport[CX_MAX_VF + 1];
	struct cx_vport uplink;
	struct cx_port port;
	uint8_t mac[6];
	const struct cx_profile *profile;
	GHashTable *objects;	/* id -> struct cx_obj, one id space for every function */
	uint32_t last_id;
	uint32_t serial;	/* tells cards of one host apart in GUIDs */
	struct cx_flow *flow;	/* of the data half, from cx_flow_init() */
	struct cx_faults *faults;
	struct cx_log *log;
};

/* One PCI function. */
struct cx_fn {
	struct cx_dev *dev;
	uint16_t vport;		/* 0 PF, VF index + 1 */
	void *pci;		/* of cx_pci.c */
	bool hca_enabled;	/* ENABLE_HCA by the PF (for itself or for this VF) */
	bool hca_running;	/* INIT_HCA .. TEARDOWN_HCA */
	uint32_t deferred;	/* command slots held back by a delay fault */
	uint32_t generation;	/* counts resets; a deferred command of an older one is dropped */
	uint8_t init_seg[0x3000];
	struct cx_eq *eq[CX_MAX_EQ];
	struct cx_eq *command_eq;
	uint8_t roce_address[CX_ROCE_ADDRESSES][CX_SIZE(roce_addr_layout)];	/* the GIDs */
	uint64_t uars;		/* UAR pages handed out */
	uint64_t uar_doorbell[64];	/* first half of a doorbell written as two words */
	uint8_t *cap_max[CX_CAP_TYPES], *cap_cur[CX_CAP_TYPES];	/* NULL: no such page */
};

static inline bool cx_is_pf(const struct cx_fn *fn)
{
	return fn->vport == 0;
}

/* cx_pci.c: the machine around the card. Addresses are DMA addresses of the function. */
void cx_dma_read(struct cx_fn *fn, uint64_t addr, void *buf, size_t len);
void cx_dma_write(struct cx_fn *fn, uint64_t addr, const void *buf, size_t len);
/* Write all but the last byte, then the last: the owner bit must become visible last. */
void cx_dma_write_owned(struct cx_fn *fn, uint64_t addr, const void *buf, size_t len);
void cx_interrupt(struct cx_fn *fn, unsigned int vector);
/* Puts a frame (no FCS) on the wire. The caller has counted it and applied wire faults. */
void cx_wire_send(struct cx_dev *dev, const uint8_t *frame, size_t len);
/* Virtual time. */
uint64_t cx_now_ns(void);
/* Calls fn(arg) once from the main loop, ms milliseconds of virtual time later. */
void cx_defer(unsigned int ms, void (*fn)(void *), void *arg);

/*
 * cx_log.c: one line a call, "seconds.micros pf|vfN text". Keys never go in. Levels: what was
 * refused or went wrong; each command; each packet and event.
 */
enum cx_log_level { CX_LOG_ERROR, CX_LOG_COMMAND, CX_LOG_DETAIL };
struct cx_log *cx_log_open(const char *path, unsigned int level);
void cx_log_close(struct cx_log *log);
bool cx_log_wants(const struct cx_fn *fn, enum cx_log_level level);
void cx_log(const struct cx_fn *fn, enum cx_log_level level, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));

/*
 * cx_fault.c: faults injected through a file that may change at any time (README.md). The ask is
 * the use: each true answer consumes one of times=N.
 */
enum cx_wire_fault { CX_WIRE_DROP, CX_WIRE_CORRUPT, CX_WIRE_REPLAY };
bool cx_fault_wire(struct cx_dev *dev, enum cx_wire_fault what);
bool cx_fault_drop_event(struct cx_dev *dev, uint8_t event);
/* True: answer this command with *ret_status, *ret_syndrome instead of executing it. */
bool cx_fault_command(struct cx_dev *dev, uint16_t opcode, uint16_t op_mod, uint8_t *ret_status,
		      uint32_t *ret_syndrome);
unsigned int cx_fault_delay_ms(struct cx_dev *dev, uint16_t opcode);
/* Most objects of a general object type, UINT32_MAX without a limit. */
uint32_t cx_fault_object_limit(struct cx_dev *dev, uint16_t obj_type);
/* Calls set() for each `cap NAME=VALUE`. */
void cx_fault_caps(struct cx_dev *dev, void (*set)(void *, const char *, uint64_t), void *arg);
struct cx_faults *cx_faults_new(struct cx_dev *dev, const char *path);
void cx_faults_free(struct cx_faults *faults);

/* cx_hca.c: life of a function. dev must be complete but for its functions. */
void cx_fn_init(struct cx_fn *fn, struct cx_dev *dev, uint16_t vport, void *pci);
void cx_fn_exit(struct cx_fn *fn);
void cx_fn_reset(struct cx_fn *fn);

/* cx_caps.c: profiles and capability pages. */
struct cx_profile {
	const char *name, *description;
	uint16_t pf_device, vf_device;
	uint8_t fw_major;
	const char *psid;
	const struct cx_cap_override *overrides;	/* ends with a NULL name */
};
const struct cx_profile *cx_profile_find(const char *name);
void cx_caps_init(struct cx_fn *fn);	/* at realize and at each reset; applies cap faults */
void cx_caps_restart(struct cx_fn *fn);	/* cur = max, keeping what the PF granted */
void cx_caps_free(struct cx_fn *fn);

/* cx_vport.c */
void cx_vports_init(struct cx_dev *dev);
void cx_vport_reset(struct cx_dev *dev, uint16_t number);
struct cx_vport *cx_vport(struct cx_dev *dev, uint16_t number);	/* NULL: no such vport */
bool cx_vport_link_up(struct cx_dev *dev, uint16_t number);
/* Tells every function whose link differs from what it was last told. */
void cx_vports_link_changed(struct cx_dev *dev);
/* Bit n: metadata_reg_c_n survives from the FDB into this vport's NIC RX. */
uint8_t cx_vport_reg_c_ids(struct cx_dev *dev, uint16_t number);
/* MODIFY_NIC_VPORT_CONTEXT switched RoCE on for this vport. */
bool cx_vport_roce(struct cx_dev *dev, uint16_t number);
/* First index of a DMAC: multicast, broadcast or unicast. */
static inline enum cx_cast cx_cast_of(const uint8_t *dmac)
{
	static const uint8_t all[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

	if (!memcmp(dmac, all, sizeof(all)))
		return CX_BROADCAST;
	return dmac[0] & 1 ? CX_MULTICAST : CX_UNICAST;
}

#include "cx_cmd.h"
#include "cx_object.h"
#include "cx_data.h"

#endif
