/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Numbers of the kernel's interface that are newer than the headers of the oldest distribution
 * ipso is built on. A kernel that does not know one of them is asked before it is used.
 */
#ifndef IPSO_NL_COMPAT_H
#define IPSO_NL_COMPAT_H

#include <stdint.h>

/* include/uapi/linux/xfrm.h: XFRMA_SA_DIR and enum xfrm_sa_dir, since 6.10 */
#define NL_XFRMA_SA_DIR 33
#define NL_XFRM_SA_DIR_IN 1
#define NL_XFRM_SA_DIR_OUT 2

/* include/uapi/linux/devlink.h: capabilities of a port function, since 6.2; ipsec since 6.7 */
#define NL_DEVLINK_PORT_FN_ATTR_CAPS 4
#define NL_DEVLINK_PORT_FN_CAP_ROCE (1u << 0)
#define NL_DEVLINK_PORT_FN_CAP_IPSEC_CRYPTO (1u << 2)
#define NL_DEVLINK_PORT_FN_CAP_IPSEC_PACKET (1u << 3)

/* include/uapi/linux/devlink.h, enum devlink_var_attr_type: the wire type of a string parameter */
#define NL_DEVLINK_VAR_STRING 5

#endif
