#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-2.0-or-later
# lab: hosts=1 kernels=6.12 nic=connectx-7 timeout=300
# shows: docs/access.md as it says: beyond the host TLS and a token alone, which nobody else sees and
# a reload replaces; a unix socket and the control socket for a group, which reads and changes nothing
. /ipso/tests/lab/scenarios/ipso.lib.sh
url=https://192.0.2.7:9417
ip addr add 192.0.2.7/32 dev lo
ip addr add 192.0.2.8/32 dev lo # another host, as far as the service can tell
write_keys
config legacy

# part NAME: what the page has of that name; commands are run in the folder of the configuration
part() { awk -v want="$1" '/^```/ { on = 0 } on; $0 == want { on = 1 }' /ipso/docs/access.md; }
follow() {
	local text
	text=$(part "# commands: access/$1" | sed "s:/etc/ipso:$conf:")
	[ -n "$text" ] || fail "the page has no commands access/$1"
	expect 0 bash -euc "cd $conf; $text"
}
# get CURL-OPTION...: the status of the answer, 000 without one; the answer in $conf/answer
get() { curl -s -o $conf/answer -w '%{http_code}' --cacert $conf/http.pem "$@" || true; }
# bearer FILE: options of curl in a file, so that the token is in no argument
bearer() { (umask 077 && sed 's/.*/oauth2-bearer = "&"/' "$1" >$conf/bearer); }

note "a token that others read ends the start, before anything is set up"
follow secrets
cp $conf/ipso.yaml $conf/plain.yaml
part "# file: access/metrics.yaml" >>$conf/ipso.yaml
chmod 644 $conf/http.token
expect 2 $ipso run -c $conf/ipso.yaml
says "mode 0644 opens it to group or others"
equal "SAs" "$(ip xfrm state)" ""
chmod 600 $conf/http.token
mv $conf/http.key $conf/first.key
(umask 077 && openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out $conf/http.key)
expect 2 $ipso run -c $conf/ipso.yaml
says "are no pair"
mv $conf/first.key $conf/http.key

note "in memory the token is once, in a page of its own"
service_start
expect 0 env PYTHONPATH=/ipso/tests/lab/scenarios python3 -B - "$service" $conf/http.token <<'PYTHON'
import sys
from memory import readable
pid, token = sys.argv[1], open(sys.argv[2]).read().strip().encode()
seen, held = 0, []
for line, begin, end, text in readable(pid):
    seen += len(text)
    held += [line] * text.count(token)
    if token in text and end - begin != 4096:
        sys.exit(f"the token: {line}")
print(f"{seen} bytes searched, {held}")
assert seen > 1000000 and len(held) == 1
PYTHON

note "without the token, or without TLS, there is no answer"
equal "status without a token" "$(get $url/metrics)" 401
(umask 077 && openssl rand -hex 32 >$conf/wrong.token)
bearer $conf/wrong.token
equal "status with a wrong token" "$(get -K $conf/bearer $url/metrics)" 401
equal "status of plain HTTP" "$(get http://192.0.2.7:9417/healthz)" 000
equal "status at 127.0.0.1" "$(get http://127.0.0.1:9417/healthz)" 000
for path in / /healthz /api/v1/status /api/v1/sas /api/v1/events /no-such-page; do
	equal "status of $path without a token" "$(get $url$path)" 401
done

note "with both there is"
follow look
says ok
bearer $conf/http.token
equal "status with the token" "$(get -K $conf/bearer $url/metrics)" 200
expect 0 grep '^ipso_healthy 1' $conf/answer
(umask 077 && sed 's/.*/user = "anybody:&"/' $conf/http.token >$conf/password)
equal "status with it as a password" "$(get -K $conf/password $url/)" 200

note "places that one host takes are not everybody's"
python3 -c '
import signal, socket, sys
held = []
for i in range(40):
    s = socket.socket()
    s.bind(("192.0.2.8", 0))
    s.connect(("192.0.2.7", 9417))
    held.append(s)
