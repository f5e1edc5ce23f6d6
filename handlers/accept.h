/* Media types: what the client sends, and what it wants (RFC 9110, section 12.5.1). */
#ifndef HANDLERS_ACCEPT_H
#define HANDLERS_ACCEPT_H

#include <stdbool.h>

enum representation { REPRESENTATION_NONE, REPRESENTATION_JSON, REPRESENTATION_PLAIN };

/* What an Accept header prefers; JSON where it does not say. */
enum representation accept_choose(const char *accept, bool can_be_plain);

/* True when `header` (may be NULL) is this type, with or without parameters. */
bool media_type_is(const char *header, const char *type);

#endif
