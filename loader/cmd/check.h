/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings of `ipso check`: a list of lines with a verdict and, where it is not ok, a remedy. */
#ifndef IPSO_CMD_CHECK_H
#define IPSO_CMD_CHECK_H

#include <stdbool.h>

#include "attach/attach.h"
#include "observe/observe.h"
#include "observe/surroundings.h"

enum check_verdict { CHECK_OK, CHECK_WARN, CHECK_FAIL };

struct finding {
	enum check_verdict verdict;
	const char *id;	  /* of the catalogue: "CK-02" */
	char what[40];	  /* what was looked at: "kernel BTF", "enp1s0f0np0 steering" */
	char found[256];  /* what is */
	char remedy[256]; /* "" when ok */
};

struct findings {
	struct finding *list;
	unsigned int count;
	bool lost; /* out of memory: the list is not complete */
};

/* id is kept, not copied; what NULL = as the catalogue names it. */
__attribute__((format(printf, 5, 6))) void found(struct findings *f, enum check_verdict verdict,
						 const char *id, const char *what,
						 const char *fmt, ...);
/* Remedy of the last finding. */
__attribute__((format(printf, 2, 3))) void remedy(struct findings *f, const char *fmt, ...);

const char *verdict_word(enum check_verdict verdict);
void findings_free(struct findings *f);

void check_kernel(const struct ipso_state *st, struct findings *f);
/* Device d; cfg may be NULL: then what is needed for packet offload on the uplink is looked for. */
void check_device(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		  struct findings *f);
/* Its model, whether or not it can offload; and that there is none. */
void check_card(const struct obs_device *d, struct findings *f);
void check_no_card(struct findings *f);
/* What is on the device already, and what has to fit through it. */
void check_traffic(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d,
		   struct findings *f);
/* RDMA beside its ports: is it encrypted where tunnels are? */
void check_roce(const struct ipso_state *st, unsigned int d, struct findings *f);
/* The same of one port, from what the driver says: enum ipso_roce. */
void check_roce_of(const char *label, const char *pci, unsigned int roce, struct findings *f);
/* Processes, security settings. */
void check_surroundings(const struct ipso_config *cfg, const struct surroundings *s,
			struct findings *f);
/* Hooks as they attached; NULL: they did not, and why. */
void check_hooks(const struct hook_info *info, unsigned int n, const struct why *why,
		 struct findings *f);

/* "enp1s0f0np0 steering" */
const char *device_label(const struct obs_device *d, const char *what, char buf[40]);
/* VFs with ipsec_packet. */
unsigned int vfs_with_ipsec(const struct obs_device *d);
/* IPsec is wanted (cfg), or possible, on the uplink. */
bool uplink_wanted(const struct ipso_config *cfg, const struct ipso_state *st, unsigned int d);

#endif
