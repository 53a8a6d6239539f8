/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Netlink sockets: requests with the kernel's verdict and text, dumps that are whole or repeated. */
#include "nl/sock_priv.h"

#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>

#include "base/mem.h"
#include "base/secret.h"
#include "nl/netns.h"

/* The kernel fills dump messages of up to 32 KiB (net/netlink/af_netlink.c, netlink_dump()). */
#define NL_RECV_SIZE (64 * 1024)
#define NL_DUMP_TRIES 8
/* The kernel works within send(2), however long: an answer that is not there soon after is lost. */
#define NL_REPLY_MS 20000

/* Messages of a dump, one behind the other. */
struct pile {
	uint8_t *data;
	size_t used, room;
	bool interrupted;
};

static void pile_free(struct pile *p)
{
	if (p->data)
		secret_wipe(p->data, p->room);
	free(p->data);
	*p = (struct pile){};
}

/* realloc() would leave keys behind in the block it gives back. */
static int pile_add(struct pile *p, const struct nlmsghdr *nlh)
{
	size_t len = MNL_ALIGN(nlh->nlmsg_len);
	size_t room = p->room ? p->room : NL_RECV_SIZE;
	uint8_t *more;

	while (room < p->used + len)
		room *= 2;
	if (room > p->room) {
		more = calloc(1, room);
		if (!more)
			return -ENOMEM;
		if (p->used)
			memcpy(more, p->data, p->used);
		if (p->data)
			secret_wipe(p->data, p->room);
		free(p->data);
		p->data = more;
		p->room = room;
	}
	memcpy(p->data + p->used, nlh, nlh->nlmsg_len);
	p->used += len;
	return 0;
}

void *nl_msg_start(struct nl_msg *m, uint16_t type, uint16_t flags, size_t extra)
{
	memset(m, 0, sizeof(*m));
	mnl_nlmsg_put_header(m->bytes);
	m->h.nlmsg_type = type;
	m->h.nlmsg_flags = NLM_F_REQUEST | flags;
	return mnl_nlmsg_put_extra_header(&m->h, extra);
}

void nl_msg_start_genl(struct nl_msg *m, uint16_t family, uint8_t cmd, uint8_t version)
{
	struct genlmsghdr *g = nl_msg_start(m, family, 0, sizeof(*g));

	g->cmd = cmd;
	g->version = version;
}

void nl_msg_wipe(struct nl_msg *m)
{
	secret_wipe(m, sizeof(*m));
}

