/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SAs by the product's own way to the kernel, for the benches.
 *   sa lines N DEV      the same SAs as input of `ip -batch`
 *   sa add N DEV        N outbound SAs, in batches, every acknowledgement checked
 *   sa single N DEV     the same, a send for each
 *   sa churn N DEV      one SA added and deleted, N times; prints the median ns
 *                       of CPU time, then that of elapsed time
 * DEV: the device that offloads them, "-" none. The key is that of a bench: zeros but its last byte.
 */
#include <arpa/inet.h>
#include <linux/xfrm.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "blocks.h"
#include "nl/batch.h"
#include "nl/xfrm_sa.h"

#define KEY_LEN 20

struct job {
	const char *dev;
	uint32_t ifindex;
	bool say_dir;
	unsigned int refused;
	uint8_t key[KEY_LEN];
};

/*
 * Each SA has a peer of its own, and no two that follow each other: the kernel hashes destination XOR
 * reqid (xfrm_dst_hash()), and when both count up by one, 10,000 SAs share some twenty chains, whose
 * walking would be most of what is measured.
 */
static void make(const struct job *job, unsigned int i, struct xfrm_sa *ret_sa)
{
	uint32_t peer = htonl(0x0a000000 + 251 * i);
	struct xfrm_sa sa = {
		.src = {AF_INET, 32, {192, 168, 1, 1}},
		.dst = {.family = AF_INET, .prefix = 32},
		.spi = 0x10000 + i,
		.reqid = 1 + i,
		.mode = XFRM_MODE_TRANSPORT,
		.esn = true,
		.dir = IPSO_DIR_OUT,
		.say_dir = job->say_dir,
		.offload = job->ifindex ? IPSO_OFFLOAD_PACKET : IPSO_OFFLOAD_NONE,
		.ifindex = job->ifindex,
		.key = job->key,
		.key_len = KEY_LEN,
	};

	memcpy(sa.dst.b, &peer, sizeof(peer));
	sa.sel_src = sa.src;
	sa.sel_dst = sa.dst;
	*ret_sa = sa;
}

static void print_line(const struct job *job, unsigned int i)
{
	char dst[ADDR_STRLEN];
	struct xfrm_sa sa;

	make(job, i, &sa);
	addr_str(&sa.dst, false, dst);
	printf("xfrm state add src 192.168.1.1 dst %s proto esp spi 0x%x reqid %u mode transport "
	       "replay-window 0 flag esn aead rfc4106(gcm(aes)) 0x", dst, sa.spi, sa.reqid);
	for (unsigned int k = 0; k < KEY_LEN; k++)
		printf("%02x", job->key[k]);
	printf(" 128 sel src 192.168.1.1/32 dst %s/32", dst);
	if (job->ifindex)
		printf(" offload packet dev %s dir out\n", job->dev);
	else
		printf("%s\n", job->say_dir ? " dir out" : "");
}

static int build(unsigned int i, struct nl_msg *m, void *arg)
{
	struct xfrm_sa sa;

	make(arg, i, &sa);
	return xfrm_sa_put_add(m, &sa);
}

static void verdict(unsigned int i, int err, const struct why *why, void *arg)
{
	struct job *job = arg;

	if (err && !job->refused++)
		fprintf(stderr, "SA %u: %s %s\n", i, err_name(err), why->kernel);
}

static const struct nl_batch_ops ops = {.build = build, .verdict = verdict};

static int add_each(struct job *job, struct nl *nl, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++) {
		struct why why = {};
		struct xfrm_sa sa;

		make(job, i, &sa);
		verdict(i, xfrm_sa_add(nl, &sa, &why), &why, job);
	}
	return 0;
}

static int churn(struct job *job, struct nl *nl, unsigned int n)
{
	_free_ long long *ns = calloc(n, sizeof(*ns)), *whole = calloc(n, sizeof(*whole));

	for (unsigned int i = 0; ns && whole && i < n; i++) {
		struct why why = {};
		struct xfrm_sa sa;

		make(job, i, &sa);
		whole[i] = blocks_now(CLOCK_MONOTONIC);
		ns[i] = blocks_now(CLOCK_PROCESS_CPUTIME_ID);
		verdict(i, xfrm_sa_add(nl, &sa, &why), &why, job);
		verdict(i, xfrm_sa_delete(nl, &sa, &why), &why, job);
		ns[i] = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - ns[i];
		whole[i] = blocks_now(CLOCK_MONOTONIC) - whole[i];
	}
	if (!ns || !whole)
		return 1;
	blocks_print(ns, n, 1);
	blocks_print(whole, n, 1);
	return 0;
}

int main(int argc, char **argv)
{
	struct job job = {.key = {[KEY_LEN - 1] = 1}};
	_nl_ struct nl *nl = NULL;
	struct why why = {};
	unsigned int n;
	int err = 0;

	if (argc != 4)
		return 2;
	n = (unsigned int)atoi(argv[2]);
	job.dev = argv[3];
	if (strcmp(job.dev, "-") != 0)
		job.ifindex = if_nametoindex(job.dev);
	if (n == 0 || nl_open(NETLINK_XFRM, NULL, &nl, &why) < 0)
		return 1;
	job.say_dir = xfrm_sa_knows_dir(nl);
	if (strcmp(argv[1], "lines") == 0) {
		for (unsigned int i = 0; i < n; i++)
			print_line(&job, i);
	} else if (strcmp(argv[1], "single") == 0) {
		err = add_each(&job, nl, n);
	} else if (strcmp(argv[1], "churn") == 0) {
		err = churn(&job, nl, n);
	} else {
		err = nl_batch(nl, n, &ops, &job, &why);
	}
	return err || job.refused ? 1 : 0;
}
