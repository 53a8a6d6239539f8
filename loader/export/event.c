/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One event as JSON, and as a line for people. */
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/addr.h"
#include "base/err.h"
#include "export/internal.h"

#define NSEC_PER_SEC 1000000000ll

static void put_int(json_t *j, const char *key, uint64_t v)
{
	json_object_set_new(j, key, json_integer((json_int_t)v));
}

static void put_text(json_t *j, const char *key, const char *v)
{
	json_object_set_new(j, key, json_string(v));
}

static void put_hex(json_t *j, const char *key, uint64_t v, int digits)
{
	char buf[24];

	snprintf(buf, sizeof(buf), "0x%0*llx", digits, (unsigned long long)v);
	put_text(j, key, buf);
}

static void put_addr(json_t *j, const char *key, const uint8_t b[16], uint16_t family, int prefix)
{
	struct addr a = {.family = family, .prefix = (uint8_t)(prefix < 0 ? 0 : prefix)};
	char buf[ADDR_STRLEN];

	memcpy(a.b, b, sizeof(a.b));
	put_text(j, key, addr_str(&a, prefix >= 0, buf));
}

/* bpf_ktime_get_ns() as the time of day, UTC with milliseconds. */
static void put_time(json_t *j, uint64_t ktime)
{
	struct timespec mono, real;
	char day[32], buf[48];
	long long ns;
	time_t s;
	struct tm tm;

	clock_gettime(CLOCK_MONOTONIC, &mono);
	clock_gettime(CLOCK_REALTIME, &real);
	ns = (real.tv_sec - mono.tv_sec) * NSEC_PER_SEC + real.tv_nsec - mono.tv_nsec +
	     (long long)ktime;
	s = ns / NSEC_PER_SEC;
	gmtime_r(&s, &tm);
	strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(buf, sizeof(buf), "%s.%03dZ", day, (int)(ns % NSEC_PER_SEC / 1000000));
	put_text(j, "time", buf);
}

static void put_key(json_t *j, const struct ipso_sa_key *k)
{
	char spi[SPI_STRLEN];

	put_addr(j, "destination", k->daddr, k->family, -1);
	put_text(j, "spi", spi_text(k->spi, spi));
	if (k->mark)
		put_int(j, "mark", k->mark);
}

static void put_fw(json_t *j, const struct ipso_fw_error *fw)
{
	json_t *f;

	if (!fw->err)
		return;
	f = json_object();
	put_hex(f, "opcode", fw->opcode, 3);
	put_int(f, "op_mod", fw->op_mod);
	put_text(f, "error", err_name(fw->err));
	if (fw->status) {
		put_hex(f, "status", fw->status, 2);
		put_text(f, "status_name", fw_status_name(fw->status));
		put_hex(f, "syndrome", fw->syndrome, 8);
	}
	json_object_set_new(j, "firmware", f);
}

/* What the kernel said, what the driver's state was. */
static void put_answer(json_t *j, const char *text, const struct ipso_driver_state *d,
		       const struct ipso_fw_error *fw)
{
	if (text && text[0])
		put_text(j, "text", text);
	if (d->known)
		json_object_set_new(j, "driver", driver_json(d));
	if (fw)
		put_fw(j, fw);
}

static void sa_json(json_t *j, const struct ipso_event_sa *e)
{
	put_text(j, "direction", dir_label(e->dir));
	put_text(j, "offload", offload_label(e->offload));
	put_text(j, "mode", e->mode ? "tunnel" : "transport");
	put_addr(j, "source", e->saddr, e->key.family, -1);
	put_key(j, &e->key);
	put_int(j, "reqid", e->reqid);
	put_text(j, "device", e->ifname);
	put_int(j, "replay_window", e->replay_window);
	json_object_set_new(j, "esn", json_boolean(e->flags & 0x80)); /* XFRM_STATE_ESN */
	if (e->hdr.kind == IPSO_EV_SA_EXPIRE)
		put_text(j, "limit", e->hard ? "hard" : "soft");
	put_answer(j, e->text, &e->drv, &e->fw);
}

static void policy_json(json_t *j, const struct ipso_event_policy *e)
{
	put_text(j, "direction", dir_label(e->dir));
	put_text(j, "offload", offload_label(e->offload));
	put_addr(j, "source", e->saddr, e->family, e->prefix_s);
	put_addr(j, "destination", e->daddr, e->family, e->prefix_d);
	put_int(j, "priority", e->priority);
	put_int(j, "index", e->index);
	put_int(j, "reqid", e->reqid);
	put_text(j, "device", e->ifname);
	put_text(j, "action", e->action ? "block" : "allow");
	put_answer(j, e->text, &e->drv, &e->fw);
}

