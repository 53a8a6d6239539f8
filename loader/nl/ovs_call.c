/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Calls of ovs-vsctl: their words, and running them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/exec.h"
#include "base/mem.h"
#include "nl/ovs_priv.h"

#define MARK "external_ids:ipso=added"

static void word(struct ovs_call *c, const char *w)
{
	if (!c->count)
		c->words[c->count++] = "ovs-vsctl";
	c->words[c->count++] = w;
	c->words[c->count] = NULL;
}

#define WORDS(c, ...)                                          \
	do {                                                   \
		const char *const _w[] = {__VA_ARGS__};        \
		for (size_t _i = 0; _i < ARRAY_SIZE(_w); _i++) \
			word(c, _w[_i]);                       \
	} while (0)

static void call_config(struct ovs_call *c, const char *key, const char *value)
{
	*c = (struct ovs_call){};
	if (!*value) {
		WORDS(c, "remove", "Open_vSwitch", ".", "other_config", key);
		return;
	}
	snprintf(c->text[0], sizeof(c->text[0]), "other_config:%s=%s", key, value);
	WORDS(c, "set", "Open_vSwitch", ".", c->text[0]);
}

void ovs_call_offload(struct ovs_call *c, const char *value)
{
	call_config(c, "hw-offload", value);
}

void ovs_call_flow_limit(struct ovs_call *c, const char *value)
{
	call_config(c, "flow-limit", value);
}

void ovs_call_bridge(struct ovs_call *c, const char *bridge)
{
	*c = (struct ovs_call){};
	WORDS(c, "add-br", bridge, "--", "set", "Bridge", bridge, MARK);
}

void ovs_call_port(struct ovs_call *c, const char *bridge, const char *port)
{
	*c = (struct ovs_call){};
	WORDS(c, "add-port", bridge, port, "--", "set", "Port", port, MARK);
}

void ovs_call_vxlan(struct ovs_call *c, const char *bridge, const struct ovs_vxlan *v)
{
	char a[ADDR_STRLEN];

	*c = (struct ovs_call){};
	snprintf(c->text[0], sizeof(c->text[0]), "options:local_ip=%s",
		 addr_str(&v->local, false, a));
	snprintf(c->text[1], sizeof(c->text[1]), "options:remote_ip=%s",
		 addr_str(&v->remote, false, a));
	snprintf(c->text[2], sizeof(c->text[2]), "options:key=%u", v->vni);
	snprintf(c->text[3], sizeof(c->text[3]), "options:dst_port=%u", v->port);
	if (bridge)
		WORDS(c, "add-port", bridge, v->name, "--", "set", "Port", v->name, MARK, "--");
	WORDS(c, "set", "Interface", v->name, "type=vxlan", c->text[0], c->text[1], c->text[2],
	      c->text[3]);
}

void ovs_call_del_bridge(struct ovs_call *c, const char *bridge)
{
	*c = (struct ovs_call){};
	WORDS(c, "del-br", bridge);
}

void ovs_call_del_port(struct ovs_call *c, const char *bridge, const char *port)
{
	*c = (struct ovs_call){};
	WORDS(c, "del-port", bridge, port);
}

/*
 * A daemon of Open vSwitch holds a lock on its pid file while it lives. Asked first, for without
 * ovs-vswitchd the database takes everything and ovs-vsctl waits for it in vain.
 */
static bool runs(const char *daemon)
{
	const char *dir = getenv("OVS_RUNDIR");
	struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[PATH_MAX];
	_close_ int fd = -1;

	snprintf(path, sizeof(path), "%s/%s.pid", dir && *dir ? dir : "/var/run/openvswitch",
		 daemon);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && fcntl(fd, F_GETLK, &lock) == 0 && lock.l_type != F_UNLCK;
}

int ovs_there(struct why *why)
{
	static const char *const daemons[] = {"ovsdb-server", "ovs-vswitchd"};

	for (size_t i = 0; i < ARRAY_SIZE(daemons); i++) {
		if (runs(daemons[i]))
			continue;
		why_remedy(why, "start it: systemctl start openvswitch-switch (openvswitch where "
				"the distribution calls it so), or ovs-ctl start");
		return why_set(why, -ENOTCONN, "Open vSwitch is not running: no %s", daemons[i]);
	}
	return 0;
}

/* What was asked, as far as it fits. */
static void say(const char *const *words, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (; *words && used < size; words++)
		used += (size_t)snprintf(buf + used, size - used, "%s%s", used ? " " : "", *words);
}

int ovs_exec(const char *const *words, char **ret_out, struct why *why)
{
	char errors[200] = "", asked[256];
	int err = exec_read(words, OVS_LIMIT_MS, OVS_OUTPUT_MAX, ret_out, errors, sizeof(errors),
			    NULL);

	if (!err)
		return 0;
	say(words, asked, sizeof(asked));
	if (err == -ENOENT) {
		why_remedy(why, "install Open vSwitch (package openvswitch-switch or openvswitch)");
		return why_set(why, -ENODEV, "%s is not installed", words[0]);
	}
	if (err == -ETIMEDOUT)
		why_remedy(why, "ask the log of ovs-vswitchd why it does not answer");
	return why_set(why, err, "%s: %s", asked, errors[0] ? errors : "it said nothing");
}

/* What the command prints is the caller's to free. */
static int ask(const char *const *words, char **ret_out, struct why *why)
{
	int err = ovs_there(why);

	return err ? err : ovs_exec(words, ret_out, why);
}

int ovs_run(const struct ovs_call *c, struct why *why)
{
	_free_ char *out = NULL;

	return ask(c->words, &out, why);
}

int ovs_offloaded(bool *ret_any, struct why *why)
{
	static const char *const words[] = {"ovs-appctl", "dpctl/dump-flows", "type=offloaded", NULL};
	_free_ char *out = NULL;
	int err = ask(words, &out, why);

	if (!err)
		*ret_any = strstr(out, "in_port(");
	return err;
}

uint64_t ovs_flows_parse(const char *text)
{
	static const char before[] = "(current "; /* flows : (current 5) (avg 5) ..., a line a datapath */
	uint64_t n = 0;

	while ((text = strstr(text, before))) {
		text += strlen(before);
		n += strtoull(text, NULL, 10);
	}
	return n;
}

int ovs_flows(uint64_t *ret_n, struct why *why)
{
	static const char *const words[] = {"ovs-appctl", "upcall/show", NULL};
	_free_ char *out = NULL;
	int err = ask(words, &out, why);

	if (!err)
		*ret_n = ovs_flows_parse(out);
	return err;
}

/* As ovs-vswitchd begins: OFPROTO_FLOW_LIMIT_DEFAULT. */
const char *ovs_flow_limit(const char *key)
{
	return *key ? key : "200000";
}

int ovs_raise_flow_limit(const char *value, struct why *why)
{
	const char *const words[] = {"ovs-appctl", "upcall/set-flow-limit", value, NULL};
	_free_ char *out = NULL;

	return ovs_exec(words, &out, why);
}
