/* SPDX-License-Identifier: GPL-2.0-or-later */
/* devlink: eswitch mode and the steering parameter. Ports are in devlink_port.c. */
#include "nl/devlink.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nl/compat.h"
#include "nl/devlink_priv.h"

int devlink_open(struct devlink **ret_dl, struct why *why)
{
	_devlink_ struct devlink *dl = calloc(1, sizeof(*dl));
	int err;

	if (!dl)
		return why_set(why, -ENOMEM, "open devlink");
	err = nl_open(NETLINK_GENERIC, NULL, &dl->nl, why);
	if (!err)
		err = nl_family(dl->nl, DEVLINK_GENL_NAME, &dl->family, why);
	if (err < 0)
		return err;
	*ret_dl = TAKE_PTR(dl);
	return 0;
}

void devlink_close(struct devlink **dl)
{
	if (*dl)
		nl_close(&(*dl)->nl);
	free(*dl);
	*dl = NULL;
}

void devlink_put_get(struct nl_msg *m, uint16_t family, uint8_t cmd, const char *pci)
{
	nl_msg_start_genl(m, family, cmd, DEVLINK_GENL_VERSION);
	mnl_attr_put_strz(&m->h, DEVLINK_ATTR_BUS_NAME, "pci");
	mnl_attr_put_strz(&m->h, DEVLINK_ATTR_DEV_NAME, pci);
}

void devlink_put_eswitch(struct nl_msg *m, uint16_t family, const char *pci, uint16_t mode)
{
	devlink_put_get(m, family, DEVLINK_CMD_ESWITCH_SET, pci);
	mnl_attr_put_u16(&m->h, DEVLINK_ATTR_ESWITCH_MODE, mode);
}

void devlink_put_encap(struct nl_msg *m, uint16_t family, const char *pci, uint8_t encap_mode)
{
	devlink_put_get(m, family, DEVLINK_CMD_ESWITCH_SET, pci);
	mnl_attr_put_u8(&m->h, DEVLINK_ATTR_ESWITCH_ENCAP_MODE, encap_mode);
}

void devlink_put_param(struct nl_msg *m, uint16_t family, const char *pci, const char *name,
		       const char *value)
{
	devlink_put_get(m, family, DEVLINK_CMD_PARAM_SET, pci);
	mnl_attr_put_strz(&m->h, DEVLINK_ATTR_PARAM_NAME, name);
	mnl_attr_put_u8(&m->h, DEVLINK_ATTR_PARAM_VALUE_CMODE, DEVLINK_PARAM_CMODE_RUNTIME);
	mnl_attr_put_u8(&m->h, DEVLINK_ATTR_PARAM_TYPE, NL_DEVLINK_VAR_STRING);
	mnl_attr_put_strz(&m->h, DEVLINK_ATTR_PARAM_VALUE_DATA, value);
}

static int take_eswitch(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a[DEVLINK_ATTR_ESWITCH_ENCAP_MODE + 1];
	struct devlink_eswitch *e = arg;

	nl_attrs(nlh, sizeof(struct genlmsghdr), a, DEVLINK_ATTR_ESWITCH_ENCAP_MODE);
	if (!a[DEVLINK_ATTR_ESWITCH_MODE])
		return -EBADMSG;
	e->mode = mnl_attr_get_u16(a[DEVLINK_ATTR_ESWITCH_MODE]);
	if (a[DEVLINK_ATTR_ESWITCH_INLINE_MODE])
		e->inline_mode = mnl_attr_get_u8(a[DEVLINK_ATTR_ESWITCH_INLINE_MODE]);
	if (a[DEVLINK_ATTR_ESWITCH_ENCAP_MODE])
		e->encap_mode = mnl_attr_get_u8(a[DEVLINK_ATTR_ESWITCH_ENCAP_MODE]);
	return 0;
}

int devlink_eswitch_get(struct devlink *dl, const char *pci, struct devlink_eswitch *ret_e,
			struct why *why)
{
	struct devlink_eswitch e = {};
	struct nl_msg m;
	int err;

