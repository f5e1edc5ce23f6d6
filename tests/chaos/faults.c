/* All faults, from the tables of the files: see faults.h. */
#include "tests/chaos/faults.h"

#include <stdlib.h>

enum { FAULTS_MAX = 128 };

static const struct fault_table *const tables[] = {
    &faults_seqd,     &faults_redis,    &faults_data,    &faults_disk,     &faults_network,
    &faults_replicas, &faults_sentinel, &faults_cluster, &faults_requests, &faults_limits,
};

static const struct fault *all[FAULTS_MAX];
static size_t count;

/* Rows of a number stay in the order of the tables. */
static void insert(const struct fault *fault)
{
    size_t at = count++;
    for (; at > 0 && all[at - 1]->number > fault->number; at--)
        all[at] = all[at - 1];
    all[at] = fault;
}

const struct fault *fault_at(size_t index)
{
    const size_t table_count = count == 0 ? sizeof tables / sizeof *tables : 0; /* once */
    for (size_t i = 0; i < table_count; i++)
        for (size_t j = 0; j < tables[i]->count; j++)
            insert(&tables[i]->rows[j]);
    return index < count ? all[index] : NULL;
}
