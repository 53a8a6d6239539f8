/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ovs-vsctl prints, read; what is no such thing, refused. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/mem.h"
#include "nl/ovs.h"

/* As Open vSwitch 3.5 answers, shortened. */
#define ROOT "{\"data\":[[[\"map\",[[\"flow-limit\",\"9\"],[\"hw-offload\",\"true\"]]]]],\"headings\":[\"other_config\"]}\n"
#define BRIDGES                                                                              \
	"{\"data\":[[\"br0\",[\"set\",[[\"uuid\",\"p1\"],[\"uuid\",\"p2\"],[\"uuid\",\"p3\"]]]," \
	"[\"map\",[[\"ipso\",\"added\"]]]],"                                                 \
	"[\"br1\",[\"uuid\",\"p4\"],[\"map\",[]]],"                                          \
	"[\"a-name-that-no-device-has\",[\"set\",[]],[\"map\",[]]]],\"headings\":[]}\n"
#define PORTS                                                                                \
	"{\"data\":[[[\"uuid\",\"p3\"],\"eth1\",[\"map\",[]],[\"uuid\",\"i3\"]],"            \
	"[[\"uuid\",\"p1\"],\"br0\",[\"map\",[]],[\"uuid\",\"i1\"]],"                        \
	"[[\"uuid\",\"p2\"],\"vx\",[\"map\",[[\"ipso\",\"added\"]]],[\"uuid\",\"i2\"]],"     \
	"[[\"uuid\",\"p4\"],\"br1\",[\"map\",[]],[\"set\",[[\"uuid\",\"i4\"]]]]],\"headings\":[]}\n"
#define INTERFACES                                                                           \
	"{\"data\":[[[\"uuid\",\"i1\"],\"internal\",[\"map\",[]],[\"set\",[]]],"             \
	"[[\"uuid\",\"i2\"],\"vxlan\",[\"map\",[[\"dst_port\",\"4789\"],[\"key\",\"100\"],"  \
	"[\"local_ip\",\"192.0.2.1\"],[\"remote_ip\",\"192.0.2.2\"]]],[\"set\",[]]],"        \
	"[[\"uuid\",\"i3\"],\"\",[\"map\",[]],\"could not open network device eth1\"],"      \
	"[[\"uuid\",\"i4\"],\"internal\",[\"map\",[]],[\"set\",[]]]],\"headings\":[]}\n"

static void tables(void **state)
{
	_cleanup_(ovs_free) struct ovs o = {};
	const struct ovs_port *p;

	(void)state;
	assert_int_equal(ovs_parse(ROOT BRIDGES PORTS INTERFACES, &o), 0);
	assert_string_equal(o.hw_offload, "true");
	assert_string_equal(o.flow_limit, "9");
	assert_int_equal(o.bridges_count, 2);
	assert_true(ovs_bridge_find(&o, "br0")->ours);
	assert_false(ovs_bridge_find(&o, "br1")->ours);
	assert_null(ovs_bridge_find(&o, "br2"));
	assert_true(ovs_bridge_used(&o, "br0"));
	assert_false(ovs_bridge_used(&o, "br1"));
	p = ovs_port_find(&o, "vx");
	assert_non_null(p);
	assert_true(p->ours);
	assert_string_equal(p->bridge, "br0");
	assert_string_equal(p->type, "vxlan");
	assert_string_equal(p->local_ip, "192.0.2.1");
	assert_string_equal(p->remote_ip, "192.0.2.2");
	assert_string_equal(p->key, "100");
	assert_string_equal(p->dst_port, "4789");
	assert_string_equal(p->error, "");
	p = ovs_port_find(&o, "eth1");
	assert_non_null(p);
	assert_false(p->ours);
	assert_string_equal(p->error, "could not open network device eth1");
}

/* Cut anywhere, it is refused; nothing is left behind (sanitizers watch). */
static void cut_short(void **state)
{
	static const char whole[] = ROOT BRIDGES PORTS INTERFACES;

	(void)state;
	for (size_t n = 0; n + 2 < sizeof(whole); n++) {
		_free_ char *part = strndup(whole, n);
		struct ovs o = {};

		assert_int_equal(ovs_parse(part, &o), -EBADMSG);
		assert_null(o.bridges);
	}
}

static void other_shapes(void **state)
{
	static const char *const texts[] = {"", "[]", "{}{}{}{}", "{\"data\":1}",
					    "{\"data\":{}}\n{\"data\":[]}\n"};
	_cleanup_(ovs_free) struct ovs o = {};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		assert_int_equal(ovs_parse(texts[i], &o), -EBADMSG);
	/* Rows and cells that are something else count as absent. */
	assert_int_equal(ovs_parse("{\"data\":[1]}{\"data\":[[],[1,2,3],[\"b\"]]}{\"data\":[[]]}"
				   "{\"data\":[null]}", &o), 0);
	assert_non_null(ovs_bridge_find(&o, "b"));
	assert_int_equal(o.ports_count, 0);
}

static void ipv6(void **state)
{
	struct ovs_vxlan v = {.name = "vx", .vni = 7, .port = 4790};
	struct ovs_call c;

	(void)state;
	assert_int_equal(addr_parse("2001:db8::1", &v.local), 0);
	assert_int_equal(addr_parse("2001:db8::2", &v.remote), 0);
	ovs_call_vxlan(&c, NULL, &v);
	assert_string_equal(c.words[1], "set");
	assert_string_equal(c.words[5], "options:local_ip=2001:db8::1");
	assert_string_equal(c.words[8], "options:dst_port=4790");
	assert_null(c.words[c.count]);
	ovs_call_offload(&c, "");
	assert_string_equal(c.words[1], "remove");
	ovs_call_flow_limit(&c, "0");
	assert_string_equal(c.words[1], "set");
	assert_string_equal(c.words[4], "other_config:flow-limit=0");
	ovs_call_flow_limit(&c, "");
	assert_string_equal(c.words[5], "flow-limit");
}

static void flows_of_all_datapaths(void **state)
{
	(void)state;
	assert_int_equal(ovs_flows_parse(""), 0);
	assert_int_equal(ovs_flows_parse("system@ovs-system:\n  flows         : (current 0) (avg 9) "
					 "(max 2000) (limit 0)\n"), 0);
	assert_int_equal(ovs_flows_parse("system@ovs-system:\n  flows         : (current 12) (avg 9) "
					 "(max 2000) (limit 200000)\n  offloaded flows : 12\n"
					 "netdev@ovs-netdev:\n  flows         : (current 3) (avg"), 15);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables), cmocka_unit_test(cut_short),
		cmocka_unit_test(other_shapes), cmocka_unit_test(ipv6),
		cmocka_unit_test(flows_of_all_datapaths),
	};

	return cmocka_run_group_tests_name("nl_ovs", tests, NULL, NULL);
}
