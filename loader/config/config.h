/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The configuration as the rest of ipso sees it. Text is resolved to values; nothing of the host
 * is looked at here (a device name is a name, not yet a device).
 */
#ifndef IPSO_CONFIG_H
#define IPSO_CONFIG_H

#include <limits.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/addr.h"
#include "base/err.h"
#include "base/secret.h"
#include "config/rule.h"
#include "ipso/gate.h"

enum cfg_conflict { CFG_CONFLICT_REFUSE, CFG_CONFLICT_DISPLACE };
enum cfg_drift { CFG_DRIFT_ALARM, CFG_DRIFT_RESTORE };
enum cfg_mode { CFG_MODE_LEGACY, CFG_MODE_SWITCHDEV };
enum cfg_steering { CFG_STEERING_DMFS, CFG_STEERING_SMFS };
enum cfg_ipsec_mode { CFG_IPSEC_TRANSPORT, CFG_IPSEC_TUNNEL };
enum cfg_aead { CFG_AES_GCM_128, CFG_AES_GCM_256 };
enum cfg_keying { CFG_KEYING_STATIC, CFG_KEYING_IKE };

struct cfg_vf {
	struct cfg_at at;
	uint32_t index;
	bool has_mac, has_mtu;
	uint8_t mac[6];
	uint32_t mtu;	    /* bytes */
	char *netns;	    /* name under /run/netns, NULL = stay */
	bool ipsec_packet, has_roce, roce;
	struct addr *addresses;
	unsigned int addresses_count;
};

struct cfg_device {
	struct cfg_at at;
	char *pf;      /* interface name, or NULL when pci is given */
	char *pci;     /* "0000:08:00.0", or NULL */
	enum cfg_mode mode;
	enum cfg_steering steering;
	bool has_mtu;
	uint32_t mtu; /* bytes */
	struct addr *addresses;
	unsigned int addresses_count;
	struct cfg_vf *vfs;
	unsigned int vfs_count; /* SR-IOV count = highest index + 1 */
	struct cfg_block *blocks;
	unsigned int blocks_count;
};

/* One direction of a tunnel's static SA pair. */
struct cfg_sa {
	struct cfg_at at;
	uint32_t spi;
	uint32_t reqid;	    /* not 0, and unique among a device's outbound SAs */
	char *key_file;	    /* as written; relative to the configuration file's folder */
	struct cfg_at key_at; /* of key-file's value */
	struct secret *key; /* owned; NULL until config_load_keys() */
};

/* What the policies of a tunnel match, as this side sends it. */
struct cfg_selector {
	struct addr local, remote; /* networks; family 0 = the end of that side alone */
	uint16_t protocol;	   /* IPPROTO_UDP, IPPROTO_TCP; 0 = any */
	uint16_t local_port, remote_port; /* 0 = any */
};

struct cfg_tunnel {
	struct cfg_at at;
	char *name;
	unsigned int device; /* index into devices */
	bool on_vf;	     /* the SA sits on VF number vf of that device */
	uint32_t vf;
	struct addr local, remote; /* addresses that ESP travels between */
	enum cfg_ipsec_mode mode;
	enum cfg_keying keying; /* IKE: a daemon makes SAs and policies; out and in are empty */
	struct cfg_selector selector; /* as written: config_selector() has the whole */
	bool has_udp;		      /* ESP in UDP (RFC 3948) */
	uint16_t udp_local, udp_remote;
	enum cfg_aead aead;
	bool esn;
	uint32_t replay_window;	  /* packets, inbound; outbound is always 0 (kernel >= 6.10) */
	/* 0 = no limit; with static keys: of packets without ESN, of seconds unless 0 is written */
	uint64_t soft_packets, hard_packets, soft_bytes, hard_bytes, soft_seconds, hard_seconds;
	uint32_t priority;	  /* of the policies */
	bool has_soft_seconds, has_hard_seconds, has_out, has_in; /* the keys are there */
	struct cfg_sa out, in;
};

struct cfg_tls {
	char *certificate, *key_file, *client_ca; /* as written; client_ca NULL = none */
};

struct cfg_metrics {
	char *address; /* "127.0.0.1", or the path of a unix socket: config_on_socket() */
	uint16_t port; /* 9417; 0 for a unix socket */
	char **hosts;  /* more names that this host is called by */
	unsigned int hosts_count;
	char *token_file; /* as written; NULL = no token */
	bool has_tls;
	struct cfg_tls tls;
	uint32_t interval; /* seconds between two readings of every SA */
};

