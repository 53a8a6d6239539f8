# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lab build, exec, clean, status.

lab_build() {
	local target targets=("$@") start=$SECONDS
	STEP_VERBOSE=1
	[ $# -gt 0 ] || targets=(root headers model image 6.12 new stock)
	# Names are checked before the first hour is spent.
	for target in "${targets[@]}"; do
		case $target in
		root | headers | model | image) ;;
		-h | --help)
			echo 'usage: lab build [root|headers|model|image|6.12|new|stock]...'
			return
			;;
		*)
			root_find
			# What a version means is known once the root is there.
			[[ ! -f $ROOT/versions && $target =~ ^[0-9.]+$ ]] ||
				(kernel_canonical "$target") >/dev/null
			;;
		esac
	done
	root_build
	build_small "${targets[@]}" &
	BUILD_BESIDE=$!
	trap 'kill "$BUILD_BESIDE" 2>/dev/null || true' EXIT
	for target in "${targets[@]}"; do
		case $target in
		root | headers | model | image) ;;
		*)
			target=$(kernel_canonical "$target")
			kernel_build "$target"
			;;
		esac
	done
	wait "$BUILD_BESIDE"
	trap - EXIT
	say "built in $(elapsed $((SECONDS - start))): ${targets[*]}"
}

# build_small TARGETS...: those that keep one processor busy; the kernels beside them use what is left.
build_small() {
	local target
	for target; do
		case $target in
		headers) headers_build ;;
		model) model_build ;;
		image) image_build ;;
		esac
	done
}

lab_exec() {
	case ${1:-} in
	'' | -h | --help)
		echo "usage: lab exec CMD [ARGS...]: runs CMD in the lab's Debian root, in the project at /ipso"
		return
		;;
	esac
	root_build
	root_enter "$CACHE" sh -c 'cd /ipso && exec "$@"' - "$@"
}
