/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The card as QEMU sees it: a PCIe function with one BAR (initialization segment, UAR pages, MSI-X
 * table), SR-IOV, function level reset, a network client as its wire, the device's properties.
 * With cx_abi.c the only file that knows QEMU. Leaves out: AER, power management, VPD, VSC,
 * migration, a second port.
 */
#include "qemu/osdep.h"

#include "hw/pci/msix.h"
#include "hw/pci/pci_device.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_sriov.h"
#include "hw/qdev-properties-system.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "net/net.h"
#include "qapi/error.h"
#include "qemu/timer.h"
#include "system/cpus.h"

#include "cx.h"
#include "cx_abi.h"

#define TYPE_CONNECTX "connectx"
#define TYPE_CONNECTX_VF "connectx-vf"

enum {
	VENDOR = 0x15b3,
	SUBSYSTEM = 0x0016,
	PF_BAR_BYTES = 32 << 20,
	VF_BAR_BYTES = 4 << 20,
	BAR_FLAGS = PCI_BASE_ADDRESS_MEM_TYPE_64 | PCI_BASE_ADDRESS_MEM_PREFETCH,
	/* From the end of the BAR. */
	MSIX_TABLE = 0x4000,
	MSIX_PBA = 0x2000,
	/* Configuration space. */
	CAP_EXPRESS = 0x60,
	CAP_MSIX = 0x9c,
	CAP_ARI = 0x100,
	CAP_SRIOV = 0x140,
	/* Initialization segment: what mlx5_ifc.h has no name for. */
	SEG_TIMER = 0x1000,
	SEG_HEALTH_COUNTER = 0x1010,
	/* A UAR page. */
	UAR_CQ = 0x20,
	UAR_EQ_ARM = 0x40,
	UAR_EQ = 0x48,
	UAR_SQ = 0x800,
	UAR_SQ_STRIDE = 0x100,
};

struct cx_pci {
	PCIDevice parent;
	MemoryRegion bar;
	NICState *nic;		/* PF alone, as the properties */
	NICConf conf;
	char *profile, *log, *faults;
	uint32_t loglevel;
	struct cx_fn fn;
};

DECLARE_INSTANCE_CHECKER(struct cx_pci, CONNECTX, TYPE_CONNECTX)

static PCIDevice *pci_of(struct cx_fn *fn)
{
	return PCI_DEVICE(fn->pci);
}

void cx_dma_read(struct cx_fn *fn, uint64_t addr, void *buf, size_t len)
{
	if (pci_dma_read(pci_of(fn), addr, buf, len)) {
		memset(buf, 0, len);
		cx_log(fn, CX_LOG_ERROR, "DMA read of %zu bytes at 0x%" PRIx64 " failed", len,
		       addr);
	}
}

void cx_dma_write(struct cx_fn *fn, uint64_t addr, const void *buf, size_t len)
{
	if (pci_dma_write(pci_of(fn), addr, buf, len))
		cx_log(fn, CX_LOG_ERROR, "DMA write of %zu bytes at 0x%" PRIx64 " failed", len,
		       addr);
}

void cx_dma_write_owned(struct cx_fn *fn, uint64_t addr, const void *buf, size_t len)
{
	const uint8_t *bytes = buf;

	cx_dma_write(fn, addr, bytes, len - 1);
	smp_wmb();
	cx_dma_write(fn, addr + len - 1, bytes + len - 1, 1);
}

void cx_interrupt(struct cx_fn *fn, unsigned int vector)
{
	if (msix_enabled(pci_of(fn)))
		msix_notify(pci_of(fn), vector);
}

void cx_wire_send(struct cx_dev *dev, const uint8_t *frame, size_t len)
{
	struct cx_pci *pf = dev->fn[0]->pci;

	qemu_send_packet(qemu_get_queue(pf->nic), frame, len);
}

uint64_t cx_now_ns(void)
{
	return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
}

struct deferred {
	QEMUTimer *timer;
	void (*fn)(void *);
	void *arg;
};

static void deferred_run(void *opaque)
{
	struct deferred *d = opaque;

	d->fn(d->arg);
	timer_free(d->timer);
	g_free(d);
}

