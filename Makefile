# SPDX-License-Identifier: GPL-2.0-or-later
# ipso: `make` builds out/ipso; `make help` lists the rest. V=1 shows the commands.

VERSION   := $(shell cat VERSION)
OUT       ?= out
CC        ?= gcc
CLANG     ?= clang
BPFTOOL   ?= $(firstword $(wildcard /usr/sbin/bpftool /sbin/bpftool /usr/bin/bpftool) bpftool)
PKG       := libbpf libelf zlib libmnl libnl-3.0 libnl-genl-3.0 libnl-route-3.0 yaml-0.1 \
	     jansson libsystemd libmicrohttpd gnutls libcap-ng ncursesw

WARN      := -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wformat=2 -Werror
CFLAGS    ?= -O2 -g
ALLCFLAGS  = -std=gnu11 $(WARN) $(CPPFLAGS) $(CFLAGS) -D_GNU_SOURCE -DIPSO_VERSION='"$(VERSION)"' -Iinclude \
	     -Iloader -I$(OUT)/gen $(PKGFLAGS)
# Asked once, and not before the packages are there.
PKGFLAGS   = $(eval PKGFLAGS := $(shell pkg-config --cflags $(PKG)))$(PKGFLAGS)
LIBS       = $(eval LIBS := $(shell pkg-config --libs $(PKG)))$(LIBS)
CMOCKA     = $(eval CMOCKA := $(shell pkg-config --libs cmocka))$(CMOCKA)
ARCH      := $(shell uname -m | sed 's/x86_64/x86/;s/aarch64/arm64/')
BPFFLAGS  := -target bpf -D__bpf__ -D__TARGET_ARCH_$(ARCH) -O2 -g -Wall -Wextra -Wno-unused-parameter \
	     -Werror -Iinclude -I. -mcpu=v3

