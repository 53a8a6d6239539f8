/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cause of a failed offload and what to do about it. A pure function of one event record plus
 * the TC rules and SAs that were in hardware when it happened.
 */
#ifndef IPSO_EXPLAIN_H
#define IPSO_EXPLAIN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ipso/event.h"

struct explanation {
	char id[8];	  /* catalogue id, e.g. "S-05"; "U-00" = not in the catalogue */
	char class_[8];	  /* CFG CAP ORDER BUSY RES REQ INT */
	char who[96];	  /* pid, command, namespace */
	char what[160];	  /* "SA out 192.0.2.1 -> 192.0.2.2 spi 0x.. on enp1s0f0np0" */
	char answer[128]; /* errno and extack */
	char driver[256]; /* the driver's state at that moment, "" = not known */
	char cause[512];
	char remedy[256];
	char in_the_way[512]; /* TC rules, SAs or VFs that block, "" = none known */
};

/* A TC rule known to be in hardware, and who put it there. */
struct tc_rule_note {
	char ifname[IPSO_IFNAM];
	char comm[IPSO_COMM]; /* "" = added before ipso watched */
	uint32_t pid;
	uint32_t prio, chain;
	uint16_t protocol;
};

/* An SA known to be in hardware. */
struct sa_note {
	struct ipso_sa_key key;
	const char *tunnel; /* "" = not of the configuration */
};

/* What is known to be in hardware of the device that was asked. */
struct in_hardware {
	const struct tc_rule_note *rules;
	unsigned int rules_count;
	const struct sa_note *sas;
	unsigned int sas_count;
};

/* Fill ret_ex from a failed SA_ADD, POLICY_ADD, TC_ADD or GATE record. hw NULL: nothing is known. */
void explain(const struct ipso_event_hdr *ev, const struct in_hardware *hw,
	     struct explanation *ret_ex);

enum catalogue_kind {
	CATALOGUE_TEXT,	    /* an extack text */
	CATALOGUE_GENERAL,  /* an extack text that says only that it failed */
	CATALOGUE_SILENT,   /* no text: errno and state tell */
	CATALOGUE_LOG,	    /* a line of the kernel log */
	CATALOGUE_FIRMWARE, /* status or syndrome of a firmware command */
	CATALOGUE_FINDING,  /* text is what `ipso check` looks at */
	CATALOGUE_LATER,    /* text is a symptom after a set-up that was accepted */
};

/* What was asked for, as far as a text depends on it. */
enum catalogue_step {
	CATALOGUE_STEP_ANY,
	CATALOGUE_STEP_XFRM,
	CATALOGUE_STEP_TC,
	CATALOGUE_STEP_DEVLINK,
	CATALOGUE_STEP_LOG, /* not a request: a person gives a text or a line of the log */
};

#define CATALOGUE_ERRNOS 6
struct catalogue_row {
	const char *id, *class_;
	const char *kernel; /* "both", or "6.12" or "7.3", the only one whose source has it */
	const char *text;   /* without "mlx5_core: ", with the %d of the source; "" = none */
	const char *step;   /* silent rows: what was tried */
	int err[CATALOGUE_ERRNOS]; /* positive errnos, 0 ends them; none = any */
	enum catalogue_kind kind;
	const char *cause, *remedy;
};

/* Letters of ids that belong together. */
struct catalogue_section {
	const char *letters, *title, *source;
	enum catalogue_step step;
	bool driver; /* texts have "mlx5_core: " before them */
};

const struct catalogue_row *catalogue_find(const char *id); /* in any case; NULL */
const struct catalogue_row *catalogue_row(unsigned int i); /* every row in turn, NULL at the end */
const struct catalogue_section *catalogue_section(const struct catalogue_row *row);
/* The row that fits an extack text best, prefix and %-values included; err 0 = unknown. NULL. */
const struct catalogue_row *catalogue_by_text(const char *text, int err,
					      enum catalogue_step step);
/* The same for a whole line of the kernel log. */
const struct catalogue_row *catalogue_by_line(const char *line);

/* Name of a firmware command status, PRM "command delivery status"; mlx5 core/cmd.c. */
const char *fw_status_name(uint32_t status);
/* "the firmware refused a command: opcode .., status, syndrome", with what is known of them. */
void describe_fw(const struct ipso_fw_error *fw, char *buf, size_t size);

/* A record as words, for any kind: "tc (pid 12, uid 0), netns ..", "SA out .. on ..". */
void describe_who(const struct ipso_event_hdr *ev, char *buf, size_t size);
void describe_what(const struct ipso_event_hdr *ev, char *buf, size_t size);
/* "eswitch", "steering", ..: enum ipso_mode_item. */
const char *mode_item_label(unsigned int item);
/* "switchdev", "smfs", "4"; may be buf. The second: what was asked for, "" when there is no value. */
#define MODE_VALUE 20
const char *mode_value(unsigned int item, uint32_t number, char buf[MODE_VALUE]);
const char *mode_asked(const struct ipso_event_mode *e, char buf[MODE_VALUE]);
const char *gate_mode_label(unsigned int mode); /* "off", "observe", "enforce", "hold" */
const char *roce_label(unsigned int roce); /* of enum ipso_roce: "covered", "in the clear", ... */
/* Of a driver's state, "" when not known: "legacy", "switchdev"; "dmfs", "smfs", "hmfs". */
const char *eswitch_mode_label(const struct ipso_driver_state *d);
const char *steering_label(const struct ipso_driver_state *d);
/* Who likely made it: "netplan", "x.service", "bash"; "" nobody was heard. May be buf. */
const char *author_name(const struct ipso_event_hdr *ev, const struct ipso_author *a,
			char buf[IPSO_UNIT]);
/* "likely netplan: devlink (pid 12), started by netplan, bash, in user@0.service" */
void describe_author(const struct ipso_event_hdr *ev, const struct ipso_author *a, char *buf,
		     size_t size);
/* What makes a program that author_name() names leave a card alone; "" = not known. */
const char *neighbour_remedy(const char *name);
/* "SA 0x00001001 to 192.0.2.2" */
void describe_sa(const struct ipso_sa_key *key, char *buf, size_t size);

#endif
