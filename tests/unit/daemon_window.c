/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Why a rekey window is opened, how long it waits and for what, and when it is in vain. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "daemon/service.h"
#include "records.h"

#define SECOND 1000000000ull

static uint64_t now;
static unsigned int opened, closed, sas;
static bool rules;
static double age;

uint64_t __wrap_monotonic_ns(void);
uint64_t __wrap_monotonic_ns(void)
{
	return now;
}

int __wrap_gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p);
int __wrap_gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p)
{
	assert_int_equal(ifindex, 3);
	*ret_p = (struct ipso_gate_probe){.drv = {.known = IPSO_DRV_USERS, .esw_users = rules}};
	return 0;
}

unsigned int __wrap_if_nametoindex(const char *name);
unsigned int __wrap_if_nametoindex(const char *name)
{
	return strcmp(name, "eth0") == 0 ? 3 : 0;
}

int __wrap_apply_window_open(const struct ipso_config *cfg, struct ipso_state **st, unsigned int device,
			     apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why);
int __wrap_apply_window_open(const struct ipso_config *cfg, struct ipso_state **st, unsigned int device,
			     apply_progress_fn fn, void *arg, unsigned int *ret_done, struct why *why)
{
	(void)cfg, (void)st, (void)fn, (void)arg, (void)why;
	assert_int_equal(device, 0);
	opened++;
	*ret_done = 1;
	return 0;
}

int __wrap_apply_window_close(apply_progress_fn fn, void *arg, struct why *why);
int __wrap_apply_window_close(apply_progress_fn fn, void *arg, struct why *why)
{
	(void)fn, (void)arg, (void)why;
	closed++;
	return 0;
}

bool __wrap_collect_expects(const struct collect *c);
bool __wrap_collect_expects(const struct collect *c)
{
	(void)c;
	return true;
}

void __wrap_collect_each(const struct collect *c,
			 void (*fn)(const struct sa_row *r, uint64_t now_s, void *arg), void *arg);
void __wrap_collect_each(const struct collect *c,
			 void (*fn)(const struct sa_row *r, uint64_t now_s, void *arg), void *arg)
{
	struct sa_row r = {.offload = IPSO_OFFLOAD_PACKET, .ifindex = 3, .tunnel = "pair", .add_time = 1000};

	(void)c;
	for (unsigned int i = 0; i < sas; i++)
		fn(&r, 1000 + (uint64_t)age, arg);
}

static struct obs_device device = {.pci = "0000:01:00.0", .uplink = {.ifindex = 3}};
static struct ipso_state st = {.devices = &device, .devices_count = 1};
static struct ipso_state *held = &st;
static struct cfg_tunnel tunnel = {.name = "pair", .keying = CFG_KEYING_IKE, .soft_seconds = 100};
static struct ipso_config cfg = {
	.on_conflict = CFG_CONFLICT_DISPLACE, .tunnels = &tunnel, .tunnels_count = 1};
static const struct service s = {.cfg = &cfg, .st = &st};

static int begin(void **state)
{
	(void)state;
	now = 100 * SECOND;
	opened = closed = sas = 0;
	rules = true;
	age = 0;
	cfg.on_conflict = CFG_CONFLICT_DISPLACE;
	return 0;
}

static void sa(struct window *w, unsigned int kind, unsigned int dir, unsigned int spi)
{
	struct ipso_event_sa e = record_sa(kind, spi, 0);

	e.dir = (__u8)dir;
	e.hdr.ktime = now;
	window_event(w, &e.hdr, NULL);
}

static void pair(struct window *w, unsigned int kind, unsigned int spi)
{
	sa(w, kind, IPSO_DIR_IN, spi);
	sa(w, kind, IPSO_DIR_OUT, spi + 1);
}

static void refuse(struct window *w)
{
	struct ipso_event_sa e = record_sa(IPSO_EV_SA_ADD, 9, -EBUSY);
	const struct explanation ex = {.id = "S-06"};

	e.hdr.ktime = now;
	window_event(w, &e.hdr, &ex);
}

static void tend_for(struct window *w, unsigned int seconds)
{
	while (seconds--) {
		now += SECOND;
		window_tend(w, &s);
	}
}

