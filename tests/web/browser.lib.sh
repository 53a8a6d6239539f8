# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# A headless Chromium, driven through chromedriver by the WebDriver protocol: JSON over HTTP.
# Wants fixture.lib.sh.

s='' driver_pid=''
browser_start() {
	local log=$work/chromedriver.log
	chromedriver --port=0 >"$log" 2>&1 &
	driver_pid=$!
	await "chromedriver" 60 grep -q 'on port [1-9]' "$log"
	driver=http://127.0.0.1:$(sed -nE 's/.*on port ([1-9][0-9]*).*/\1/p' "$log" | head -n 1)
}

# wd METHOD PATH [JSON]: the value of the answer
wd() {
	local answer
	answer=$(curl -s -X "$1" -H 'Content-Type: application/json' ${3:+--data-binary "$3"} \
		"$driver$2") || die "chromedriver does not answer $1 $2"
	jq -e '.value | type != "object" or (has("error") | not)' <<<"$answer" >/dev/null ||
		die "$1 $2: $(jq -r '.value | "\(.error): \(.message)"' <<<"$answer" | head -n 3)"
	jq -c .value <<<"$answer"
}

# It outlives chromedriver when that is killed: it has to be told.
browser_stop() {
	[ -z "$s" ] || curl -s -o /dev/null -X DELETE "$driver$s" || true
	s=
	[ -z "$driver_pid" ] || kill "$driver_pid" 2>/dev/null || true
}

# session [PREFERENCES]: a browser of its own, instead of the one before
session() {
	local options
	[ -z "$s" ] || wd DELETE "$s" >/dev/null
	options=$(jq -nc --argjson prefs "${1:-{\}}" '{capabilities: {alwaysMatch: {
		browserName: "chrome", "goog:loggingPrefs": {browser: "ALL"},
		"goog:chromeOptions": {prefs: $prefs, args: ["--headless=new", "--no-sandbox",
			"--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars"]}}}}')
	s=/session/$(wd POST /session "$options" | jq -r .sessionId)
}

visit() { wd POST "$s/url" "$(jq -nc --arg u "$1" '{url: $u}')" >/dev/null; }

# js SCRIPT: what its return gives, as JSON
js() { wd POST "$s/execute/sync" "$(jq -nc --arg c "$1" '{script: $c, args: []}')"; }
text() { js "return document.querySelector('$1').textContent" | jq -r .; }
true_js() { [ "$(js "return !!($1)")" = true ]; }

cdp() { wd POST "$s/goog/cdp/execute" "$(jq -nc --arg m "$1" --argjson p "$2" '{cmd: $m, params: $p}')" >/dev/null; }
window() { # WIDTH light|dark
	cdp Emulation.setDeviceMetricsOverride "{\"width\":$1,\"height\":900,\"deviceScaleFactor\":1,\"mobile\":false}"
	cdp Emulation.setEmulatedMedia "{\"features\":[{\"name\":\"prefers-color-scheme\",\"value\":\"$2\"}]}"
}

# The whole page as a picture.
picture() {
	wd POST "$s/goog/cdp/execute" '{"cmd":"Page.captureScreenshot","params":{"captureBeyondViewport":true}}' |
		jq -r .data | base64 -d >"$1"
}

# Keys as a person presses them.
keys() {
	wd POST "$s/actions" "$(jq -nc --arg k "$1" '{actions: [{type: "key", id: "k", actions:
		[$k | explode[] | [.] | implode | {type: "keyDown", value: .}, {type: "keyUp", value: .}]}]}')" >/dev/null
}
click() { js "document.querySelector('$1').click()" >/dev/null; }
