/* POST /v1/sql: the text, as it is or in JSON. What it means is in handlers/sql/. */
#include "handlers/accept.h"
#include "handlers/body.h"
#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "handlers/sql/run.h"
#include "store/utf8.h"

#include <string.h>

static bool read_json(struct request *request, const char **text, size_t *size)
{
    static const struct member members[] = {{"sql", MEMBER_TEXT, true, 0}, {0}};
    if (!body_read(request, members, text))
        return false;
    *size = strlen(*text); /* JSON of seqd's has no NULs (body.c) */
    return true;
}

static bool check_text(struct request *request, const char *text, size_t size)
{
    size_t valid = utf8_valid(text, size);
    const char *nul = memchr(text, '\0', valid);
    if (!nul && valid == size)
        return true;
    size_t at = nul ? (size_t)(nul - text) : valid;
    reply_error(request, ERROR_INVALID_REQUEST,
                "invalid byte sequence for encoding \"UTF8\": 0x%02x (byte %zu of the text)",
                (unsigned char)text[at], at + 1);
    return false;
}

void handle_sql(struct request *request)
{
    const char *text = request->body ? request->body : "", *session;
    size_t size = request->body_size;
    bool is_text =
        request->content_type && !media_type_is(request->content_type, "application/json");
    if (request_session(request, &session) && (is_text || read_json(request, &text, &size)) &&
        check_text(request, text, size))
        run_start(request, text, size);
}
