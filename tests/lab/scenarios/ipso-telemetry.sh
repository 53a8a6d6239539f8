#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12,new nic=connectx-7 timeout=480
# shows: the table of SAs equals the kernel's after three processes changed hundreds of them at random, and after a burst that the stopped service could not read: what the ring had no room for is counted, kind by kind
. /ipso/tests/lab/scenarios/ipso.lib.sh
write_keys
config legacy
service_start
dev=$(uplink)
tools=/ipso/out/bench

# in_kernel, in_table: a line an SA: destination and SPI, and which are in packet offload
in_kernel() {
	ip -o xfrm state list nokeys | tr '\\' ' ' | awk '{
		dst = $4; spi = ""; mode = "none"
		for (i = 1; i < NF; i++) {
			if ($i == "spi") spi = $(i + 1)
			if ($i == "mode" && $(i + 1) ~ /^packet/) mode = "packet"
		}
		sub(/\(.*/, "", spi); print dst, spi, mode }' | sort
}
in_table() { $ipso status --json | jq -r '.sas[] | .destination + " " + .spi + " " + .offload' | sort; }
same() {
	in_kernel >$conf/kernel
	in_table >$conf/table
	diff $conf/kernel $conf/table >"$LAB_OUT/difference"
}
# agree WHAT: in the end, as nothing changes any more
agree() {
	await "the table to be the kernel's after $1 (a/difference)" 60 same
	echo "ok: $(wc -l <$conf/kernel) SAs after $1, $(grep -c packet$ $conf/kernel) of them in packet offload"
}

note "three processes add, rekey and delete at random"
# changes SEED N: a life of SAs, for ip -batch
changes() {
	awk -v seed="$1" -v n="$2" -v me="$me_ip" -v dev="$dev" -v key="0x$(test_key random 40)" '
		function add(i, k) {
			gen[i]++
			printf "xfrm state add src %s dst 10.%d.0.%d proto esp spi 0x%x reqid %d mode transport flag esn replay-window 0 aead rfc4106(gcm(aes)) %s 128 sel src %s dst 10.%d.0.%d%s\n",
				me, seed, i, seed * 65536 + i * 256 + gen[i] % 256, seed * 1000 + i, key, me, seed, i,
				(k < 0.3 ? " offload packet dev " dev " dir out" : " dir out")
		}
		function del(i, g) {
			printf "xfrm state delete src %s dst 10.%d.0.%d proto esp spi 0x%x\n", me, seed, i, seed * 65536 + i * 256 + g % 256
		}
		BEGIN {
			srand(seed)
			while (n-- > 0) {
				i = 1 + int(rand() * 40)
				if (!alive[i]) { add(i, rand()); alive[i] = 1 }
				else if (rand() < 0.5) { add(i, rand()); del(i, gen[i] - 1) }
				else { del(i, gen[i]); alive[i] = 0 }
			}
		}'
}
for seed in 1 2 3; do
	changes $seed 300 >$conf/batch-$seed
done
jobs=()
for seed in 1 2 3; do
	ip -batch $conf/batch-$seed &
	jobs+=($!)
done
for job in "${jobs[@]}"; do
	wait "$job" || fail "ip -batch ended with $?"
done
agree "900 random changes"
equal "lost" "$(status '[.events.lost[]] | add')" 0

note "a burst that nobody reads"
was() { status "[.events.seen[\"$1\"], .events.lost[\"$1\"]] | add"; }
adds=$(was sa-add) deletes=$(was sa-delete)
kill -STOP "$service"
$tools/sa churn 6000 "$dev" >/dev/null
$tools/sa add 60 "$dev"
kill -CONT "$service"
agree "12,060 changes that it could not read"
equal "additions seen or counted as lost" "$(($(was sa-add) - adds))" 6060
equal "deletions seen or counted as lost" "$(($(was sa-delete) - deletes))" 6000
$ipso status --json | jq -c .events
lost=$(status '[.events.lost[]] | add')
[ "$lost" -gt 0 ] || fail "the ring held all of it: the test shows nothing"
equal "lost in the metrics" "$(curl -sf http://127.0.0.1:9417/metrics |
	awk '/^ipso_events_lost_total/ { n += $NF } END { print n }')" "$lost"
no_keys_in "$LAB_OUT" /run/ipso
service_stop
