/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * QEMU has no stable interface for devices from outside: structures must agree to the byte. The
 * running QEMU's own type table tells the sizes of objects and classes; a device that every x86
 * build has proves that the members read lie where they should. Leaves out: structures QOM knows
 * nothing of (NICState, timers); for those the lab builds against the source of the very package
 * that runs.
 */
#include "qemu/osdep.h"

#include "hw/pci/pci_bus.h"
#include "hw/pci/pci_device.h"
#include "hw/qdev-core.h"
#include "qom/object.h"

#include "cx_abi.h"

/* The head of QEMU's private TypeImpl (qom/object.c); the name shows whether it still is so. */
struct type_head {
	const char *name;
	size_t class_bytes, instance_bytes;
};

static const struct type_head types[] = {
	{ TYPE_OBJECT, sizeof(ObjectClass), sizeof(Object) },
	{ TYPE_DEVICE, sizeof(DeviceClass), sizeof(DeviceState) },
	{ TYPE_BUS, sizeof(BusClass), sizeof(BusState) },
	{ TYPE_PCI_DEVICE, sizeof(PCIDeviceClass), sizeof(PCIDevice) },
	{ TYPE_PCI_BUS, sizeof(PCIBusClass), sizeof(PCIBus) },
	{ TYPE_MEMORY_REGION, sizeof(ObjectClass), sizeof(MemoryRegion) },
};

/* A device with known identity, to prove the layout of PCIDeviceClass and DeviceClass. */
#define WITNESS "e1000e"
enum { WITNESS_VENDOR = 0x8086, WITNESS_DEVICE = 0x10d3 };

static void G_NORETURN G_GNUC_PRINTF(1, 2) refuse(const char *fmt, ...)
{
	va_list args;

	fputs("connectx: this QEMU is not the one it was built for: ", stderr);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputs(" (rebuild with: lab build)\n", stderr);
	exit(EXIT_FAILURE);
}

static void type_agrees(const struct type_head *want)
{
	ObjectClass *class = object_class_by_name(want->name);
	const struct type_head *have;

	if (!class)
		refuse("it has no type %s", want->name);
	have = (const struct type_head *)class->type;
	if (strcmp(object_class_get_name(class), want->name) || strcmp(have->name, want->name))
		refuse("TypeImpl differs");
	if (have->class_bytes != want->class_bytes || have->instance_bytes != want->instance_bytes)
		refuse("%s: class %zu and instance %zu bytes, not %zu and %zu", want->name,
		       have->class_bytes, have->instance_bytes, want->class_bytes,
		       want->instance_bytes);
}

void cx_abi_check(void)
{
	ObjectClass *witness;

	for (unsigned int i = 0; i < ARRAY_SIZE(types); i++)
		type_agrees(&types[i]);
	witness = object_class_by_name(WITNESS);
	if (!witness)
		refuse("it has no " WITNESS);
	if (PCI_DEVICE_CLASS(witness)->vendor_id != WITNESS_VENDOR ||
	    PCI_DEVICE_CLASS(witness)->device_id != WITNESS_DEVICE)
		refuse("PCIDeviceClass differs");
	if (!DEVICE_CLASS(witness)->user_creatable ||
	    !test_bit(DEVICE_CATEGORY_NETWORK, DEVICE_CLASS(witness)->categories))
		refuse("DeviceClass differs");
}
