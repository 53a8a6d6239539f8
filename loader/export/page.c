/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The page: one document with its style and script inside, and nothing from elsewhere. All of it is
 * written here, so that it needs no script; the script fetches it again and puts what differs in
 * its place.
 */
#include "export/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/mem.h"
#include "export/internal.h"

/* The files as they are; the Makefile knows that this object depends on them. */
#define EMBED(symbol, path) \
	__asm__(".pushsection .rodata\n.global " #symbol "\n" #symbol ":\n.incbin \"" path "\"\n" \
		".byte 0\n.popsection"); \
	extern const char symbol[]
EMBED(ipso_page_css, "loader/export/page.css");
EMBED(ipso_page_js, "loader/export/page.js");

/* Something to look at, first what is wrong now. */
static void put_trouble(FILE *out, unsigned int *n, const char *kind, const char *text)
{
	fprintf(out, "<li class=\"%s\">", kind);
	html_text(out, text);
	fputs("</li>", out);
	(*n)++;
}

static uint64_t sum(const uint64_t *v, unsigned int n)
{
	uint64_t all = 0;

	while (n)
		all += v[--n];
	return all;
}

struct sa_trouble {
	uint64_t software, integrity, replay;
	unsigned int fallback, ending;
};

static struct sa_trouble sa_trouble(const struct snapshot *s)
{
	struct sa_trouble t = {};
	unsigned int i;

	for (i = 0; i < s->sas_count; i++) {
		const struct sa_row *r = s->sas[i];

		t.software += r->software;
		t.integrity += r->now.integrity;
		t.replay += r->now.replay;
		t.fallback += r->tunnel[0] && r->offload != IPSO_OFFLOAD_PACKET;
		t.ending += export_sa_used(r, s->now_s) >= 0.9;
	}
	return t;
}

static void put_sa_trouble(const struct snapshot *s, FILE *out, unsigned int *n)
{
	struct sa_trouble t = sa_trouble(s);
	char text[160];

	if (t.fallback) {
		snprintf(text, sizeof(text), "%u SAs of configured tunnels are not in hardware.",
			 t.fallback);
		put_trouble(out, n, "bad", text);
	}
	if (t.software) {
		snprintf(text, sizeof(text), "%llu packets of SAs in hardware took the CPU's path.",
			 (unsigned long long)t.software);
		put_trouble(out, n, "warn", text);
	}
	if (t.integrity || t.replay) {
		snprintf(text, sizeof(text), "Dropped by SAs: %llu packets failed their integrity "
			 "check, %llu were replayed or came too late.",
			 (unsigned long long)t.integrity, (unsigned long long)t.replay);
		put_trouble(out, n, "warn", text);
	}
	if (t.ending) {
		snprintf(text, sizeof(text), "%u SAs have used nine tenths of a hard limit.",
			 t.ending);
		put_trouble(out, n, "warn", text);
	}
}

static void put_eswitch_trouble(const struct snapshot *s, FILE *out, unsigned int *n)
{
	char text[160];
	unsigned int i;

	for (i = 0; i < s->eswitches_count; i++) {
		const struct ipso_gate_probe *p = &s->eswitches[i].probe;

		if (p->open || !(p->drv.known & IPSO_DRV_BLOCK) || !p->drv.num_block_ipsec)
			continue;
		snprintf(text, sizeof(text), "TC rules of %s keep IPsec away: its SAs will be "
			 "refused.", s->eswitches[i].ifname);
		put_trouble(out, n, "bad", text);
	}
}

static void put_attention(const struct export_page_in *in, FILE *out)
{
	const struct snapshot *s = in->s;
	uint64_t lost = sum(s->lost, IPSO_EV_MAX);
	unsigned int n = 0, away = 0, i;
	char text[160];

	fputs("<section aria-labelledby=\"h-attention\"><h2 id=\"h-attention\">Attention</h2>"
	      "<ul class=\"attention\" aria-live=\"polite\">", out);
	if (!in->self->healthy)
		put_trouble(out, &n, "bad", in->health);
	put_eswitch_trouble(s, out, &n);
	put_sa_trouble(s, out, &n);
	if (s->sas_overflow)
		put_trouble(out, &n, "warn", "The table of SAs is full; some are not shown.");
	if (lost) {
		snprintf(text, sizeof(text), "%llu events of the kernel found no room: numbers of "
			 "events are too low.", (unsigned long long)lost);
		put_trouble(out, &n, "warn", text);
	}
	for (i = 0; i < s->hooks_count; i++)
		away += !s->hooks[i].attached;
	if (away) {
		snprintf(text, sizeof(text), "%u of %u BPF programs attached: something is not "
			 "seen.", s->hooks_count - away, s->hooks_count);
		put_trouble(out, &n, "warn", text);
	}
	if (!n)
		fputs("<li class=\"ok\">Nothing needs attention.</li>", out);
	fputs("</ul></section>", out);
}

static void put_header(const struct export_page_in *in, FILE *out)
{
	const struct export_self *self = in->self;

	fputs("<header><h1><span class=\"mark\">ipso</span> ", out);
	html_text(out, in->host);
	fprintf(out, "</h1><p class=\"pill %s\">%s</p><p class=\"meta\">version ",
		self->healthy ? "ok" : "bad", self->healthy ? "healthy" : "not healthy");
	html_text(out, IPSO_VERSION);
	fputs(" · up ", out);
	html_ago(out, in->s->now_s - self->started_s);
	fputs(" · ", out);
	html_text(out, in->config);
	fprintf(out, " · counters read %.1f s ago</p></header>", self->refresh_age_seconds);
}

static void put_head(const struct export_page_in *in, FILE *out)
{
	fprintf(out, "<!doctype html>\n<html lang=\"en\" data-refresh=\"%u\"><head>"
		"<meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">"
		"<meta name=\"color-scheme\" content=\"light dark\"><title>ipso ",
		in->refresh_ms);
	html_text(out, in->host);
	fprintf(out, "</title><link rel=\"icon\" href=\"data:,\">"
		"<noscript><meta http-equiv=\"refresh\" content=\"30\"></noscript>"
		"<style nonce=\"%s\">\n%s</style></head>\n", in->nonce, ipso_page_css);
}

int export_page(const struct export_page_in *in, FILE *out)
{
	put_head(in, out);
	fputs("<body><a class=\"skip\" href=\"#sas\">Skip to the SAs</a>\n<div id=\"live\">", out);
	put_header(in, out);
	fputs("<main>", out);
	put_attention(in, out);
	page_road(in, out);
	page_failures(in, out);
	page_sas(in, out);
	page_gate(in, out);
	page_events(in, out);
	fputs("</main></div>\n<footer><p>"
	      "<span class=\"needs-script\"><button id=\"pause\" type=\"button\">Pause</button> "
	      "<kbd>/</kbd> search <kbd>p</kbd> pause · </span>"
	      "<a href=\"/metrics\">metrics</a> · <a href=\"/api/v1/status\">status</a> · "
	      "<a href=\"/api/v1/sas\">SAs</a> · <a href=\"/api/v1/events\">events</a> as data"
	      "</p><p id=\"said\" role=\"status\"></p></footer>\n", out);
	fprintf(out, "<script nonce=\"%s\">\n%s</script></body></html>\n", in->nonce, ipso_page_js);
	return ferror(out) ? -EIO : 0;
}
