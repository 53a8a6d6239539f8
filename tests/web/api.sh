#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# docs/openapi.json against the answers of the service: every path, every answer, nothing undescribed.
set -eu
cd "$(dirname "$0")/../.."
work=out/test/api
mkdir -p "$work"
. tests/web/fixture.lib.sh
doc=docs/openapi.json

# holds PATH STATUS: the answer is what the schema of that status says
holds() {
	local path=$1 want=$2 status schema faults
	status=$(curl -s -o "$work/answer" -w '%{http_code}' "$url$path")
	[ "$status" = "$want" ] || die "$path: status $status, not $want"
	schema=$(jq -c --arg p "${path%%\?*}" --arg s "$want" \
		'.paths[$p].get.responses[$s].content["application/json"].schema' "$doc")
	faults=$(jq -r --argjson schema "$schema" --slurpfile v "$work/answer" \
		'$v[0] as $value | '"$(cat tests/web/schema.jq)" "$doc")
	[ -z "$faults" ] || die "$path: $(head -n 5 <<<"$faults")"
	echo "ok: $path $want, $(wc -c <"$work/answer") bytes"
}

fixture 300
for path in $(jq -r '.paths | keys[]' "$doc"); do
	holds "$path" 200
done
for order in $(jq -r '.paths["/api/v1/sas"].get.parameters[] | select(.name == "sort").schema.enum[]' "$doc"); do
	holds "/api/v1/sas?sort=$order&order=desc&limit=3&offset=2&search=10" 200
	[ "$(jq '.sas | length' "$work/answer")" = 3 ] || die "not three SAs"
done
holds '/api/v1/sas?sort=colour' 400
holds '/api/v1/sas?limit=0' 400

served=$(curl -s "$url/nothing" | grep -oE '/api/[a-z0-9/]+' | sort)
[ "$served" = "$(jq -r '.paths | keys[]' "$doc" | sort)" ] || die "served are: $served"
echo "ok: every path of the API is described"

# the check can fail
jq '.components.schemas.sa.properties |= del(.bytes)' "$doc" >"$work/less.json"
(doc=$work/less.json && holds /api/v1/sas 200) 2>/dev/null && die "a property that is not described was not found"
jq '.components.schemas.sa.properties.spi.type = "integer"' "$doc" >"$work/other.json"
(doc=$work/other.json && holds /api/v1/sas 200) 2>/dev/null && die "another type was not found"
echo "ok: faults are found"
