#!/usr/bin/env bats
# SPDX-License-Identifier: GPL-2.0-or-later
bats_require_minimum_version 1.5.0

# The manifest and the recipe for containers: whole, of this version, and with the rights of the unit.
# That ipso works with these rights and a root that cannot be written is for the lab (ipso-systemd).

setup() {
	cd "$BATS_TEST_DIRNAME/../.." || return 1
	manifest=packaging/kubernetes/ipso.yaml
	recipe=packaging/container/Containerfile
	python3 -c '
import json, sys, yaml
json.dump({d["kind"]: d for d in yaml.safe_load_all(open(sys.argv[1]))}, sys.stdout)
' "$manifest" >"$BATS_TEST_TMPDIR/manifest.json"
}
# is FILTER: true of the manifest, whose parts are by kind; $pod, $run, $up
is() {
	jq -e ".DaemonSet.spec.template.spec as \$pod | \$pod.containers[0] as \$run |
		\$pod.initContainers[0] as \$up | ($1)" "$BATS_TEST_TMPDIR/manifest.json" >/dev/null ||
		{ echo "not so: $1"; return 1; }
}

@test "the manifest is a DaemonSet in a namespace of its own, of this version" {
	is '.DaemonSet.apiVersion == "apps/v1" and .Namespace.apiVersion == "v1"'
	is '.DaemonSet.metadata.namespace == .Namespace.metadata.name'
	is '.DaemonSet.spec.selector.matchLabels as $m | .DaemonSet.spec.template.metadata.labels | contains($m)'
	is '($pod.containers | length) == 1 and ($pod.initContainers | length) == 1'
	is "[\$run.image, \$up.image] | unique == [\"ipso:$(cat VERSION)\"]"
	is '$run.command == ["/usr/sbin/ipso", "run", "-c", "/etc/ipso/ipso.yaml"]'
	is '$up.command == ["/usr/sbin/ipso", "up", "-c", "/etc/ipso/ipso.yaml"]'
}

@test "the service has the capabilities of the unit, and nothing else of root" {
	unit=$(sed -n 's/^CapabilityBoundingSet=//p' loader/dist/ipso.service | sed 's/CAP_//g' |
		tr ' ' '\n' | sort | xargs)
	pod=$(jq -r '.DaemonSet.spec.template.spec.containers[0].securityContext.capabilities.add | sort |
		join(" ")' "$BATS_TEST_TMPDIR/manifest.json")
	echo "unit: $unit, pod: $pod"
	[ -n "$unit" ]
	[ "$unit" = "$pod" ]
	is '$run.securityContext.capabilities.drop == ["ALL"]'
	is '$run.securityContext | (has("privileged") or has("allowPrivilegeEscalation")) | not'
	is '$run.securityContext.readOnlyRootFilesystem and $up.securityContext.readOnlyRootFilesystem'
	is '$run.securityContext.seccompProfile.type == "RuntimeDefault"'
	is '$pod.hostNetwork and ($pod | (has("hostPID") or has("hostIPC")) | not)'
	is '$pod.automountServiceAccountToken == false'
}

@test "both containers have the host's folders that ipso writes and reads" {
	is '[$pod.volumes[].name] as $v | [$run, $up] | all(.volumeMounts | map(.name) | sort == ($v | sort))'
	for path in /etc/ipso /run/ipso /sys/fs/bpf /run/netns /lib/modules /run/openvswitch; do
		is "[\$pod.volumes[].hostPath.path] | index(\"$path\")"
		is "[\$run, \$up] | all(.volumeMounts[] | select(.mountPath == \"$path\"))"
	done
	is '[$run, $up] | all(.volumeMounts[] | select(.name == "config") | .readOnly)'
	is '$up.volumeMounts[] | select(.name == "netns") | .mountPropagation == "Bidirectional"'
	is '$run.volumeMounts[] | select(.name == "netns") | .mountPropagation == "HostToContainer"'
	for path in /sys/fs/bpf /run/ipso /run/netns; do # the program's own words for them
		grep -rqF "\"$path" loader
	done
}

@test "probes ask the address that ipso serves by default" {
	listen=$("${IPSO_OUT:-out}/ipso" sample | grep -oE '127\.0\.0\.1:[0-9]+' | head -n 1)
	is "[\$run.readinessProbe.httpGet, \$run.livenessProbe.httpGet, \$run.startupProbe.tcpSocket] |
		all(\"\\(.host):\\(.port)\" == \"$listen\")"
	is '$run.readinessProbe.httpGet.path == "/healthz"'
}

@test "every privilege says its reason" {
	awk '
		/# .*reason: / { told = NR }
		/^ *#/ && told == NR - 1 { told = NR } # it goes on
		/hostNetwork:|privileged: true|appArmorProfile:|hostPath:|^ *- [A-Z_]+( |$)/ {
			n++
			if (told != NR && told != NR - 1) { print NR ": " $0; bad = 1 }
		}
		END { exit bad || n < 13 }
	' "$manifest"
}

@test "the recipe builds the Debian package from this tree, on a base that is not named here" {
	[ "$(grep -c '^FROM ' $recipe)" -eq 2 ]
	! grep '^FROM ' $recipe | grep -vF 'FROM ${BASE}'
	grep -qx 'ARG BASE' $recipe
	! grep -qE '^[^#]*[a-z0-9-]+\.(io|com|org)/' $recipe $manifest
	grep -q "ipso:$(cat VERSION)" docs/fleets.md
	grep -q 'make deb' $recipe
	grep -q 'COPY --from=build /src/out/deb/ipso_\*\.deb' $recipe
	grep -q '^ls "\$out"/\*\.deb' packaging/deb.sh # where it is
	grep -qx 'ENTRYPOINT \["/usr/sbin/ipso"\]' $recipe
	grep -q '\$(PREFIX)/sbin/ipso' Makefile
}
