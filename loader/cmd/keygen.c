/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * ipso keygen: the key files that the configuration names, and with --peer the other host's
 * configuration and its copies of them. A file that exists is never written to; everything that
 * can be seen to fail is looked at before the first file is made.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/log.h"
#include "base/mem.h"
#include "cmd/cmd.h"
#include "config/config.h"

static const char peer_head[] =
	"# Made by ipso keygen --peer from the other host's configuration.\n"
	"# Devices are called as they are there: correct them. Addresses that no tunnel tells are\n"
	"# left out, and so are MAC addresses of VFs.\n";

/* Without a key file when it is IKE's. */
static struct cfg_sa *sa_number(const struct ipso_config *cfg, unsigned int i)
{
	return i % 2 ? &cfg->tunnels[i / 2].in : &cfg->tunnels[i / 2].out;
}

/* Give a reason the place of the key-file line it is about. */
static int at_place(const struct ipso_config *cfg, const struct cfg_sa *sa, int err,
		    const struct why *reason, struct why *why)
{
	if (*reason->remedy)
		why_remedy(why, "%s", reason->remedy);
	return why_set(why, err, "%s:%u:%u: %s", cfg->path, sa->key_at.line, sa->key_at.column,
		       reason->what);
}

/* Each SA has a file of its own, and what is there can be used as it is. */
static int check_files(const struct ipso_config *cfg, struct why *why)
{
	for (unsigned int i = 0; i < 2 * cfg->tunnels_count; i++) {
		const struct cfg_sa *sa = sa_number(cfg, i);
		_cleanup_(secret_free) struct secret *key = NULL;
		char path[PATH_MAX], other[PATH_MAX];
		struct why reason = {};
		struct stat st;
		int err;

		if (!sa->key_file)
			continue;
		err = config_key_path(cfg, sa->key_file, path);
		if (err < 0)
			why_set(&reason, err, "key file: the path is too long");
		for (unsigned int j = 0; !err && j < i; j++) {
			if (sa_number(cfg, j)->key_file &&
			    config_key_path(cfg, sa_number(cfg, j)->key_file, other) == 0 &&
			    strcmp(path, other) == 0)
				err = why_set(&reason, -EINVAL, "key-file: found %s, which the SA "
					      "on line %u has; allowed: a file for each SA, else "
					      "nonces repeat (RFC 4106 section 4)", path,
					      sa_number(cfg, j)->key_at.line);
		}
		if (!err && lstat(path, &st) == 0)
			err = secret_load(path, config_key_len(&cfg->tunnels[i / 2]), &key,
					  &reason);
		if (err < 0)
			return at_place(cfg, sa, err, &reason, why);
	}
	return 0;
}

static int make_files(const struct ipso_config *cfg, struct why *why)
{
	for (unsigned int i = 0; i < 2 * cfg->tunnels_count; i++) {
		const struct cfg_sa *sa = sa_number(cfg, i);
		size_t len = config_key_len(&cfg->tunnels[i / 2]);
		_cleanup_(secret_free) struct secret *key = NULL;
		char path[PATH_MAX];
		struct why reason = {};
		struct stat st;
		int err;

		if (!sa->key_file)
			continue;
		err = config_key_path(cfg, sa->key_file, path);
		if (!err && lstat(path, &st) == 0) {
			printf("kept %s\n", path);
			continue;
		}
		if (!err)
			err = secret_generate(len, &key, &reason);
		if (!err)
			err = secret_store(key, path, &reason);
		if (err < 0)
			return at_place(cfg, sa, err, &reason, why);
		printf("made %s: AES-%zu key and salt for SA %s of tunnel %s\n", path,
		       8 * (len - 4), i % 2 ? "in" : "out", cfg->tunnels[i / 2].name);
	}
	return 0;
}

static int peer_path(const char *dir, const char *name, char path[PATH_MAX])
{
	return snprintf(path, PATH_MAX, "%s/%s", dir, name) < PATH_MAX ? 0 : -ENAMETOOLONG;
}

