#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=240
# shows: close to two hundred rows of the catalogue, each provoked: the text that the kernel really gives is the row's, and the service explains what came to the driver or its door by that row; an unknown text is unexplained
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config switchdev aes-gcm-128 "$(printf '    vfs: [{index: 0}, {index: 1}]')"
sed -i '1a ordering: observe' $conf/ipso.yaml
service_start
up=$(uplink) rep=$(representor 0) rep2=$(representor 1)
ip link add other type dummy
for d in "$rep" "$rep2" other "$up"; do
	ip link set "$d" up
	tc qdisc add dev "$d" ingress
done
# what TC's own refusals are about: a chain, a rule, a shared block, a queue without classes
tc chain add dev other ingress chain 5
tc filter add dev other ingress protocol ip pref 7 handle 1 flower action drop
ip link add shared type dummy
tc qdisc add dev shared ingress_block 22 ingress
tc qdisc add dev shared handle 9: root pfifo
ethtool -K "$rep" hw-tc-offload on
ethtool -K "$rep2" hw-tc-offload off

case $LAB_KERNEL in new) other_kernel=6.12 ;; *) other_kernel=7.3 ;; esac
known=$($ipso explain catalogue --json | jq -r "select(.kernel != \"$other_kernel\").id" | tr '\n' ' ')

# rows WHAT: what was asked, what came, the row that it is in the catalogue
rows() {
	python3 -B /ipso/tests/lab/scenarios/explain-rows.py "$1" "$LAB_KERNEL" "$known" "$up" "$rep" "$rep2" other shared >$conf/rows
	cut -f 2 $conf/rows | $ipso explain - --json | jq -r .id | paste $conf/rows - >>$conf/all
}
for what in xfrm devlink tc; do rows $what; done
tc filter add dev "$rep" ingress protocol ip pref 3 flower skip_sw dst_ip 192.0.2.8 action drop
rows busy
tc filter del dev "$rep" ingress protocol ip pref 3
cat $conf/all

note "each text is its row's"
# S rows have no text: what is explained of them is in the event alone
wrong=$(awk -F'\t' '$1 !~ /^S-/ && $1 != $NF' $conf/all)
[ -z "$wrong" ] || fail "not as the catalogue has it: $wrong"
count=$(wc -l <$conf/all)
[ "$count" -ge 190 ] || fail "$count rows, too few"
echo "ok: $count rows"

note "the service explains what its hooks saw by the same rows"
$ipso events --json >$conf/events
seen=0
while IFS=$'\t' read -r id answer spi _; do
	case $id in
	S-*) found=$(jq -r "select(.spi == \"$spi\").explanation.id" $conf/events) ;;
	X[US]-* | T* | M[DEFN]-* | DP-*) continue ;; # refused before a driver is asked, or not by TC or XFRM
	MT-44) # the driver writes it over a text that says more, which the hook keeps
		id=MT-59
		found=$(jq -r '.explanation.id // empty' $conf/events)
		;;
	MT-5[0-7]) continue ;; # matchall: the hook is that of flower
	*)
		text=${answer#Error: } text=${text#E*[A-Z] } text=${text%.}
		found=$(jq -r --arg t "$text" 'select(.text == $t[:79]).explanation.id' $conf/events)
		;;
	esac
	grep -qx "$id" <<<"$found" || fail "$id, '$answer': the service says '${found:-nothing}'"
	seen=$((seen + 1))
done <$conf/all
[ "$seen" -ge 35 ] || fail "only $seen rows were events"
echo "ok: $seen rows as events"
equal "unexplained among them" "$(metric 'ipso_offload_failures_total\{.*id="U-00"')" 0

note "a rekey beside a rule in hardware: refused by a driver that takes the eswitch for every SA"
equal "rekeys at risk without a rule" "$(metric 'ipso_eswitch_rekeys_at_risk\{')" 0
tc filter add dev "$rep" ingress protocol ip pref 5 flower skip_sw dst_ip 192.0.2.9 action drop
again() {
	ip xfrm state add src $me_ip dst $peer_ip proto esp spi 0x7001 reqid 9 mode transport \
		aead 'rfc4106(gcm(aes))' "0x$(test_key by-hand 40)" 128 offload packet dev "$up" dir out
}
if [ "$LAB_KERNEL" = new ]; then
	equal "rekeys at risk" "$(metric 'ipso_eswitch_rekeys_at_risk\{')" 2
	expect 2 again
	expect 0 $ipso explain 0x7001
	says "S-06"
else
	equal "rekeys at risk" "$(metric 'ipso_eswitch_rekeys_at_risk\{')" 0
	expect 0 again
fi

note "a text that no row has"
expect 1 $ipso explain "mlx5_core: the moon is in the wrong house"
says "unexplained"
