/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The journal: append and sync, read back, shorten. */
#include "apply/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/mem.h"

#define JOURNAL_LIMIT (64u << 20)

struct journal {
	char *path;
	int lock;
	char boot[JOURNAL_BOOT_LEN];
	struct undo *list;
	unsigned int count;
};

static const char *addr_text(const struct addr *a, char buf[ADDR_STRLEN])
{
	return a->family ? addr_str(a, true, buf) : "";
}

/* Few records have a rule: it is a key of its own. */
static json_t *with_rule(json_t *j, const struct undo *u)
{
	_free_ char *rule = NULL;

	if (!j || !u->rule.kind[0])
		return j;
	rule = journal_rule_text(&u->rule);
	if (rule && json_object_set_new(j, "rule", json_string(rule)) == 0)
		return j;
	json_decref(j);
	return NULL;
}

static int take_rule(const json_t *j, struct tc_filter *ret_f)
{
	const json_t *rule = json_object_get(j, "rule");

	if (!rule)
		return 0;
	return json_is_string(rule) ? journal_rule_read(json_string_value(rule), ret_f) : -EBADMSG;
}

json_t *undo_to_json(const struct undo *u)
{
	char src[ADDR_STRLEN], dst[ADDR_STRLEN];

	return with_rule(json_pack("{s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:i, s:I, "
			 "s:s, s:s, s:b, s:i, s:i, s:I, s:i}",
			 "step", step_kind_name(u->kind), "text", u->text, "pci", u->pci, "vf",
			 u->vf, "rep", u->rep, "netns", u->netns, "was", u->value, "src",
			 addr_text(&u->src, src), "dst", addr_text(&u->dst, dst), "spi",
			 (json_int_t)u->spi, "dir", u->dir, "pref", u->pref, "protocol",
			 u->protocol, "handle", (json_int_t)u->handle, "bridge", u->bridge,
			 "port", u->port, "replaced", u->replaced, "sport", u->sport, "dport",
			 u->dport, "block", (json_int_t)u->block, "vxlan", u->vxlan), u);
}

static int copy(char *to, size_t size, const char *from)
{
	return snprintf(to, size, "%s", from) < (int)size ? 0 : -EBADMSG;
}

static int take_addr(const char *text, struct addr *ret_a)
{
	return !*text || addr_parse(text, ret_a) == 0 ? 0 : -EBADMSG;
}

static int kind_of(const char *name, enum step_kind *ret_kind)
{
	for (unsigned int k = 0; k < STEP_KINDS; k++) {
		if (strcmp(step_kind_name((enum step_kind)k), name) == 0) {
			*ret_kind = (enum step_kind)k;
			return 0;
		}
	}
	return -EBADMSG;
}

int undo_from_json(const json_t *j, struct undo *ret_u)
{
	const char *step, *text, *pci, *netns, *was, *src, *dst, *bridge, *port;
	int vf, rep, dir, pref, protocol, sport, dport, replaced, vxlan = 0, err;
	struct undo u = {};
	json_int_t spi, handle, block = 0; /* absent in records of an older ipso */

	if (json_unpack((json_t *)j,
			"{s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:s, s:s, s:I, s:i, s:i, s:i, s:I, "
			"s:s, s:s, s:b, s:i, s:i, s?I, s?i}",
			"step", &step, "text", &text, "pci", &pci, "vf", &vf, "rep", &rep, "netns",
			&netns, "was", &was, "src", &src, "dst", &dst, "spi", &spi, "dir", &dir,
			"pref", &pref, "protocol", &protocol, "handle", &handle, "bridge", &bridge,
			"port", &port, "replaced", &replaced, "sport", &sport, "dport",
			&dport, "block", &block, "vxlan", &vxlan) < 0)
		return -EBADMSG;
	err = kind_of(step, &u.kind);
	err = err ? err : copy(u.text, sizeof(u.text), text);
	err = err ? err : copy(u.pci, sizeof(u.pci), pci);
	err = err ? err : copy(u.netns, sizeof(u.netns), netns);
	err = err ? err : copy(u.value, sizeof(u.value), was);
	err = err ? err : copy(u.bridge, sizeof(u.bridge), bridge);
	err = err ? err : copy(u.port, sizeof(u.port), port);
	err = err ? err : take_rule(j, &u.rule);
	err = err ? err : take_addr(src, &u.src);
	err = err ? err : take_addr(dst, &u.dst);
	if (err < 0)
		return err;
	u.vf = vf;
	u.block = (uint32_t)block;
	u.vxlan = (uint16_t)vxlan;
	u.rep = rep;
	u.replaced = replaced;
	u.spi = (uint32_t)spi;
	u.dir = (uint8_t)dir;
	u.pref = (uint16_t)pref;
	u.protocol = (uint16_t)protocol;
	u.sport = (uint16_t)sport;
	u.dport = (uint16_t)dport;
	u.handle = (uint32_t)handle;
	*ret_u = u;
	return 0;
}

