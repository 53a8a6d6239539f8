# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# QEMU: the root's own binary, started through the root's own loader, so that
# neither privileges nor a chroot are needed and every path means the same.

# qemu_words PRELOAD: sets QEMU to the words before QEMU's own options.
qemu_words() {
	local fs=$ROOT/fs lib=usr/lib/x86_64-linux-gnu preload=()
	[ -z "$1" ] || preload=(--preload "$1")
	QEMU=("$fs/$lib/ld-linux-x86-64.so.2"
		--library-path "$fs/$lib:$fs/$lib/systemd:$fs/usr/lib" "${preload[@]}"
		"$fs/usr/bin/qemu-system-x86_64"
		-L "$fs/usr/share/qemu" -L "$fs/usr/share/seabios" -L "$fs/usr/lib/ipxe/qemu")
}

# Sets ACCEL to what works here. /dev/kvm alone says little, so a machine of the
# guests' kind is booted that does nothing but leave through the debug port.
# IPSO_LAB_ACCEL decides instead.
qemu_accel() {
	local seen rc=0
	ACCEL=${IPSO_LAB_ACCEL:-}
	case $ACCEL in
	tcg | kvm) return ;;
	'') ;;
	*) die "IPSO_LAB_ACCEL is '$ACCEL'" "it may be tcg or kvm" ;;
	esac
	ACCEL=tcg
	[ -r /dev/kvm ] && [ -w /dev/kvm ] || return 0
	# The answer holds until the next boot of this machine.
	seen=$CACHE/accel-$(tr -d '\n' </proc/sys/kernel/random/boot_id)
	if [ ! -f "$seen" ]; then
		rm -f "$CACHE"/accel-*
		qemu_kvm_probe || rc=$?
		# The guest wrote 0x10, QEMU exits with twice that plus one.
		[ $rc = 33 ] && echo kvm >"$seen" || echo tcg >"$seen"
	fi
	ACCEL=$(<"$seen")
}

# Sets CLOCK, the kernel command line's words about time. An emulated guest
# counts with this machine's own counter, so it is told its frequency: measured
# by the guest it would be wrong, and with it every timeout, whenever other
# work delays the emulation. For the same reason stalls are not called early.
qemu_clock() {
	local seen
	CLOCK="rcupdate.rcu_cpu_stall_timeout=60 watchdog_thresh=30"
	[ "$ACCEL" = tcg ] || return 0
	if [ -n "$COUNT" ]; then
		CLOCK+=" tsc=reliable no_timer_check tsc_early_khz=1000000"
		return
	fi
	seen=$CACHE/tsc-$(tr -d '\n' </proc/sys/kernel/random/boot_id)
	if [ ! -s "$seen" ]; then
		rm -f "$CACHE"/tsc-*
		"$IMAGE/tsc" >"$CACHE/new-tsc.$$"
		mv "$CACHE/new-tsc.$$" "$seen"
	fi
	CLOCK+=" tsc=reliable no_timer_check tsc_early_khz=$(<"$seen")"
}

qemu_kvm_probe() {
	local rc=0 sector
	sector=$(mktemp)
	# With the guests' CPU: where KVM is itself a guest's, a plainer one may start, and
	# "host" abort in QEMU over a register that cannot be set.
	# mov $0x501,%dx; mov $0x10,%al; out %al,(%dx); hlt
	{ printf '\272\001\005\260\020\356\364'; head -c 503 /dev/zero; printf '\125\252'; } >"$sector"
	qemu_words ""
	timeout 10 "${QEMU[@]}" -accel kvm -cpu host -M pc -m 16 -display none -nodefaults -no-reboot \
		-device isa-debug-exit,iobase=0x501,iosize=1 \
		-drive "file=$sector,format=raw,if=floppy" </dev/null >/dev/null 2>&1 || rc=$?
	rm -f "$sector"
	return $rc
}

