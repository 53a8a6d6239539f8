#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=2 kernels=6.12 also=new nic=connectx-7 init=systemd timeout=600
# shows: the unit under systemd: started before Open vSwitch and strongSwan; killed again and again, hung,
# reloaded well and badly, upgraded and stopped under traffic, of which no packet is lost or clear
. /ipso/tests/lab/scenarios/ipso.lib.sh
. /ipso/tests/lab/scenarios/traffic.lib.sh

# As make install does it; what a test does not wait for is shorter.
units=/etc/systemd/system
install -m 755 $ipso /usr/sbin/ipso
ipso=/usr/sbin/ipso
install -m 644 /ipso/loader/dist/ipso.service $units
ike=$(sed -n 's/^IKE *:= *//p' /ipso/Makefile)
for after in $(sed -n "s/^AFTER *:= *//; T; s/[\$](IKE)/$ike/p" /ipso/Makefile); do
	install -D -m 644 /ipso/loader/dist/ordering.conf $units/$after.service.d/ipso.conf
done
for after in $ike; do
	install -m 644 /ipso/loader/dist/ike.conf $units/$after.service.d/ipso-window.conf
done
install -d $units/ipso.service.d
printf '[Service]\nRestartSec=100ms\nWatchdogSec=20\n' >$units/ipso.service.d/test.conf
# Wanted by one target, as at boot: names on the command line of systemctl are a transaction each.
printf '[Unit]\nWants=strongswan.service openvswitch-switch.service ipso.service\n' >$units/booted.target
install -d -m 700 /etc/ipso
conf=/etc/ipso
write_keys
config legacy
systemctl daemon-reload

property() { systemctl show -P "$1" "${2:-ipso.service}"; }
# Asked at once: it may end between two questions.
is_active() {
	systemctl show -p ActiveState -p NRestarts ipso.service | sort | xargs |
		grep -qx "ActiveState=active NRestarts=$1"
}
# signal NAME: to the service's process
signal() {
	local pid
	pid=$(property MainPID)
	[ "$pid" -gt 1 ] || fail "the service has no process to send $1 to"
	kill "-$1" "$pid"
}
log_says() { journalctl -u ipso.service -o cat | grep -qF -- "$1"; }
journal_has() { [ -n "$(journalctl -u ipso.service -o cat "$@")" ]; }
states() { ip xfrm state | grep -c 'mode packet' || true; }

finish() {
	journalctl -u ipso.service -o short-monotonic >"$LAB_OUT/journal.log" 2>&1 || true
	systemctl status --no-pager -l ipso.service >"$LAB_OUT/status.log" 2>&1 || true
}
trap finish EXIT

note "boot: one transaction starts all; Open vSwitch and strongSwan wait for ipso"
systemctl stop openvswitch-switch.service strongswan.service ovs-vswitchd.service ovsdb-server.service
expect 0 systemctl start booted.target
await "strongSwan" 60 systemctl is-active strongswan.service
await "Open vSwitch" 60 systemctl is-active openvswitch-switch.service
equal "ipso" "$(property ActiveState)" active
for after in openvswitch-switch strongswan; do
	ready=$(property ActiveEnterTimestampMonotonic)
	begins=$(property InactiveExitTimestampMonotonic $after.service)
	[ "$ready" -le "$begins" ] ||
		fail "$after began at $begins, ipso was ready at $ready"
	echo "ok: $after began after ipso was ready"
done
equal "ordering cycles" "$(journalctl -b -o cat | grep -c 'ordering cycle' || true)" 0
equal "SAs" "$(states)" 2
expect 0 systemd-analyze security --threshold=30 --no-pager ipso.service
pid=$(property MainPID)
equal "capabilities: BPF, PERFMON, SYS_ADMIN, NET_ADMIN" \
	"$(awk '/^CapEff/ { print $2 }' "/proc/$pid/status")" 000000c000201000
