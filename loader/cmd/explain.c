/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso explain: failures that the service keeps: the last, those of an SPI, of an event, of some
 * time; or, without a service, what the catalogue says of an ID or of texts of the kernel.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "base/mem.h"
#include "base/num.h"
#include "base/when.h"
#include "cmd/cmd.h"
#include "daemon/client.h"
#include "daemon/control.h"
#include "explain/explain.h"

struct wanted {
	bool json;
	unsigned int shown;
};

static void print_part(const char *name, const char *text)
{
	if (text && *text)
		printf("  %-11s %s\n", name, text);
}

static const char *text_of(const json_t *j, const char *key)
{
	const char *text = json_string_value(json_object_get(j, key));

	return text ? text : "";
}

static int on_failure(json_t *j, void *arg)
{
	static const struct {
		const char *key, *name;
	} parts[] = {{"what", "what"},	     {"who", "asked by"}, {"answer", "answer"},
		     {"driver", "driver"},   {"cause", "cause"},  {"in_the_way", "in the way"},
		     {"remedy", "what to do"}};
	struct wanted *w = arg;
	json_int_t count = json_integer_value(json_object_get(j, "count"));

	if (w->json) {
		json_dumpf(j, stdout, JSON_COMPACT);
		putchar('\n');
		w->shown++;
		return 0;
	}
	printf("%s%s %s, ", w->shown++ ? "\n" : "", text_of(j, "id"), text_of(j, "class"));
	if (json_object_get(j, "event"))
		printf("event e%lld, ",
		       (long long)json_integer_value(json_object_get(j, "event")));
	if (count > 1)
		printf("%lld times, last ", (long long)count);
	printf("%lld s ago\n", (long long)json_integer_value(json_object_get(j, "seconds_ago")));
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		print_part(parts[i].name, text_of(j, parts[i].key));
	return 0;
}

/* "EINVAL, ERANGE", "" when any. */
static void errnos_text(const struct catalogue_row *row, char buf[96])
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int i = 0; i < CATALOGUE_ERRNOS && row->err[i] && used < 80; i++)
		used += (size_t)snprintf(buf + used, 96 - used, "%s%s", i ? ", " : "",
					 err_name(row->err[i]));
}

static int explain_id(const struct catalogue_row *row, bool json)
{
	const struct catalogue_section *s = catalogue_section(row);
	char errnos[96];
	json_t *j;

	errnos_text(row, errnos);
	if (!json) {
		printf("%s %s\n", row->id, row->class_);
		print_part("about", s->title);
		print_part("step", row->step);
		print_part("answer", errnos);
		print_part("text", row->text);
		print_part("only in", strcmp(row->kernel, "both") == 0 ? "" : row->kernel);
		print_part("cause", row->cause);
		print_part("what to do", row->remedy);
		return EXIT_DONE;
	}
	j = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "id", row->id, "class",
		      row->class_, "about", s->title, "step", row->step, "errno", errnos, "text",
		      row->text, "kernel", row->kernel, "cause", row->cause, "remedy",
		      row->remedy);
	if (!j || json_dumpf(j, stdout, JSON_COMPACT) < 0)
		return EXIT_FAILED;
	putchar('\n');
	json_decref(j);
	return EXIT_DONE;
}