static int nl_setup(struct nl *nl)
{
	struct timeval limit = {.tv_sec = NL_REPLY_MS / 1000};
	int on = 1;

	/* Without NETLINK_CAP_ACK the kernel would send our request, key included, back to us. */
	if (mnl_socket_setsockopt(nl->mnl, NETLINK_CAP_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_setsockopt(nl->mnl, NETLINK_EXT_ACK, &on, sizeof(on)) < 0 ||
	    mnl_socket_bind(nl->mnl, 0, MNL_SOCKET_AUTOPID) < 0 ||
	    setsockopt(mnl_socket_get_fd(nl->mnl), SOL_SOCKET, SO_RCVTIMEO, &limit,
		       sizeof(limit)) < 0)
		return -errno;
	return 0;
}

int nl_open(int protocol, const char *netns, struct nl **ret_nl, struct why *why)
{
	struct nl *nl;
	int home = -1, err;

	err = netns_enter(netns, &home);
	if (err < 0)
		return why_set(why, err, "enter network namespace %s", netns);
	nl = calloc(1, sizeof(*nl));
	if (nl) {
		nl->buf = malloc(NL_RECV_SIZE);
		nl->mnl = mnl_socket_open2(protocol, SOCK_CLOEXEC);
		nl->seq = (unsigned int)time(NULL);
	}
	if (!nl || !nl->buf)
		err = -ENOMEM;
	else
		err = nl->mnl ? nl_setup(nl) : -errno;
	netns_leave(&home);
	if (err < 0) {
		nl_close(&nl);
		return why_set(why, err, "open netlink socket, protocol %d", protocol);
	}
	*ret_nl = nl;
	return 0;
}

void nl_close(struct nl **nl)
{
	if (!*nl)
		return;
	if ((*nl)->mnl)
		mnl_socket_close((*nl)->mnl);
	if ((*nl)->buf)
		secret_wipe((*nl)->buf, NL_RECV_SIZE);
	free((*nl)->buf);
	free(*nl);
	*nl = NULL;
}

int nl_listen(int protocol, unsigned int group, struct nl **ret_nl, struct why *why)
{
	_nl_ struct nl *nl = NULL;
	int err;

	err = nl_open(protocol, NULL, &nl, why);
	if (err < 0)
		return err;
	if (mnl_socket_setsockopt(nl->mnl, NETLINK_ADD_MEMBERSHIP, &group, sizeof(group)) < 0)
		return why_set(why, -errno, "listen to netlink group %u", group);
	*ret_nl = TAKE_PTR(nl);
	return 0;
}

/* All that waits is taken off: an overrun (ENOBUFS) means no more than that there was something. */
void nl_wait(struct nl *nl, int ms)
{
	struct pollfd p = {.fd = mnl_socket_get_fd(nl->mnl), .events = POLLIN};

	if (poll(&p, 1, ms) <= 0)
		return;
	while (recv(p.fd, nl->buf, NL_RECV_SIZE, MSG_DONTWAIT) > 0)
		;
}

int nl_ioctl(const char *netns, unsigned long request, void *arg)
{
	_close_ int fd = -1;
	int home = -1, err;

	err = netns_enter(netns, &home);
	if (err < 0)
		return err;
	fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		err = -errno;
	netns_leave(&home);
	if (err < 0)
		return err;
	return ioctl(fd, request, arg) < 0 ? -errno : 0;
}

/* The extack text of an error message; Documentation/userspace-api/netlink/intro.rst. */
static void ack_text(const struct nlmsghdr *nlh, struct why *why)
{
	const struct nlmsgerr *e = mnl_nlmsg_get_payload(nlh);
	size_t skip = sizeof(*e);
	const struct nlattr *attr;

	if (!why || !(nlh->nlmsg_flags & NLM_F_ACK_TLVS))
		return;
	if (!(nlh->nlmsg_flags & NLM_F_CAPPED))
		skip += mnl_nlmsg_get_payload_len(nlh) < skip
				? 0
				: MNL_ALIGN(e->msg.nlmsg_len) - sizeof(e->msg);
	if (mnl_nlmsg_get_payload_len(nlh) < skip)
		return;
	mnl_attr_for_each(attr, nlh, skip) {
		if (mnl_attr_get_type(attr) != NLMSGERR_ATTR_MSG ||
		    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) < 0)
			continue;
		snprintf(why->kernel, sizeof(why->kernel), "%s", mnl_attr_get_str(attr));
	}
}

int nl_take_control(const struct nlmsghdr *nlh, struct why *why)
{
	int err = 0;

	if (mnl_nlmsg_get_payload_len(nlh) >= sizeof(int))
		err = *(const int *)mnl_nlmsg_get_payload(nlh);
	if (nlh->nlmsg_type == NLMSG_DONE)
		return err < 0 ? err : 1;
	if (nlh->nlmsg_type != NLMSG_ERROR)
		return 0; /* NLMSG_NOOP */
	if (mnl_nlmsg_get_payload_len(nlh) < sizeof(struct nlmsgerr))
		return -EBADMSG;
	if (err < 0)
		ack_text(nlh, why);
	return err < 0 ? err : 1;
}

/* Hand on the messages of one datagram; 1 when it held the end. */
static int take_datagram(struct nl *nl, size_t len, nl_reply_fn fn, void *arg, bool *interrupted,
			 struct why *why)
{
	const struct nlmsghdr *nlh = (const struct nlmsghdr *)nl->buf;
	int left = (int)len, err;

	for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left)) {
		if (nlh->nlmsg_seq != nl->seq)
			continue; /* the rest of an exchange that was given up */
		if (interrupted && nlh->nlmsg_flags & NLM_F_DUMP_INTR)
			*interrupted = true;
		if (nlh->nlmsg_type < NLMSG_MIN_TYPE)
			err = nl_take_control(nlh, why);
		else
			err = fn ? fn(nlh, arg) : 0;
		if (err)
			return err;
	}
	return 0;
}

