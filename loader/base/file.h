/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small files: read whole, sysfs attributes, atomic replace. */
#ifndef IPSO_BASE_FILE_H
#define IPSO_BASE_FILE_H

#include <stddef.h>

/* Whole file, NUL appended; caller frees. limit bounds it (-EFBIG). ret_len may be NULL. */
int file_read(const char *path, size_t limit, char **ret_text, size_t *ret_len);
/* One line of a sysfs attribute, newline stripped. */
int file_read_line(const char *path, char *buf, size_t size);
/*
 * Last part of a symlink's target: the driver, PCI device or master that a sysfs link names. Cut to
 * size; "" and -errno when there is no such link.
 */
int file_link_name(const char *path, char *buf, size_t size);
/* One write(2) of text to an existing file (sysfs, procfs). */
int file_write(const char *path, const char *text);
/* Write a file that must not be there yet (-EEXIST), synced; nothing is left on failure. */
int file_create(const char *path, const void *data, size_t len, unsigned int mode);
/* Write beside, fsync, rename over; mode as open(2). */
int file_replace(const char *path, const void *data, size_t len, unsigned int mode);

#endif
