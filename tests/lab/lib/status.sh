# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# lab status, lab path and lab clean.

lab_status() {
	local link work target
	root_find
	echo "cache    $CACHE ($(du -sh "$CACHE" 2>/dev/null | cut -f1))"
	if [ ! -d "$ROOT" ]; then
		echo "root     not built: lab build"
		return
	fi
	status_line root "$ROOT"
	model_find
	status_line headers "$MODEL_HEADERS"
	status_line model "$MODEL"
	image_find
	status_line image "$IMAGE"
	for target in $KERNELS; do
		if (kernel_version "$target") >/dev/null 2>&1; then
			kernel_find "$target"
			status_line "$target" "$KERNEL" "linux $(kernel_version "$target")"
		fi
	done
	qemu_accel
	echo "accel    $ACCEL"
	for link in "$CACHE"/run/*; do
		work=$(readlink "$link") || continue
		if kill -0 "${link##*/}" 2>/dev/null && [ -f "$work/info" ]; then
			echo "running  $(paste -sd' ' "$work/info")"
		else
			rm -f "$link"
		fi
	done
}

# lab_path KERNEL: its directory, for tests that look into it; builds nothing.
lab_path() {
	[ $# = 1 ] || die "usage: lab path KERNEL" "kernels: $KERNELS"
	root_find
	[ -d "$ROOT" ] || die "the lab is not built" "lab build"
	kernel_find "$(kernel_canonical "$1")"
	[ -d "$KERNEL" ] || die "kernel '$1' is not built" "lab build $1"
	echo "$KERNEL"
}

status_line() {
	if [ -d "$2" ]; then
		printf '%-8s %s%s\n' "$1" "$2" "${3:+ ($3)}"
	else
		printf '%-8s not built: lab build %s%s\n' "$1" "$1" "${3:+ ($3)}"
	fi
}

lab_clean() {
	local target dir
	case ${1:-} in -h | --help)
		echo 'usage: lab clean [root|headers|model|image|6.12|new|stock|stale]...: removes them from the cache
       stale: what no recipe asks for any more; without arguments: everything'
		return
		;;
	esac
	for dir in "$CACHE"/run/*; do
		if [ -L "$dir" ] && kill -0 "${dir##*/}" 2>/dev/null; then
			die "a lab is running (lab status)" "end it first"
		fi
	done
	[ $# -gt 0 ] || set -- root headers model image 6.12 new stock rest
	for target; do
		case $target in
		root | headers | image) clean_dirs "$target-*" ;;
		model) clean_dirs 'connectx-*' 'model-objects' ;;
		6.12 | new | stock) clean_dirs "kernel-$target-*" ;;
		stale) clean_stale ;;
		rest) clean_dirs 'tmp-*' log lock run 'accel-*' 'kvm-*' 'tsc-*' apt-install.log ;;
		*) die "nothing in the cache is called '$target'" "root headers model image 6.12 new stock stale" ;;
		esac
	done
}

clean_dirs() {
	local pattern path
	for pattern; do
		for path in "$CACHE"/$pattern; do
			[ -e "$path" ] || continue
			say "removing $path"
			remove_tree "$path"
		done
	done
}

# Removes every directory with a content key that is not one of today's.
clean_stale() {
	local target path current
	root_find
	current=" $ROOT "
	if [ -d "$ROOT" ]; then
		model_find
		image_find
		current+="$MODEL_HEADERS $MODEL $IMAGE "
		for target in $KERNELS; do
			(kernel_version "$target") >/dev/null 2>&1 || continue
			kernel_find "$target"
			current+="$KERNEL "
		done
	fi
	for path in "$CACHE"/{root,headers,connectx,image,kernel}-*; do
		[[ ! -d $path || $current == *" $path "* ]] || clean_dirs "${path##*/}"
	done
}
