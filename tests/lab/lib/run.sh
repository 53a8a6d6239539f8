# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lab run and lab shell: one or two hosts, from their boot to their verdict.
# A run's variables: HOSTS, CPUS, MEMORY, INIT, APPEND, OUT (artefacts), WORK
# (sockets and the share that both guests see as /lab), ACCEL, IMAGE, MODEL,
# and by host KERNEL_OF, NIC_OF, FORWARD_OF.

NICS='connectx-7 connectx-7-roce connectx-6dx bluefield-2 connectx-6 virtio none'
FORWARD_MAC=02:49:50:53:4f:ff

nic_is_card() { [ "$1" != none ] && [ "$1" != virtio ]; }

run_usage() {
	cat <<-END
	usage: lab run [OPTIONS] SCRIPT [ARGS...]     (or: lab shell [OPTIONS] [SCRIPT [ARGS...]])

	  --kernel K[,K]     $KERNELS (default 6.12); two: host a's, host b's
	  --hosts 1|2        default 1
	  --nic N[,N]        $NICS
	                     (default connectx-7); two: host a's, host b's
	  --timeout S        seconds until the hosts are stopped, exit 124 (default 300)
	  --out DIR          artefacts (default out/lab/TIME-SCRIPT)
	  --hold             keep the hosts up after the script until interrupted
	  --env NAME[=VALUE] for the script's environment; repeatable
	  --forward-a H:G    port H of this machine leads to 127.0.0.1:G on host a; repeatable
	  --forward-b H:G    the same for host b
	  --faults FILE      faults of both hosts' cards from the start
	  --append WORDS     more kernel command line, such as lsm=capability
	  --init lab|systemd what runs the script (default lab: a shell as PID 1)
	  --cpus N, --memory MIB, --log-level N
	  --count            time is counted: a nanosecond for each instruction of the guest,
	                     nothing for the card. What is measured is then the same however
	                     busy this machine is. One host, one CPU, always emulated

	Exit: the worst of the hosts' scripts; 77 when one says skip and none fails;
	1 when a kernel console has an oops, a warning or a hung task; 124 timeout.
	END
}

lab_run() { SHELL_WANTED='' run_main "$@"; }
lab_shell() {
	if [ "${1:-}" = --join ]; then
		shift
		shell_join "$@"
		return
	fi
	SHELL_WANTED=1 run_main "$@"
}

run_main() {
	declare -gA KERNEL_OF NIC_OF FORWARD_OF=([a]='' [b]='') PID_OF
	HOSTS=1 CPUS=2 MEMORY=1024 INIT=lab APPEND='' LOGLEVEL=${IPSO_LAB_LOGLEVEL:-1}
	TIMEOUT=300 OUT='' HOLD='' COUNT='' KERNEL_NAME=6.12 NIC_NAME=connectx-7 FAULTS=''
	ENVIRONMENT=()
	run_options "$@"
	run_prepare
	run_boot
	if [ -n "$SHELL_WANTED" ]; then shell_attach "$WORK/shell-a"; else run_wait; fi
	run_stop
	run_verdict
}

# run_options ARGS...: sets the run's variables and COMMAND, the script.
run_options() {
	while [ $# -gt 0 ]; do
		case $1 in
		--kernel | --hosts | --nic | --timeout | --out | --env | --forward-a | --forward-b | \
			--faults | --append | --init | --cpus | --memory | --log-level)
			[ $# -ge 2 ] || { run_usage >&2; exit 2; }
			;;&
		--kernel) KERNEL_NAME=$2; shift ;;
		--hosts) HOSTS=$2; shift ;;
		--nic) NIC_NAME=$2; shift ;;
		--timeout) TIMEOUT=$2; shift ;;
		--out) OUT=$2; shift ;;
		--env) ENVIRONMENT+=("$2"); shift ;;
		--forward-a) FORWARD_OF[a]+="$2 "; shift ;;
		--forward-b) FORWARD_OF[b]+="$2 "; shift ;;
		--faults) FAULTS=$2; shift ;;
		--append) APPEND+=" $2"; shift ;;
		--init) INIT=$2; shift ;;
		--cpus) CPUS=$2; shift ;;
		--memory) MEMORY=$2; shift ;;
		--log-level) LOGLEVEL=$2; shift ;;
		--hold) HOLD=1 ;;
		--count) COUNT=1 CPUS=1 IPSO_LAB_ACCEL=tcg ;;
		-h | --help) run_usage; exit 0 ;;
		--) shift; break ;;
		-*) bad_usage "no such option: $1" ;;
		*) break ;;
		esac
		shift
	done
	COMMAND=("$@")
	run_check_options
}

bad_usage() {
	printf 'lab: error: %s\n' "$1" >&2
	run_usage >&2
	exit 2
}

