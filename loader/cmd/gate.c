/* SPDX-License-Identifier: GPL-2.0-or-later */
/* ipso gate: the kernel's guard on its own, before VFs or anything with TC rules is started. */
#include "cmd/gate.h"

#include <dirent.h>
#include <errno.h>
#include <jansson.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "explain/explain.h"

static const struct {
	const char *label, *help;
} verdicts[] = {
#define IPSO_VERDICT(id, label, help) [IPSO_VERDICT_##id] = {label, help},
#include "ipso/names.def"
};

/* A guarded eswitch as `ipso gate status` tells it. */
struct guarded {
	char pci[PCI_STRLEN];
	char ifname[IF_NAMESIZE]; /* one of its net devices, "" = none in this namespace */
	const char *mode;
	const char *state; /* open, closed, unknown */
	char reason[160];
};

static bool tunnel_on_uplink(const struct ipso_config *cfg, unsigned int device)
{
	for (unsigned int i = 0; i < cfg->tunnels_count; i++) {
		if (cfg->tunnels[i].device == device && !cfg->tunnels[i].on_vf)
			return true;
	}
	return false;
}

unsigned int gate_rules(const struct ipso_config *cfg, const struct ipso_state *st,
			struct gate_rule rules[IPSO_GATE_MAX])
{
	unsigned int n = 0;
	uint32_t pci;

	if (cfg->ordering == IPSO_GATE_OFF)
		return 0;
	for (unsigned int d = 0; d < cfg->devices_count; d++) {
		if (tunnel_on_uplink(cfg, d) && pci_parse(st->devices[d].pci, &pci) == 0)
			rules[n++] = (struct gate_rule){pci, cfg->ordering};
	}
	return n;
}

static void cleanup_closedir(DIR **d)
{
	if (*d)
		closedir(*d);
}

/* The eswitch names the uplink "p0", representors "pf0vf0", "pf0sf1", "pf0" (the host's, on a DPU). */
static bool is_representor(const char *pci, const char *name)
{
	char path[128], port[32];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net/%s/phys_port_name", pci, name);
	return file_read_line(path, port, sizeof(port)) >= 0 && strncmp(port, "pf", 2) == 0;
}

/* Any net device of the PF: the uplink or a representor, they share the eswitch. */
static int netdev_of_pci(const char *pci, char ret_name[IF_NAMESIZE])
{
	_cleanup_(cleanup_closedir) DIR *dir = NULL;
	struct dirent *e;
	char path[64];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/net", pci);
	dir = opendir(path);
	if (!dir)
		return -errno;
	while ((e = readdir(dir))) {
		if (e->d_name[0] == '.' || strlen(e->d_name) >= IF_NAMESIZE)
			continue;
		if (is_representor(pci, e->d_name))
			continue;
		strcpy(ret_name, e->d_name);
		return 0;
	}
	return -ENODEV;
}

static void describe_tables(const struct ipso_gate_probe *p, struct guarded *g)
{
	g->state = p->open ? "open" : "closed";
	if (!(p->drv.known & IPSO_DRV_TABLES))
		snprintf(g->reason, sizeof(g->reason), "the driver's state cannot be read");
	else if (p->open)
		snprintf(g->reason, sizeof(g->reason),
			 "the IPsec tables exist (rx %u, tx %u users): TC rules may come",
			 p->drv.rx_tables, p->drv.tx_tables);
	else
		snprintf(g->reason, sizeof(g->reason),
			 "the IPsec tables do not exist yet (rx %u, tx %u users): offloadable TC "
			 "rules are %s",
			 p->drv.rx_tables, p->drv.tx_tables,
			 p->guarded >= IPSO_GATE_ENFORCE ? "refused" : "reported");
}

static void describe(const struct gate_rule *rule, struct guarded *g)
{
	struct ipso_gate_probe probe;
	struct why why = {};
	struct stat st;
	int err;

	*g = (struct guarded){.mode = gate_mode_label(rule->mode), .state = "unknown"};
	pci_str(rule->pci, g->pci);
	if (netdev_of_pci(g->pci, g->ifname) < 0) {
		snprintf(g->reason, sizeof(g->reason), "it has no net device in this namespace");
		return;
	}
	err = stat("/proc/self/ns/net", &st) < 0 ? -errno : 0;
	if (!err)
		err = gate_probe((uint32_t)st.st_ino, if_nametoindex(g->ifname), &probe, &why);
	if (err < 0)
		snprintf(g->reason, sizeof(g->reason), "%.100s: %s", why.what, strerror(-err));
	else
		describe_tables(&probe, g);
	if (rule->mode != IPSO_GATE_HOLD)
		return;
	g->state = "closed";
	snprintf(g->reason, sizeof(g->reason), "held until ipso's SAs are in: offloadable TC rules are "
		 "refused (when nothing runs: ipso up or ipso down ends it)");
}