# qemu_guest HOST: sets ARGS to the options of that host's machine. Takes the
# run's variables, see run.sh.
qemu_guest() {
	local host=$1 share=$WORK/share cpu=host nic=${NIC_OF[$1]} initrd accel=$ACCEL ICOUNT=()
	# AES in hardware, and nothing younger: wide vectors and deep page tables
	# cost an emulated machine a sixth of its time.
	[ "$ACCEL" != tcg ] || cpu=Westmere,+rdrand
	# With a thread a CPU QEMU 10.0 aborts now and then: while one CPU moves a BAR, an
	# access of the other is looked up in the new memory map with an index of the old
	# (iotlb_to_section). One thread for both is also faster when hosts share CPUs.
	[ "$ACCEL" != tcg ] || accel=tcg,thread=single
	[ -z "$COUNT" ] || ICOUNT=(-icount "shift=0,sleep=off")
	initrd=$WORK/initrd-$host
	cat "$IMAGE/initrd" >"$initrd"
	[ ! -f "${KERNEL_OF[$host]}/initrd" ] || cat "${KERNEL_OF[$host]}/initrd" >>"$initrd"
	ARGS=(-name "host-$host" -M q35,usb=off,vmport=off -accel "$accel" "${ICOUNT[@]}" -cpu "$cpu"
		-smp "$CPUS" -m "$MEMORY" -display none -nodefaults -no-user-config -no-reboot
		-kernel "${KERNEL_OF[$host]}/kernel" -initrd "$initrd"
		-append "console=ttyS0 panic=-1 $CLOCK quiet loglevel=7 net.ifnames=0 bonding.max_bonds=0 dummy.numdummies=0 modprobe.blacklist=mlx5_ib lab.host=$host lab.init=$INIT $APPEND"
		-chardev "file,id=console,path=$OUT/console-$host.log,append=on" -serial chardev:console
		-monitor "unix:$WORK/monitor-$host,server=on,wait=off"
		-drive "file=$IMAGE/root.erofs,format=raw,if=none,id=root,read-only=on,file.locking=off"
		-device virtio-blk-pci,drive=root
		-drive "file=${KERNEL_OF[$host]}/modules.erofs,format=raw,if=none,id=modules,read-only=on,file.locking=off"
		-device virtio-blk-pci,drive=modules
		-device virtio-rng-pci -device virtio-serial-pci
		-chardev "file,id=output,path=$OUT/output-$host.log,append=on"
		-device virtserialport,chardev=output,name=lab.output
		-chardev "socket,id=shell,path=$WORK/shell-$host,server=on,wait=off"
		-device virtserialport,chardev=shell,name=lab.shell)
	qemu_share ipso "$PROJECT" ,readonly=on
	qemu_share lab "$share" ''
	qemu_share out "$OUT/$host" ''
	qemu_wire "$host" "$nic"
	qemu_forward "$host"
}

# qemu_share TAG DIR OPTIONS
qemu_share() {
	ARGS+=(-fsdev "local,id=$1,path=$2,security_model=none,multidevs=remap$3"
		-device "virtio-9p-pci,fsdev=$1,mount_tag=$1")
}

# qemu_wire HOST NIC: the card and the wire to the other host, which host a
# captures. PF addresses end in the host's letter.
qemu_wire() {
	local host=$1 nic=$2 socket=$WORK/wire mac=02:49:50:53:4f:0$1
	[ "$nic" != none ] || return 0
	if [ "$HOSTS" = 1 ]; then
		ARGS+=(-netdev hubport,id=wire,hubid=0)
	elif [ "$host" = a ]; then
		ARGS+=(-netdev "stream,id=wire,server=on,addr.type=unix,addr.path=$socket")
	else
		ARGS+=(-netdev "stream,id=wire,server=off,addr.type=unix,addr.path=$socket,reconnect-ms=100")
	fi
	if [ "$host" = a ]; then
		# The same file by two names: the second is where host a sees it, as /out/wire.pcap.
		: >"$OUT/wire.pcap"
		ln -f "$OUT/wire.pcap" "$OUT/a/wire.pcap"
		ARGS+=(-object "filter-dump,id=capture,netdev=wire,maxlen=262144,file=$OUT/wire.pcap")
	fi
	case $nic in
	virtio) ARGS+=(-device "virtio-net-pci,netdev=wire,mac=$mac") ;;
	*)
		ARGS+=(-device pcie-root-port,id=rp1,slot=1,chassis=1,pref64-reserve=256M
			-device "connectx,id=cx0,bus=rp1,profile=$nic,mac=$mac,netdev=wire,log=$OUT/connectx-$host.log,loglevel=$LOGLEVEL,faults=$WORK/share/host-$host/faults")
		;;
	esac
}

# qemu_forward HOST: ports of this machine that lead to the host's loopback.
qemu_forward() {
	local rule options=
	for rule in ${FORWARD_OF[$1]}; do
		options+=,hostfwd=tcp:127.0.0.1:${rule%:*}-10.0.2.15:${rule#*:}
	done
	[ -z "$options" ] || ARGS+=(-netdev "user,id=forward,restrict=on$options"
		-device "virtio-net-pci,netdev=forward,mac=$FORWARD_MAC")
}
