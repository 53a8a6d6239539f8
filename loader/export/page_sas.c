/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The table of SAs: search, order and page are in the address, so that links and forms do. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"
#include "export/page.h"

/* What a person reads first in this column: the largest, or the alphabet's begin. */
static const struct column {
	const char *title;
	enum sa_order order;
	bool number;
} columns[] = {
	{"Tunnel", SA_BY_TUNNEL, false},	{"Direction", SA_BY_DIRECTION, false},
	{"SPI", SA_BY_SPI, false},		{"Source", SA_BY_SOURCE, false},
	{"Destination", SA_BY_DESTINATION, false}, {"Device", SA_BY_DEVICE, false},
	{"Offload", SA_BY_OFFLOAD, false},	{"Bits/s", SA_BY_BYTE_RATE, true},
	{"Packets/s", SA_BY_PACKET_RATE, true}, {"Packets", SA_BY_PACKETS, true},
	{"Bytes", SA_BY_BYTES, true},		{"Drops", SA_BY_DROPS, true},
	{"On CPU", SA_BY_SOFTWARE, true},	{"Lifetime", SA_BY_USED, true},
};

static void put_option(FILE *out, const char *value, const char *title, bool selected)
{
	fprintf(out, "<option value=\"%s\"%s>%s</option>", value, selected ? " selected" : "", title);
}

static void put_form(const struct sa_query *q, FILE *out)
{
	fputs("<form role=\"search\" method=\"get\" action=\"/\"><label>Search <input type=\"search\" "
	      "id=\"search\" name=\"search\" value=\"", out);
	html_text(out, q->search ? q->search : "");
	fputs("\" placeholder=\"name, address, SPI\" autocomplete=\"off\"></label> "
	      "<label>Sort by <select name=\"sort\" id=\"sort\">", out);
	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++)
		put_option(out, export_order_key(columns[i].order), columns[i].title,
			   columns[i].order == q->order);
	fputs("</select></label> <label>Order <select name=\"order\" id=\"order\">", out);
	put_option(out, "asc", "up", !q->descending);
	put_option(out, "desc", "down", q->descending);
	fputs("</select></label> <button type=\"submit\">Show</button></form>", out);
}

static void put_heads(const struct sa_query *q, FILE *out)
{
	fputs("<thead><tr>", out);
	for (unsigned int i = 0; i < ARRAY_SIZE(columns); i++) {
		const struct column *c = &columns[i];
		bool now = c->order == q->order;
		struct sa_query to = {.search = q->search, .order = c->order,
				      .descending = now ? !q->descending : c->number};

		fprintf(out, "<th scope=\"col\"%s%s><a href=\"", c->number ? " class=\"n\"" : "",
			!now ? "" : q->descending ? " aria-sort=\"descending\""
						  : " aria-sort=\"ascending\"");
		html_link(out, &to);
		fprintf(out, "\">%s</a></th>", c->title);
	}
	fputs("</tr></thead>", out);
}

static void cell(FILE *out, unsigned int column, const char *kind)
{
	fprintf(out, "<td data-label=\"%s\" class=\"%s%s\">", columns[column].title,
		columns[column].number ? "n " : "", kind);
}

static void detail(FILE *out, const char *name, uint64_t v, const char *unit)
{
	fprintf(out, "<dt>%s</dt><dd>%llu%s</dd>", name, (unsigned long long)v, unit);
}

static void detail_hex(FILE *out, const char *name, uint32_t v)
{
	fprintf(out, "<dt>%s</dt><dd>%#x</dd>", name, v);
}

static void put_limits(const struct sa_row *r, FILE *out)
{
	if (r->hard_packets)
		detail(out, "ends after", r->hard_packets, " packets");
	if (r->hard_bytes)
		detail(out, "ends after", r->hard_bytes, " bytes");
	if (r->hard_seconds)
		detail(out, "ends after", r->hard_seconds, " seconds");
}

static void put_details(const struct sa_row *r, const struct snapshot *s, FILE *out)
{
	fputs("<details><summary>", out);
	html_text(out, r->tunnel[0] ? r->tunnel : "–");
	fputs("</summary><dl>", out);
	fprintf(out, "<dt>mode</dt><dd>%s%s</dd>", r->mode ? "tunnel" : "transport",
		r->esn ? ", ESN" : "");
	fputs("<dt>device</dt><dd>", out);
	html_text(out, r->ifname[0] ? r->ifname : "–");
	fputs("</dd>", out);
	detail_hex(out, "reqid", r->reqid);
	if (r->key.mark)
		detail_hex(out, "mark", r->key.mark);
	detail(out, "namespace", r->key.netns, "");
	detail(out, "replay window", r->replay_window, "");
	detail(out, "sequence", (uint64_t)r->now.seq_hi << 32 | r->now.seq_lo, "");
	put_limits(r, out);
	if (r->now.use_time) {
		fputs("<dt>used</dt><dd>", out);
		html_ago(out, s->now_s > r->now.use_time ? s->now_s - r->now.use_time : 0);
		fputs(" ago</dd>", out);
	}
	fputs("</dl></details></td>", out);
}

