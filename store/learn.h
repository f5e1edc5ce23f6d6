/*
 * What a sequence learns: from replies (sequence_reserved), and from changes made here. All with
 * its lock held. Private to sequence.c and learn.c.
 */
#ifndef STORE_LEARN_H
#define STORE_LEARN_H

#include "store/sequence.h"

/* What is held belongs to the past. */
void sequence_drop_held(struct sequence *sequence);

/* What is held of another generation goes. */
void sequence_learn_record(struct sequence *sequence, const struct record *record);

/* What is in the stock before `skipped` goes; nothing is published. */
void sequence_drop_skipped(struct sequence *sequence);

#endif
