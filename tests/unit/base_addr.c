/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Addresses, PCI names and MACs: text to value and back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "base/addr.h"
#include "ipso/event.h"

static void addresses_come_back_as_written(void **state)
{
	static const char *const rows[] = {"192.0.2.1/24", "0.0.0.0/0", "2001:db8::1/64", "::/0",
					   "192.0.2.1/32", "2001:db8::2/128"};
	char buf[ADDR_STRLEN];
	struct addr a;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(addr_parse(rows[i], &a), 0);
		assert_string_equal(addr_str(&a, true, buf), rows[i]);
	}
	assert_int_equal(addr_parse("192.0.2.7", &a), 0);
	assert_int_equal(a.family, AF_INET);
	assert_int_equal(a.prefix, 32);
	assert_int_equal(a.b[3], 7);
	assert_int_equal(a.b[4], 0);
	assert_string_equal(addr_str(&a, false, buf), "192.0.2.7");
	a.family = 0;
	assert_string_equal(addr_str(&a, false, buf), "none");
}

static void bad_addresses_are_refused(void **state)
{
	static const char *const rows[] = {
		"",	       "192.0.2",      "192.0.2.256",	"192.0.2.1/33",	  "192.0.2.1/",
		"192.0.2.1/-1", "192.0.2.1/0x8", "2001:db8::1/129", "2001:db8::1::2", "host",
		"192.0.2.1 ",  "1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb:cccc",
	};
	struct addr a = {.prefix = 9};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(addr_parse(rows[i], &a), -EINVAL);
	assert_int_equal(a.prefix, 9);
}

static void equality_minds_family_and_prefix(void **state)
{
	struct addr a, b, c;

	(void)state;
	assert_int_equal(addr_parse("192.0.2.1/24", &a), 0);
	assert_int_equal(addr_parse("192.0.2.1", &b), 0);
	assert_int_equal(addr_parse("c000:201::", &c), 0);
	assert_true(addr_equal(&a, &b, false));
	assert_false(addr_equal(&a, &b, true));
	assert_false(addr_equal(&a, &c, false));
}

static void pci_names(void **state)
{
	static const char *const bad[] = {"",		   "08:00.0",	   "0000:08:00.8",
					  "0000:08:20.0",  "0000:08:00.0 ", "0000-08:00.0",
					  "000g:08:00.0"};
	char buf[PCI_STRLEN];
	uint32_t pci = 1;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pci_parse(bad[i], &pci), -EINVAL);
	assert_int_equal(pci, 1);
	assert_int_equal(pci_parse("0001:08:1F.7", &pci), 0);
	assert_int_equal(pci, IPSO_PCI(1, 8, 0x1f << 3 | 7));
	assert_string_equal(pci_str(pci, buf), "0001:08:1f.7");
}

static void mac_addresses(void **state)
{
	static const char *const bad[] = {"", "02:00:00:00:00", "02:00:00:00:00:0g",
					  "02-00-00-00-00-01", "02:00:00:00:00:01 "};
	char buf[MAC_STRLEN];
	uint8_t mac[6] = {9};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(mac_parse(bad[i], mac), -EINVAL);
	assert_int_equal(mac[0], 9);
	assert_int_equal(mac_parse("02:AB:cd:00:00:01", mac), 0);
	assert_string_equal(mac_str(mac, buf), "02:ab:cd:00:00:01");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses_come_back_as_written),
		cmocka_unit_test(bad_addresses_are_refused),
		cmocka_unit_test(equality_minds_family_and_prefix),
		cmocka_unit_test(pci_names),
		cmocka_unit_test(mac_addresses),
	};

	return cmocka_run_group_tests_name("base_addr", tests, NULL, NULL);
}