static void put_names(const struct sa_row *r, const struct snapshot *s, FILE *out)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN], spi[SPI_STRLEN];
	const char *const text[] = {dir_label(r->dir), spi_text(r->key.spi, spi),
				    sa_src_text(r, src), sa_dst_text(r, dst),
				    r->ifname[0] ? r->ifname : "–", offload_label(r->offload)};

	cell(out, 0, "name");
	put_details(r, s, out);
	for (unsigned int i = 0; i < ARRAY_SIZE(text); i++) {
		cell(out, i + 1, i == 5 && r->tunnel[0] && r->offload != IPSO_OFFLOAD_PACKET ? "bad"
									: i == 1 ? "mono" : "");
		html_text(out, text[i]);
		fputs("</td>", out);
	}
}

static void put_used(double used, FILE *out)
{
	cell(out, 13, used >= 0.9 ? "warn" : "");
	if (used > 0)
		fprintf(out, "<meter min=\"0\" max=\"1\" high=\"0.75\" optimum=\"0\" value=\"%.3f\" "
			"aria-label=\"lifetime used\"></meter> %.0f%%", used, used * 100);
	else
		fputs("–", out);
	fputs("</td>", out);
}

static void put_numbers(const struct sa_row *r, const struct snapshot *s, FILE *out)
{
	uint64_t drops = (uint64_t)r->now.integrity + r->now.replay;

	cell(out, 7, "");
	html_bits(out, r->byte_rate);
	fputs("</td>", out);
	cell(out, 8, "");
	html_packets(out, r->packet_rate);
	fputs("</td>", out);
	cell(out, 9, "packets");
	html_count(out, r->now.packets);
	fputs("</td>", out);
	cell(out, 10, "bytes");
	html_bytes(out, r->now.bytes);
	fputs("</td>", out);
	cell(out, 11, drops ? "warn" : "");
	html_count(out, drops);
	if (drops)
		fprintf(out, "<small>%u integrity</small><small>%u replay</small>",
			r->now.integrity, r->now.replay);
	fputs("</td>", out);
	cell(out, 12, r->software ? "warn" : "");
	html_count(out, r->software);
	fputs("</td>", out);
	put_used(export_sa_used(r, s->now_s), out);
}

static void put_row(const struct sa_row *r, const struct snapshot *s, FILE *out)
{
	char dst[ADDR_STRLEN];

	fprintf(out, "<tr data-key=\"%08x-%s-%u-%u\">", r->key.spi, sa_dst_text(r, dst),
		r->key.netns, r->key.mark);
	put_names(r, s, out);
	put_numbers(r, s, out);
	fputs("</tr>\n", out);
}

static void put_page_link(const struct sa_query *q, unsigned int page, const char *title, bool there,
			  FILE *out)
{
	struct sa_query to = *q;

	if (!there) {
		fprintf(out, "<span aria-disabled=\"true\">%s</span> ", title);
		return;
	}
	to.offset = (page - 1) * EXPORT_PAGE_ROWS;
	fputs("<a href=\"", out);
	html_link(out, &to);
	fprintf(out, "\">%s</a> ", title);
}

static void put_pages(const struct sa_query *q, const struct sa_selection *sel, FILE *out)
{
	unsigned int pages = (sel->matching + EXPORT_PAGE_ROWS - 1) / EXPORT_PAGE_ROWS;
	unsigned int page = sel->offset / EXPORT_PAGE_ROWS + 1;

	if (pages < 2)
		return;
	fputs("<nav class=\"pages\" aria-label=\"Pages of SAs\">", out);
	put_page_link(q, 1, "First", page > 1, out);
	put_page_link(q, page - 1, "Previous", page > 1, out);
	fprintf(out, "<span>page %u of %u</span> ", page, pages);
	put_page_link(q, page + 1, "Next", page < pages, out);
	put_page_link(q, pages, "Last", page < pages, out);
	fputs("</nav>", out);
}

void page_sas(const struct export_page_in *in, FILE *out)
{
	_cleanup_(export_select_free) struct sa_selection sel = {};
	struct sa_query q = in->query;

	q.limit = EXPORT_PAGE_ROWS;
	fputs("<section id=\"sas\" aria-labelledby=\"h-sas\"><h2 id=\"h-sas\">SAs</h2>", out);
	put_form(&q, out);
	if (export_select(in->s, &q, &sel) < 0) {
		fputs("<p>out of memory</p></section>", out);
		return;
	}
	if (sel.matching == in->s->sas_count)
		fprintf(out, "<p id=\"found\">%u SAs</p>", sel.matching);
	else
		fprintf(out, "<p id=\"found\">%u of %u SAs</p>", sel.matching, in->s->sas_count);
	fputs("<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-sas\">"
	      "<table class=\"cards\">", out);
	put_heads(&q, out);
	fputs("<tbody>", out);
	for (unsigned int i = 0; i < sel.count; i++)
		put_row(sel.rows[i], in->s, out);
	if (!sel.count)
		fprintf(out, "<tr><td class=\"none\" colspan=\"14\">%s</td></tr>",
			in->s->sas_count ? "No SA fits." : "There is no SA yet.");
	fputs("</tbody></table></div>", out);
	put_pages(&q, &sel, out);
	fputs("</section>\n", out);
}
