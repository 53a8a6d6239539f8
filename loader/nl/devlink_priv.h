/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two halves of the devlink codec share. */
#ifndef IPSO_NL_DEVLINK_PRIV_H
#define IPSO_NL_DEVLINK_PRIV_H

#include "nl/devlink.h"

struct devlink {
	struct nl *nl;
	uint16_t family;
};

#endif
