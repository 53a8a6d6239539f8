#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What the demonstration showed, from its artefacts: fails when a claim does not hold.
#   summary.sh DIR SECONDS
set -eu
dir=$1 took=$2
lab=$(dirname "$0")/../lab
between='host 192.168.1.1 and host 192.168.1.2'

count() { "$lab" exec tcpdump -nr "$dir/wire.pcap" "$1" 2>/dev/null | wc -l; }
bad() { echo "demo: $*" >&2; exit 1; }

esp=$(count "ip proto 50 and $between")
clear=$(count "ip and not ip proto 50 and $between")
[ "$esp" -gt 0 ] || bad "no ESP packet on the wire"
[ "$clear" -eq 0 ] || bad "$clear packets between the hosts went in clear, see $dir/wire.pcap"

printf '\n%-5s %-6s %-4s %-11s %-8s %10s %12s %s\n' \
	host tunnel dir spi offload packets bytes integrity/replay
for host in a b; do
	jq -r --arg host "$host" '.sas[] | select(.tunnel != "") | [$host, .tunnel, .direction, .spi,
		.offload, .packets, .bytes, "\(.integrity_failed)/\(.replay_drops)"] | @tsv' \
		"$dir/status-$host.json" |
		while IFS=$'\t' read -r h tunnel direction spi offload packets bytes drops; do
			printf '%-5s %-6s %-4s %-11s %-8s %10s %12s %s\n' "$h" "$tunnel" \
				"$direction" "$spi" "$offload" "$packets" "$bytes" "$drops"
			[ "$offload" = packet ] || bad "an SA of host $h is not in hardware"
			[ "$packets" -gt 0 ] || bad "an SA of host $h carried nothing"
		done
	jq -e '.kind == "gate" and .result == "EBUSY"' "$dir/events-$host.jsonl" >/dev/null ||
		jq -se 'any(.kind == "gate")' "$dir/events-$host.jsonl" >/dev/null ||
		bad "host $host has no event of the refused TC rule"
done
printf '\non the wire between the hosts: %d ESP packets, %d in clear; lost events: %s\n' \
	"$esp" "$clear" "$(jq -s 'map(.events.lost | add) | add' "$dir"/status-{a,b}.json)"
printf 'two hosts booted, set up, moved data and were undone in %d s; artefacts in %s/\n' "$took" "$dir"
