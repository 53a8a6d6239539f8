/* SPDX-License-Identifier: GPL-2.0-or-later */
/* When Open vSwitch is had make its flows anew: refused, open since, and by nobody else. */
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

static uint64_t now, renewed;
static unsigned int asked;
static int answer;
static bool open_gate;
static enum ipso_gate_mode mode;

uint64_t __wrap_monotonic_ns(void);
uint64_t __wrap_monotonic_ns(void)
{
	return now;
}

uint64_t __wrap_apply_flows_renewed(void);
uint64_t __wrap_apply_flows_renewed(void)
{
	return renewed;
}

int __wrap_gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p);
int __wrap_gate_probe_here(uint32_t ifindex, struct ipso_gate_probe *ret_p)
{
	assert_int_equal(ifindex, 3);
	*ret_p = (struct ipso_gate_probe){.open = open_gate, .guarded = mode};
	return 0;
}

int __wrap_apply_offload_again(apply_progress_fn fn, void *arg, struct why *why);
int __wrap_apply_offload_again(apply_progress_fn fn, void *arg, struct why *why)
{
	(void)fn;
	(void)arg;
	(void)why;
	asked++;
	return answer;
}

static struct obs_device device = {.pci = "0000:01:00.0", .uplink = {.ifindex = 3}};
static struct ipso_state st = {.devices = &device, .devices_count = 1};
static const struct service s = {.st = &st};

static int begin(void **state)
{
	(void)state;
	now = 100 * SECOND;
	renewed = asked = 0;
	answer = 0;
	open_gate = true;
	mode = IPSO_GATE_ENFORCE;
	return 0;
}

static void refuse(struct again *a, const char *comm, unsigned int verdict)
{
	struct ipso_event_gate e = record_gate(verdict);

	strcpy(e.hdr.comm, comm);
	e.hdr.ktime = now;
	again_event(a, &e.hdr);
}

/* A second later. */
static void tend(struct again *a)
{
	now += SECOND;
	again_tend(a, &s);
}

static void only_open_vswitch(void **state)
{
	struct again a = {};
	struct ipso_event_sa sa = record_sa(IPSO_EV_SA_ADD, 1, -EBUSY);

	(void)state;
	refuse(&a, "tc", IPSO_VERDICT_REFUSED);
	refuse(&a, "handler7", IPSO_VERDICT_OBSERVED);
	strcpy(sa.hdr.comm, "handler7");
	again_event(&a, &sa.hdr);
	tend(&a);
	assert_int_equal(asked, 0);
	refuse(&a, "revalidator12", IPSO_VERDICT_HELD);
	tend(&a);
	tend(&a);
	assert_int_equal(asked, 1);
}

static void once_it_is_open(void **state)
{
	struct again a = {};

	(void)state;
	open_gate = false;
	refuse(&a, "handler7", IPSO_VERDICT_REFUSED);
	refuse(&a, "handler8", IPSO_VERDICT_REFUSED);
	assert_int_equal(a.count, 1);
	tend(&a);
	open_gate = true;
	mode = IPSO_GATE_HOLD;
	tend(&a);
	assert_int_equal(asked, 0);
	mode = IPSO_GATE_ENFORCE;
	tend(&a);
	assert_int_equal(asked, 1);
}

/* By an `ipso up`, or behind a rekey window. */
static void made_anew_by_another(void **state)
{
	struct again a = {};

	(void)state;
	refuse(&a, "handler7", IPSO_VERDICT_REFUSED);
	renewed = now + 1;
	tend(&a);
	assert_int_equal(asked, 0);
	assert_int_equal(a.count, 0);
}

static void not_while_a_window_is_open(void **state)
{
	struct window w = {.open = true};
	const struct service busy = {.st = &st, .window = &w};
	struct again a = {};

	(void)state;
	refuse(&a, "handler7", IPSO_VERDICT_HELD);
	now += SECOND;
	again_tend(&a, &busy);
	assert_int_equal(asked, 0);
	w.open = false;
	again_tend(&a, &busy);
	assert_int_equal(asked, 1);
}

static void tried_again(void **state)
{
	struct again a = {};

	(void)state;
	refuse(&a, "handler7", IPSO_VERDICT_REFUSED);
	answer = -EALREADY;
	tend(&a);
	tend(&a);
	assert_int_equal(asked, 2);
	answer = -ETIMEDOUT;
	tend(&a);
	tend(&a);
	assert_int_equal(asked, 3);
	answer = 0;
	now += 30 * SECOND;
	tend(&a);
	tend(&a);
	assert_int_equal(asked, 4);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(only_open_vswitch, begin),
		cmocka_unit_test_setup(once_it_is_open, begin),
		cmocka_unit_test_setup(made_anew_by_another, begin),
		cmocka_unit_test_setup(not_while_a_window_is_open, begin),
		cmocka_unit_test_setup(tried_again, begin),
	};

	return cmocka_run_group_tests_name("daemon_again", tests, NULL, NULL);
}
