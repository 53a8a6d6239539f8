/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the journal is told of an event, what it is not told, and never more than its share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/uio.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/journald.h"
#include "records.h"

#define SECOND 1000000000ull

static char last[8192]; /* "NAME=value\n" each */
static unsigned int sent;
static int answer;

int __wrap_sd_journal_sendv(const struct iovec *iov, int n);
int __wrap_sd_journal_sendv(const struct iovec *iov, int n)
{
	size_t used = 0;

	for (int i = 0; i < n; i++)
		used += (size_t)snprintf(last + used, sizeof(last) - used, "%.*s\n",
					 (int)iov[i].iov_len, (const char *)iov[i].iov_base);
	sent += answer == 0;
	return answer;
}

static int begin(void **state)
{
	(void)state;
	last[0] = '\0';
	sent = 0;
	answer = 0;
	return 0;
}

static void has(const char *line)
{
	size_t len = strlen(line);

	for (const char *at = last; at && *at; at = strchr(at, '\n') + 1) {
		if (strncmp(at, line, len) == 0 && at[len] == '\n')
			return;
	}
	fail_msg("no %s in\n%s", line, last);
}

static void a_refused_sa(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 0xb29ed314, -EBUSY);
	struct journald j = {};
	struct explanation ex;

	(void)state;
	strcpy(e.text, "mlx5_core: Device failed to offload this state");
	explain(&e.hdr, NULL, &ex);
	journald_event(&j, &e.hdr, &ex, "to-b", 7, SECOND);
	assert_int_equal(sent, 1);
	has("MESSAGE_ID=740deb8ab2e942e5bdb40780068373a9");
	has("PRIORITY=3");
	has("IPSO_EVENT=sa-add");
	has("IPSO_EVENT_NUMBER=7");
	has("IPSO_RESULT=EBUSY");
	has("IPSO_DEVICE=eth0");
	has("IPSO_TUNNEL=to-b");
	has("IPSO_SPI=0xb29ed314");
	has("IPSO_DESTINATION=192.0.2.2");
	assert_non_null(strstr(last, "MESSAGE=sa-add EBUSY: SA out 192.0.2.1 -> 192.0.2.2 spi "
				     "0xb29ed314 on eth0, ip (pid 42): ["));
	assert_non_null(strstr(last, "IPSO_CATALOGUE=S-"));
	assert_non_null(strstr(last, "IPSO_REMEDY="));
	assert_null(strstr(last, "IPSO_LEFT_OUT"));
	assert_null(strstr(last, "IPSO_ESWITCH"));
}

/* Life of SAs and rules is for `ipso events`, however much of it there is. */
static void no_news(void **state)
{
	struct journald j = {};

	(void)state;
	for (unsigned int i = 0; i < 10000; i++) {
		struct ipso_event_sa add = record_sa(IPSO_EV_SA_ADD, 1 + i, 0);
		struct ipso_event_sa gone = record_sa(IPSO_EV_SA_DELETE, 1 + i, 0);
		struct ipso_event_tc rule = record_tc(IPSO_EV_TC_ADD, 1 + i, 0);

		journald_event(&j, &add.hdr, NULL, "t", i, SECOND);
		journald_event(&j, &gone.hdr, NULL, "t", i, SECOND);
		journald_event(&j, &rule.hdr, NULL, "", i, SECOND);
	}
	journald_tell_rest(&j, SECOND);
	assert_int_equal(sent, 0);
}

static void limits_of_an_sa(void **state)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_EXPIRE, 0x1001, 0);
	struct journald j = {};

	(void)state;
	journald_event(&j, &e.hdr, NULL, "t", 1, SECOND);
	has("PRIORITY=5");
	has("IPSO_LIMIT=soft");
	e.hard = 1;
	journald_event(&j, &e.hdr, NULL, "t", 2, SECOND);
	has("PRIORITY=4");
	has("IPSO_LIMIT=hard");
}

static void refuse_rules(struct journald *j, unsigned int n, uint64_t now_ns)
{
	struct ipso_event_gate e = record_gate(IPSO_VERDICT_REFUSED);
	struct explanation ex;

	explain(&e.hdr, NULL, &ex);
	for (unsigned int i = 0; i < n; i++)
		journald_event(j, &e.hdr, &ex, "", i, now_ns);
}

static void a_burst(void **state)
{
	struct ipso_event_gate_mode other = {
		.hdr = record_hdr(IPSO_EV_GATE_MODE, sizeof(other), 0)};
	struct journald j = {};

	(void)state;
	refuse_rules(&j, 10000, SECOND);
	assert_int_equal(sent, JOURNALD_BURST);
	journald_event(&j, &other.hdr, NULL, "", 1, SECOND); /* not its fault */
	assert_int_equal(sent, JOURNALD_BURST + 1);
	journald_tell_rest(&j, SECOND + JOURNALD_STEP_NS - 1);
	assert_int_equal(sent, JOURNALD_BURST + 1);
	journald_tell_rest(&j, SECOND + JOURNALD_STEP_NS);
	assert_int_equal(sent, JOURNALD_BURST + 2);
	has("IPSO_LEFT_OUT=9980");
	has("PRIORITY=4");
	has("IPSO_EVENT=gate");
	has("MESSAGE=9980 more events gate were too many for the journal; ipso events --kind gate");
	journald_tell_rest(&j, SECOND + 100 * JOURNALD_STEP_NS);
	assert_int_equal(sent, JOURNALD_BURST + 2);

	/* and an hour of it is one each step */
	sent = 0;
	for (uint64_t s = 1000; s < 4600; s++)
		refuse_rules(&j, 10, s * SECOND);
	assert_true(sent <= JOURNALD_BURST + 3600 * SECOND / JOURNALD_STEP_NS);
	has("IPSO_LEFT_OUT=29");
}

static void a_journal_that_does_not_take_it(void **state)
{
	struct journald j = {};

	(void)state;
	answer = -ECONNREFUSED;
	refuse_rules(&j, 1, SECOND);
	answer = 0;
	refuse_rules(&j, 1, SECOND);
	assert_int_equal(sent, 1);
	has("IPSO_LEFT_OUT=1");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_refused_sa, begin),
		cmocka_unit_test_setup(no_news, begin),
		cmocka_unit_test_setup(limits_of_an_sa, begin),
		cmocka_unit_test_setup(a_burst, begin),
		cmocka_unit_test_setup(a_journal_that_does_not_take_it, begin),
	};

	return cmocka_run_group_tests_name("daemon_journald", tests, NULL, NULL);
}