/* "EBUSY" at the start of a line, with its blank skipped in *line; 0 = none. */
static int errno_before(const char **line)
{
	size_t len = strspn(*line, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

	for (int e = 1; len > 1 && e < 134; e++) {
		const char *name = err_name(e);

		if (strlen(name) != len || strncmp(name, *line, len) != 0)
			continue;
		*line += len + strspn(*line + len, ": ");
		return e;
	}
	return 0;
}

/*
 * The row of a text, of "EBUSY text", of a line of the kernel log, or of "Error: text." as iproute2
 * prints it, with a full stop of its own; NULL. *ret_err: the errno before it, 0 = none.
 */
static const struct catalogue_row *row_of_line(const char *line, int *ret_err)
{
	const struct catalogue_row *row;
	_free_ char *bare = NULL;
	size_t len;

	*ret_err = errno_before(&line);
	if (*ret_err)
		return catalogue_by_text(line, *ret_err, CATALOGUE_STEP_LOG);
	row = catalogue_by_line(line);
	len = strlen(line);
	if (row || !len || line[len - 1] != '.')
		return row;
	bare = strndup(line, len - 1);
	return bare ? catalogue_by_line(bare) : NULL;
}

/* Rows of one text differ in errno or request: without an errno all are shown. */
static int explain_text(const char *text, bool json)
{
	int err;
	const struct catalogue_row *first = row_of_line(text, &err), *row;

	if (!first) {
		log_err(0, "explain: \"%s\" is not in the catalogue: unexplained (U-00)", text);
		return EXIT_FAILED;
	}
	for (unsigned int i = 0; (row = catalogue_row(i)); i++) {
		if (row == first || (!err && row->kind == first->kind &&
				     strcmp(row->text, first->text) == 0))
			explain_id(row, json);
	}
	return EXIT_DONE;
}

/* Lines of stdin, as of dmesg: each with its ID; those without one in JSON only, as U-00. */
static int explain_lines(bool json)
{
	_free_ char *line = NULL;
	size_t room = 0;
	ssize_t n;

	while ((n = getline(&line, &room, stdin)) > 0) {
		const struct catalogue_row *row;
		int err;

		line[strcspn(line, "\n")] = '\0';
		row = row_of_line(line, &err);
		if (json) {
			json_t *j = json_pack("{s:s, s:s}", "id", row ? row->id : "U-00", "line",
					      line);

			json_dumpf(j, stdout, JSON_COMPACT);
			putchar('\n');
			json_decref(j);
		} else if (row) {
			printf("%-7s %s\n", row->id, line);
		}
	}
	return EXIT_DONE;
}

static int explain_all_rows(bool json)
{
	const struct catalogue_row *row;

	for (unsigned int i = 0; (row = catalogue_row(i)); i++) {
		if (json)
			explain_id(row, true);
		else
			printf("%-7s %-5s %s\n", row->id, row->class_,
			       *row->text ? row->text : row->cause);
	}
	return EXIT_DONE;
}

static int explain_failures(json_t *request, const char *of, bool json)
{
	struct wanted w = {.json = json};
	struct why why = {};

	if (client_talk(CONTROL_PATH, request, on_failure, &w, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (!w.shown && !json)
		printf("no failed offload%s that the service knows\n", of);
	return EXIT_DONE;
}

/* Adds --since to a request; EXIT_USAGE when it is none. */
static int add_since(json_t *request, const char *since)
{
	uint64_t seconds;

	if (!since)
		return EXIT_DONE;
	if (when_parse(since, time(NULL), &seconds) < 0) {
		log_err(0, "explain: found --since %s; allowed: " WHEN_ALLOWED, since);
		return EXIT_USAGE;
	}
	json_object_set_new(request, "max_age_seconds", json_integer((json_int_t)seconds));
	return EXIT_DONE;
}

/* "e12", as events are numbered. */
static bool event_number(const char *s, uint64_t *ret_n)
{
	return (s[0] == 'e' || s[0] == 'E') && num_u64(s + 1, 0, INT64_MAX, ret_n) == 0;
}

/* What the operand asks the service for; NULL when the service has nothing to do with it. */
static json_t *request_of(const char *operand, const char *since)
{
	uint64_t number;
	uint32_t spi;

	if ((!operand && since) || (operand && strcmp(operand, "all") == 0))
		return json_pack("{s:s}", "request", "explain");
	if (!operand || strcmp(operand, "last") == 0)
		return json_pack("{s:s, s:b}", "request", "explain", "last", 1);
	if (event_number(operand, &number))
		return json_pack("{s:s, s:I}", "request", "explain", "event", (json_int_t)number);
	if (num_u32(operand, 256, UINT32_MAX, &spi) == 0)
		return json_pack("{s:s, s:I}", "request", "explain", "spi", (json_int_t)spi);
	return NULL;
}

int cmd_explain(const struct cmd_args *a)
{
	const struct catalogue_row *row = a->operand ? catalogue_find(a->operand) : NULL;
	json_t *request;

	if (row)
		return explain_id(row, a->json);
	if (a->operand && strcmp(a->operand, "catalogue") == 0)
		return explain_all_rows(a->json);
	if (a->operand && strcmp(a->operand, "-") == 0)
		return explain_lines(a->json);
	if (a->operand && strchr(a->operand, ' '))
		return explain_text(a->operand, a->json);
	request = request_of(a->operand, a->since);
	if (!request) {
		log_err(0,
			"explain: \"%s\" is neither last, all or catalogue, nor an SPI (256 to "
			"4294967295, or 0x hexadecimal), an event as e12, an ID of the catalogue "
			"as S-05, a text of the kernel, or - for lines of stdin", a->operand);
		return EXIT_USAGE;
	}
	if (add_since(request, a->since) != EXIT_DONE) {
		json_decref(request);
		return EXIT_USAGE;
	}
	return explain_failures(request, a->operand && a->operand[0] ? " of that" : "", a->json);
}