run_check_options() {
	local name value
	[[ $HOSTS =~ ^[12]$ ]] || bad_usage "--hosts is 1 or 2, not '$HOSTS'"
	[[ $CPUS =~ ^[1-8]$ ]] || bad_usage "--cpus is 1 to 8, not '$CPUS'"
	[[ $INIT =~ ^(lab|systemd)$ ]] || bad_usage "--init is lab or systemd, not '$INIT'"
	for name in TIMEOUT CPUS MEMORY LOGLEVEL; do
		[[ ${!name} =~ ^[0-9]{1,6}$ ]] || bad_usage "${name,,} is a number, not '${!name}'"
	done
	for value in ${FORWARD_OF[a]} ${FORWARD_OF[b]}; do
		[[ $value =~ ^[0-9]{1,5}:[0-9]{1,5}$ ]] || bad_usage "a forward is HOSTPORT:GUESTPORT, not '$value'"
	done
	[ -z "$COUNT" ] || [ "$HOSTS$CPUS" = 11 ] || bad_usage "--count is for one host with one CPU"
	NIC_OF[a]=${NIC_NAME%%,*} NIC_OF[b]=${NIC_NAME##*,}
	for value in "${NIC_OF[@]}"; do
		[[ " $NICS " == *" $value "* ]] || bad_usage "there is no nic '$value'; there are: $NICS"
	done
	[ -z "$FAULTS" ] || [ -r "$FAULTS" ] || bad_usage "cannot read $FAULTS"
	[ ${#COMMAND[@]} -gt 0 ] || [ -n "$SHELL_WANTED" ] || bad_usage "which script?"
	[ ${#COMMAND[@]} = 0 ] || [ -r "${COMMAND[0]}" ] || bad_usage "cannot read the script ${COMMAND[0]}"
}

# Makes what is missing, and the run's directories.
run_prepare() {
	local host name
	HOST_LIST=(a)
	[ "$HOSTS" = 1 ] || HOST_LIST=(a b)
	root_build
	image_build
	MODEL_SO=
	if nic_is_card "${NIC_OF[a]}" || nic_is_card "${NIC_OF[b]}"; then
		model_build
		MODEL_SO=$MODEL/connectx.so
	fi
	for host in a b; do
		name=${KERNEL_NAME%%,*}
		[ $host = a ] || name=${KERNEL_NAME##*,}
		name=$(kernel_canonical "$name")
		kernel_build "$name"
		KERNEL_OF[$host]=$KERNEL
	done
	qemu_accel
	qemu_clock
	[ -n "$OUT" ] || OUT=$PROJECT/out/lab/$(date +%Y%m%d-%H%M%S)-$(basename "${COMMAND[0]:-shell}" .sh)-$$
	mkdir -p "$OUT" || die "cannot create $OUT"
	OUT=$(cd "$OUT" && pwd)
	run_clear_out
	# Short, because a socket's path is.
	WORK=$(mktemp -d "${TMPDIR:-/tmp}/ipso-lab.XXXXXX")
	trap run_interrupted INT TERM HUP
	trap run_cleanup EXIT
	mkdir "$WORK/share"
	cp -r "$LAB/guest" "$WORK/share/bin"
	for host in "${HOST_LIST[@]}"; do
		mkdir -p "$OUT/$host" "$WORK/share/host-$host"
		run_describe "$host" >"$WORK/share/host-$host/environment"
	done
	printf '%s\n' "pid=$$" "out=$OUT" "work=$WORK" "hosts=${HOST_LIST[*]}" \
		"script=${COMMAND[*]:-shell}" >"$WORK/info"
	mkdir -p "$CACHE/run"
	ln -sfn "$WORK" "$CACHE/run/$$"
}

# Removes what an earlier run left in OUT, and nothing else.
run_clear_out() {
	local dir
	if [ ! -e "$OUT/console-a.log" ]; then
		for dir in "$OUT/a" "$OUT/b"; do
			[ ! -e "$dir" ] || die "$dir is there, but not from a run of the lab" \
				"name another directory with --out"
		done
	fi
	rm -rf "$OUT"/{console,output,connectx,qemu}-[ab].log "$OUT/wire.pcap" "$OUT/a" "$OUT/b"
}

# run_describe HOST: the environment of the host's script, as shell lines;
# the command itself and the faults go to files beside it.
run_describe() {
	local host=$1 dir=$WORK/share/host-$1 word peer=b pci=''
	[ "$host" = a ] || peer=a
	if nic_is_card "${NIC_OF[$host]}"; then
		pci=0000:01:00.0
		if [ -n "$FAULTS" ]; then cp "$FAULTS" "$dir/faults"; else : >"$dir/faults"; fi
	fi
	{
		printf '%q ' LAB_HOST="$host" LAB_PEER="$peer" LAB_HOSTS="$HOSTS" \
			LAB_KERNEL="$KERNEL_NAME" LAB_NIC="${NIC_OF[$host]}" LAB_PCI="$pci" \
			LAB_FORWARD="$(sed 's/[0-9]*://g' <<<"${FORWARD_OF[$host]}")" \
			LAB_FORWARD_MAC=$FORWARD_MAC LAB_SHELL="$SHELL_WANTED" LAB_HOLD="$HOLD"
		for word in "${ENVIRONMENT[@]}"; do
			[[ $word == *=* ]] || word=$word=${!word-}
			printf '%q ' "$word"
		done
	} | sed 's/ $/\n/'
	run_command "$host" >"$dir/command"
}

# A script of the project is run where it is, so that it finds its neighbours;
# any other is copied.
run_command() {
	local path
	[ ${#COMMAND[@]} -gt 0 ] || return 0
	path=$(readlink -f "${COMMAND[0]}")
	case $path in
	"$PROJECT"/*) path=/ipso/${path#"$PROJECT"/} ;;
	*)
		cp "$path" "$WORK/share/script"
		path=/lab/script
		;;
	esac
	printf '%q ' "$path" "${COMMAND[@]:1}"
}