static void near_the_soft_limit(void **state)
{
	struct window w = {.st = &held};

	(void)state;
	sas = 2;
	age = 90;
	tend_for(&w, 1);
	assert_int_equal(opened, 0);
	age = 96.5;
	tend_for(&w, 1);
	assert_int_equal(opened, 1);
	tend_for(&w, 3);
	pair(&w, IPSO_EV_SA_ADD, 1);
	age = 0;
	window_tend(&w, &s);
	assert_int_equal(closed, 0);
	tend_for(&w, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(w.done, 1);
}

/* No rekey comes: bounded, told, and not tried again at once. */
static void in_vain(void **state)
{
	struct window w = {.st = &held};

	(void)state;
	sas = 2;
	age = 97;
	tend_for(&w, 20);
	assert_int_equal(closed, 0);
	tend_for(&w, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(w.in_vain, 1);
	tend_for(&w, 29);
	assert_int_equal(opened, 1);
	tend_for(&w, 1);
	assert_int_equal(opened, 2);
}

/* Both ends refuse in turn: the SAs of the second try are taken back, those of the third stay. */
static void refused_at_both_ends(void **state)
{
	struct window w = {.st = &held};

	(void)state;
	refuse(&w);
	window_tend(&w, &s);
	assert_int_equal(opened, 1);
	tend_for(&w, 60);
	pair(&w, IPSO_EV_SA_ADD, 1);
	pair(&w, IPSO_EV_SA_DELETE, 1);
	tend_for(&w, 60);
	assert_int_equal(closed, 0);
	pair(&w, IPSO_EV_SA_ADD, 3);
	pair(&w, IPSO_EV_SA_DELETE, 1); /* others' ends are not theirs */
	tend_for(&w, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(w.done, 1);
}

static void a_refusal_is_not_forgotten_in_a_rest(void **state)
{
	struct window w = {.st = &held};

	(void)state;
	w.rest_ns = now + 10 * SECOND;
	refuse(&w);
	tend_for(&w, 9);
	assert_int_equal(opened, 0);
	tend_for(&w, 1);
	assert_int_equal(opened, 1);
}

/* By a flush of policies: it is back with the next reading, and nothing else is waited for. */
static void the_pin_is_gone(void **state)
{
	struct window w = {.st = &held, .lacking = 3};

	(void)state;
	tend_for(&w, 2);
	assert_int_equal(opened, 1);
	assert_int_equal(closed, 0);
	w.lacking = 0;
	tend_for(&w, 1);
	assert_int_equal(closed, 1);
	assert_int_equal(w.done, 1);
	w.lacking = 3;
	tend_for(&w, 150);
	assert_int_equal(closed, 1);
	tend_for(&w, 1);
	assert_int_equal(closed, 2);
	assert_int_equal(w.in_vain, 1);
}

/* A daemon is about to start: the pin that it flushes is no end of it, its first SAs are. */
static void asked_for(void **state)
{
	struct window w = {.st = &held};
	struct why why = {};
	unsigned int open;

	(void)state;
	assert_int_equal(window_ask(&w, &s, &open, &why), 0);
	assert_int_equal(open, 1);
	w.lacking = 3;
	pair(&w, IPSO_EV_SA_ADD, 1);
	tend_for(&w, 2);
	assert_int_equal(closed, 0);
	w.lacking = 0;
	tend_for(&w, 1);
	assert_int_equal(closed, 1);
	rules = false;
	assert_int_equal(window_ask(&w, &s, &open, &why), 0);
	assert_int_equal(open, 0);
	cfg.on_conflict = CFG_CONFLICT_REFUSE;
	assert_int_equal(window_ask(&w, &s, &open, &why), -EPERM);
}

static void only_beside_rules_and_with_consent(void **state)
{
	struct window w = {.st = &held, .lacking = 3};

	(void)state;
	rules = false;
	tend_for(&w, 1);
	rules = true;
	cfg.on_conflict = CFG_CONFLICT_REFUSE;
	refuse(&w);
	tend_for(&w, 1);
	assert_int_equal(opened, 0);
	assert_string_equal(w.refused, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(near_the_soft_limit, begin),
		cmocka_unit_test_setup(in_vain, begin),
		cmocka_unit_test_setup(refused_at_both_ends, begin),
		cmocka_unit_test_setup(a_refusal_is_not_forgotten_in_a_rest, begin),
		cmocka_unit_test_setup(the_pin_is_gone, begin),
		cmocka_unit_test_setup(asked_for, begin),
		cmocka_unit_test_setup(only_beside_rules_and_with_consent, begin),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
