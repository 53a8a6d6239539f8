#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# The page in a headless Chromium, with 5,000 SAs: what it shows is what the API says, it goes on
# without a reload, it can be searched, sorted, paged, used by keyboard and without a script, at 360
# and 1600 pixels, light and dark. Pictures in out/test/web/.
set -eu
cd "$(dirname "$0")/../.."
command -v chromedriver >/dev/null || { echo "chromedriver is not installed (chromium-driver)"; exit 77; }
work=out/test/web
mkdir -p "$work"
. tests/web/fixture.lib.sh
. tests/web/browser.lib.sh
sas=5000
trap browser_stop EXIT
fixture $sas

say() { printf '\n== %s\n' "$*"; }
ok() { true_js "$2" || die "$1: $(js "return String($2)")"; echo "ok: $1"; }
comes() { await "$1" 60 true_js "$2"; echo "ok: $1"; }
api() { curl -sf "$url/api/v1/$1"; }
same() { # WHAT GOT WANTED
	[ "$2" = "$3" ] || die "$1: on the page '$2', in the API '$3'"
	echo "ok: $1: $2"
}

browser_start
session
say "asks nobody else, breaks no rule of its own policy"
visit "$url/"
comes "the script runs" "document.documentElement.classList.contains('scripted')"
ok "nothing but the page was asked for" \
	"performance.getEntriesByType('resource').every(e => e.name.startsWith('$url/'))"
ok "text of others stays text" "!document.querySelector('img') && document.body.textContent.includes('<img src=x')"

say "what it shows is what the API says"
visit "$url/?search=fra1&sort=spi&order=asc"
keys p
same "SAs that fit" "$(text '#found')" "$(api 'sas?search=fra1' | jq -r '"\(.matching) of \(.total) SAs"')"
same "devices" "$(js 'return [...document.querySelectorAll(".roads > li > h3")].map(e => e.textContent)')" \
	"$(api devices | jq -c '[.devices[].device]')"
row=$(js "const r = document.querySelector('#sas tbody tr'); return {spi: r.cells[2].textContent,
	packets: Number(r.querySelector('.packets data').value), bytes: Number(r.querySelector('.bytes data').value)}")
# counters move once a second: the row was so, or the API answers after another step
seen() { # the API reaches what the page showed
	[ "$(api 'sas?search=fra1&sort=spi' | jq ".sas[0].packets >= $(jq .packets <<<"$row") and .sas[0].bytes == .sas[0].packets * 1400")" = true ]
}
await "the API to say so" 10 seen
same "bytes of a row" "$(jq '.bytes / .packets' <<<"$row")" 1400
same "its SPI" "$(jq -r .spi <<<"$row")" "$(api 'sas?search=fra1&sort=spi' | jq -r '.sas[0].spi')"
same "verdicts of the gate" "$(js 'return [...document.querySelectorAll(".counts data")].map(e => Number(e.value))')" \
	"$(api gate | jq -c '[.verdicts[]]')"
same "failures" "$(js 'return [...document.querySelectorAll(".failure .id")].map(e => e.textContent)')" \
	"$(api failures | jq -c '[.failures[].id]')"
ok "with their remedy" "document.querySelector('.failure dd:last-child').textContent.length > 20"

say "goes on without a reload, and leaves alone what somebody uses"
visit "$url/?sort=bytes_per_second&order=desc"
js "window.mark = 1; window.was = document.querySelector('.packets data').value;
	document.querySelector('#sas details').open = true; document.querySelector('#sas summary').focus()" >/dev/null
comes "counters move" "document.querySelector('.packets data').value !== window.was"
comes "events come" "document.querySelectorAll('.events tbody tr').length > 3"
ok "it was no reload" "window.mark === 1"
ok "what was unfolded stays so" "document.querySelector('#sas details').open"
ok "and the focus where it was" "document.activeElement.matches('summary')"

say "$sas SAs: search, sort, pages"
ok "rows of one page only" "document.querySelectorAll('#sas tbody tr').length === 50"
[ "$(curl -s "$url/" | wc -c)" -lt 200000 ] || die "the page is too large"
keys /
ok "/ goes to the search" "document.activeElement.id === 'search'"
keys 0x0000234
comes "found as it is typed" "document.querySelector('#found').textContent === '16 of $sas SAs'"
ok "the address says so" "location.search.includes('search=0x0000234')"
ok "and the field kept what was typed" "document.querySelector('#search').value === '0x0000234'"
js "document.querySelector('#search').value = ''; document.querySelector('#search').dispatchEvent(new Event('input', {bubbles: true}))" >/dev/null
comes "all again" "document.querySelector('#found').textContent === '$sas SAs'"
click 'th:nth-child(3) a'
comes "sorted by SPI" "document.querySelector('th:nth-child(3)').getAttribute('aria-sort') === 'ascending'"
comes "the smallest first" "document.querySelector('#sas tbody td:nth-child(3)').textContent === '0x00001000'"
click 'th:nth-child(3) a'
comes "then the largest" "document.querySelector('#sas tbody td:nth-child(3)').textContent === '0x00002387'"
js "[...document.querySelectorAll('.pages a')].find(a => a.textContent === 'Next').click()" >/dev/null
comes "the second page" "document.querySelector('.pages').textContent.includes('page 2 of 100')"
ok "continues the first" "document.querySelector('#sas tbody td:nth-child(3)').textContent === '0x00002355'"
ok "still no reload" "window.mark === 1"

say "by keyboard"
visit "$url/"
comes "the script runs" "document.documentElement.classList.contains('scripted')"
keys $'\uE004'
ok "first comes the way past all" "document.activeElement.matches('.skip')"
ok "every control has a name" "[...document.querySelectorAll('a, button, input, select, summary')].every(e =>
	e.textContent.trim() || e.labels?.[0]?.textContent.trim())"

say "light and dark, 360 and 1600 pixels"
contrast=$(cat tests/web/contrast.js)
visit "$url/"
for width in 1600 1280 360; do
	for scheme in light dark; do
		window $width $scheme
		ok "$width $scheme: nothing is cut off" "document.documentElement.scrollWidth <= innerWidth"
		same "$width $scheme: text with less contrast than 4.5" "$(js "$contrast")" '[]'
		picture "$work/page-$width-$scheme.png"
	done
done

say "without a script"
session '{"profile.managed_default_content_settings.javascript": 2}'
visit "$url/?search=site-0&sort=tunnel&order=desc"
source=$(wd GET "$s/source" | jq -r .)
grep -q '<p id="found">16 of 5000 SAs' <<<"$source" || die "no table without a script"
! grep -q 'class="scripted"' <<<"$source" || die "the script ran"
echo "ok: the table is there"

say "nothing wrong, and nothing there"
fixture 0 quiet
session
visit "$url/"
ok "it says so" "document.querySelector('.attention').textContent === 'Nothing needs attention.'"
ok "and that there is no SA" "document.querySelector('#sas td.none').textContent === 'There is no SA yet.'"
window 1600 light
picture "$work/page-quiet.png"
echo "ok: pictures in $work/"
