/* SPDX-License-Identifier: GPL-2.0-or-later */
#if LINUX_VERSION_CODE > 1
#endif
