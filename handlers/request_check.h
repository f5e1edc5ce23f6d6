/* What is checked as soon as the headers are there, before any body is read. */
#ifndef HANDLERS_REQUEST_CHECK_H
#define HANDLERS_REQUEST_CHECK_H

#include "handlers/request.h"

/* Reads the headers; true when a body follows them, or may. */
bool request_has_body(struct request *request);

/* Finds the route and reads query and name; or replies. */
void request_check(struct request *request, const char *method, const char *version);

#endif
