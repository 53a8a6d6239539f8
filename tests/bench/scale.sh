#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab bench: what the service and its table take at 1,000, 10,000 and 100,000 SAs
# memory=3500
. /ipso/tests/bench/bench.lib.sh
write_keys
config legacy

on_cpu() { $tools/oncpu "$service"; }
resident() { awk '/^RssAnon/ { print $2 * 1024 }' "/proc/$service/status"; }
shown() { curl -s 127.0.0.1:9417/metrics | awk '/^ipso_sas[{]/ { n += $2 } END { print n }'; }

# Ready is what it says itself, not what the one before said.
serve() {
	rm -f $conf/notif*
	service_start
}

# at N: the table alone, and the service over some seconds, a scrape in each
at() {
	local n=$1 sas first again bytes snapshot text cpu rss began i
	ip xfrm state flush
	timed $tools/sa add "$n" -
	read -r sas first again bytes snapshot text < <($tools/table refresh)
	equal "SAs in the table" "$sas" "$n"
	result "$(awk -v n="$n" -v a="$first" -v b="$again" -v m="$bytes" -v s="$snapshot" \
		-v t="$text" 'BEGIN {
		printf "%d SAs, the table: %d bytes of heap an SA; ms of CPU: %.1f the first reading, " \
			"%.1f one more (%.0f ns an SA), %.1f a snapshot, %.1f its metrics", n, m, a / 1e6, b / 1e6, b / n, s / 1e6, t / 1e6 }')"
	serve
	cpu=$(on_cpu) began=${EPOCHREALTIME/./}
	for ((i = 0; i < 20; i++)); do
		sleep 1
		equal "SAs that the service shows" "$(shown)" $((n + 2)) # the tunnel of the configuration
	done
	rss=$(resident)
	result "$(awk -v n="$n" -v rss="$((rss - rss_empty))" -v all="$rss" -v cpu="$(($(on_cpu) - cpu))" \
		-v us="$((${EPOCHREALTIME/./} - began))" 'BEGIN {
		printf "%d SAs, the service: %.1f MB, %.0f bytes an SA more than with none; %.1f %% of " \
			"a CPU, refreshed and scraped", n, all / 1e6, rss / n, cpu / us / 10 }')"
	service_stop
}

serve
rss_empty=$(resident)
service_stop
for n in ${BENCH_SCALE:-1000 10000 100000}; do
	at "$n"
done
