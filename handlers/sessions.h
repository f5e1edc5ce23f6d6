/* What currval and lastval say when they are not defined. */
#ifndef HANDLERS_SESSIONS_H
#define HANDLERS_SESSIONS_H

#include "store/name.h"

void currval_undefined(const struct seq_name *name, struct failure *failure);
void lastval_undefined(struct failure *failure);

#endif