static int list_add(struct journal *j, const struct undo *u)
{
	struct undo *more = realloc(j->list, (j->count + 1) * sizeof(*more));

	if (!more)
		return -ENOMEM;
	j->list = more;
	j->list[j->count++] = *u;
	return 0;
}

static void free_json(json_t **j)
{
	json_decref(*j);
}

int journal_boot(const char *file, char ret_boot[JOURNAL_BOOT_LEN], struct why *why)
{
	int err = file_read_line(file, ret_boot, JOURNAL_BOOT_LEN);

	if (!err && ret_boot[0])
		return 0;
	why_remedy(why, "mount /proc; without it the records of this boot cannot be told from "
		   "those of an earlier one");
	return why_set(why, err ? err : -ENODATA, "read which boot this is from %s", file);
}

static int read_line(struct journal *j, char *line)
{
	_cleanup_(free_json) json_t *json = json_loads(line, 0, NULL);
	const char *boot = json_string_value(json_object_get(json, "boot"));
	struct undo u;
	int err;

	err = json ? undo_from_json(json, &u) : -EBADMSG;
	if (err < 0 || (boot && strcmp(boot, j->boot) != 0))
		return err;
	return list_add(j, &u);
}

static int read_all(struct journal *j, struct why *why)
{
	_free_ char *text = NULL;
	unsigned int number = 0;
	char *line, *end;
	int err;

	err = journal_boot("/proc/sys/kernel/random/boot_id", j->boot, why);
	if (err < 0)
		return err;
	err = file_read(j->path, JOURNAL_LIMIT, &text, NULL);
	if (err == -ENOENT)
		return 0;
	if (err < 0)
		return why_set(why, err, "read the journal %s", j->path);
	for (line = text; (end = strchr(line, '\n')); line = end + 1) {
		*end = '\0';
		number++;
		err = read_line(j, line);
		if (err < 0) {
			why_set(why, err, "read line %u of the journal %s", number, j->path);
			why_remedy(why, "undo by hand what its lines say, then delete the file");
			return err;
		}
	}
	return 0;
}

