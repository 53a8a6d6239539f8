/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The service's HTTP side without a kernel behind it: the table is filled through the records that
 * the kernel's hooks write, the gate and the eswitch answer from here (the linker puts these in the
 * place of loader/attach/, see the Makefile). Prints its address, moves counters once a second and
 * ends when its standard input does.
 *   fixture SAS [quiet|moving [CONFIG]]    quiet: nothing moves, nothing is wrong; CONFIG: a file
 *                                          whose metrics.tls and token-file are asked for
 * Answers `ipso top` and the like, too, where there is a folder for the control socket.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "collect/internal.h"
#include "daemon/control.h"
#include "daemon/http.h"
#include "nl/ethtool.h"
#include "records.h"

static bool quiet;

/* ---- in place of loader/attach/ ---- */

static const struct hook_info programs[] = {
	{.name = "sa_add", .target = "xfrm_dev_state_add", .shows = "SAs", .attached = true},
	{.name = "sa_sample", .target = "mlx5e_xfrm_update_stats", .shows = "counters",
	 .attached = true},
	{.name = "tc_add", .target = "mlx5e_configure_flower", .shows = "who added a TC rule",
	 .reason = "not in this kernel or its loaded modules"},
};

unsigned int __wrap_hooks_info(const struct hooks *h, const struct hook_info **ret_info);
int __wrap_hooks_software_fd(const struct hooks *h);
int __wrap_gate_ring(int *ret_ring_fd, int *ret_lost_fd);
int __wrap_gate_status(struct gate_status *ret_st, struct why *why);
int __wrap_gate_probe(uint32_t netns, uint32_t ifindex, struct ipso_gate_probe *ret_p,
		      struct why *why);
char *__wrap_if_indextoname(unsigned int ifindex, char *name);
int __wrap_ethtool_counters(const char *netns, const char *ifname, const char *prefix,
			    struct ethtool_counter **ret_c, unsigned int *ret_n, struct why *why);
int __wrap_collect_rules(struct collect *c, struct snapshot *s);

unsigned int __wrap_hooks_info(const struct hooks *h, const struct hook_info **ret_info)
{
	(void)h;
	*ret_info = programs;
	return quiet ? 2 : 3;
}

int __wrap_hooks_software_fd(const struct hooks *h)
{
	(void)h;
	return -1;
}

int __wrap_gate_ring(int *ret_ring_fd, int *ret_lost_fd)
{
	(void)ret_ring_fd;
	(void)ret_lost_fd;
	return -ENOENT;
}

int __wrap_gate_status(struct gate_status *ret_st, struct why *why)
{
	(void)why;
	*ret_st = (struct gate_status){.installed = true, .rules_count = 2};
	ret_st->rules[0] = (struct gate_rule){IPSO_PCI(0, 8, 0), IPSO_GATE_ENFORCE};
	ret_st->rules[1] = (struct gate_rule){IPSO_PCI(0, 8, 1), IPSO_GATE_ENFORCE};
	ret_st->verdicts[IPSO_VERDICT_PASS] = 1204;
	ret_st->verdicts[IPSO_VERDICT_REFUSED] = 3;
	return 0;
}

int __wrap_gate_probe(uint32_t netns, uint32_t ifindex, struct ipso_gate_probe *ret_p,
		      struct why *why)
{
	(void)why;
	*ret_p = (struct ipso_gate_probe){.netns = netns, .ifindex = ifindex,
					  .pci = IPSO_PCI(0, 8, ifindex - 3), .open = ifindex == 3,
					  .guarded = IPSO_GATE_ENFORCE,
					  .roce = ifindex == 3 ? IPSO_ROCE_COVERED : IPSO_ROCE_OFF,
					  .drv = record_driver()};
	ret_p->drv.rx_tables = ifindex == 3 ? 3 : 0;
	ret_p->drv.tx_tables = ifindex == 3 ? 3 : 0;
	ret_p->drv.num_block_ipsec = ifindex == 4 && !quiet ? 2 : 0;
	ret_p->drv.esw_users = ifindex == 3 ? 5 : 0;
	return 0;
}

char *__wrap_if_indextoname(unsigned int ifindex, char *name)
{
	snprintf(name, IF_NAMESIZE, "enp8s0f%unp%u", ifindex - 3, ifindex - 3);
	return name;
}

int __wrap_ethtool_counters(const char *netns, const char *ifname, const char *prefix,
			    struct ethtool_counter **ret_c, unsigned int *ret_n, struct why *why)
{
	static const char *const names[] = {"rx_pkts", "tx_pkts", "rx_drop_pkts",
					    "rx_drop_mismatch_sa_sel"};

	(void)netns;
	(void)ifname;
	(void)prefix;
	(void)why;
	*ret_c = calloc(4, sizeof(**ret_c));
	for (*ret_n = 0; *ret_c && *ret_n < 4; (*ret_n)++)
		strcpy((*ret_c)[*ret_n].name, names[*ret_n]);
	return *ret_c ? 0 : -ENOMEM;
}

