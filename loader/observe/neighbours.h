/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files of this host that tell other programs to set modes of cards. Reads only. */
#ifndef IPSO_NEIGHBOURS_H
#define IPSO_NEIGHBOURS_H

#define NEIGHBOUR_LINES 24

struct neighbour_line {
	const char *who; /* as neighbour_remedy() of explain knows it */
	char path[160];
	unsigned int line;
	char text[80];	 /* of the line, without the space around it */
};

struct neighbours {
	struct neighbour_line list[NEIGHBOUR_LINES];
	unsigned int count;
	unsigned int more;	 /* lines that had no room */
	unsigned int unreadable; /* files, as netplan's for others than root */
};

/* Look below root, "" = the host's own. */
void neighbours_read(const char *root, struct neighbours *ret_n);

#endif
