/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many requests in few sends, every acknowledgement matched to its request. */
#include "nl/batch.h"

#include <errno.h>
#include <linux/netlink.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "base/mem.h"
#include "base/secret.h"
#include "nl/sock_priv.h"

/*
 * Requests a send. The answers wait in the socket until the send is over: this many, with an SA
 * in each, stay below half of the smallest default buffer (net.core.rmem_default 212992).
 */
#define BATCH_MAX 32

struct batch {
	struct nl_msg out[BATCH_MAX], in[BATCH_MAX]; /* calloc'ed: untouched pages cost nothing */
	struct iovec to[BATCH_MAX], from[BATCH_MAX];
	struct mmsghdr answer[BATCH_MAX];
	struct why why[BATCH_MAX];
	int err[BATCH_MAX];
	bool open[BATCH_MAX]; /* sent, not answered yet */
	unsigned int count;   /* requests */
	unsigned int sent;    /* of these, those in to[] */
	unsigned int unanswered;
	unsigned int seq; /* number of out[0] */
};

static void batch_free(struct batch **b)
{
	free(*b);
}

static void batch_build(struct batch *b, struct nl *nl, unsigned int first,
			const struct nl_batch_ops *ops, void *arg)
{
	b->sent = 0;
	b->seq = nl->seq + 1;
	for (unsigned int i = 0; i < b->count; i++) {
		struct nl_msg *m = &b->out[i];

		b->why[i] = (struct why){};
		b->err[i] = ops->build(first + i, m, arg);
		b->open[i] = !b->err[i];
		nl->seq++;
		if (b->err[i])
			continue;
		m->h.nlmsg_flags |= NLM_F_ACK;
		m->h.nlmsg_seq = b->seq + i;
		b->to[b->sent++] = (struct iovec){m->bytes, MNL_ALIGN(m->h.nlmsg_len)};
	}
	b->unanswered = b->sent;
}

static int batch_send(struct batch *b, struct nl *nl)
{
	struct sockaddr_nl kernel = {.nl_family = AF_NETLINK};
	struct msghdr m = {.msg_name = &kernel, .msg_namelen = sizeof(kernel), .msg_iov = b->to,
			   .msg_iovlen = b->sent};

	if (b->sent && sendmsg(mnl_socket_get_fd(nl->mnl), &m, 0) < 0)
		return -errno;
	return 0;
}

static void take_message(struct batch *b, const struct nlmsghdr *nlh, unsigned int first,
			 const struct nl_batch_ops *ops, void *arg)
{
	unsigned int i = nlh->nlmsg_seq - b->seq;
	int err;

	if (i >= b->count || !b->open[i])
		return; /* the rest of an exchange that was given up */
	if (nlh->nlmsg_type >= NLMSG_MIN_TYPE) {
		if (ops->reply)
			ops->reply(first + i, nlh, arg);
		return;
	}
	err = nl_take_control(nlh, &b->why[i]);
	if (!err)
		return;
	b->err[i] = err < 0 ? err : 0;
	b->open[i] = false;
	b->unanswered--;
}

/* What has come so far; waits only for the first. */
static int batch_receive(struct batch *b, struct nl *nl, unsigned int first,
			 const struct nl_batch_ops *ops, void *arg)
{
	int n, err = 0;

	for (unsigned int i = 0; i < BATCH_MAX; i++) {
		b->from[i] = (struct iovec){b->in[i].bytes, sizeof(b->in[i].bytes)};
		b->answer[i].msg_hdr = (struct msghdr){.msg_iov = &b->from[i], .msg_iovlen = 1};
	}
	n = recvmmsg(mnl_socket_get_fd(nl->mnl), b->answer, BATCH_MAX, MSG_WAITFORONE, NULL);
	if (n < 0)
		return errno == EINTR ? 0 : errno == EAGAIN ? -ETIMEDOUT : -errno;
	for (int i = 0; i < n; i++) {
		const struct nlmsghdr *nlh = &b->in[i].h;
		int left = (int)b->answer[i].msg_len;

		if (b->answer[i].msg_hdr.msg_flags & MSG_TRUNC)
			err = -EMSGSIZE;
		for (; mnl_nlmsg_ok(nlh, left); nlh = mnl_nlmsg_next(nlh, &left))
			take_message(b, nlh, first, ops, arg);
		secret_wipe(b->in[i].bytes, b->answer[i].msg_len);
	}
	return err;
}

/* One send and all its answers. */
static int batch_exchange(struct batch *b, struct nl *nl, unsigned int first,
			  const struct nl_batch_ops *ops, void *arg)
{
	int lost = -ECANCELED, err;

	batch_build(b, nl, first, ops, arg);
	err = batch_send(b, nl);
	if (!err)
		lost = -ENODATA;
	for (unsigned int i = 0; i < b->sent; i++)
		secret_wipe(b->to[i].iov_base, b->to[i].iov_len);
	while (!err && b->unanswered)
		err = batch_receive(b, nl, first, ops, arg);
	for (unsigned int i = 0; i < b->count; i++)
		ops->verdict(first + i, b->open[i] ? lost : b->err[i], &b->why[i], arg);
	return err;
}

int nl_batch(struct nl *nl, unsigned int n, const struct nl_batch_ops *ops, void *arg,
	     struct why *why)
{
	_cleanup_(batch_free) struct batch *b = calloc(1, sizeof(*b));
	const struct why none = {};
	unsigned int done = 0;
	int err = b ? 0 : -ENOMEM;

	while (!err && done < n) {
		b->count = n - done < BATCH_MAX ? n - done : BATCH_MAX;
		err = batch_exchange(b, nl, done, ops, arg);
		done += b->count;
	}
	for (; done < n; done++)
		ops->verdict(done, -ECANCELED, &none, arg);
	return err < 0 ? why_set(why, err, "send %u requests to the kernel", n) : 0;
}
