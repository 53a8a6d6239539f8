# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# The ConnectX model: headers that match the root's QEMU, once; then the
# shared object, whenever the model's sources changed.

model_headers_key() {
	key "$(root_version qemu)" "$(awk '/^linux-source-/ { print $2 }' "$ROOT/versions")" \
		"@$LAB/connectx/headers.sh"
}

# Sets MODEL_HEADERS and MODEL, the directories; needs ROOT there.
model_find() {
	local id
	id=$(model_headers_key)
	MODEL_HEADERS=$CACHE/headers-$id
	MODEL=$CACHE/connectx-$(key "$id" "@$LAB/connectx/build.sh" \
		"$(cd "$LAB/connectx" && sha256sum -- *.[ch] 2>/dev/null)")
}

headers_build() {
	root_build
	model_find
	step headers "QEMU's and mlx5's headers for the model, from matching sources (a minute)" \
		"$MODEL_HEADERS" model_make_headers
}

model_build() {
	headers_build
	compgen -G "$LAB/connectx/*.c" >/dev/null ||
		{ say "model: no sources in tests/lab/connectx yet"; return; }
	STEP_TAIL=60 step model "compiling tests/lab/connectx" "$MODEL" model_make
	model_prune
}

model_make_headers() {
	root_enter "$STEP_DIR" sh /ipso/tests/lab/connectx/headers.sh >>"$STEP_LOG" 2>&1
	model_headers_key >"$STEP_DIR/id"
}

model_make() {
	local files=("$LAB"/connectx/*.c)
	mkdir -p "$CACHE/model-objects"
	root_enter "$CACHE" sh /ipso/tests/lab/connectx/build.sh \
		"/mnt/${MODEL_HEADERS##*/}" /mnt/model-objects "/mnt/${STEP_DIR##*/}/connectx.so" \
		"${files[@]/#$LAB//ipso/tests/lab}" >>"$STEP_LOG" 2>&1
	model_check "$STEP_DIR/connectx.so" >>"$STEP_LOG" 2>&1
}

# model_check SO: loads it into the very QEMU that will run it. Preparing the
# device's class compares the sizes of the structures that both sides share
# (connectx/cx_abi.c), and any symbol that QEMU lacks shows here.
model_check() {
	qemu_words "$1"
	"${QEMU[@]}" -M none -nodefaults -device connectx,help | grep -q '^connectx options' || {
		echo "QEMU did not accept the model"
		return 1
	}
}

# Keeps the newest four builds: each edit of the model makes one.
model_prune() {
	local old
	find "$CACHE" -maxdepth 1 -type d -name 'connectx-*' -printf '%T@ %p\n' | sort -rn |
		sed -e '1,4d' -e 's/^[^ ]* //' | while read -r old; do
		[ "$old" = "$MODEL" ] || remove_tree "$old"
	done
}