	devlink_put_get(&m, dl->family, DEVLINK_CMD_ESWITCH_GET, pci);
	err = nl_request(dl->nl, &m, take_eswitch, &e, why);
	if (err < 0)
		return why_set(why, err, "read the eswitch mode of %s", pci);
	*ret_e = e;
	return 0;
}

int devlink_eswitch_set(struct devlink *dl, const char *pci, uint16_t mode, struct why *why)
{
	struct nl_msg m;
	int err;

	devlink_put_eswitch(&m, dl->family, pci, mode);
	err = nl_request(dl->nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set the eswitch of %s to %s", pci,
			mode == DEVLINK_ESWITCH_MODE_SWITCHDEV ? "switchdev" : "legacy");
	return err;
}

int devlink_encap_set(struct devlink *dl, const char *pci, uint8_t encap_mode, struct why *why)
{
	struct nl_msg m;
	int err;

	devlink_put_encap(&m, dl->family, pci, encap_mode);
	err = nl_request(dl->nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set encap-mode of the eswitch of %s to %s", pci,
			encap_mode == DEVLINK_ESWITCH_ENCAP_MODE_BASIC ? "basic" : "none");
	return err;
}

struct param_want {
	char *buf;
	size_t size;
	bool found;
};

static void take_value(const struct nlattr *value, struct param_want *w)
{
	const struct nlattr *a[DEVLINK_ATTR_PARAM_VALUE_CMODE + 1];

	nl_nest(value, a, DEVLINK_ATTR_PARAM_VALUE_CMODE);
	if (!a[DEVLINK_ATTR_PARAM_VALUE_CMODE] || !a[DEVLINK_ATTR_PARAM_VALUE_DATA] ||
	    mnl_attr_get_u8(a[DEVLINK_ATTR_PARAM_VALUE_CMODE]) != DEVLINK_PARAM_CMODE_RUNTIME ||
	    mnl_attr_validate(a[DEVLINK_ATTR_PARAM_VALUE_DATA], MNL_TYPE_NUL_STRING) < 0)
		return;
	snprintf(w->buf, w->size, "%s", mnl_attr_get_str(a[DEVLINK_ATTR_PARAM_VALUE_DATA]));
	w->found = true;
}

static int take_param(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a[DEVLINK_ATTR_PARAM_VALUES_LIST + 1];
	const struct nlattr *top[DEVLINK_ATTR_PARAM + 1];
	const struct nlattr *value;

	nl_attrs(nlh, sizeof(struct genlmsghdr), top, DEVLINK_ATTR_PARAM);
	if (!top[DEVLINK_ATTR_PARAM])
		return -EBADMSG;
	nl_nest(top[DEVLINK_ATTR_PARAM], a, DEVLINK_ATTR_PARAM_VALUES_LIST);
	if (!a[DEVLINK_ATTR_PARAM_VALUES_LIST])
		return 0;
	mnl_attr_for_each_nested(value, a[DEVLINK_ATTR_PARAM_VALUES_LIST])
		take_value(value, arg);
	return 0;
}

int devlink_param_get(struct devlink *dl, const char *pci, const char *name, char *buf,
		      size_t size, struct why *why)
{
	struct param_want w = {buf, size, false};
	struct nl_msg m;
	int err;

	devlink_put_get(&m, dl->family, DEVLINK_CMD_PARAM_GET, pci);
	mnl_attr_put_strz(&m.h, DEVLINK_ATTR_PARAM_NAME, name);
	err = nl_request(dl->nl, &m, take_param, &w, why);
	if (!err && !w.found)
		err = -ENOENT;
	return err < 0 ? why_set(why, err, "read devlink parameter %s of %s", name, pci) : 0;
}

int devlink_param_set(struct devlink *dl, const char *pci, const char *name, const char *value,
		      struct why *why)
{
	struct nl_msg m;
	int err;

	devlink_put_param(&m, dl->family, pci, name, value);
	err = nl_request(dl->nl, &m, NULL, NULL, why);
	if (err < 0)
		why_set(why, err, "set devlink parameter %s of %s to %s", name, pci, value);
	return err;
}
