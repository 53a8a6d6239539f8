/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the driver writes to the kernel log when the firmware refuses a command (mlx5 cmd.c,
 * mlx5_cmd_out_err()): the only place that tells a program without BPF of status and syndrome.
 * Records of /dev/kmsg: Documentation/ABI/testing/dev-kmsg.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "apply/priv.h"

#define RECORD_MAX 8192 /* PRINTK_MESSAGE_MAX and room */

int klog_open(void)
{
	int fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd >= 0)
		lseek(fd, 0, SEEK_END);
	return fd;
}

/* "...(pid 12): SET_FTE(0x936) op_mod(0x0) failed, status bad parameter(0x3), syndrome (0x1), err(-22)" */
bool klog_parse(const char *record, long pid, struct ipso_fw_error *ret_fw)
{
	const char *p = strstr(record, "(pid ");
	unsigned int opcode, op_mod, status, syndrome;
	long by;
	int err;

	if (!p || sscanf(p, "(pid %ld): %*[A-Za-z0-9_](0x%x) op_mod(0x%x) failed, status %*[^(]"
			    "(0x%x), syndrome (0x%x), err(%d)", &by, &opcode, &op_mod, &status,
			 &syndrome, &err) != 6 || by != pid)
		return false;
	*ret_fw = (struct ipso_fw_error){(uint16_t)opcode, (uint16_t)op_mod, status, syndrome, err};
	return true;
}

void klog_fw_error(int fd, struct ipso_fw_error *ret_fw)
{
	char record[RECORD_MAX];
	ssize_t n;

	/* EPIPE: the log ran over our place; the next read goes on behind the gap. */
	while (fd >= 0 && ((n = read(fd, record, sizeof(record) - 1)) > 0 || errno == EPIPE)) {
		if (n <= 0)
			continue;
		record[n] = '\0';
		klog_parse(record, gettid(), ret_fw);
	}
}
