#include "handlers/sql/edits.h"

#include "handlers/sql/token.h"

void edits_add(struct edits *edits, struct arena *arena, const char *at, size_t length,
               const char *text)
{
    edits->edits =
        arena_grow(arena, edits->edits, edits->count, &edits->capacity, sizeof *edits->edits);
    edits->edits[edits->count++] = (struct edit){at, length, text};
}

void edits_write(const struct edits *edits, const char *begin, const char *end, struct text *text)
{
    const char *at = begin;
    for (size_t i = 0; i < edits->count; i++) {
        const struct edit *edit = &edits->edits[i];
        text_add_escaped(text, at, (size_t)(edit->at - at));
        /* A blank where two words would become one: id"serial" and IDENTITY(...)PRIMARY. */
        if (edit->at > begin && is_name_byte(edit->at[-1]))
            text_put(text, " ");
        text_put(text, edit->text);
        at = edit->at + edit->length;
        if (at < end && is_name_byte(*at))
            text_put(text, " ");
    }
    text_add_escaped(text, at, (size_t)(end - at));
}
