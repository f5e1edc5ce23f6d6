/*
 * Packets of a run's processes, dropped by netfilter in a network of this program's own (which
 * ends with it): connections are known by the group of the process that began them.
 */
#ifndef TESTS_CHAOS_NETFILTER_H
#define TESTS_CHAOS_NETFILTER_H

#include "tests/chaos/faults.h"

/* A network, and mounts, that nobody else sees. Before there are threads. Without root nothing
 * changes, and what needs them is skipped. */
void private_network(void);

/* False: it can't be done, and the run is skipped. */
bool netfilter_possible(struct arena *arena);

/* Bits are numbers of servers, and of nodes; sentinels belong to the rest. Nothing goes between
 * these and the rest from now on. */
void netfilter_part(const struct arena *arena, unsigned servers, unsigned nodes);
/* Of what goes between nodes and Redis so much is lost. */
void netfilter_lose(int percent);
/* It is dropped where it is more than that. */
void netfilter_narrow(int kbytes_per_s);
void netfilter_heal(void);

/* Groups. */
enum { NODE_GROUP = 60000, SERVER_GROUP = 60100, SENTINEL_GROUP = 60200 };

#endif