equal "seccomp filter" "$(awk '/^Seccomp:/ { print $2 }' "/proc/$pid/status")" 2
equal "watchdog" "$(property WatchdogUSec)" 20s
if log_says "not permitted"; then fail "something was not permitted"; fi
# mount_is PATH: how the service has it, ro or rw
mount_is() { awk -v path="$1" '$5 == path { how = substr($6, 1, 2) } END { print how }' "/proc/$pid/mountinfo"; }
equal "the folder of BPF's pins" "$(mount_is /sys/fs/bpf)" ro
equal "ipso's in it" "$(mount_is /sys/fs/bpf/ipso)" rw
# Where an acquire for the policies of the set-up would oops the kernel, the guard is pinned from in there.
kept() { [ "$(cd /sys/fs/bpf/ipso && echo acquire_*)" = "acquire_gone acquire_policy acquire_refuse acquire_refuse_too" ]; }
[ "$LAB_KERNEL" != 6.12 ] || await "the guard of acquires beside the gate" 20 kept
if log_says "while this service runs, no longer"; then fail "the guard of acquires ends with the service"; fi

note "telemetry works in there: every hook, other namespaces, the page"
expect 0 $ipso status
equal "hooks that the kernel did not load" \
	"$($ipso status --json | jq '[.hooks[]? | select(.reason // "" | test("did not load"))] | length')" 0
ip netns add later
ip -n later xfrm state add src 203.0.113.1 dst 203.0.113.2 proto esp spi 0x9001 reqid 9 mode transport \
	aead 'rfc4106(gcm(aes))' "0x$(test_key foreign 40)" 128
await "the SA of a namespace made after the start" 20 \
	sh -c "$ipso status --json | jq -e '.sas[] | select(.spi == \"0x00009001\")'"
ip netns delete later

note "Open vSwitch is within reach from in there: what a rekey window asks of both its sockets"
sed -E -e '/^(ExecStartPre|ExecReload|Restart|RuntimeDirectory|WatchdogSec|NotifyAccess)/d' -e 's/^Type=.*/Type=oneshot/' \
	-e 's#^ExecStart=.*#ExecStart=/usr/bin/ovs-appctl upcall/show\nExecStart=/usr/bin/ovs-vsctl --timeout=30 set Open_vSwitch . other_config:flow-limit=4321#' \
	$units/ipso.service >$units/reach.service
systemctl daemon-reload
expect 0 systemctl start reach.service
journalctl -u reach.service -o cat --no-pager
equal "flow limit" "$(ovs-vsctl --timeout=30 get Open_vSwitch . other_config:flow-limit | tr -d '"')" 4321
expect 0 ovs-vsctl --timeout=30 remove Open_vSwitch . other_config flow-limit

note "a refused SA is in the journal, with fields; the SAs of the set-up are no news"
if ip xfrm state add src $me_ip dst $peer_ip proto esp spi 0x7001 reqid 9 mode transport \
	aead 'rfc4106(gcm(aes))' "0x$(test_key foreign 40)" 96 offload packet dev "$(uplink)" dir out; then
	fail "the driver took an ICV of 96 bits"
fi
await "the journal" 20 journal_has IPSO_EVENT=sa-add IPSO_SPI=0x00007001
equal "its fields" "$(journalctl -u ipso.service -o json IPSO_EVENT=sa-add |
	jq -r '[.PRIORITY, .MESSAGE_ID, .IPSO_DEVICE, .IPSO_SPI, .SYSLOG_IDENTIFIER] | join(" ")')" \
	"3 740deb8ab2e942e5bdb40780068373a9 $(uplink) 0x00007001 ipso"
while IFS= read -r line; do
	expect 0 bash -c "$line"