static int print_json(const struct gate_status *st)
{
	json_t *list = json_array(), *counts = json_object(), *j;
	int err;

	for (unsigned int i = 0; i < st->rules_count; i++) {
		struct guarded g;

		describe(&st->rules[i], &g);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "pci", g.pci,
						      "netdev", g.ifname, "mode", g.mode, "state",
						      g.state, "reason", g.reason));
	}
	for (unsigned int v = 0; v < IPSO_VERDICT_MAX; v++)
		json_object_set_new(counts, verdicts[v].label,
				    json_integer((json_int_t)st->verdicts[v]));
	j = json_pack("{s:b, s:b, s:o, s:o}", "installed", st->installed, "foreign", st->foreign,
		      "guarded", list, "verdicts", counts);
	err = !j || json_dumpf(j, stdout, JSON_INDENT(2)) < 0;
	putchar('\n');
	json_decref(j);
	return err ? EXIT_FAILED : EXIT_DONE;
}

static void print_text(const struct gate_status *st)
{
	if (st->foreign)
		printf("gate: something else, or another version, is pinned in %s\n", GATE_PIN_DIR);
	if (!st->installed) {
		puts("gate: not installed");
		return;
	}
	printf("gate: installed, %u eswitch%s guarded\n", st->rules_count,
	       st->rules_count == 1 ? "" : "es");
	for (unsigned int i = 0; i < st->rules_count; i++) {
		struct guarded g;

		describe(&st->rules[i], &g);
		printf("  %s %s: %s, %s: %s\n", g.pci, g.ifname, g.mode, g.state, g.reason);
	}
	for (unsigned int v = 0; v < IPSO_VERDICT_MAX; v++)
		printf("  %-12s %8lu  %s\n", verdicts[v].label, (unsigned long)st->verdicts[v],
		       verdicts[v].help);
}

static int show(const struct cmd_args *a)
{
	struct gate_status st;
	struct why why = {};

	if (gate_status(&st, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (a->json)
		return print_json(&st);
	print_text(&st);
	return EXIT_DONE;
}

static int install(const struct cmd_args *a)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL;
	_cleanup_(observe_free) struct ipso_state *st = NULL;
	struct gate_rule rules[IPSO_GATE_MAX];
	struct why why = {};
	unsigned int n;
	int err;

	if (config_load(a->config, &cfg, &why) < 0)
		return cmd_fail(&why, EXIT_USAGE);
	err = observe(cfg, &st, &why);
	if (err < 0)
		return cmd_fail(&why, err == -ENODEV ? EXIT_USAGE : EXIT_FAILED);
	n = gate_rules(cfg, st, rules);
	if (!n) {
		log_info("nothing to guard: %s",
			 cfg->ordering == IPSO_GATE_OFF ? "ordering is off"
							: "no tunnel ends on an uplink");
		return EXIT_DONE;
	}
	if (gate_install(rules, n, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	return show(a);
}

/* A net device of our namespace or a PCI address; 0 = neither is a device of a guarded eswitch. */
static bool is_device(const struct gate_rule *rule, const char *device)
{
	char pci[PCI_STRLEN], behind[PCI_STRLEN], path[128];

	pci_str(rule->pci, pci);
	if (strcmp(pci, device) == 0)
		return true;
	if (strchr(device, '/') || strlen(device) >= IF_NAMESIZE)
		return false;
	snprintf(path, sizeof(path), "/sys/class/net/%s/device", device);
	file_link_name(path, behind, sizeof(behind));
	return strcmp(behind, pci) == 0;
}

static unsigned int set_modes(struct gate_status *st, const char *device, enum ipso_gate_mode mode)
{
	unsigned int changed = 0;

	for (unsigned int i = 0; i < st->rules_count; i++) {
		if (device && !is_device(&st->rules[i], device))
			continue;
		st->rules[i].mode = mode;
		changed++;
	}
	return changed;
}

/* Another mode for what is installed, until the next `up`, `run` or `gate on`. */
static int set_mode(const struct cmd_args *a, enum ipso_gate_mode mode)
{
	struct gate_status st;
	struct why why = {};

	if (gate_status(&st, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (!st.installed) {
		log_err(0, "gate: not installed; ipso gate on, ipso up and ipso run install it");
		return EXIT_FAILED;
	}
	for (unsigned int i = 0; i == 0 || i < a->devices.count; i++) {
		const char *device = a->devices.count ? a->devices.word[i] : NULL;

		if (set_modes(&st, device, mode))
			continue;
		log_err(0, "gate: %s is no device of a guarded eswitch; ipso gate status lists them",
			device ? device : "there");
		return EXIT_USAGE;
	}
	if (gate_install(st.rules, st.rules_count, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	return show(a);
}

int cmd_gate(const struct cmd_args *a)
{
	struct why why = {};

	if (strcmp(a->operand, "observe") == 0)
		return set_mode(a, IPSO_GATE_OBSERVE);
	if (strcmp(a->operand, "enforce") == 0)
		return set_mode(a, IPSO_GATE_ENFORCE);

	if (strcmp(a->operand, "on") == 0)
		return install(a);
	if (strcmp(a->operand, "status") == 0)
		return show(a);
	if (strcmp(a->operand, "off") != 0) {
		log_err(0, "gate: found \"%s\"; allowed: on, off, status, observe or enforce", a->operand);
		return EXIT_USAGE;
	}
	if (gate_remove(&why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	log_info("gate: not installed");
	return EXIT_DONE;
}