void cx_defer(unsigned int ms, void (*fn)(void *), void *arg)
{
	struct deferred *d = g_new(struct deferred, 1);

	d->fn = fn;
	d->arg = arg;
	d->timer = timer_new_ms(QEMU_CLOCK_VIRTUAL, deferred_run, d);
	timer_mod(d->timer, qemu_clock_get_ms(QEMU_CLOCK_VIRTUAL) + ms);
}

/* Doorbells are big endian in memory; bytes is what the driver stored. */
static void uar_write(struct cx_fn *fn, unsigned int page, unsigned int off, const uint8_t *bytes,
		      unsigned int size)
{
	uint64_t *first = &fn->uar_doorbell[page % ARRAY_SIZE(fn->uar_doorbell)];
	uint32_t word = cx_be32(bytes);
	bool sq = off >= UAR_SQ;
	unsigned int at = sq ? off % UAR_SQ_STRIDE : off - UAR_CQ;

	if (off == UAR_EQ_ARM || off == UAR_EQ) {
		cx_eq_doorbell(fn, word, off == UAR_EQ_ARM);
		return;
	}
	/* BlueFlame: a whole work request is written here; it is also in the queue, and read there. */
	if (sq && at >= 8)
		return;
	/* Two words, written at once or one after the other. */
	if (at == 0 && size == 4) {
		*first = word;
		return;
	}
	if (at == 0 && size == 8) {
		*first = word;
		word = cx_be32(bytes + 4);
	} else if (at != 4 || size != 4) {
		cx_log(fn, CX_LOG_ERROR, "UAR page %u offset 0x%x: %u bytes ignored", page, off,
		       size);
		return;
	}
	if (sq)
		cx_sq_doorbell(fn, word >> 8);
	else
		cx_cq_arm(fn, *first, word & 0xffffff);
}

static uint64_t bar_read(void *opaque, hwaddr addr, unsigned int size)
{
	struct cx_fn *fn = opaque;
	uint64_t value = 0;

	cx_put_be64(fn->init_seg + SEG_TIMER, cx_now_ns());
	/* Moves, or the driver takes the firmware for dead. */
	cx_put_be32(fn->init_seg + SEG_HEALTH_COUNTER, cx_now_ns() / 100000000 & 0xffffff);
	if (addr + size <= sizeof(fn->init_seg))
		memcpy(&value, fn->init_seg + addr, size);
	return value;
}

static void init_seg_write(struct cx_fn *fn, hwaddr addr, const uint8_t *bytes, unsigned int size)
{
	const unsigned int queue = CX_OFF(initial_seg, cmdq_phy_addr_63_32);
	const unsigned int doorbell = CX_OFF(initial_seg, command_doorbell_vector);
	const unsigned int sizes = doorbell - 1;

	if (addr == doorbell && size == 4) {
		cx_cmd_doorbell(fn, cx_be32(bytes));
	} else if (addr >= queue && addr + size <= doorbell) {
		/* The last byte tells the size of the queue and is not the driver's to write. */
		uint8_t keep = fn->init_seg[sizes];

		memcpy(fn->init_seg + addr, bytes, size);
		fn->init_seg[sizes] = keep;
	} else {
		cx_log(fn, CX_LOG_DETAIL, "init segment 0x%" HWADDR_PRIx ": write ignored", addr);
	}
}

static void bar_write(void *opaque, hwaddr addr, uint64_t value, unsigned int size)
{
	struct cx_fn *fn = opaque;
	uint8_t bytes[8];

	memcpy(bytes, &value, sizeof(bytes));
	if (addr < sizeof(fn->init_seg))
		init_seg_write(fn, addr, bytes, size);
	else
		uar_write(fn, addr / 4096, addr % 4096, bytes, size);
}

/* Bytes arrive and leave as the guest has them in memory: both sides little endian. */
static const MemoryRegionOps bar_ops = {
	.read = bar_read,
	.write = bar_write,
	.endianness = DEVICE_LITTLE_ENDIAN,
	.valid = { .min_access_size = 1, .max_access_size = 8 },
	.impl = { .min_access_size = 1, .max_access_size = 8 },
};

static ssize_t net_receive(NetClientState *nc, const uint8_t *frame, size_t len)
{
	struct cx_pci *pf = qemu_get_nic_opaque(nc);
	struct cx_dev *dev = pf->fn.dev;

	if (cx_vport_link_up(dev, CX_VPORT_UPLINK))
		cx_wire_rx(dev, frame, len);
	return len;
}

