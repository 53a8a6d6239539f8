/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The page's lower half: failures with their explanation, the gate, events, what is not attached. */
#include <stdio.h>
#include <string.h>

#include "base/addr.h"
#include "base/mem.h"
#include "export/internal.h"
#include "export/page.h"

#define FAILURES_FIRST 4 /* the rest is folded */
#define NSEC_PER_SEC 1000000000ull

static const char *const verdict_help[] = {
#define IPSO_VERDICT(id, label, help) help,
#include "ipso/names.def"
};

static void term(FILE *out, const char *name, const char *text)
{
	if (!*text)
		return;
	fprintf(out, "<dt>%s</dt><dd>", name);
	html_text(out, text);
	fputs("</dd>", out);
}

static void put_failure(const struct failure_row *f, const struct snapshot *s, FILE *out)
{
	const struct explanation *ex = &f->ex;
	uint64_t ago = s->now_ns > f->hdr.ktime ? (s->now_ns - f->hdr.ktime) / NSEC_PER_SEC : 0;

	fputs("<li><article class=\"failure\"><h3><span class=\"id\">", out);
	html_text(out, ex->id);
	fputs("</span> ", out);
	html_text(out, ex->what);
	fprintf(out, "</h3><p class=\"meta\">%llu time%s, last ", (unsigned long long)f->count,
		f->count == 1 ? "" : "s");
	html_ago(out, ago);
	fputs(" ago", out);
	if (ex->who[0]) {
		fputs(", by ", out);
		html_text(out, ex->who);
	}
	fputs("</p><dl>", out);
	term(out, "The kernel said", ex->answer);
	term(out, "The driver had", ex->driver);
	term(out, "Cause", ex->cause);
	term(out, "In the way", ex->in_the_way);
	term(out, "What to do", ex->remedy);
	fputs("</dl></article></li>", out);
}

void page_failures(const struct export_page_in *in, FILE *out)
{
	unsigned int n = in->s->failures_count, i;

	fputs("<section aria-labelledby=\"h-failures\"><h2 id=\"h-failures\">Last failures</h2>"
	      "<ul class=\"failures\">", out);
	for (i = 0; i < n && i < FAILURES_FIRST; i++)
		put_failure(&in->s->failures[i], in->s, out);
	if (!n)
		fputs("<li class=\"none\">No offload has failed since ipso watches.</li>", out);
	fputs("</ul>", out);
	if (n > FAILURES_FIRST) {
		fprintf(out, "<details><summary>%u more causes</summary><ul class=\"failures\">",
			n - FAILURES_FIRST);
		for (; i < n; i++)
			put_failure(&in->s->failures[i], in->s, out);
		fputs("</ul></details>", out);
	}
	fputs("</section>\n", out);
}

static void put_programs(const struct snapshot *s, FILE *out)
{
	unsigned int attached = 0, i;

	for (i = 0; i < s->hooks_count; i++)
		attached += s->hooks[i].attached;
	fprintf(out, "<details id=\"programs\"><summary>%u of %u BPF programs attached</summary><ul>",
		attached, s->hooks_count);
	for (i = 0; i < s->hooks_count; i++) {
		const struct hook_info *h = &s->hooks[i];

		fprintf(out, "<li class=\"%s\"><code>%s</code> on <code>%s</code>: ",
			h->attached ? "ok" : "warn", h->name, h->target);
		html_text(out, h->attached ? "attached" : h->reason);
		if (!h->attached)
			html_f(out, "; without it: %s", h->shows);
		fputs("</li>", out);
	}
	fputs("</ul></details>", out);
}

void page_gate(const struct export_page_in *in, FILE *out)
{
	const struct gate_status *g = &in->s->gate;

	fputs("<section aria-labelledby=\"h-gate\"><h2 id=\"h-gate\">The gate</h2><p>", out);
	fputs(g->installed ? "Installed. TC messages by what it said:"
	      : g->foreign ? "Another program's is pinned where ipso's would be."
			   : "Not installed: TC rules can come before IPsec.", out);
	fputs("</p><dl class=\"counts\">", out);
	for (unsigned int v = 0; v < IPSO_VERDICT_MAX; v++) {
		fprintf(out, "<div><dt title=\"");
		html_text(out, verdict_help[v]);
		fprintf(out, "\">%s</dt><dd>", verdict_label(v));
		html_count(out, g->verdicts[v]);
		fputs("</dd></div>", out);
	}
	fputs("</dl>", out);
	put_programs(in->s, out);
	fputs("</section>\n", out);
}

static const char *text_at(const json_t *j, const char *key)
{
	const char *s = json_string_value(json_object_get(j, key));

	return s ? s : "";
}

static void td(FILE *out, const char *label, const char *text)
{
	fprintf(out, "<td data-label=\"%s\">", label);
	html_text(out, *text ? text : "–");
	fputs("</td>", out);
}

static void put_event(const json_t *e, FILE *out)
{
	const json_t *ex = json_object_get(e, "explanation");
	const json_t *fw = json_object_get(e, "firmware");
	const char *time = strchr(text_at(e, "time"), 'T');
	const char *result = text_at(!ex && fw ? fw : e, !ex && fw ? "error" : "result");
	char clock[16] = "";

	if (time)
		snprintf(clock, sizeof(clock), "%.12s", time + 1);
	fprintf(out, "<tr data-key=\"e%lld\">",
		(long long)json_integer_value(json_object_get(e, "event")));
	td(out, "Time (UTC)", clock);
	td(out, "Kind", text_at(e, "kind"));
	fprintf(out, "<td data-label=\"Result\" class=\"%s\">", *result ? "bad" : "");
	html_text(out, *result ? result : "done");
	if (ex)
		html_f(out, " %s", text_at(ex, "id"));
	fputs("</td>", out);
	fputs("<td data-label=\"What\">", out);
	html_text(out, text_at(e, "what"));
	if (json_object_get(fw, "status"))
		html_f(out, ": %s, syndrome %s", text_at(fw, "status_name"), text_at(fw, "syndrome"));
	fputs("</td>", out);
	td(out, "By", text_at(e, "comm"));
	fputs("</tr>\n", out);
}

void page_events(const struct export_page_in *in, FILE *out)
{
	size_t i;
	json_t *e;

	fputs("<section aria-labelledby=\"h-events\"><h2 id=\"h-events\">Last events</h2>"
	      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-labelledby=\"h-events\">"
	      "<table class=\"cards events\"><thead><tr><th scope=\"col\">Time (UTC)</th>"
	      "<th scope=\"col\">Kind</th><th scope=\"col\">Result</th><th scope=\"col\">What</th>"
	      "<th scope=\"col\">By</th></tr></thead><tbody>", out);
	json_array_foreach(in->events, i, e)
		put_event(e, out);
	if (!json_array_size(in->events))
		fputs("<tr><td class=\"none\" colspan=\"5\">Nothing happened yet.</td></tr>", out);
	fputs("</tbody></table></div></section>\n", out);
}
