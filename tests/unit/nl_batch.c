/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Batches against the kernel's rtnetlink, with requests that need no privilege. */
#include "messages.h"

#include <errno.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "nl/batch.h"

#define ROOM 100

/* What each request is, and what came of it. */
struct record {
	char kind[ROOM]; /* 'l' the loopback, 'n' no such device, 'w' worded refusal, 'b' not built */
	int err[ROOM];
	unsigned int replies[ROOM];
	bool worded[ROOM];
	unsigned int verdicts;
};

static int build(unsigned int i, struct nl_msg *m, void *arg)
{
	const struct record *r = arg;
	struct ifinfomsg *ifi;

	if (r->kind[i] == 'b')
		return -ERANGE;
	ifi = nl_msg_start(m, RTM_GETLINK, 0, sizeof(*ifi));
	ifi->ifi_index = r->kind[i] == 'l' ? 1 : 0x7ffffff0;
	if (r->kind[i] == 'w') /* four bytes are wanted, and the kernel says so */
		mnl_attr_put_u8(&m->h, IFLA_EXT_MASK, 0);
	return 0;
}

static void verdict(unsigned int i, int err, const struct why *why, void *arg)
{
	struct record *r = arg;

	assert_int_equal(i, r->verdicts); /* in order, once each */
	r->verdicts++;
	r->err[i] = err;
	r->worded[i] = why->kernel[0];
}

static void reply(unsigned int i, const struct nlmsghdr *nlh, void *arg)
{
	struct record *r = arg;
	const struct ifinfomsg *ifi = mnl_nlmsg_get_payload(nlh);

	assert_true(i >= r->verdicts); /* before its verdict */
	assert_int_equal(nlh->nlmsg_type, RTM_NEWLINK);
	assert_int_equal(ifi->ifi_index, 1);
	r->replies[i]++;
}

static const struct nl_batch_ops ops = {.build = build, .verdict = verdict, .reply = reply};

static struct record run(const char *kinds)
{
	struct record r = {};
	_nl_ struct nl *nl = NULL;
	struct why why = {};
	struct nl_msg after;
	struct ifinfomsg *ifi;

	snprintf(r.kind, sizeof(r.kind), "%s", kinds);
	assert_int_equal(nl_open(NETLINK_ROUTE, NULL, &nl, &why), 0);
	assert_int_equal(nl_batch(nl, (unsigned int)strlen(kinds), &ops, &r, &why), 0);
	assert_int_equal(r.verdicts, strlen(kinds));
	/* Nothing of it is left in the socket: the next exchange finds its own answer. */
	ifi = nl_msg_start(&after, RTM_GETLINK, 0, sizeof(*ifi));
	ifi->ifi_index = 0x7ffffff0;
	assert_int_equal(nl_request(nl, &after, NULL, NULL, &why), -ENODEV);
	return r;
}

static void an_error_in_the_middle(void **state)
{
	struct record r = run("llnlwll");

	(void)state;
	for (unsigned int i = 0; i < 7; i++) {
		bool good = r.kind[i] == 'l';

		assert_int_equal(r.replies[i], good);
		assert_int_equal(r.err[i], good ? 0 : r.kind[i] == 'n' ? -ENODEV : -ERANGE);
	}
	assert_true(r.worded[4]);
	assert_false(r.worded[3] || r.worded[5]);
}

/* More than one send holds, first and last of each refused. */
static void several_sends(void **state)
{
	char kinds[81];
	struct record r;

	(void)state;
	for (unsigned int i = 0; i < 80; i++)
		kinds[i] = i % 32 == 0 || i % 32 == 31 || i == 79 ? 'n' : 'l';
	kinds[80] = '\0';
	r = run(kinds);
	for (unsigned int i = 0; i < 80; i++)
		assert_int_equal(r.err[i], kinds[i] == 'l' ? 0 : -ENODEV);
}

static void what_cannot_be_built_is_not_sent(void **state)
{
	struct record r = run("lbl"), none = run("bb");

	(void)state;
	assert_int_equal(r.err[0], 0);
	assert_int_equal(r.err[1], -ERANGE);
	assert_int_equal(r.err[2], 0);
	assert_int_equal(none.err[0], -ERANGE);
	assert_int_equal(run("").verdicts, 0);
}

/* A dead socket: each request learns that it was never sent. */
static void nothing_sent(void **state)
{
	struct record r = {.kind = "ll"};
	_nl_ struct nl *nl = NULL;
	struct why why = {};
	int fd;

	(void)state;
	assert_int_equal(nl_open(NETLINK_ROUTE, NULL, &nl, &why), 0);
	fd = dup(0); /* the next after the socket's */
	assert_int_equal(dup2(0, fd - 1), fd - 1);
	close(fd);
	assert_int_equal(nl_batch(nl, 2, &ops, &r, &why), -ENOTSOCK);
	assert_int_equal(r.verdicts, 2);
	assert_int_equal(r.err[0], -ECANCELED);
	assert_int_equal(r.err[1], -ECANCELED);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_error_in_the_middle),
		cmocka_unit_test(several_sends),
		cmocka_unit_test(what_cannot_be_built_is_not_sent),
		cmocka_unit_test(nothing_sent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