static void tc_json(json_t *j, const struct ipso_event_tc *e)
{
	put_text(j, "device", e->ifname);
	put_int(j, "pref", e->prio);
	put_hex(j, "protocol", e->protocol, 4);
	if (e->hdr.kind == IPSO_EV_TC_ADD)
		put_text(j, "way", way_label(e->way));
	put_int(j, "chain", e->chain);
	put_hex(j, "cookie", e->cookie, 1);
	put_answer(j, e->text, &e->drv, &e->fw);
}

static void gate_json(json_t *j, const struct ipso_event_gate *e)
{
	char pci[PCI_STRLEN];

	put_text(j, "verdict", verdict_label(e->verdict));
	put_text(j, "eswitch", pci_str(e->pci, pci));
	put_text(j, "device", e->ifname);
	if (e->block)
		put_int(j, "block", e->block);
	put_text(j, "classifier", e->tc_kind);
	put_int(j, "pref", e->prio);
	put_hex(j, "protocol", e->protocol, 4);
	put_answer(j, NULL, &e->drv, NULL);
}

static void gate_mode_json(json_t *j, const struct ipso_event_gate_mode *e)
{
	char pci[PCI_STRLEN];

	put_text(j, "eswitch", pci_str(e->pci, pci));
	put_text(j, "from", gate_mode_label(e->from));
	put_text(j, "to", gate_mode_label(e->to));
}

static void put_author(json_t *j, const struct ipso_event_hdr *ev, const struct ipso_author *a)
{
	char name[IPSO_UNIT];

	put_text(j, "author", author_name(ev, a, name));
	if (a->unit[0])
		put_text(j, "unit", a->unit);
}

static void asked_json(json_t *j, const struct ipso_event_mode *e)
{
	char pci[PCI_STRLEN], value[MODE_VALUE];

	put_text(j, "eswitch", pci_str(e->pci, pci));
	put_text(j, "item", mode_item_label(e->item));
	if (e->name[0])
		put_text(j, "parameter", e->name);
	if (mode_asked(e, value)[0])
		put_text(j, "to", mode_asked(e, value));
	if (e->text[0])
		put_text(j, "text", e->text);
	put_author(j, &e->hdr, &e->author);
}

static void drift_json(json_t *j, const struct ipso_event_drift *e)
{
	char pci[PCI_STRLEN], value[MODE_VALUE];

	put_text(j, "eswitch", pci_str(e->pci, pci));
	put_text(j, "device", e->ifname);
	put_text(j, "item", mode_item_label(e->item));
	put_text(j, "found", mode_value(e->item, e->found, value));
	put_text(j, "wanted", mode_value(e->item, e->wanted, value));
	put_author(j, &e->hdr, &e->author);
}

static void link_json(json_t *j, const struct ipso_event_link *e)
{
	put_text(j, "device", e->ifname);
	put_int(j, "sas", e->sas);
	put_answer(j, NULL, &e->drv, NULL);
}

static void tables_json(json_t *j, const struct ipso_event_tables *e)
{
	char pci[PCI_STRLEN];

	put_text(j, "eswitch", pci_str(e->pci, pci));
	put_text(j, "device", e->ifname);
	put_text(j, "direction", dir_label((uint8_t)e->dir));
	put_answer(j, NULL, &e->drv, NULL);
}

static void sample_json(json_t *j, const struct ipso_event_sample *e)
{
	put_key(j, &e->key);
	put_int(j, "packets", e->now.packets);
	put_int(j, "bytes", e->now.bytes);
	put_int(j, "integrity_failed", e->now.integrity);
	put_int(j, "replay_drops", e->now.replay);
	put_int(j, "sequence", (uint64_t)e->now.seq_hi << 32 | e->now.seq_lo);
}

static void fw_json(json_t *j, const struct ipso_event_fw *e)
{
	char pci[PCI_STRLEN];

	put_text(j, "pci", pci_str(e->pci, pci));
	put_fw(j, &e->fw);
}

json_t *export_explanation_json(const struct explanation *ex)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", ex->id, "class",
			 ex->class_, "who", ex->who, "what", ex->what, "answer", ex->answer,
			 "driver", ex->driver, "cause", ex->cause, "remedy", ex->remedy,
			 "in_the_way", ex->in_the_way);
}

