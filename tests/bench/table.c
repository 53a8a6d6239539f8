/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The SA table by itself, for the benches.
 *   table records N    N SAs added and deleted by records as the ring brings them, with the list of
 *                      recent events behind; prints CPU ns for a record
 *   table refresh      reads every SA of the kernel twice; prints their number, CPU ns of the first
 *                      and of the second reading, heap bytes for an SA, CPU ns of a snapshot and of
 *                      its metrics
 */
#include <malloc.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "blocks.h"
#include "base/mem.h"
#include "collect/internal.h"
#include "daemon/recent.h"
#include "export/export.h"

#define ALIVE 1000 /* SAs that the table has while others come and go */
#define RECENT 1024 /* events kept, as the service does */

static void keep(const struct ipso_event_hdr *ev, const struct explanation *ex, const char *tunnel,
		 void *arg)
{
	recent_add(arg, ev, ex, tunnel);
}

static struct ipso_event_sa record(unsigned int kind, uint32_t spi)
{
	struct ipso_event_sa e = {
		.hdr = {.version = IPSO_EVENT_VERSION, .kind = kind, .len = sizeof(e), .ktime = spi},
		.key = {.daddr = {10}, .spi = spi, .family = AF_INET, .proto = IPPROTO_ESP},
		.ifindex = 3,
		.dir = IPSO_DIR_OUT,
		.offload = IPSO_OFFLOAD_PACKET,
		.ifname = "eth0",
	};

	memcpy(e.key.daddr + 1, &spi, 3);
	return e;
}

static int records(unsigned int n)
{
	struct collect *c = NULL;
	struct recent *r = NULL;
	struct why why = {};
	long long start;

	if (recent_new(RECENT, &r) < 0 || collect_new(NULL, keep, r, &c, &why) < 0)
		return 1;
	start = blocks_now(CLOCK_PROCESS_CPUTIME_ID);
	for (unsigned int i = 0; i < n; i++) {
		struct ipso_event_sa add = record(IPSO_EV_SA_ADD, 256 + i);
		struct ipso_event_sa gone = record(IPSO_EV_SA_DELETE, 256 + i - ALIVE);

		collect_record(c, &add, sizeof(add));
		if (i >= ALIVE)
			collect_record(c, &gone, sizeof(gone));
	}
	start = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - start;
	printf("%lld\n", start / (2 * n - ALIVE));
	collect_free(&c);
	recent_free(&r);
	return 0;
}

static size_t heap(void)
{
	struct mallinfo2 m = mallinfo2();

	return m.uordblks + m.hblkhd;
}

static int refresh(void)
{
	long long t[4];
	struct collect *c = NULL;
	struct snapshot *s = NULL;
	struct export_self self = {};
	struct why why = {};
	_free_ char *text = NULL;
	size_t before, after, len;
	FILE *out;

	if (collect_new(NULL, NULL, NULL, &c, &why) < 0)
		return 1;
	before = heap();
	for (int i = 0; i < 2; i++) {
		t[i] = blocks_now(CLOCK_PROCESS_CPUTIME_ID);
		if (collect_refresh(c, &why) < 0) {
			fprintf(stderr, "%s: %s\n", why.what, why.kernel);
			return 1;
		}
		t[i] = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - t[i];
	}
	t[2] = blocks_now(CLOCK_PROCESS_CPUTIME_ID);
	if (collect_snapshot(c, &s) < 0)
		return 1;
	t[2] = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - t[2];
	after = heap();
	t[3] = blocks_now(CLOCK_PROCESS_CPUTIME_ID);
	out = open_memstream(&text, &len);
	if (!out || export_metrics(s, &self, false, out) < 0 || fclose(out))
		return 1;
	t[3] = blocks_now(CLOCK_PROCESS_CPUTIME_ID) - t[3];
	printf("%u %lld %lld %zu %lld %lld\n", s->sas_count, t[0], t[1],
	       s->sas_count ? (after - before) / s->sas_count : 0, t[2], t[3]);
	snapshot_free(&s);
	collect_free(&c);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "records") == 0 && atoi(argv[2]) > ALIVE)
		return records((unsigned int)atoi(argv[2]));
	if (argc == 2 && strcmp(argv[1], "refresh") == 0)
		return refresh();
	return 2;
}
