#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7 timeout=600
# shows: the real netplan and NetworkManager set modes of a card with packet offload: ipso check names their lines; what the driver refuses them and what it takes is heard with its author, is a drift and a metric, and is put right by ipso up and, with on-drift: restore, by the service; the commands of the SR-IOV operator, played
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
# VF 0 is this host's, VF 1 a guest's.
config switchdev aes-gcm-128 "    vfs: [{ index: 0, addresses: [10.7.0.1/24] }, { index: 1 }]"
up="$ipso up -c $conf/ipso.yaml"
pci=/sys/bus/pci/devices/$LAB_PCI
apply="netplan apply --sriov-only" # what netplan-sriov-apply.service runs at boot
event() { jq -c "select($1)" $conf/events.jsonl; }
happens() { await "event $1" 20 eval "event '$1' | grep -q ."; echo "ok: event $1"; }
last() { event "$1" | tail -n 1 | jq -r "$2"; }
drift() { metric "ipso_eswitch_drift\{.*item=\"$1\"\}"; }
restores() { metric "ipso_drift_restores_total\{result=\"$1\"\}"; }
mode() { devlink -j dev eswitch show "pci/$LAB_PCI" | jq -r '.. | .mode? // empty'; }
states() { ip xfrm state | grep -c "dev $(uplink) .*mode packet" || true; }
bound() { find "$pci"/virtfn*/driver -maxdepth 0 2>/dev/null | wc -l; }
is_set_up() {
	equal "mode, VFs, SAs" "$(mode) $(cat "$pci/sriov_numvfs") $(states)" "switchdev 2 2"
	await_equal "drift" "0 0" 10 eval 'echo "$(drift eswitch) $(drift vfs)"'
	ip -br address show to 10.7.0.1 | grep -q 10.7.0.1 || fail "VF 0 has lost its address"
	ip -br address show dev "$(uplink)" | grep -q $me_ip || fail "the uplink has lost its address"
}
netplan_sets() { # LINES of the uplink
	install -d /etc/netplan
	(umask 077 && printf 'network:\n  version: 2\n  ethernets:\n    %s:\n%s\n    guest:\n      match: { name: none }\n      link: %s\n' \
		"$(uplink)" "$1" "$(uplink)" >/etc/netplan/50-pf.yaml)
}
profile() { # LINES of [sriov]
	(umask 077 && printf '[connection]\nid=pf\ntype=ethernet\ninterface-name=%s\nautoconnect=false\n[sriov]\n%s\n[ipv4]\nmethod=manual\naddress1=%s/24\n' \
		"$(uplink)" "$1" $me_ip >/etc/NetworkManager/system-connections/pf.nmconnection)
	nmcli connection reload
}
checks() { # THE LINES that CK-46 is to name
	expect 0 $ipso check -c $conf/ipso.yaml --json
	equal "CK-46" "$(jq -r '.checks[] | select(.id == "CK-46") | .what + " " + .found' <<<"$output")" "$1"
}

# Both look at the interfaces that udev has seen; D-Bus is how NetworkManager is spoken to.
dpkg-query -W netplan.io network-manager
install -d /run/udev /run/dbus
systemd-machine-id-setup
/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --action=add --subsystem-match=net
udevadm settle
dbus-daemon --system --fork
service_start
$ipso events --json -f >>$conf/events.jsonl &
is_set_up

note "netplan: each of its lines is named"
netplan_sets "      embedded-switch-mode: legacy
      virtual-function-count: 1"
checks "netplan /etc/netplan/50-pf.yaml:5: embedded-switch-mode: legacy
netplan /etc/netplan/50-pf.yaml:6: virtual-function-count: 1
netplan /etc/netplan/50-pf.yaml:9: link: $(uplink)"

note "with SAs in hardware the driver refuses it the mode, not the VFs: one for two, which netplan leaves without a driver"
equal "VFs with a driver" "$(bound)" 2
expect 1 $apply
says "Can't change eswitch mode when IPsec SA and/or policies are configured"
equal "mode, VFs, with a driver, SAs" "$(mode) $(cat "$pci/sriov_numvfs") $(bound) $(states)" "switchdev 1 0 2"
refused='.kind == "mode-set" and .item == "eswitch" and .to == "legacy" and .result != 0'
happens "$refused"
equal "who asked" "$(last "$refused" '.comm + " " + .author + " " + .explanation.id')" "devlink netplan ME-08"
happens '.kind == "mode-set" and .item == "vfs" and .to == "0" and .author == "netplan"'
happens '.kind == "drift" and .item == "vfs"'
equal "drift" "$(last '.kind == "drift"' '[.found, .wanted, .comm, .author, .explanation.id] | join(" ")')" \
	"1 2 netplan netplan G-07"
echo 0 >"$pci/sriov_numvfs" # their number cannot be raised
expect 0 $up
is_set_up

note "without, it is taken: drift, until ipso up"
# unhindered COMMAND...: with nothing in hardware, while the service, which puts its policies back, is held.
# An SA that is deleted keeps the mode until the kernel has freed it, a moment later.
unhindered() {
	kill -STOP "$service"
	ip xfrm state flush
	ip xfrm policy flush
	await "$*" 30 "$@"
	kill -CONT "$service"
}
sed -i 's/count: 1/count: 2/' /etc/netplan/50-pf.yaml
unhindered $apply
happens '.kind == "drift" and .item == "eswitch"'
equal "drift" "$(last '.kind == "drift"' '[.found, .wanted, .comm, .author, .explanation.id] | join(" ")')" \
	"legacy switchdev devlink netplan G-07"