int __wrap_collect_rules(struct collect *c, struct snapshot *s)
{
	static const struct tc_row row = {.ifname = "enp8s0f0np0", .hardware = 5, .software = 1};

	(void)c;
	s->tc = &row;
	s->tc_count = 1;
	return 0;
}

/* ---- the table ---- */

static struct ipso_event_sa sa_of(unsigned int i)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0x1000 + i, 0);

	e.hdr.ktime = monotonic_ns();
	e.dir = i % 2 ? IPSO_DIR_IN : IPSO_DIR_OUT;
	e.saddr[2] = (__u8)(i / 256);
	e.saddr[3] = (__u8)i;
	e.replay_window = i % 2 ? 64 : 0;
	strcpy(e.ifname, "enp8s0f0np0");
	return e;
}

static void name(struct collect *c, const struct ipso_sa_key *key, unsigned int i)
{
	char tunnel[48];

	if (i < 2)
		collect_name(c, key, "fra1-to-ams2");
	else if (i < 4)
		collect_name(c, key, "<img src=x onerror=alert(1)>&\"'");
	else if (i < 64) {
		snprintf(tunnel, sizeof(tunnel), "site-%02u", i / 2);
		collect_name(c, key, tunnel);
	}
}

static void move(struct collect *c, unsigned int n, uint64_t turn)
{
	for (unsigned int i = 0; i < n; i++) {
		struct ipso_event_sa e = sa_of(i);
		struct sa_node *node = table_find(&c->table, &e.key);
		struct sa_row *r = &node->row;
		struct ipso_sa_sample now = {
			.packets = 1000 + i + turn * (i < 64 ? 1250000 / (i + 1) : i % 7),
			.integrity = !quiet && i == 1 ? 5 : 0,
			.replay = !quiet && i == 1 ? 12 : 0,
			.use_time = 1790000000,
		};

		now.bytes = now.packets * 1400;
		now.seq_lo = (__u32)now.packets;
		sa_read(node, &now);
		r->hard_seconds = i < 64 ? 86400 : 0;
		r->add_time = (uint64_t)time(NULL) - (i < 64 ? i * 1300 : 0);
		r->sampled_ns = monotonic_ns();
		rate_take(node, r->sampled_ns);
	}
	c->refreshed_ns = monotonic_ns();
}

static void keep(const struct ipso_event_hdr *ev, const struct explanation *ex, const char *tunnel,
		 void *arg)
{
	recent_add(arg, ev, ex, tunnel);
}

