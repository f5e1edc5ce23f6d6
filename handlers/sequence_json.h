/* How a sequence is shown. */
#ifndef HANDLERS_SEQUENCE_JSON_H
#define HANDLERS_SEQUENCE_JSON_H

#include "store/record.h"

#include <jansson.h>

json_t *sequence_json(bool as_string, const struct seq_name *name, const struct record *record);

#endif
