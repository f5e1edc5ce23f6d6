/* Which representation an Accept header gets. */
#include "handlers/accept.h"

#include <criterion/criterion.h>

TestSuite(accept);

static const struct {
    const char *accept;
    enum representation value; /* of an endpoint that can answer text/plain */
    enum representation other; /* of one that cannot */
} rows[] = {
    {"*/*", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"application/json", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"APPLICATION/JSON", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"text/plain", REPRESENTATION_PLAIN, REPRESENTATION_NONE},
    {"text/*", REPRESENTATION_PLAIN, REPRESENTATION_NONE},
    {"text/html", REPRESENTATION_NONE, REPRESENTATION_NONE},
    {"text/html, */*;q=0.1", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"text/plain;q=0.5, application/json", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"text/plain, application/json;q=0.5", REPRESENTATION_PLAIN, REPRESENTATION_JSON},
    {"text/plain;q=0.9,application/json;q=0.89", REPRESENTATION_PLAIN, REPRESENTATION_JSON},
    {"application/json;q=0", REPRESENTATION_NONE, REPRESENTATION_NONE},
    {"application/json;q=0, */*", REPRESENTATION_PLAIN, REPRESENTATION_NONE},
    {"text/plain; q=0, */*;q=0.1", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"application/*", REPRESENTATION_JSON, REPRESENTATION_JSON},
    {"application/xml", REPRESENTATION_NONE, REPRESENTATION_NONE},
    {"application/jsonp", REPRESENTATION_NONE, REPRESENTATION_NONE},
};

Test(accept, the_best_representation_is_chosen)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cr_expect_eq(accept_choose(rows[i].accept, true), rows[i].value, "%s", rows[i].accept);
        cr_expect_eq(accept_choose(rows[i].accept, false), rows[i].other, "%s", rows[i].accept);
    }
}

Test(accept, a_media_type_may_have_parameters_and_any_case)
{
    cr_expect(media_type_is("application/json", "application/json"));
    cr_expect(media_type_is("Application/JSON; charset=utf-8", "application/json"));
    cr_expect(media_type_is(" application/json ;charset=utf-8", "application/json"));
    cr_expect_not(media_type_is("application/jsonx", "application/json"));
    cr_expect_not(media_type_is("text/plain", "application/json"));
    cr_expect_not(media_type_is(NULL, "application/json"));
}