static void net_link(NetClientState *nc)
{
	struct cx_pci *pf = qemu_get_nic_opaque(nc);

	pf->fn.dev->port.carrier = !nc->link_down;
	cx_vports_link_changed(pf->fn.dev);
}

static NetClientInfo net_info = {
	.type = NET_CLIENT_DRIVER_NIC,
	.size = sizeof(NICState),
	.receive = net_receive,
	.link_status_changed = net_link,
};

static bool bar_init(struct cx_pci *self, unsigned int bytes, Error **errp)
{
	PCIDevice *pci = PCI_DEVICE(self);

	memory_region_init_io(&self->bar, OBJECT(self), &bar_ops, &self->fn, "connectx", bytes);
	pci_register_bar(pci, 0, BAR_FLAGS, &self->bar);
	pcie_endpoint_cap_init(pci, CAP_EXPRESS);
	pcie_cap_fill_link_ep_usp(pci, QEMU_PCI_EXP_LNK_X16, QEMU_PCI_EXP_LNK_16GT);
	pcie_cap_flr_init(pci);
	if (msix_init(pci, CX_VECTORS, &self->bar, 0, bytes - MSIX_TABLE, &self->bar, 0,
		      bytes - MSIX_PBA, CAP_MSIX, errp))
		return false;
	for (unsigned int i = 0; i < CX_VECTORS; i++)
		msix_vector_use(pci, i);
	pcie_ari_init(pci, CAP_ARI);
	return true;
}

static struct cx_dev *dev_new(struct cx_pci *self, const struct cx_profile *profile)
{
	struct cx_dev *dev = g_new0(struct cx_dev, 1);

	dev->profile = profile;
	qemu_macaddr_default_if_unset(&self->conf.macaddr);
	memcpy(dev->mac, self->conf.macaddr.a, sizeof(dev->mac));
	dev->serial = dev->mac[3] << 16 | dev->mac[4] << 8 | dev->mac[5];
	dev->port.carrier = true;
	dev->port.admin_up = true;
	dev->port.mtu = 1522;
	dev->objects = g_hash_table_new(NULL, NULL);
	dev->log = cx_log_open(self->log, self->loglevel);
	dev->faults = cx_faults_new(dev, self->faults);
	dev->flow = cx_flow_init(dev);
	cx_vports_init(dev);
	return dev;
}

static void dev_free(struct cx_dev *dev)
{
	cx_flow_free(dev->flow);
	cx_faults_free(dev->faults);
	cx_log_close(dev->log);
	g_hash_table_destroy(dev->objects);
	g_free(dev);
}

static void pf_realize(struct cx_pci *self, Error **errp)
{
	const char *name = self->profile ?: "connectx-7";
	const struct cx_profile *profile = cx_profile_find(name);
	PCIDevice *pci = PCI_DEVICE(self);

	if (!profile) {
		error_setg(errp, "connectx: no profile '%s' (connectx-7, connectx-7-roce, connectx-6dx, "
			   "bluefield-2, connectx-6)", name);
		return;
	}
	pci_config_set_device_id(pci->config, profile->pf_device);
	cx_fn_init(&self->fn, dev_new(self, profile), 0, self);
	if (!bar_init(self, PF_BAR_BYTES, errp))
		return;
	self->nic = qemu_new_nic(&net_info, &self->conf, object_get_typename(OBJECT(self)),
				 DEVICE(self)->id, &DEVICE(self)->mem_reentrancy_guard, self);
	qemu_format_nic_info_str(qemu_get_queue(self->nic), self->conf.macaddr.a);
	/* Realizes every VF at once: all that they share must be there. */
	if (!pcie_sriov_pf_init(pci, CAP_SRIOV, TYPE_CONNECTX_VF, profile->vf_device, CX_MAX_VF,
				CX_MAX_VF, 1, 1, errp))
		return;
	pcie_sriov_pf_init_vf_bar(pci, 0, BAR_FLAGS, VF_BAR_BYTES);
	cx_log(&self->fn, CX_LOG_COMMAND, "%s, %d VFs", profile->description, CX_MAX_VF);
}