/* The directory is root's own: its files say what will be undone with root's rights. */
static int take_lock(struct journal *j)
{
	char dir[PATH_MAX], path[PATH_MAX];

	if (snprintf(dir, sizeof(dir), "%s", j->path) >= (int)sizeof(dir) ||
	    snprintf(path, sizeof(path), "%s.lock", j->path) >= (int)sizeof(path))
		return -ENAMETOOLONG;
	if (mkdir(dirname(dir), 0755) < 0 && errno != EEXIST)
		return -errno;
	j->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (j->lock < 0)
		return -errno;
	if (flock(j->lock, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EALREADY : -errno;
	return 0;
}

int journal_open(const char *path, struct journal **ret_j, struct why *why)
{
	_cleanup_(journal_close) struct journal *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return why_set(why, -ENOMEM, "open the journal");
	j->lock = -1;
	j->path = strdup(path);
	err = j->path ? take_lock(j) : -ENOMEM;
	if (err == -EALREADY)
		why_remedy(why, "wait until the other `ipso up`, `down` or `run` is done");
	if (err < 0)
		return why_set(why, err, "lock the journal %s", path);
	err = read_all(j, why);
	if (err < 0)
		return err;
	*ret_j = TAKE_PTR(j);
	return 0;
}

int journal_read(const char *path, struct undo **ret_list, unsigned int *ret_n, struct why *why)
{
	_cleanup_(journal_close) struct journal *j = calloc(1, sizeof(*j));
	int err;

	if (!j)
		return why_set(why, -ENOMEM, "read the journal");
	j->lock = -1;
	j->path = strdup(path);
	err = j->path ? read_all(j, why) : why_set(why, -ENOMEM, "read the journal");
	if (err < 0)
		return err;
	*ret_list = TAKE_PTR(j->list);
	*ret_n = j->count;
	return 0;
}

void journal_close(struct journal **j)
{
	if (!*j)
		return;
	if ((*j)->lock >= 0)
		close((*j)->lock);
	free((*j)->path);
	free((*j)->list);
	free(*j);
	*j = NULL;
}

unsigned int journal_entries(const struct journal *j, const struct undo **ret_list)
{
	*ret_list = j->list;
	return j->count;
}

/* The line with its newline; caller frees. */
static int line_of(const struct journal *j, const struct undo *u, char **ret_line, size_t *ret_len)
{
	_cleanup_(free_json) json_t *json = undo_to_json(u);
	_free_ char *text = NULL;
	char *line;

	if (json && json_object_set_new(json, "boot", json_string(j->boot)) == 0)
		text = json_dumps(json, JSON_COMPACT | JSON_PRESERVE_ORDER);
	if (!text || asprintf(&line, "%s\n", text) < 0)
		return -ENOMEM;
	*ret_line = line;
	*ret_len = strlen(line);
	return 0;
}

/* What a crash left behind the last newline would swallow the new line. */
static int cut_tail(int fd)
{
	off_t at = lseek(fd, 0, SEEK_END);
	char c;

	while (at > 0 && pread(fd, &c, 1, at - 1) == 1 && c != '\n')
		at--;
	return at < 0 || ftruncate(fd, at) < 0 ? -errno : 0;
}

static int append(const char *path, const char *line, size_t len)
{
	_close_ int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	int err;

	if (fd < 0)
		return -errno;
	err = cut_tail(fd);
	if (err < 0)
		return err;
	if (write(fd, line, len) != (ssize_t)len)
		return errno ? -errno : -EIO;
	return fsync(fd) < 0 ? -errno : 0;
}

int journal_add(struct journal *j, const struct undo *u, struct why *why)
{
	_free_ char *line = NULL;
	size_t len = 0;
	int err;

	err = line_of(j, u, &line, &len);
	if (!err)
		err = append(j->path, line, len);
	if (!err)
		err = list_add(j, u);
	return err < 0 ? why_set(why, err, "write the journal %s", j->path) : 0;
}

int journal_keep(struct journal *j, const struct undo *list, unsigned int n, struct why *why)
{
	_free_ struct undo *kept = calloc(n ? n : 1, sizeof(*kept));
	_free_ char *all = NULL;
	size_t used = 0;
	int err = kept ? 0 : -ENOMEM;

	for (unsigned int i = 0; !err && i < n; i++) {
		_free_ char *line = NULL;
		size_t len = 0;
		char *more;

		kept[i] = list[i];
		err = line_of(j, &list[i], &line, &len);
		more = err ? NULL : realloc(all, used + len);
		if (!err && !more)
			err = -ENOMEM;
		if (err < 0)
			break;
		all = more;
		memcpy(all + used, line, len);
		used += len;
	}
	if (!err && n)
		err = file_replace(j->path, all, used, 0600);
	else if (!err && unlink(j->path) < 0 && errno != ENOENT)
		err = -errno;
	if (err < 0)
		return why_set(why, err, "rewrite the journal %s", j->path);
	free(j->list);
	j->list = TAKE_PTR(kept);
	j->count = n;
	return 0;
}

static bool is_taken(const struct undo *u, const struct undo *const *taken, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		if (undo_same(u, taken[i]))
			return true;
	}
	return false;
}

int journal_squash(struct journal *j, const struct undo *const *taken, unsigned int n,
		   struct why *why)
{
	_free_ struct undo *keep = calloc(j->count + 1, sizeof(*keep));
	unsigned int kept = 0;

	if (!keep)
		return why_set(why, -ENOMEM, "shorten the journal %s", j->path);
	for (unsigned int i = 0; i < j->count; i++) {
		if (!is_taken(&j->list[i], taken, n))
			keep[kept++] = j->list[i];
	}
	kept = undo_squash(keep, kept);
	return kept == j->count ? 0 : journal_keep(j, keep, kept, why);
}
