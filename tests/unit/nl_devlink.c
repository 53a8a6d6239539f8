/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devlink requests as bytes; ports from bytes. */
#include "messages.h"

#include <errno.h>
#include <linux/devlink.h>

#include "nl/compat.h"
#include "nl/devlink.h"

#define PCI "0000:01:00.0"
/* DEVLINK_ATTR_BUS_NAME 1 "pci", DEVLINK_ATTR_DEV_NAME 2 PCI */
#define NAMES "08000100 70636900 11000200 303030303a30313a30302e3000 000000"

static void requests(void **state)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct nl_msg m;

	(void)state;
	devlink_put_eswitch(&m, 20, PCI, DEVLINK_ESWITCH_MODE_SWITCHDEV);
	assert_header(&m, 20, NLM_F_REQUEST);
	assert_bytes(&m, 16, "1e010000" NAMES "06001900 01000000"); /* ESWITCH_SET 30, MODE 25 */
	devlink_put_encap(&m, 20, PCI, DEVLINK_ESWITCH_ENCAP_MODE_BASIC);
	assert_bytes(&m, 16, "1e010000" NAMES "05003e00 01000000"); /* ENCAP_MODE 62 */
	devlink_put_param(&m, 20, PCI, DEVLINK_PARAM_STEERING, "dmfs");
	assert_bytes(&m, 16,
		     "27010000" NAMES /* PARAM_SET 39 */
		     "17005100 666c6f775f7374656572696e675f6d6f646500 00" /* NAME 81 */
		     "05005700 00000000" /* CMODE 87: runtime */
		     "05005300 05000000" /* TYPE 83: string */
		     "09005600 646d667300 000000"); /* DATA 86 */
	devlink_put_port_mac(&m, 20, PCI, 65537, mac);
	assert_bytes(&m, 16, "06010000" NAMES "08000300 01000100"
			     "10009180 0a000100 020000000009 0000");
	devlink_put_port_cap(&m, 20, PCI, 65537, NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET, true);
	assert_bytes(&m, 16, "06010000" NAMES "08000300 01000100"
			     "10009180 0c000400 08000000 08000000");
	devlink_put_port_cap(&m, 20, PCI, 65537, NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET, false);
	assert_bytes(&m, 16, "06010000" NAMES "08000300 01000100"
			     "10009180 0c000400 00000000 08000000");
}

/* As the kernel writes a VF's port; caps NULL: a driver that has no such attribute. */
static void put_port(struct nl_msg *m, const char *pci, const struct nla_bitfield32 *caps)
{
	static const uint8_t mac[6] = {2, 0, 0, 0, 0, 9};
	struct nlattr *nest;

	devlink_put_get(m, 20, DEVLINK_CMD_PORT_NEW, pci);
	mnl_attr_put_u32(&m->h, DEVLINK_ATTR_PORT_INDEX, 65537);
	mnl_attr_put_u32(&m->h, DEVLINK_ATTR_PORT_NETDEV_IFINDEX, 12);
	mnl_attr_put_u16(&m->h, DEVLINK_ATTR_PORT_FLAVOUR, DEVLINK_PORT_FLAVOUR_PCI_VF);
	mnl_attr_put_u16(&m->h, DEVLINK_ATTR_PORT_PCI_VF_NUMBER, 3);
	nest = mnl_attr_nest_start(&m->h, DEVLINK_ATTR_PORT_FUNCTION);
	mnl_attr_put(&m->h, DEVLINK_PORT_FUNCTION_ATTR_HW_ADDR, 6, mac);
	if (caps)
		mnl_attr_put(&m->h, NL_DEVLINK_PORT_FN_ATTR_CAPS, sizeof(*caps), caps);
	mnl_attr_nest_end(&m->h, nest);
}

static void ports(void **state)
{
	struct nla_bitfield32 caps = {.value = 8, .selector = 0xc};
	struct devlink_port p;
	struct nl_msg m;

	(void)state;
	put_port(&m, PCI, &caps);
	assert_int_equal(devlink_parse_port(&m.h, PCI, &p), 0);
	assert_int_equal(p.index, 65537);
	assert_int_equal(p.ifindex, 12);
	assert_true(p.has_vf && p.vf == 3 && p.has_mac && p.mac[5] == 9);
	assert_true(p.caps_known & p.caps & NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET);
	caps = (struct nla_bitfield32){.value = 0, .selector = 1}; /* RoCE only */
	put_port(&m, PCI, &caps);
	assert_int_equal(devlink_parse_port(&m.h, PCI, &p), 0);
	assert_int_equal(p.caps_known, NL_DEVLINK_PORT_FN_CAP_ROCE);
	assert_int_equal(p.caps, 0);
	put_port(&m, PCI, NULL);
	assert_int_equal(devlink_parse_port(&m.h, PCI, &p), 0);
	assert_int_equal(p.caps_known, 0);
	assert_int_equal(devlink_parse_port(&m.h, "0000:02:00.0", &p), -ENOENT);
	devlink_put_get(&m, 20, DEVLINK_CMD_PORT_NEW, PCI);
	assert_int_equal(devlink_parse_port(&m.h, PCI, &p), -EBADMSG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(requests),
		cmocka_unit_test(ports),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