/* The folder, closed to others, with nothing in it of what is going to be written. */
static int check_peer(const struct ipso_config *mirrored, const char *dir, struct why *why)
{
	char path[PATH_MAX];
	struct stat st;

	if (mkdir(dir, 0700) < 0 && errno != EEXIST)
		return why_set(why, -errno, "folder %s: cannot be made", dir);
	if (stat(dir, &st) < 0 || !S_ISDIR(st.st_mode))
		return why_set(why, -ENOTDIR, "%s: cannot be used as a folder", dir);
	if (st.st_mode & 077) {
		why_remedy(why, "chmod 700 %s", dir);
		return why_set(why, -EPERM, "folder %s: mode %04o opens it to group or others", dir,
			       (unsigned int)st.st_mode & 07777);
	}
	for (unsigned int i = 0; i <= 2 * mirrored->tunnels_count; i++) {
		const char *name = i < 2 * mirrored->tunnels_count
					   ? sa_number(mirrored, i)->key_file
					   : "ipso.yaml";

		if (!name)
			continue;
		if (peer_path(dir, name, path) < 0)
			return why_set(why, -ENAMETOOLONG, "%s/%s", dir, name);
		if (lstat(path, &st) == 0) {
			why_remedy(why, "name a new folder; nothing is ever written over");
			return why_set(why, -EEXIST, "%s", path);
		}
	}
	return 0;
}

/* The other host's configuration as text, proved to load. */
static int peer_config(const struct ipso_config *mirrored, const char *dir, char **ret_text,
		       size_t *ret_len, struct why *why)
{
	_cleanup_(config_free) struct ipso_config *again = NULL;
	_free_ char *text = NULL;
	char path[PATH_MAX];
	size_t len = 0;
	FILE *f = open_memstream(&text, &len);
	int err = f ? peer_path(dir, "ipso.yaml", path) : -ENOMEM;

	if (f) {
		fputs(peer_head, f);
		if (!err)
			err = config_write(mirrored, f);
		if (fclose(f) && !err)
			err = -ENOMEM;
	}
	if (err < 0)
		return why_set(why, err, "the other host's configuration: cannot be made");
	err = config_parse(path, text, len, &again, why);
	if (err < 0)
		return err;
	*ret_text = TAKE_PTR(text);
	*ret_len = len;
	return 0;
}

/* mirrored has keys in it. */
static int write_peer(const struct ipso_config *mirrored, const char *dir, const char *text,
		      size_t len, struct why *why)
{
	char path[PATH_MAX];
	int err;

	for (unsigned int i = 0; i < 2 * mirrored->tunnels_count; i++) {
		const struct cfg_sa *sa = sa_number(mirrored, i);

		if (!sa->key_file)
			continue;
		err = peer_path(dir, sa->key_file, path);
		if (!err)
			err = secret_store(sa->key, path, why);
		if (err < 0)
			return err;
		printf("made %s\n", path);
	}
	err = peer_path(dir, "ipso.yaml", path);
	if (!err)
		err = file_create(path, text, len, 0600);
	if (err < 0)
		return why_set(why, err, "%s/ipso.yaml: cannot be written", dir);
	printf("made %s\n", path);
	return 0;
}

static void warn_static(const char *peer_dir)
{
	log_warn("static keys are for the lab and for tests: they give no forward secrecy, and "
		 "sequence numbers, and with them nonces, begin again each time the SAs are made: "
		 "make new keys then");
	if (peer_dir)
		log_warn("bring %s to the other host by a safe way (scp -pr), then remove it here",
			 peer_dir);
}

int cmd_keygen(const struct cmd_args *a)
{
	_cleanup_(config_free) struct ipso_config *cfg = NULL, *mirrored = NULL;
	_free_ char *text = NULL;
	struct why why = {};
	size_t len = 0;

	if (config_load(a->config, &cfg, &why) < 0 || check_files(cfg, &why) < 0)
		return cmd_fail(&why, EXIT_USAGE);
	if (a->peer_dir && (config_load(a->config, &mirrored, &why) < 0 ||
			    config_mirror(mirrored, &why) < 0 ||
			    peer_config(mirrored, a->peer_dir, &text, &len, &why) < 0 ||
			    check_peer(mirrored, a->peer_dir, &why) < 0))
		return cmd_fail(&why, EXIT_USAGE);
	if (make_files(cfg, &why) < 0)
		return cmd_fail(&why, EXIT_FAILED);
	if (config_load_keys(cfg, &why) < 0)
		return cmd_fail(&why, EXIT_USAGE);
	if (a->peer_dir && (config_mirror(cfg, &why) < 0 ||
			    write_peer(cfg, a->peer_dir, text, len, &why) < 0))
		return cmd_fail(&why, EXIT_FAILED);
	warn_static(a->peer_dir);
	return EXIT_DONE;
}