static void vf_realize(struct cx_pci *self, Error **errp)
{
	PCIDevice *pci = PCI_DEVICE(self);
	struct cx_pci *pf = CONNECTX(pcie_sriov_get_pf(pci));

	if (bar_init(self, VF_BAR_BYTES, errp))
		cx_fn_init(&self->fn, pf->fn.dev, pcie_sriov_vf_number(pci) + 1, self);
}

static void pci_realize(PCIDevice *pci, Error **errp)
{
	if (pci_is_vf(pci))
		vf_realize(CONNECTX(pci), errp);
	else
		pf_realize(CONNECTX(pci), errp);
}

static void pci_exit(PCIDevice *pci)
{
	struct cx_pci *self = CONNECTX(pci);
	struct cx_dev *dev = self->fn.dev;
	bool pf = !pci_is_vf(pci);

	if (pf)
		pcie_sriov_pf_exit(pci);
	cx_fn_exit(&self->fn);
	msix_uninit(pci, &self->bar, &self->bar);
	if (!pf)
		return;
	qemu_del_nic(self->nic);
	dev_free(dev);
}

/*
 * A write here may map or unmap BARs. QEMU 10.0 with one thread a CPU resolves an access of another
 * CPU through the new memory map with an index of the old one (iotlb_to_section() asserts), until
 * that CPU has flushed its TLB. So the others stand still, and flush before they go on.
 */
static void pci_config_write(PCIDevice *pci, uint32_t addr, uint32_t value, int len)
{
	pause_all_vcpus();
	pci_default_write_config(pci, addr, value, len);
	pcie_sriov_config_write(pci, addr, value, len);
	pcie_cap_flr_write_config(pci, addr, value, len);
	resume_all_vcpus();
}

static void pci_reset(DeviceState *state)
{
	PCIDevice *pci = PCI_DEVICE(state);

	cx_fn_reset(&CONNECTX(pci)->fn);
	if (!pci_is_vf(pci))
		pcie_sriov_pf_reset(pci);
}

static const Property properties[] = {
	DEFINE_NIC_PROPERTIES(struct cx_pci, conf),
	DEFINE_PROP_STRING("profile", struct cx_pci, profile),
	DEFINE_PROP_STRING("log", struct cx_pci, log),
	DEFINE_PROP_STRING("faults", struct cx_pci, faults),
	DEFINE_PROP_UINT32("loglevel", struct cx_pci, loglevel, CX_LOG_COMMAND),
};

static const VMStateDescription vmstate = { .name = TYPE_CONNECTX, .unmigratable = 1 };

static void pf_class_init(ObjectClass *class, void *data)
{
	PCIDeviceClass *pci = PCI_DEVICE_CLASS(class);
	DeviceClass *device = DEVICE_CLASS(class);

	(void)data;
	cx_abi_check();
	pci->realize = pci_realize;
	pci->exit = pci_exit;
	pci->config_write = pci_config_write;
	pci->vendor_id = VENDOR;
	pci->class_id = PCI_CLASS_NETWORK_ETHERNET;
	pci->subsystem_vendor_id = VENDOR;
	pci->subsystem_id = SUBSYSTEM;
	device->desc = "Emulated ConnectX for mlx5_core";
	device->vmsd = &vmstate;
	device_class_set_legacy_reset(device, pci_reset);
	device_class_set_props_n(device, properties, ARRAY_SIZE(properties));
	set_bit(DEVICE_CATEGORY_NETWORK, device->categories);
}

static void vf_class_init(ObjectClass *class, void *data)
{
	(void)data;
	DEVICE_CLASS(class)->user_creatable = false;
}

static const InterfaceInfo pf_interfaces[] = { { INTERFACE_PCIE_DEVICE }, { } };

static const TypeInfo pf_type = {
	.name = TYPE_CONNECTX,
	.parent = TYPE_PCI_DEVICE,
	.instance_size = sizeof(struct cx_pci),
	.class_init = pf_class_init,
	.interfaces = (InterfaceInfo *)pf_interfaces,
};

static const TypeInfo vf_type = {
	.name = TYPE_CONNECTX_VF,
	.parent = TYPE_CONNECTX,
	.class_init = vf_class_init,
};

/* Runs before main(): QEMU has no say in what is preloaded. */
static void __attribute__((constructor)) connectx_register(void)
{
	type_register_static(&pf_type);
	type_register_static(&vf_type);
}