/* Modes, links and tables. */
static void fail_device(struct collect *c)
{
	struct ipso_event_mode mode = {
		.hdr = record_hdr(IPSO_EV_MODE, sizeof(mode), -EBUSY),
		.pci = IPSO_PCI(0, 8, 0),
		.item = IPSO_MODE_STEERING,
		.name = "flow_steering_mode",
		.value = "smfs",
		.text = "mlx5_core: Software managed steering is not supported by current device.",
	};
	struct ipso_event_link link = {
		.hdr = record_hdr(IPSO_EV_LINK, sizeof(link), 0),
		.ifname = "enp8s0f1np1",
	};
	struct ipso_event_tables tables = {
		.hdr = record_hdr(IPSO_EV_TABLES, sizeof(tables), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.dir = IPSO_DIR_OUT,
		.ifname = "enp8s0f1np1",
	};
	struct ipso_event_drift drift = {
		.hdr = record_hdr(IPSO_EV_DRIFT, sizeof(drift), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.item = IPSO_MODE_ESWITCH,
		.wanted = 1,
		.ifname = "enp8s0f1np1",
	};

	mode.hdr.ktime = link.hdr.ktime = tables.hdr.ktime = drift.hdr.ktime = monotonic_ns();
	collect_record(c, &mode, sizeof(mode));
	collect_record(c, &link, sizeof(link));
	collect_record(c, &tables, sizeof(tables));
	collect_record(c, &drift, sizeof(drift));
}

static void fail(struct collect *c)
{
	struct ipso_event_tc rule = record_tc(IPSO_EV_TC_ADD, 0xffff888112345678, 0);
	struct ipso_event_sa refused = sa_of(9999);
	struct ipso_event_gate gate = record_gate(IPSO_VERDICT_REFUSED);

	struct ipso_event_gate_mode mode = {
		.hdr = record_hdr(IPSO_EV_GATE_MODE, sizeof(mode), 0),
		.pci = IPSO_PCI(0, 8, 0),
		.from = IPSO_GATE_OBSERVE,
		.to = IPSO_GATE_ENFORCE,
	};
	struct ipso_event_module module = {
		.hdr = record_hdr(IPSO_EV_MODULE, sizeof(module), 0),
		.module = "mlx5_core",
	};

	rule.hdr.ktime = gate.hdr.ktime = mode.hdr.ktime = module.hdr.ktime = monotonic_ns();
	collect_record(c, &mode, sizeof(mode));
	collect_record(c, &module, sizeof(module));
	fail_device(c);
	strcpy(rule.ifname, "enp8s0f1np1");
	strcpy(gate.ifname, "enp8s0f1np1");
	strcpy(refused.ifname, "enp8s0f1np1");
	refused.hdr.result = -EINVAL;
	refused.drv.num_block_ipsec = 2;
	strcpy(refused.text, "mlx5_core: Device failed to offload this state");
	collect_record(c, &rule, sizeof(rule));
	collect_record(c, &refused, sizeof(refused));
	collect_record(c, &gate, sizeof(gate));
}

struct fixture {
	struct service s;
	unsigned int sas;
	uint64_t turn;
};

static int on_second(sd_event_source *source, uint64_t usec, void *userdata)
{
	struct fixture *f = userdata;
	struct ipso_event_fw ev = {.hdr = record_hdr(IPSO_EV_FW_ERROR, sizeof(ev), 0),
				   .pci = IPSO_PCI(0, 8, 1),
				   .fw = {0xa00, 0, 0xf, 0x0badcafe, -EREMOTEIO}};

	move(f->s.collect, f->sas, ++f->turn);
	ev.hdr.ktime = monotonic_ns();
	collect_record(f->s.collect, &ev, sizeof(ev));
	return sd_event_source_set_time(source, usec + 1000000);
}

static int on_input(sd_event_source *source, int fd, uint32_t revents, void *userdata)
{
	char ignored[64];

	(void)revents;
	(void)userdata;
	if (read(fd, ignored, sizeof(ignored)) > 0)
		return 0;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int fill(struct fixture *f)
{
	struct why why = {};

	if (recent_new(RECENT_EVENTS, &f->s.recent) < 0 ||
	    collect_new(NULL, keep, f->s.recent, &f->s.collect, &why) < 0)
		return -1;
	for (unsigned int i = 0; i < f->sas; i++) {
		struct ipso_event_sa e = sa_of(i);

		name(f->s.collect, &e.key, i);
		collect_record(f->s.collect, &e, sizeof(e));
	}
	if (!quiet)
		fail(f->s.collect);
	f->s.collect->hooks = (struct hooks *)f; /* never looked into: what would is wrapped */
	collect_watch(f->s.collect, 3);
	collect_watch(f->s.collect, 4);
	move(f->s.collect, f->sas, 0);
	return 0;
}

static int serve(struct fixture *f)
{
	struct sockaddr_in a;
	socklen_t len = sizeof(a);
	struct control *control = NULL;
	sd_event_source *second;
	struct http *http = NULL;
	struct why why = {};
	int fd = -1;

	if (http_listen(&f->s.cfg->metrics, &fd, &why) < 0 || getsockname(fd, (struct sockaddr *)&a, &len) < 0 ||
	    sd_event_new(&f->s.event) < 0 || http_start(&f->s, fd, &http, &why) < 0)
		return 1;
	if (access(RUN_DIR, W_OK) == 0 && control_start(&f->s, CONTROL_PATH, &control, &why) < 0)
		return 1;
	sd_event_add_io(f->s.event, NULL, 0, EPOLLIN, on_input, NULL);
	if (!quiet) {
		sd_event_add_time_relative(f->s.event, &second, CLOCK_MONOTONIC, 1000000, 0,
					   on_second, f);
		sd_event_source_set_enabled(second, SD_EVENT_ON);
	}
	printf("%s://127.0.0.1:%u\n", f->s.cfg->metrics.has_tls ? "https" : "http", ntohs(a.sin_port));
	fflush(stdout);
	sd_event_loop(f->s.event);
	http_free(&http);
	control_free(&control);
	return 0;
}

int main(int argc, char **argv)
{
	static struct ipso_config cfg = {.path = (char *)"/etc/ipso/ipso.yaml",
					 .metrics.address = (char *)"127.0.0.1"};
	struct fixture f = {.s = {.cfg = &cfg}, .sas = argc > 1 ? (unsigned int)atoi(argv[1]) : 0};
	int code;

	quiet = argc > 2 && strcmp(argv[2], "quiet") == 0;
	if (argc > 3) {
		struct ipso_config *from;
		struct why why = {};

		if (config_load(argv[3], &from, &why) < 0) {
			fprintf(stderr, "%s\n", why.what);
			return 2;
		}
		cfg.path = from->path;
		cfg.metrics.has_tls = from->metrics.has_tls;
		cfg.metrics.tls = from->metrics.tls;
		cfg.metrics.token_file = from->metrics.token_file;
	}
	f.s.started_ns = monotonic_ns();
	code = fill(&f) < 0 ? 1 : serve(&f);
	collect_free(&f.s.collect);
	recent_free(&f.s.recent);
	sd_event_unref(f.s.event);
	return code;
}
