/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pins of the gate in bpffs: what keeps it in the kernel when no process holds it. */
#include <bpf/bpf.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "attach/internal.h"
#include "base/mem.h"

#define BPFFS "/sys/fs/bpf"
#define PIN_PATHLEN 64

static const char *const names[] = {PIN_LINK,	  PIN_LINK "_new", PIN_POLICY, PIN_PROOF,
				    PIN_VERDICTS, PIN_EVENTS,	   PIN_LOST, PIN_ACQUIRES};

static const char *pin_path(const char *name, char buf[PIN_PATHLEN])
{
	snprintf(buf, PIN_PATHLEN, GATE_PIN_DIR "/%s", name);
	return buf;
}

static int bpffs_ready(struct why *why)
{
	struct statfs fs;

	if (statfs(BPFFS, &fs) == 0 && fs.f_type == BPF_FS_MAGIC)
		return 0;
	if (mount("bpf", BPFFS, "bpf", MS_NOSUID | MS_NODEV | MS_NOEXEC, "mode=0700") == 0)
		return 0;
	return why_set(why, -errno, "mounting the BPF file system on " BPFFS);
}

int pin_lock(int *ret_fd, struct why *why)
{
	_close_ int fd = -1;
	int err = bpffs_ready(why);

	if (err)
		return err;
	if (mkdir(GATE_PIN_DIR, 0700) < 0 && errno != EEXIST)
		return why_set(why, -errno, "making " GATE_PIN_DIR);
	fd = open(GATE_PIN_DIR, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0 || flock(fd, LOCK_EX) < 0)
		return why_set(why, -errno, "locking " GATE_PIN_DIR);
	*ret_fd = TAKE_FD(fd);
	return 0;
}

int pin_get(const char *name, int *ret_fd)
{
	char path[PIN_PATHLEN];
	int fd = bpf_obj_get(pin_path(name, path));

	if (fd < 0)
		return -errno;
	*ret_fd = fd;
	return 0;
}

int pin_put(int fd, const char *name)
{
	char path[PIN_PATHLEN];

	return bpf_obj_pin(fd, pin_path(name, path)) ? -errno : 0;
}

int pin_replace(int fd, const char *name)
{
	char path[PIN_PATHLEN], fresh[PIN_PATHLEN];
	int err;

	pin_path(name, path);
	snprintf(fresh, sizeof(fresh), GATE_PIN_DIR "/%s_new", name);
	if (unlink(fresh) < 0 && errno != ENOENT)
		return -errno;
	if (bpf_obj_pin(fd, fresh))
		return -errno;
	if (rename(fresh, path) == 0)
		return 0;
	err = -errno;
	unlink(fresh);
	return err;
}

int pin_remove_all(struct why *why)
{
	char path[PIN_PATHLEN];
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(names); i++)
		if (unlink(pin_path(names[i], path)) < 0 && errno != ENOENT)
			return why_set(why, -errno, "removing %s", path);
	if (rmdir(GATE_PIN_DIR) < 0 && errno != ENOENT)
		return why_set(why, -errno, "removing " GATE_PIN_DIR);
	return 0;
}

int pin_program(struct bpf_prog_info *ret_info)
{
	_close_ int link_fd = -1;
	_close_ int prog_fd = -1;
	struct bpf_link_info link = {0};
	struct bpf_prog_info info = {0};
	__u32 len = sizeof(link);
	int err = pin_get(PIN_LINK, &link_fd);

	if (err)
		return err;
	if (bpf_obj_get_info_by_fd(link_fd, &link, &len))
		return -errno;
	prog_fd = bpf_prog_get_fd_by_id(link.prog_id);
	if (prog_fd < 0)
		return -errno;
	len = sizeof(info);
	if (bpf_obj_get_info_by_fd(prog_fd, &info, &len))
		return -errno;
	*ret_info = info;
	return 0;
}

bool pin_is_ours(const struct bpf_prog_info *info)
{
	char name[sizeof(info->name)];

	snprintf(name, sizeof(name), "ipso_gate_v%d", IPSO_GATE_VERSION);
	return strcmp(info->name, name) == 0;
}
