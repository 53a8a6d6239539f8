# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
# Traffic that goes on while a host is changed, and what became of it. Sourced after ipso.lib.sh.

# traffic SECONDS [PAUSE]: until the file stop is there, one packet at a time, each waited for so long. The
# environment: traffic_run words that run ping elsewhere, traffic_to another address.
traffic() {
	local sent=0 lost=0 pause=${2:-}
	while [ ! -e $conf/stop ]; do
		sent=$((sent + 1))
		# shellcheck disable=SC2086 # a list of words
		${traffic_run-} ping -c 1 -W "$1" -q "${traffic_to:-$peer_ip}" >/dev/null || lost=$((lost + 1))
		echo "$sent $lost" >$conf/traffic
		[ -z "$pause" ] || sleep "$pause"
	done
}
traffic_begin() {
	rm -f $conf/stop
	echo "0 0" >$conf/traffic
	traffic "$@" &
	traffic=$!
	await "traffic" 20 sent_more 3
}
sent_more() { [ "$(cut -d' ' -f1 $conf/traffic)" -ge "$1" ]; }
# traffic_goes_on: as many packets again, and both hosts have come here
traffic_goes_on() {
	await "more traffic" 60 sent_more $(($(cut -d' ' -f1 $conf/traffic) + 5))
	lab-barrier "$1" 200
}
traffic_end() {
	: >$conf/stop
	wait "$traffic"
	read -r sent lost <$conf/traffic
	echo "$sent packets, $lost lost"
}
# Packets that the policies would have had encrypted, and that came in the clear.
clear() { awk '/XfrmInTmplMismatch|XfrmInNoPols/ { n += $2 } END { print n }' /proc/net/xfrm_stat; }