await_equal "metric" 1 10 drift eswitch
last '.kind == "drift"' '.explanation.who, .explanation.cause, .explanation.remedy'
last '.kind == "drift"' .explanation.remedy | grep -q virtual-function-count || fail "the remedy is not netplan's"
expect 0 $ipso explain G-07
expect 0 $up
is_set_up

rm -r /etc/netplan

note "NetworkManager: its lines are named"
printf '[main]\nno-auto-default=*\ndns=none\n' >/etc/NetworkManager/conf.d/lab.conf
printf '[device-of-others]\nmatch-device=interface-name:none\nsriov-num-vfs=1\n' >/etc/NetworkManager/conf.d/vfs.conf
NetworkManager --debug >"$LAB_OUT/NetworkManager.log" 2>&1 &
await "NetworkManager" 30 nmcli general status
is_set_up # a device with addresses it leaves as it is
profile "total-vfs=2
eswitch-mode=0"
checks "NetworkManager /etc/NetworkManager/system-connections/pf.nmconnection:6: [sriov]
NetworkManager /etc/NetworkManager/conf.d/vfs.conf:3: sriov-num-vfs=1"

note "the VFs are taken away before the mode is refused: drift, by a thread of it"
expect 4 nmcli connection up pf
says "Failed to configure SR-IOV parameters"
grep -i "sr-iov\|eswitch" "$LAB_OUT/NetworkManager.log" || true
happens '.kind == "drift" and .item == "vfs" and .found == "0"'
equal "drift" "$(last '.kind == "drift"' '[.found, .wanted, .comm, .author, .explanation.id] | join(" ")')" \
	"0 2 NetworkManager NetworkManager G-07"
equal "who asked for the mode" "$(last "$refused" '.comm + " " + .author + " " + .explanation.id')" \
	"NetworkManager NetworkManager ME-08"
equal "mode, SAs" "$(mode) $(states)" "switchdev 2"
await_equal "metric" 1 10 drift vfs
last '.kind == "drift"' .explanation.remedy | grep -qF "[sriov]" || fail "the remedy is not NetworkManager's"
expect 0 $up
is_set_up

note "on-drift: restore puts right what it takes when a profile is activated, and when it is deactivated"
sed -i '1a on-drift: restore' $conf/ipso.yaml
expect 0 $ipso reload
profile "total-vfs=0"
expect 0 nmcli connection up pf
await_equal "restores" 1 30 restores "done"
is_set_up
expect 0 nmcli connection down pf
await_equal "restores" 2 30 restores "done"
is_set_up
equal "author" "$(last '.kind == "drift"' .author)" NetworkManager
sed -i '/^on-drift/d' $conf/ipso.yaml
expect 0 $ipso reload

note "the SR-IOV operator: its steps, played, since it needs a cluster"
# Of the sriov-network-operator at commit 249e200, pkg/host/internal/sriov/sriov.go: configureHWOptionsForSwitchdev
# with setEswitchModeAndNumVFsMlx(legacy, 0), then createVFs with the same for switchdev. The daemon asks devlink
# by itself; a script has its name here, and devlink does it.
cat >$conf/sriov-network-config-daemon <<-PLAY
	#!/bin/bash
	set -eu
	unbind_all() { for vf in $pci/virtfn*; do [ ! -e \$vf/driver ] || basename \$(readlink \$vf) >\$vf/driver/unbind; done; }
	ethtool -K $(uplink) hw-tc-offload on
	unbind_all
	devlink dev eswitch set pci/$LAB_PCI mode legacy
	echo 0 >$pci/sriov_numvfs
	devlink dev param set pci/$LAB_PCI name flow_steering_mode value smfs cmode runtime || true # ENOTSUP is none to it
	echo 0 >$pci/sriov_numvfs
	echo 2 >$pci/sriov_numvfs
	unbind_all
	devlink dev eswitch set pci/$LAB_PCI mode switchdev
PLAY
chmod 755 $conf/sriov-network-config-daemon
expect 1 $conf/sriov-network-config-daemon
says "Can't change eswitch mode when IPsec SA and/or policies are configured"
equal "mode, VFs with a driver, SAs" "$(mode) $(bound) $(states)" "switchdev 0 2"
happens "$refused and .author == \"sriov-network-operator\""
unhindered $conf/sriov-network-config-daemon
for asked in '"eswitch" and .to == "legacy"' '"steering" and .to == "smfs"' '"vfs" and .to == "2"' '"eswitch" and .to == "switchdev"'; do
	happens ".kind == \"mode-set\" and .author == \"sriov-network-operator\" and .item == $asked"
done
equal "mode, VFs with a driver, SAs" "$(mode) $(bound) $(states)" "switchdev 0 0"
expect 0 $up
is_set_up

note "representors that went took nothing out of the hardware; an uplink that goes down does"
equal "link-flush" "$(event '.kind == "link-flush"' | wc -l)" 0
ip link set "$(uplink)" down
happens ".kind == \"link-flush\" and .device == \"$(uplink)\" and .sas == 2 and .comm == \"ip\""
expect 0 $up
is_set_up
equal "unreadable records" "$(status .events.unreadable)" 0
service_stop
no_keys_in "$LAB_OUT"
expect 0 $ipso down
