/*
 * The witness: what this node knows of each generation, in a file that outlives it. A backup
 * copied back into Redis has less than nodes have seen; nodes that still run notice (sequence.h),
 * and with this file so does one that was restarted, with Redis or without.
 *
 * DIRECTORY/ceilings, a line for each proved ceiling that this node has raised or heard of:
 * GENERATION ORDINAL CEILING. One write and fdatasync(2) a window. The last line of a generation
 * counts; a line without its end is ignored. The file is its node's own (flock(2)), and written
 * anew, without old lines, when it is opened.
 */
#ifndef STORE_WITNESS_H
#define STORE_WITNESS_H

#include "store/block.h"

#include <stddef.h>

#define WITNESS_MAX 100000 /* generations remembered; the oldest go first */

struct witness;

/* NULL with the reason. The directory must be there. */
struct witness *witness_open(const char *directory, char *why, size_t why_size);
void witness_close(struct witness *witness);

/* The rest from any thread. `witness` NULL: nothing is remembered. */

/* Ordinals before `ordinal` were handed out, and all may be that are before `ceiling`. */
void witness_note(struct witness *witness, const char *generation, int64_t ordinal,
                  int64_t ceiling);

/* What was noted is in the file. False: it could not be written, which is logged. */
bool witness_sync(struct witness *witness);

/* Before numbers are given back: counters may be lower than was noted, and with `ceilings` so may
 * those. */
void witness_relent(struct witness *witness, bool ceilings);

/* False: nothing is known of this generation. */
bool witness_find(struct witness *witness, const char *generation, int64_t *ordinal,
                  int64_t *ceiling);

#endif