static int nl_exchange(struct nl *nl, struct nl_msg *m, nl_reply_fn fn, void *arg,
		       bool *interrupted, struct why *why)
{
	int err = 0;

	m->h.nlmsg_seq = ++nl->seq;
	if (mnl_socket_sendto(nl->mnl, m->bytes, m->h.nlmsg_len) < 0)
		return -errno;
	while (!err) {
		ssize_t n = mnl_socket_recvfrom(nl->mnl, nl->buf, NL_RECV_SIZE);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			err = errno == EAGAIN ? -ETIMEDOUT : -errno;
		else
			err = take_datagram(nl, (size_t)n, fn, arg, interrupted, why);
	}
	return err < 0 ? err : 0;
}

int nl_request(struct nl *nl, struct nl_msg *m, nl_reply_fn fn, void *arg, struct why *why)
{
	int err;

	m->h.nlmsg_flags |= NLM_F_ACK;
	if (why)
		why->kernel[0] = '\0';
	err = nl_exchange(nl, m, fn, arg, NULL, why);
	secret_wipe(nl->buf, NL_RECV_SIZE);
	return err < 0 ? why_set(why, err, "request refused") : 0;
}

static int pile_message(const struct nlmsghdr *nlh, void *arg)
{
	return pile_add(arg, nlh);
}

static int pile_walk(const struct pile *p, nl_reply_fn fn, void *arg)
{
	for (size_t at = 0; at < p->used;) {
		const struct nlmsghdr *nlh = (const struct nlmsghdr *)(p->data + at);
		int err = fn(nlh, arg);

		if (err < 0)
			return err;
		at += MNL_ALIGN(nlh->nlmsg_len);
	}
	return 0;
}

int nl_dump(struct nl *nl, struct nl_msg *m, nl_reply_fn fn, void *arg, struct why *why)
{
	_cleanup_(pile_free) struct pile p = {};
	int err = 0, tries = 0;

	m->h.nlmsg_flags |= NLM_F_DUMP;
	if (why)
		why->kernel[0] = '\0';
	do {
		pile_free(&p);
		err = nl_exchange(nl, m, pile_message, &p, &p.interrupted, why);
	} while (!err && p.interrupted && ++tries < NL_DUMP_TRIES);
	secret_wipe(nl->buf, NL_RECV_SIZE);
	if (!err && p.interrupted)
		err = -EAGAIN;
	if (!err)
		err = pile_walk(&p, fn, arg);
	return err < 0 ? why_set(why, err, "dump refused") : 0;
}

static int take_family(const struct nlmsghdr *nlh, void *arg)
{
	const struct nlattr *a[CTRL_ATTR_FAMILY_ID + 1];

	nl_attrs(nlh, sizeof(struct genlmsghdr), a, CTRL_ATTR_FAMILY_ID);
	if (a[CTRL_ATTR_FAMILY_ID])
		*(uint16_t *)arg = mnl_attr_get_u16(a[CTRL_ATTR_FAMILY_ID]);
	return 0;
}

int nl_family(struct nl *nl, const char *name, uint16_t *ret_id, struct why *why)
{
	struct nl_msg m;
	uint16_t id = 0;
	int err;

	nl_msg_start_genl(&m, GENL_ID_CTRL, CTRL_CMD_GETFAMILY, 1);
	mnl_attr_put_strz(&m.h, CTRL_ATTR_FAMILY_NAME, name);
	err = nl_request(nl, &m, take_family, &id, why);
	if (!err && !id)
		err = -ENOENT;
	if (err < 0)
		return why_set(why, err, "find generic netlink family %s", name);
	*ret_id = id;
	return 0;
}

struct attr_table {
	const struct nlattr **table;
	unsigned int max;
};

static int take_attr(const struct nlattr *attr, void *data)
{
	const struct attr_table *t = data;

	if (mnl_attr_get_type(attr) <= t->max)
		t->table[mnl_attr_get_type(attr)] = attr;
	return MNL_CB_OK;
}

void nl_attrs(const struct nlmsghdr *nlh, size_t offset, const struct nlattr **table,
	      unsigned int max)
{
	struct attr_table t = {table, max};

	memset(table, 0, (max + 1) * sizeof(*table));
	if (mnl_nlmsg_get_payload_len(nlh) >= offset)
		mnl_attr_parse(nlh, (unsigned int)offset, take_attr, &t);
}

void nl_nest(const struct nlattr *nest, const struct nlattr **table, unsigned int max)
{
	struct attr_table t = {table, max};

	memset(table, 0, (max + 1) * sizeof(*table));
	mnl_attr_parse_nested(nest, take_attr, &t);
}