done < <(awk -F'\t' '$1 == "systemd" { print $2 }' /ipso/tests/cli/docs.commands)
expect 0 $ipso explain "$(journalctl -u ipso.service -o json IPSO_EVENT=sa-add | jq -r .IPSO_CATALOGUE)"
expect 0 curl -sf http://127.0.0.1:9417/healthz
lab-barrier up 200
pings 1 "$peer_ip"
lab-barrier reached 200
before=$(clear)
traffic_begin 20
lab-barrier traffic 200

note "crash loop: killed twice, back twice, the data path never away"
for n in 1 2; do
	signal KILL
	await "start $n after the kill" 60 is_active $n
	equal "SAs" "$(states)" 2
done
traffic_goes_on crashed

note "hung: the watchdog ends it, and it is back"
signal STOP
await "the watchdog" 120 is_active 3
log_says "Watchdog timeout" || fail "it was not the watchdog"
traffic_goes_on watched

note "reload: the differences and nothing else"
pid=$(property MainPID)
sed -i "s|addresses: .*|addresses: [$me_ip/24, 10.9.0.$me/24]|" $conf/ipso.yaml
expect 0 systemctl reload ipso.service
ip -o addr show dev "$(uplink)" | grep -q "10.9.0.$me/24" || fail "the address is not there"
equal "process" "$(property MainPID)" "$pid"
log_says "reload: 1 step done" || fail "not the one step"
sed -i 's/name: pair/name: renamed/' $conf/ipso.yaml
expect 0 systemctl reload ipso.service
log_says "reload: 0 steps done" || fail "a name is no step"
equal "names of the SAs" "$(status '[.sas[].tunnel] | unique | @csv')" '"renamed"'
traffic_goes_on reloaded

note "reload of a file with a mistake: said with its place, and all goes on"
cp $conf/ipso.yaml $conf/good.yaml
sed -i 's/mtu: 2000/mtu: 20/' $conf/ipso.yaml
expect 1 systemctl reload ipso.service
log_says "$conf/ipso.yaml:5:10: mtu: found" || fail "the place of the mistake is not in the log"
log_says "nothing was changed, and the service goes on as before" || fail "not said what it means"
equal "ipso" "$(property ActiveState)" active
equal "process" "$(property MainPID)" "$pid"
signal HUP
await "the signal" 20 log_says "not reloaded, going on as before: $conf/ipso.yaml:5:10: mtu: found"
expect 0 curl -sf http://127.0.0.1:9417/healthz
equal "names of the SAs" "$(status '[.sas[].tunnel] | unique | @csv')" '"renamed"'
mv $conf/good.yaml $conf/ipso.yaml
traffic_goes_on bad-file

note "upgrade in place: another program, the same SAs"
version=$(cat /ipso/VERSION)
python3 - "$version" "${version//0/9}" <<'PYTHON'
import sys
old, new = (b"ipso " + v.encode() + b"\0" for v in sys.argv[1:])
program = open("/usr/sbin/ipso", "rb").read()
assert old in program
open("/usr/sbin/ipso.new", "wb").write(program.replace(old, new))
PYTHON
chmod 755 /usr/sbin/ipso.new
mv /usr/sbin/ipso.new /usr/sbin/ipso
expect 0 systemctl restart ipso.service
equal "version" "$(status .service.version)" "${version//0/9}"
[ "$(property MainPID)" != "$pid" ] || fail "the same process"
equal "SAs" "$(states)" 2
log_says "nothing to do" || fail "the new one did not find everything in place"
traffic_goes_on upgraded

note "stop: tunnels and gate stay"
expect 0 systemctl stop ipso.service
equal "ipso" "$(property ActiveState)" inactive
expect 0 $ipso gate status
says "enforce, open"
equal "SAs" "$(states)" 2
traffic_goes_on stopped
traffic_end
equal "lost in all of it" "$lost" 0
equal "came in the clear" "$(clear)" "$before"
lab-barrier counted 200
expect 0 $ipso down
equal "SAs after down" "$(states)" 0
finish
no_keys_in "$LAB_OUT" /run/ipso
