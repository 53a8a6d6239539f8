/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the firmware said, by the rows FS and FY of the catalogue. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "explain/internal.h"

/* Rows of one section have their number in `step`. */
static const struct catalogue_row *row_of(const char *letters, uint32_t number)
{
	const struct catalogue_row *row;

	for (unsigned int i = 0; (row = catalogue_row(i)); i++) {
		if (row->kind == CATALOGUE_FIRMWARE && strncmp(row->id, letters, 2) == 0 &&
		    strtoul(row->step, NULL, 0) == number)
			return row;
	}
	return NULL;
}

const char *fw_status_name(uint32_t status)
{
	const struct catalogue_row *row = row_of("FS", status);

	return row ? row->text : "unknown status";
}

void describe_fw(const struct ipso_fw_error *fw, char *buf, size_t size)
{
	const struct catalogue_row *status = row_of("FS", fw->status);
	const struct catalogue_row *syndrome = row_of("FY", fw->syndrome);

	if (!fw->status) {
		snprintf(buf, size, "a firmware command was not delivered: opcode 0x%03x, %s",
			 fw->opcode, err_name(fw->err));
		return;
	}
	snprintf(buf, size, "the firmware refused a command: opcode 0x%03x, %s (0x%x), "
		 "syndrome 0x%x%s%s%s%s", fw->opcode, status ? status->text : "unknown status",
		 fw->status, fw->syndrome, syndrome ? ", seen for " : "",
		 syndrome ? syndrome->cause : "", status && !syndrome ? "; " : "",
		 status && !syndrome ? status->cause : "");
}
