#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# A real Prometheus on this machine scrapes both hosts of the lab, with SAs that carry traffic: both
# are up, every query of the dashboard has an answer from each of them, no alert fires for hosts that
# are well, sums of tunnels go on through a change of keys, and a flush is told by its alert.
set -eu
cd "$(dirname "$0")/../../.."
command -v prometheus >/dev/null || { echo "Prometheus is not installed"; exit 77; }
work=out/test/fleet
rm -rf "$work"
mkdir -p "$work"
. tests/web/fixture.lib.sh
ships=packaging/prometheus
server='' lab=''
trap 'kill $server $lab 2>/dev/null || true; wait' EXIT

# free_port: one that nobody listens on now
free_port() {
	local port
	while port=$((20000 + RANDOM % 10000)); (: <>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; do :; done
	echo $port
}
declare -A port=() step=()
for host in a b; do
	port[$host]=$(free_port) step[$host]=$(free_port)
done
tests/lab/lab run --kernel 6.12 --nic connectx-7 --hosts 2 --timeout 600 --out out/lab/fleet \
	--forward-a "${port[a]}:9417" --forward-b "${port[b]}:9417" \
	--forward-a "${step[a]}:9500" --forward-b "${step[b]}:9500" \
	tests/web/fleet/host.sh >"$work/lab.log" 2>&1 &
lab=$!

# at HOST NAME: it is there; asking lets it go on
at() {
	kill -0 "$lab" 2>/dev/null || {
		tail -n 4 "$work/lab.log" out/lab/fleet/output-?.log >&2
		die "the hosts have ended: $work/lab.log"
	}
	[ "$({ timeout 5 cat <"/dev/tcp/127.0.0.1/${step[$1]}"; } 2>/dev/null)" = "$2" ]
}
# come NAME: both hosts are
come() {
	for host in a b; do await "host $host to be at $1" 300 at $host "$1"; done
}
scraped() { curl -sf -m 5 "http://127.0.0.1:${port[$1]}/healthz" >/dev/null; }

for host in a b; do await "the service of host $host" 400 scraped $host; done
cp "$ships/ipso.rules.yml" "$work/"
cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 2s, scrape_timeout: 2s, evaluation_interval: 2s }
rule_files: [ipso.rules.yml]
scrape_configs:
  - job_name: ipso
    static_configs:
      - { targets: ['127.0.0.1:${port[a]}'], labels: { instance: a } }
      - { targets: ['127.0.0.1:${port[b]}'], labels: { instance: b } }
END
prometheus_url=http://127.0.0.1:$(free_port)
prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
	--web.listen-address="${prometheus_url#http://}" >"$work/prometheus.log" 2>&1 &
server=$!

# results QUERY: the instances that have an answer, in a line
results() {
	curl -s --data-urlencode "query=$1" "$prometheus_url/api/v1/query" >"$work/answer" || return
	jq -r 'if .status != "success" then .error // "no answer"
		else [.data.result[] | .metric.instance // "one"] | unique | join(" ") end' "$work/answer"
}
answers() { [ "$(results "$2")" = "$1" ]; }
# both QUERY: an answer with data from each host
both() { await "data of both hosts for $1" 90 answers "a b" "$1"; }

both 'up{job="ipso"} == 1'
both 'rate(ipso_tunnel_packets_total{direction="out"}[20s]) > 0'
both 'rate(ipso_tunnel_packets_total{direction="in"}[20s]) > 0'
queries=0
while read -r query; do
	both "$query"
	queries=$((queries + 1))
done < <(jq -r '.panels[].targets[].expr' "$ships/ipso.grafana.json" |
	sed 's/\$instance/.*/g; s/\$__rate_interval/20s/g')
[ "$queries" -ge 20 ] || die "only $queries queries"
echo "ok: both hosts are up, and answer $queries queries of the dashboard with data"
both 'ipso_tc_rules{place="hardware"} == 1'
both 'ipso:tunnel_bytes:rate5m{tunnel="pair"} > 0'

come traffic # they change the keys now, and wait then
for direction in in out; do
	await "the change of keys, direction $direction" 300 \
		answers "a b" "ipso_tunnel_rekeys_total{tunnel=\"pair\",direction=\"$direction\"} == 1"
done
both 'sum by (instance) (ipso_tunnel_packets_total{direction="out"}) > sum by (instance) (ipso_sa_packets_total{direction="out"})'
for sum in packets bytes rekeys; do
	both "sum by (instance) (resets(ipso_tunnel_${sum}_total[15m])) == 0"
done
echo "ok: the sums of the tunnel went on through a change of keys, which is counted"
answers "" 'ALERTS{alertstate="firing"}' ||
	die "alerts for hosts that are well: $(cat "$work/answer")"
echo "ok: no alert fires for hosts that are well"

come rolled # now one of them flushes its SAs, and waits to be asked; its alert comes meanwhile
await "the alert of the flushed host" 90 answers a 'ALERTS{alertname="IpsoFlushed",alertstate="firing"}'
echo "ok: SAs that were flushed are told by an alert"
come flushed
wait "$lab" || die "the lab ended with $?: $work/lab.log, out/lab/fleet"
lab=
