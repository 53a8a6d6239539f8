// SPDX-License-Identifier: GPL-2.0-or-later
/* Definitions of the maps that more than one program file uses. */
#include "maps.bpf.h"

struct events_map events SEC(".maps");
struct lost_map lost SEC(".maps");
struct notes_map notes SEC(".maps");
