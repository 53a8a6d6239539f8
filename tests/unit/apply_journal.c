/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: what is written is read, a torn end is no entry, a broken line is not passed over. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "apply/journal.h"
#include "base/mem.h"

#define _journal_ _cleanup_(journal_close)

static char dir[64], path[96];

static int fresh_directory(void **state)
{
	(void)state;
	strcpy(dir, "/tmp/ipso-journal-XXXXXX");
	if (!mkdtemp(dir))
		return -1;
	snprintf(path, sizeof(path), "%s/journal", dir);
	return 0;
}

static int remove_directory(void **state)
{
	char lock[128];

	(void)state;
	snprintf(lock, sizeof(lock), "%s.lock", path);
	unlink(path);
	unlink(lock);
	return rmdir(dir);
}

static struct undo entry(unsigned int i)
{
	struct undo u = {
		.kind = (enum step_kind)(i % STEP_KINDS),
		.vf = (int)i - 1,
		.rep = i & 1,
		.spi = 0xfffffff0 + i,
		.dir = IPSO_DIR_OUT,
		.pref = (uint16_t)i,
		.protocol = 0x86dd,
		.handle = 0xf9000000 + i,
		.pci = "0000:01:00.0",
		.netns = "ns \"0\"",
		.value = "02:00:00:00:00:09",
		.bridge = "br-ovs",
		.port = "a-15-long-name.",
		.src = {AF_INET, 24, {192, 0, 2, 1}},
		.dst = {AF_INET6, 128, {0x20, 1, 0x0d, 0xb8, [15] = 9}},
	};

	snprintf(u.text, sizeof(u.text), "step %u with \"quotes\"\nand a line", i);
	return u;
}

static void same(const struct undo *a, const struct undo *b)
{
	assert_int_equal(a->kind, b->kind);
	assert_string_equal(a->text, b->text);
	assert_string_equal(a->pci, b->pci);
	assert_string_equal(a->netns, b->netns);
	assert_string_equal(a->value, b->value);
	assert_string_equal(a->bridge, b->bridge);
	assert_string_equal(a->port, b->port);
	assert_int_equal(a->vf, b->vf);
	assert_int_equal(a->rep, b->rep);
	assert_int_equal(a->spi, b->spi);
	assert_int_equal(a->dir, b->dir);
	assert_int_equal(a->pref, b->pref);
	assert_int_equal(a->protocol, b->protocol);
	assert_int_equal(a->handle, b->handle);
	assert_true(addr_equal(&a->src, &b->src, true));
	assert_true(addr_equal(&a->dst, &b->dst, true));
}

static void write_entries(unsigned int n)
{
	_journal_ struct journal *j = NULL;
	struct why why = {};

	assert_int_equal(journal_open(path, &j, &why), 0);
	for (unsigned int i = 0; i < n; i++) {
		struct undo u = entry(i);

		assert_int_equal(journal_add(j, &u, &why), 0);
	}
}

static void holds(unsigned int n)
{
	_journal_ struct journal *j = NULL;
	const struct undo *list;
	struct why why = {};

	if (journal_open(path, &j, &why) < 0)
		fail_msg("%s", why.what);
	assert_int_equal(journal_entries(j, &list), n);
	for (unsigned int i = 0; i < n; i++) {
		struct undo u = entry(i);

		same(&list[i], &u);
	}
}