open(sys.argv[1], "w").close()
signal.pause()' $conf/held &
hog=$!
await "40 connections" 20 test -e $conf/held
equal "status meanwhile" "$(get -K $conf/bearer $url/healthz)" 200
kill $hog || fail "the 40 connections had ended before"
wait $hog || true

note "reload: another token; a bad one changes nothing"
cp -p $conf/http.token $conf/old.token
openssl rand -hex 32 >$conf/http.token
expect 0 $ipso reload
equal "status with the old token" "$(get -K $conf/bearer $url/metrics)" 401
bearer $conf/http.token
equal "status with the new token" "$(get -K $conf/bearer $url/metrics)" 200
chmod 644 $conf/http.token
expect 2 $ipso reload
says "mode 0644"
equal "status all the same" "$(get -K $conf/bearer $url/metrics)" 200
chmod 600 $conf/http.token

note "nobody saw a token"
if grep -lF -f $conf/http.token -f $conf/old.token /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null; then
	fail "a token is in the arguments or the environment of a process"
fi
if grep -rlF -f $conf/http.token -f $conf/old.token "$LAB_OUT" /run/ipso 2>/dev/null; then
	fail "a token was written"
fi

note "a group: it reads, and changes nothing"
useradd alice
useradd mallory
follow group
cp $conf/plain.yaml $conf/ipso.yaml
part "# file: access/socket.yaml" >>$conf/ipso.yaml
expect 0 $ipso reload
as() { setpriv --reuid "$1" --regid "$1" --init-groups "${@:2}"; }
equal "status at the address that was" "$(get -K $conf/bearer $url/metrics)" 000
expect 0 as alice bash -euc "$(part "# commands: access/socket")"
says "ipso_healthy 1"
equal "status for somebody else" \
	"$(as mallory curl -s -o /dev/null -w '%{http_code}' --unix-socket /run/ipso/http http://localhost/metrics)" 403
expect 0 as alice $ipso status
says pair
expect 0 as alice $ipso events
says sa-add
expect 1 as mallory $ipso status
says "only root may ask"
expect 1 as mallory $ipso events
says "only root may ask"
expect 2 as alice $ipso reload
says "cannot be read: Permission denied"
expect 0 as alice socat -t 10 - UNIX-CONNECT:/run/ipso/control <<<'{"request":"reload"}'
says "only root may change things"
for words in "gate observe" "gate off" "down"; do
	# shellcheck disable=SC2086 # words
	if as alice $ipso $words; then fail "alice may $words"; fi
done
for path in /run/ipso /run/ipso/lock; do
	if as alice cat $path 2>/dev/null || as alice ls $path/ 2>/dev/null; then fail "$path is open to alice"; fi
done
expect 0 $ipso gate status
says enforce
equal "SAs" "$(ip xfrm state | grep -c 'mode packet')" 2

note "without the group, root alone"
cp $conf/plain.yaml $conf/ipso.yaml
expect 0 $ipso reload
expect 1 as alice $ipso status
says "ask as root"
equal "status at 127.0.0.1" "$(get http://127.0.0.1:9417/healthz)" 200
equal "status for a name that is not ours" \
	"$(get -H 'Host: evil.example.org' http://127.0.0.1:9417/api/v1/sas)" 421
[ ! -e /run/ipso/http ] || fail "the unix socket is left"

note "no core is written, even where the limit is lifted"
echo $conf/core.%p >/proc/sys/kernel/core_pattern
prlimit --pid "$service" --core=unlimited
(ulimit -c unlimited && sh -c 'kill -ABRT $$') || true
[ -n "$(find $conf -name 'core.*' -size +0)" ] || fail "no process leaves a core here"
rm $conf/core.*
kill -ABRT "$service"
wait "$service" || echo "the service ended with $?"
equal "cores" "$(find $conf -name 'core.*')" ""
expect 0 $ipso down
no_keys_in "$LAB_OUT"
