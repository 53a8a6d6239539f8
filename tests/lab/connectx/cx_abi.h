/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Does this object fit the QEMU that loaded it? Ends the process with a message when not. */
#ifndef CX_ABI_H
#define CX_ABI_H

void cx_abi_check(void);

#endif