static void written_is_read(void **state)
{
	struct stat st;

	(void)state;
	holds(0);
	write_entries(STEP_KINDS + 4);
	holds(STEP_KINDS + 4);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static struct undo displaced(void)
{
	struct undo u = entry(STEP_DISPLACE);

	u.rule = (struct tc_filter){
		.ifindex = 5, .handle = 0x99, .chain = 3, .pref = 8, .protocol = 0x8100,
		.kind = "flower", .skip_sw = true,
		.rule = {.match = {.vlans = 1, .vlan = {5}, .protocol = 0x0800,
				   .dst = {AF_INET, 24, {198, 51, 100, 0}}},
			 .actions = {{.kind = TC_DO_VLAN_POP},
				     {.kind = TC_DO_REDIRECT, .ifindex = 6}},
			 .actions_count = 2}};
	return u;
}

/* Nothing else knows of a rule that is out of the way: the journal has the whole of it. */
static void whole_rule(void **state)
{
	struct undo u = displaced();
	const struct undo *list;

	(void)state;
	{
		_journal_ struct journal *j = NULL;

		assert_int_equal(journal_open(path, &j, NULL), 0);
		assert_int_equal(journal_add(j, &u, NULL), 0);
	}
	{
		_journal_ struct journal *j = NULL;

		assert_int_equal(journal_open(path, &j, NULL), 0);
		assert_int_equal(journal_entries(j, &list), 1);
		same(&list[0], &u);
		assert_true(undo_same(&list[0], &u));
		assert_true(tc_rule_equal(&list[0].rule.rule, &u.rule.rule));
		assert_true(list[0].rule.skip_sw && !list[0].rule.skip_hw);
		assert_int_equal(list[0].rule.chain, 3);
	}
}

/* Half a rule is none. */
static void broken_rule(void **state)
{
	struct undo u = displaced();
	_free_ char *text = journal_rule_text(&u.rule);
	struct tc_filter f;

	(void)state;
	assert_non_null(text);
	assert_int_equal(journal_rule_read(text, &f), 0);
	text[1] = 'x';
	assert_int_equal(journal_rule_read(text, &f), -EBADMSG);
	assert_int_equal(journal_rule_read("", &f), -EBADMSG);
	assert_int_equal(journal_rule_read("00", &f), -EBADMSG);
	free(text);
	text = journal_rule_text(&u.rule);
	text[strlen(text) - 2] = '\0';
	assert_int_equal(journal_rule_read(text, &f), -EBADMSG);
}

/* A crash may end the file anywhere: whole lines count, the next entry is not swallowed. */
static void torn_end(void **state)
{
	struct stat two, three;

	(void)state;
	write_entries(2);
	assert_int_equal(stat(path, &two), 0);
	write_entries(0);
	{
		_journal_ struct journal *j = NULL;
		struct undo u = entry(2);

		assert_int_equal(journal_open(path, &j, NULL), 0);
		assert_int_equal(journal_add(j, &u, NULL), 0);
	}
	assert_int_equal(stat(path, &three), 0);
	for (off_t end = three.st_size - 1; end >= two.st_size; end -= 7) {
		assert_int_equal(truncate(path, end), 0);
		holds(2);
	}
	assert_int_equal(truncate(path, two.st_size + 9), 0);
	{
		_journal_ struct journal *j = NULL;
		struct undo u = entry(2);

		assert_int_equal(journal_open(path, &j, NULL), 0);
		assert_int_equal(journal_add(j, &u, NULL), 0);
	}
	holds(3);
}

static void append_text(const char *text)
{
	_close_ int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

/* Undoing half of it because a line is unreadable would be worse than asking. */
static void broken_lines(void **state)
{
	static const char *const lines[] = {
		"not json\n",
		"{}\n",
		"[1]\n",
		"{\"step\":\"no-such-step\"}\n",
		"{\"step\":\"mtu\",\"text\":1}\n",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		_journal_ struct journal *j = NULL;
		struct why why = {};

		unlink(path);
		write_entries(1);
		append_text(lines[i]);
		assert_int_equal(journal_open(path, &j, &why), -EBADMSG);
		assert_non_null(strstr(why.what, "line 2"));
	}
}

/* A journal that a power loss left on a disk speaks of another kernel's state. */
static void earlier_boot(void **state)
{
	struct undo u = entry(0);
	_free_ char *line = NULL;
	_free_ char *old = NULL;
	json_t *json = undo_to_json(&u);

	(void)state;
	assert_int_equal(json_object_set_new(json, "boot", json_string("some-other-boot")), 0);
	line = json_dumps(json, JSON_COMPACT);
	json_decref(json);
	assert_true(asprintf(&old, "%s\n", line) > 0);
	append_text(old);
	holds(0);
	write_entries(2);
	holds(2);
}

static void shortened(void **state)
{
	const struct undo *list;

	(void)state;
	write_entries(5);
	{
		_journal_ struct journal *j = NULL;

		assert_int_equal(journal_open(path, &j, NULL), 0);
		journal_entries(j, &list);
		assert_int_equal(journal_keep(j, list, 3, NULL), 0);
		assert_int_equal(journal_entries(j, &list), 3);
	}
	holds(3);
	{
		_journal_ struct journal *j = NULL;

		assert_int_equal(journal_open(path, &j, NULL), 0);
		assert_int_equal(journal_keep(j, NULL, 0, NULL), 0);
	}
	assert_int_equal(access(path, F_OK), -1);
	holds(0);
}

/* What was taken away goes, what was done twice is there once. */
static void squashed(void **state)
{
	struct undo sa = {.kind = STEP_SA, .vf = -1, .spi = 7}, mtu = {.kind = STEP_MTU, .vf = -1};
	const struct undo *taken[] = {&sa}, *list;
	_journal_ struct journal *j = NULL;

	(void)state;
	assert_int_equal(journal_open(path, &j, NULL), 0);
	strcpy(mtu.value, "1500");
	assert_int_equal(journal_add(j, &mtu, NULL), 0);
	assert_int_equal(journal_add(j, &sa, NULL), 0);
	strcpy(mtu.value, "2000");
	assert_int_equal(journal_add(j, &mtu, NULL), 0);
	assert_int_equal(journal_squash(j, taken, 1, NULL), 0);
	assert_int_equal(journal_entries(j, &list), 1);
	assert_string_equal(list[0].value, "1500");
	assert_int_equal(journal_squash(j, NULL, 0, NULL), 0);
	assert_int_equal(journal_entries(j, &list), 1);
}

static void one_at_a_time(void **state)
{
	_journal_ struct journal *first = NULL;
	_journal_ struct journal *second = NULL;
	struct why why = {};

	(void)state;
	assert_int_equal(journal_open(path, &first, &why), 0);
	assert_int_equal(journal_open(path, &second, &why), -EALREADY);
	assert_true(why.remedy[0]);
	journal_close(&first);
	assert_int_equal(journal_open(path, &second, &why), 0);
}

/* "" would equal the "" of any other record that was written without /proc. */
static void unknown_boot(void **state)
{
	char boot[JOURNAL_BOOT_LEN];
	struct why why = {};
	FILE *f;

	(void)state;
	assert_int_equal(journal_boot(path, boot, &why), -ENOENT);
	assert_non_null(strstr(why.what, path));
	assert_non_null(strstr(why.remedy, "mount /proc"));
	f = fopen(path, "w");
	assert_non_null(f);
	fclose(f);
	assert_int_equal(journal_boot(path, boot, NULL), -ENODATA);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs("b0b3f5d2-0f7c-4b59-8f3c-0e0d4f6a9c11\n", f);
	fclose(f);
	assert_int_equal(journal_boot(path, boot, NULL), 0);
	assert_string_equal(boot, "b0b3f5d2-0f7c-4b59-8f3c-0e0d4f6a9c11");
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, fresh_directory, remove_directory)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(written_is_read), TEST(whole_rule),	 cmocka_unit_test(broken_rule),
		TEST(torn_end),	    TEST(broken_lines),
		TEST(shortened),       TEST(one_at_a_time), TEST(earlier_boot),
		TEST(unknown_boot),
		TEST(squashed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