static void put_body(json_t *j, const struct ipso_event_hdr *ev)
{
	switch (ev->kind) {
	case IPSO_EV_SA_ADD:
	case IPSO_EV_SA_DELETE:
	case IPSO_EV_SA_EXPIRE:
	case IPSO_EV_SA_SOFTWARE:
	case IPSO_EV_FALLBACK:
		sa_json(j, (const struct ipso_event_sa *)ev);
		break;
	case IPSO_EV_SA_SAMPLE:
		sample_json(j, (const struct ipso_event_sample *)ev);
		break;
	case IPSO_EV_POLICY_ADD:
	case IPSO_EV_POLICY_DELETE:
		policy_json(j, (const struct ipso_event_policy *)ev);
		break;
	case IPSO_EV_TC_ADD:
	case IPSO_EV_TC_DELETE:
		tc_json(j, (const struct ipso_event_tc *)ev);
		break;
	case IPSO_EV_GATE:
		gate_json(j, (const struct ipso_event_gate *)ev);
		break;
	case IPSO_EV_MODULE:
		put_text(j, "module", ((const struct ipso_event_module *)ev)->module);
		break;
	case IPSO_EV_MODE:
		asked_json(j, (const struct ipso_event_mode *)ev);
		break;
	case IPSO_EV_DRIFT:
		drift_json(j, (const struct ipso_event_drift *)ev);
		break;
	case IPSO_EV_LINK:
		link_json(j, (const struct ipso_event_link *)ev);
		break;
	case IPSO_EV_TABLES:
		tables_json(j, (const struct ipso_event_tables *)ev);
		break;
	case IPSO_EV_GATE_MODE:
		gate_mode_json(j, (const struct ipso_event_gate_mode *)ev);
		break;
	case IPSO_EV_FW_ERROR:
		fw_json(j, (const struct ipso_event_fw *)ev);
		break;
	}
}

json_t *export_event_json(const struct ipso_event_hdr *ev, const struct explanation *ex)
{
	json_t *j = json_object();
	char what[sizeof(ex->what)];

	put_time(j, ev->ktime);
	put_text(j, "kind", kind_label(ev->kind));
	json_object_set_new(j, "result", result_json(ev->result));
	describe_what(ev, what, sizeof(what));
	put_text(j, "what", what);
	if (ev->comm[0]) {
		put_text(j, "comm", ev->comm);
		put_int(j, "pid", ev->pid);
		put_int(j, "uid", ev->uid);
	}
	put_int(j, "netns", ev->netns);
	put_body(j, ev);
	if (ex)
		json_object_set_new(j, "explanation", export_explanation_json(ex));
	return j;
}

static const char *text_at(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

/* "gate EBUSY: TC flower rule on eth0 pref 7 protocol ip, tc (pid 12): [G-01] ..." */
void export_event_words(const json_t *event, FILE *out)
{
	const json_t *ex = json_object_get(event, "explanation");
	const char *result = text_at(event, "result");
	const json_t *fw = json_object_get(event, "firmware");

	fprintf(out, "%s%s%s: %s", text_at(event, "kind"), result[0] ? " " : "", result,
		text_at(event, "what"));
	if (text_at(event, "comm")[0])
		fprintf(out, ", %s (pid %lld)", text_at(event, "comm"),
			(long long)json_integer_value(json_object_get(event, "pid")));
	if (text_at(event, "limit")[0])
		fprintf(out, ", %s limit", text_at(event, "limit"));
	if (fw && !ex)
		fprintf(out, ", %s %s syndrome %s", text_at(fw, "error"),
			text_at(fw, "status_name"), text_at(fw, "syndrome"));
	if (ex) {
		fprintf(out, ": [%s] %s", text_at(ex, "id"), text_at(ex, "cause"));
		if (text_at(ex, "in_the_way")[0])
			fprintf(out, "; in the way: %s", text_at(ex, "in_the_way"));
		fprintf(out, "; what to do: %s", text_at(ex, "remedy"));
	}
}

/* "09:14:02.123 e7 ", the words, and the end of the line. */
void export_event_text(json_t *event, FILE *out)
{
	const char *when = strchr(text_at(event, "time"), 'T');
	const json_t *number = json_object_get(event, "event");

	fprintf(out, "%.12s ", when ? when + 1 : "");
	if (number)
		fprintf(out, "e%lld ", (long long)json_integer_value(number));
	export_event_words(event, out);
	fputc('\n', out);
}