SRC       := $(sort $(wildcard loader/*.c loader/*/*.c))
OBJ       := $(SRC:%.c=$(OUT)/obj/%.o)
LIBOBJ    := $(filter-out $(OUT)/obj/loader/main.o,$(OBJ))
BPF       := $(sort $(wildcard bpf/*.bpf.c))
# Two objects: the gate, which is pinned, and the hooks, which live as long as the service.
SKEL      := $(OUT)/gen/gate.skel.h $(OUT)/gen/hooks.skel.h
UNIT      := $(sort $(wildcard tests/unit/*.c))
UNITBIN   := $(UNIT:tests/unit/%.c=$(OUT)/unit/%)
BENCHBIN  := $(patsubst tests/bench/%.c,$(OUT)/bench/%,$(sort $(wildcard tests/bench/*.c)))

Q         := $(if $(V),,@)
say        = $(if $(V),,@printf '  %-6s %s\n' $(1) $(2))

.PHONY: all help check check-built unit rules cov lab test demo bench man docs install deb clean
.DELETE_ON_ERROR:
.SECONDARY: $(SKEL)

all: $(OUT)/ipso

help:
	@echo 'make          build $(OUT)/ipso'
	@echo 'make check    house rules and unit tests: no root, no VM, under a minute'
	@echo 'make cov      line coverage of loader/ by the unit and command line tests, in $(OUT)/cov/'
	@echo 'make lab      build the lab: a Debian root, kernels, the ConnectX model'
	@echo 'make test     everything, the lab tests included'
	@echo 'make demo     two hosts, encrypted by emulated ConnectX NICs (HOLD=1 keeps them up)'
	@echo 'make bench    measurements'
	@echo 'make man      the manual pages and the completion, in $(OUT)/man/ and $(OUT)/completion/'
	@echo 'make docs     the reference pages in docs/ that come from tables'
	@echo 'make install  program, unit, manual pages and completion below DESTDIR and PREFIX (/usr)'
	@echo 'make deb      a Debian package of it, in $(OUT)/deb/'
	@echo 'make clean    remove $(OUT); the cache of the lab stays (tests/lab/lab clean)'

# Says which packages are missing, and installs them when it runs as root.
$(OUT)/.needs: tests/needs.sh
	@tests/needs.sh build
	@mkdir -p $(@D) && touch $@

$(OUT)/ipso: $(OBJ)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(OBJ) $(LIBS)

$(OUT)/obj/%.o: %.c $(SKEL) | $(OUT)/.needs
	$(call say,CC,$<)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -c -o $@ $<

# What the page embeds, which the compiler does not tell.
$(OUT)/obj/loader/export/page.o: loader/export/page.css loader/export/page.js

# Map definitions first: bpftool 7.1 gives a map that was extern before a wrong offset.
$(OUT)/bpf/gate.o: $(OUT)/bpf/maps.bpf.o $(OUT)/bpf/gate.bpf.o
$(OUT)/bpf/hooks.o: $(OUT)/bpf/maps.bpf.o \
	$(filter-out %/gate.bpf.o %/maps.bpf.o,$(BPF:bpf/%.bpf.c=$(OUT)/bpf/%.bpf.o))
$(OUT)/bpf/gate.o $(OUT)/bpf/hooks.o:
	$(call say,BPFLD,$@)
	$(Q)$(BPFTOOL) gen object $@ $^

$(OUT)/gen/%.skel.h: $(OUT)/bpf/%.o
	$(call say,SKEL,$@)
	@mkdir -p $(@D)
	$(Q)$(BPFTOOL) gen skeleton $< name $(subst .,_,$*)_bpf > $@

$(OUT)/bpf/%.bpf.o: bpf/%.bpf.c vmlinux.h | $(OUT)/.needs
	$(call say,BPF,$<)
	@mkdir -p $(@D)
	$(Q)$(CLANG) $(BPFFLAGS) -MMD -MP -c -o $@ $<

# One file a program; a test function that is not registered breaks the build (-Wunused-function).
$(OUT)/unit/%: tests/unit/%.c $(LIBOBJ)
	$(call say,UNIT,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -MF $@.d -Itests/unit $(UNITWRAP) -o $@ $< $(LIBOBJ) $(LIBS) \
		$(CMOCKA)
$(OUT)/unit/daemon_again: UNITWRAP := -Wl,--wrap=monotonic_ns -Wl,--wrap=apply_flows_renewed \
	-Wl,--wrap=gate_probe_here -Wl,--wrap=apply_offload_again
$(OUT)/unit/daemon_window: UNITWRAP := -Wl,--wrap=monotonic_ns -Wl,--wrap=gate_probe_here \
	-Wl,--wrap=if_nametoindex -Wl,--wrap=apply_window_open -Wl,--wrap=apply_window_close \
	-Wl,--wrap=collect_expects -Wl,--wrap=collect_each
$(OUT)/unit/daemon_journald: UNITWRAP := -Wl,--wrap=sd_journal_sendv
$(OUT)/unit/collect_record: UNITWRAP := -Wl,--wrap=gate_mode

$(OUT)/bench/%: tests/bench/%.c $(LIBOBJ)
	$(call say,BENCH,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LIBOBJ) $(LIBS)

# The HTTP side on its own, for tests of what it serves.
WRAP      := hooks_info hooks_software_fd gate_ring gate_status gate_probe if_indextoname \
	     ethtool_counters collect_rules
$(OUT)/web/%: tests/web/%.c $(LIBOBJ)
	$(call say,WEB,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -MF $@.d -Itests/unit $(addprefix -Wl$(comma)--wrap=,$(WRAP)) -o $@ $< $(LIBOBJ) \
		$(LIBS) $(CMOCKA)
comma     := ,

# Manual pages and completion come from the tables that the program has.
MAN       := $(OUT)/man/ipso.8 $(OUT)/man/ipso.yaml.5 $(OUT)/man/ipso-catalogue.7
COMPLETION := $(OUT)/completion/ipso
$(OUT)/man/ipso.8: $(OUT)/doc/command
$(OUT)/man/ipso.yaml.5: $(OUT)/doc/config
$(OUT)/man/ipso-catalogue.7: $(OUT)/doc/catalogue
$(COMPLETION): $(OUT)/doc/completion

$(OUT)/doc/%: doc/%.c doc/roff.h $(LIBOBJ)
	$(call say,DOC,$@)
	@mkdir -p $(@D)
	$(Q)$(CC) $(ALLCFLAGS) -MMD -MP -MF $@.d -o $@ $< $(LIBOBJ) $(LIBS)

$(MAN) $(COMPLETION):
	@mkdir -p $(@D)
	$(Q)$< > $@

man: $(MAN) $(COMPLETION) $(OUT)/doc/metrics

# Pages that are read where the source is: committed, and held against the tables by make check.
docs: $(OUT)/doc/metrics
	$(Q)$(OUT)/doc/metrics > docs/metrics.md

# Root is not needed for a DESTDIR. The configuration is the administrator's: none is installed.
PREFIX    ?= /usr
UNITDIR   ?= $(PREFIX)/lib/systemd/system
# Started after ipso: what offloads TC rules or makes SAs, by the names of Debian and of Fedora.
IKE       := strongswan strongswan-starter ipsec
AFTER     := openvswitch-switch ovs-vswitchd $(IKE)
install: all man
	install -D -m 755 $(OUT)/ipso $(DESTDIR)$(PREFIX)/sbin/ipso
	install -D -m 644 loader/dist/ipso.service $(DESTDIR)$(UNITDIR)/ipso.service
	sed -i 's|/usr/sbin/ipso|$(PREFIX)/sbin/ipso|' $(DESTDIR)$(UNITDIR)/ipso.service
	install -D -m 644 loader/dist/sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/ipso.conf
	for unit in $(AFTER); do install -D -m 644 loader/dist/ordering.conf \
		$(DESTDIR)$(UNITDIR)/$$unit.service.d/ipso.conf || exit 1; done
	for unit in $(IKE); do mkdir -p $(DESTDIR)$(UNITDIR)/$$unit.service.d && \
		sed 's|/usr/sbin/ipso|$(PREFIX)/sbin/ipso|' loader/dist/ike.conf \
		>$(DESTDIR)$(UNITDIR)/$$unit.service.d/ipso-window.conf || exit 1; done
	install -D -m 644 $(COMPLETION) $(DESTDIR)$(PREFIX)/share/bash-completion/completions/ipso
	for file in packaging/prometheus/*; do install -D -m 644 $$file \
		$(DESTDIR)$(PREFIX)/share/ipso/prometheus/$${file##*/} || exit 1; done
	for page in $(MAN); do install -D -m 644 $$page \
		$(DESTDIR)$(PREFIX)/share/man/man$${page##*.}/$${page##*/} || exit 1; done

deb:
	@packaging/deb.sh

unit: $(UNITBIN)
rules:
	@tests/check/rules.sh

check-built: all unit man $(BENCHBIN) $(OUT)/web/fixture

check: check-built
	@tests/run.sh check

# A build of its own: objects that count are no others'. Without optimisation a line is a line.
cov:
	$(Q)$(MAKE) --no-print-directory OUT=$(OUT)/cov CFLAGS='-O0 -g --coverage' all unit man
	@tests/cov.sh $(OUT)/cov

lab: | $(OUT)/.needs
	@tests/lab/lab build

test: check-built
	@tests/run.sh all

demo: | $(OUT)/.needs
	@MAKE="$(MAKE)" tests/demo.sh

bench: all $(BENCHBIN)
	@tests/bench/run.sh

clean:
	rm -rf $(OUT)

-include $(OBJ:.o=.d) $(UNITBIN:=.d) $(BENCHBIN:=.d) $(OUT)/web/fixture.d $(wildcard $(OUT)/doc/*.d) $(BPF:bpf/%.bpf.c=$(OUT)/bpf/%.bpf.d)