struct ipso_config {
	char *path;
	uint32_t version; /* of the format: 1 */
	enum ipso_gate_mode ordering;
	enum cfg_conflict on_conflict;
	enum cfg_drift on_drift;
	struct cfg_device *devices;
	unsigned int devices_count;
	struct cfg_tunnel *tunnels;
	unsigned int tunnels_count;
	struct cfg_tc *tc;
	unsigned int tc_count;
	struct cfg_ovs *ovs;
	unsigned int ovs_count;
	struct cfg_metrics metrics;
	char *readers_group; /* may ask what is; NULL = root alone */
};

/* /metrics is served on a unix socket, not on an address. */
bool config_on_socket(const struct cfg_metrics *m);

/*
 * Parse and check path, without looking at the host and without reading keys.
 * 0, or -EINVAL with why->what = "FILE:LINE:COLUMN: found; allowed", or the errno of reading path.
 */
int config_load(const char *path, struct ipso_config **ret_cfg, struct why *why);
/* The same on text that is in memory: len bytes and a NUL after them. */
int config_parse(const char *path, const char *text, size_t len, struct ipso_config **ret_cfg,
		 struct why *why);

/*
 * Read every key file; tunnels of IKE have none. Refuses one key and salt used by two SAs (nonce
 * reuse, RFC 4106 section 4).
 * why->what begins with the place of the key-file line; no key is left in memory on failure.
 */
int config_load_keys(struct ipso_config *cfg, struct why *why);

/*
 * Where a file that the configuration names is: as written, or relative to the folder of the
 * configuration, wherever ipso was started. 0 or -ENAMETOOLONG.
 */
int config_key_path(const struct ipso_config *cfg, const char *key_file, char ret_path[PATH_MAX]);

/* Bytes of key and salt that the tunnel's algorithm takes. */
size_t config_key_len(const struct cfg_tunnel *t);

/* Wipe and free every key, as soon as the kernel has them; the rest of cfg stays. */
void config_wipe_keys(struct ipso_config *cfg);

void config_free(struct ipso_config **cfg);

/* "enp8s0f0np0" or "0000:08:00.0", as the configuration names the device. */
const char *config_device_name(const struct ipso_config *cfg, unsigned int device);

/* The VF of a device by its index, NULL when the configuration has none. */
const struct cfg_vf *config_vf(const struct ipso_config *cfg, unsigned int device, uint32_t vf);

/*
 * The first tunnel in tunnel mode on the uplink of a device, NULL when there is none. In switchdev
 * it needs an eswitch that does not encapsulate.
 */
const struct cfg_tunnel *config_tunnel_mode(const struct ipso_config *cfg, unsigned int device);

/*
 * What is decrypted and goes on to another host is checked against a forward policy: tunnel mode
 * carries it. NVIDIA's procedure for VFs has one as well.
 */
bool config_wants_forward(const struct cfg_tunnel *t);

/* The selector of a tunnel with the addresses that were not written. */
struct cfg_selector config_selector(const struct cfg_tunnel *t);

/* The shared block of a device by its number, NULL when the configuration has none. */
const struct cfg_block *config_block(const struct ipso_config *cfg, unsigned int device,
				     uint32_t number);

bool config_is_uplink(const struct cfg_port *port);

/* What the kernel knows a rule's preference by: the outer tag's protocol, else the ethertype. */
uint16_t config_tc_protocol(const struct cfg_tc *tc);

/*
 * Turn cfg into the configuration of the other host, in place: ends, SAs, the addresses that TC
 * rules match and the ends of VXLAN ports change sides, reqids stay with their direction.
 * Addresses of this host become those of the other where a tunnel tells them and are left out
 * elsewhere, as are MAC addresses of VFs; key files are named without their folders. All remotes
 * are taken to be one host. -EINVAL with the place when two key files of different folders have one
 * name; -ENOMEM.
 */
int config_mirror(struct ipso_config *cfg, struct why *why);

/* Write cfg as a file that loads to the same: 0, -EIO, -ENOTSUP for a key it cannot write. */
int config_write(const struct ipso_config *cfg, FILE *out);

/* Write a sample file that loads, generated from the schema: 0 or -EIO. */
int config_write_sample(FILE *out);

#endif
