#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# What ships for Prometheus: the metrics pass its own check, the rules their unit tests, and a real
# Prometheus scrapes the service and has an answer with data to every query of the dashboard.
set -eu
cd "$(dirname "$0")/../.."
command -v promtool prometheus >/dev/null || { echo "promtool is not installed (prometheus)"; exit 77; }
work=out/test/prometheus
rm -rf "$work"
mkdir -p "$work"
. tests/web/fixture.lib.sh
ships=packaging/prometheus
server=
trap 'kill $server 2>/dev/null || true' EXIT

# served, and scraped, as docs/access.md says
part() { awk -v want="$1" '/^```/ { on = 0 } on; $0 == want { on = 1 }' docs/access.md; }
here() { sed "s:/etc/ipso:$PWD/$work:; s:/etc/prometheus/ipso:$PWD/$work/http:; s/192\.0\.2\.7/127.0.0.1/g"; }
bash -euc "$(part '# commands: access/secrets' | here)" 2>"$work/openssl.log"
{ printf 'version: 1\ndevices: [{ pf: eth99 }]\n'; part '# file: access/metrics.yaml' | here; } >"$work/ipso.yaml"
fixture 64 moving "$work/ipso.yaml"
[ "$(curl -s -o "$work/refused" -w '%{http_code}' --cacert "$work/http.pem" "$url/metrics")" = 401 ] ||
	die "the metrics are there without the token"
sed 's/.*/oauth2-bearer = "&"/' "$work/http.token" | curl -sSf -K - --cacert "$work/http.pem" "$url/metrics" \
	>"$work/metrics.txt"
promtool check metrics <"$work/metrics.txt"
echo "ok: promtool check metrics, $(grep -vc '^#' "$work/metrics.txt") samples"

promtool check rules "$ships/ipso.rules.yml"
cp "$ships/ipso.rules.yml" tests/web/rules.test.yml "$work/"
promtool test rules "$work/rules.test.yml"
# and the test can fail
mkdir "$work/bad"
cp tests/web/rules.test.yml "$work/bad/"
sed 's/ipso_healthy == 0/ipso_healthy == 2/' "$ships/ipso.rules.yml" >"$work/bad/ipso.rules.yml"
promtool test rules "$work/bad/rules.test.yml" >/dev/null 2>&1 && die "a broken rule was not found"
echo "ok: promtool test rules"

# each alert is seen to fire, and to be silent where the series that it asks for say that all is well
well=$(sed -n '/name: a host where all is well/,/promql_expr_test/p' tests/web/rules.test.yml)
promtool check rules "$ships/ipso.rules.yml" >/dev/null
for alert in $(sed -n 's/^ *- alert: //p' "$ships/ipso.rules.yml"); do
	grep -qE "alertname=\"$alert\"|alertname=~\"[^\"]*\\b$alert\\b" tests/web/rules.test.yml ||
		die "no test sees $alert fire"
	for name in $(sed -n "/- alert: $alert\$/,/annotations:/p" "$ships/ipso.rules.yml" |
		sed -n '/expr:/,/labels:/p' | grep -oE '\b(ipso_[a-z_]+|up)\{?' | tr -d '{' | sort -u); do
		grep -qE "'${name}[{']" <<<"$well" || die "$alert is silent for want of $name"
	done
done
echo "ok: $(grep -c -- '- alert:' "$ships/ipso.rules.yml") alerts, each seen to fire and to be silent"

# every metric that rules and dashboard name is one
names=$("${IPSO_OUT:-out}/doc/metrics" -n | cut -d' ' -f1)
for name in $(grep -ohE '\bipso_[a-z_]+' "$ships"/* | sort -u); do
	grep -qx "$name" <<<"$names" || die "$name is no metric of ipso"
done
echo "ok: rules and dashboard name metrics that there are"

# every query of the dashboard as one that a server can answer
jq -r '.panels[].targets[].expr' "$ships/ipso.grafana.json" |
	sed 's/\$instance/.*/g; s/\$__rate_interval/10s/g' >"$work/queries"
cat >"$work/prometheus.yml" <<END
global: { scrape_interval: 1s, evaluation_interval: 1s }
rule_files: [ipso.rules.yml]
$(part '# file: access/prometheus.yml' | here | sed "s/127.0.0.1:9417/${url#https://}/")
END
promtool check config "$work/prometheus.yml" >/dev/null
# It does not say which port it got when it may choose: one is tried until it is free.
until
	listen=127.0.0.1:$((20000 + RANDOM % 10000))
	prometheus --config.file="$work/prometheus.yml" --storage.tsdb.path="$work/data" \
		--web.listen-address=$listen >"$work/prometheus.log" 2>&1 &
	server=$!
	await "Prometheus" 60 grep -qE 'Server is ready|address already in use' "$work/prometheus.log"
	grep -q 'Server is ready' "$work/prometheus.log"
do wait $server || true; done
prometheus_url=http://$listen

answered() { # QUERY: with data
	curl -sf --data-urlencode "query=$1" "$prometheus_url/api/v1/query" >"$work/answer" &&
		jq -e '.status == "success" and (.data.result | length > 0)' "$work/answer" >/dev/null
}
await "the first scrape" 60 answered 'up{job="ipso"} == 1'
while read -r query; do
	await "data for $query" 60 answered "$query"
done <"$work/queries"
echo "ok: $(wc -l <"$work/queries") queries of the dashboard, each answered with data"
await "a recorded rate" 60 answered 'ipso:tunnel_bytes:rate5m > 0'
targets=$(curl -sf "$prometheus_url/api/v1/targets" | jq -r '.data.activeTargets[] | "\(.health) \(.lastError)"')
[ "$targets" = "up " ] || die "the scrape: $targets"
echo "ok: a real Prometheus scrapes it (TLS, token, OpenMetrics), $(curl -sf --data-urlencode 'query=count({__name__=~"ipso_.*"})' "$prometheus_url/api/v1/query" | jq -r '.data.result[0].value[1]') series"
