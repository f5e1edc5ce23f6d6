/* INSERT: with every sort of table, and numbers of every size. */
#include "tests/fuzz/check.h"

#include <stdio.h>
#include <string.h>

#define INCREMENT  3
#define TABLES     6
#define LISTED_MAX 20

/* --- Tables ------------------------------------------------------------------------------ */

static void add_serial(struct table *table, const char *name, const char *sequence, int position,
                       enum identity_kind identity)
{
    struct failure failure;
    struct table_column *column =
        table_find(table, name) ? table_find(table, name) : table_add(table, name);
    column->position = position;
    column->is_serial = true;
    column->identity = identity;
    if (sequence)
        CHECK(name_parse(sequence, strlen(sequence), &column->sequence, &failure));
}

/* The columns that the statement lists, from the last to the first. */
static void add_listed(struct table *table, const struct insert *insert, unsigned serials)
{
    static const char *const sequences[] = {"s", "t_id_seq", "other.s"};
    for (size_t i = insert->column_count; i-- > 0 && table->column_count < LISTED_MAX;) {
        const char *name = insert->columns[i].name;
        if (table_find(table, name))
            continue;
        if (serials & (1u << i % 8))
            add_serial(table, name, sequences[i % 3], 0, (enum identity_kind)(i % 3));
        else
            table_add(table, name);
        table->columns[table->column_count - 1].position = (int)table->column_count;
    }
}

/* By its number; 0: nothing is known of it. */
static struct table *make_table(int number, const struct insert *insert)
{
    struct table *table = table_create();
    table->complete = number == 1 || number == 3 || number == 5;
    if (number == 1 || number == 5)
        add_listed(table, insert, number == 1 ? 0xff : 0x55);
    if (number == 1)
        add_serial(table, "gr\xc3\xb6\xc3\x9f\x65 \"x\"", "s", (int)table->column_count + 1,
                   IDENTITY_BY_DEFAULT);
    if (number == 2) {
        add_serial(table, "id", "t_id_seq", 0, IDENTITY_NONE);
        add_listed(table, insert, 0x22);
    }
    if (number == 3) {
        add_serial(table, "id", "t_id_seq", 1, IDENTITY_NONE);
        table_add(table, "v")->position = 2;
        add_serial(table, "n", "s", 3, IDENTITY_ALWAYS);
        add_serial(table, "select", "s", 4, IDENTITY_BY_DEFAULT);
        add_serial(table, "dropped", NULL, 5, IDENTITY_NONE);
    }
    if (number == 4) {
        add_serial(table, "a", "a_seq", 2, IDENTITY_BY_DEFAULT);
        add_serial(table, "id", "s", 7, IDENTITY_NONE);
    }
    if (number > 0)
        return table;
    table_release(table);
    return NULL;
}

/* --- Numbers ------------------------------------------------------------------------------ */

/* The numbers of a source come in two spans, if there is more than one. */
static int64_t number_of(const struct draw_source *source, size_t index, int64_t taken)
{
    static const int64_t firsts[] = {1, -1000000, INT64_MAX - 100, INT64_MIN};
    int64_t first = source->wanted - source->wanted / 2;
    bool second = taken >= first;
    int64_t base = firsts[(index * 2 + second) % (sizeof firsts / sizeof *firsts)];
    uint64_t offset = (uint64_t)(second ? taken - first : taken) * INCREMENT;
    return (int64_t)((uint64_t)base + offset);
}

/* As run_draw() leaves it. */
static void grant(struct walk *walk, struct draw_source *source, size_t index)
{
    int64_t first = source->wanted - source->wanted / 2;
    source->ticket = arena_alloc(walk->arena, sizeof *source->ticket);
    source->taken = true;
    struct grant *grant = &source->ticket->ticket.grant;
    grant->increment = INCREMENT;
    grant->count = source->wanted;
    grant->spans = grant->inline_spans;
    grant->spans[0].first = number_of(source, index, 0);
    grant->spans[0].count = first;
    grant->span_count = source->wanted > 1 ? 2 : 1;
    if (source->wanted > 1) {
        grant->spans[1].first = number_of(source, index, first);
        grant->spans[1].count = source->wanted - first;
    }
}

static void grant_all(struct walk *walk, struct draws *draws)
{
    for (size_t i = 0; i < draws->count; i++) {
        CHECK(draws->sources[i].wanted > 0);
        check_name(&draws->sources[i].object.name);
        grant(walk, &draws->sources[i], i);
    }
}

/* currval and lastval of before this statement. */
static void answer_calls(const struct insert *insert)
{
    for (size_t i = 0; i < insert->call_count; i++)
        insert->calls[i].expression->value.integer = i % 2 ? -7 : 7;
}

/* --- What was written ----------------------------------------------------------------------- */

static void compare_piece(struct comparison *comparison, const struct piece *piece,
                          const struct draws *draws, int64_t taken[DRAW_SOURCES_MAX])
{
    compare_same(comparison, piece->at);
    compare_word(comparison, piece->text);
    if (piece->kind == PIECE_NUMBER)
        CHECK(compare_number(comparison) ==
              number_of(&draws->sources[piece->source], piece->source, taken[piece->source]++));
    else if (piece->kind == PIECE_CALL)
        compare_number(comparison);
    compare_word(comparison, piece->after ? piece->after : "");
    compare_change(comparison, piece->length);
}

static size_t appended(const struct insert_plan *plan, const struct insert *insert)
{
    size_t count = 0;
    if (insert->default_values || insert->row_count == 0)
        return plan->count;
    for (size_t i = 0; i < plan->count; i++)
        count += plan->pieces[i].length == 0 && plan->pieces[i].at == insert->rows[0].end;
    return count;
}

/* No call is left, and every row has what it had, and what was appended. */
static void check_again(const struct insert *insert, const struct insert_plan *plan,
                        const struct insert *again)
{
    CHECK(!insert->query == !again->query);
    CHECK(again->call_count == 0);
    if (insert->default_values && plan->count > 0) {
        CHECK(again->row_count == 1 && again->width == plan->count);
        CHECK(again->column_count == plan->count);
        return;
    }
    CHECK(again->row_count == insert->row_count);
    CHECK(insert->row_count == 0 || again->width == insert->width + appended(plan, insert));
    CHECK(insert->query || !again->columns || !again->row_count ||
          again->column_count == again->width);
}

static void check_written(struct walk *walk, const struct insert_plan *plan,
                          const struct draws *draws, const struct text *text)
{
    struct comparison comparison;
    struct walk again;
    int64_t taken[DRAW_SOURCES_MAX] = {0};
    comparison_begin(&comparison, walk, text);
    for (size_t i = 0; i < plan->count; i++)
        compare_piece(&comparison, &plan->pieces[i], draws, taken);
    bool fine = comparison_end(&comparison, &again);
    for (size_t i = 0; i < draws->count; i++)
        CHECK(taken[i] == draws->sources[i].wanted);
    if (fine)
        check_again(&walk->statement->insert, plan, &again.statement->insert);
    arena_destroy(again.arena);
}

static void walk_with(struct walk *walk, const struct table *table)
{
    const struct statement *statement = walk->statement;
    struct insert_plan plan = {0};
    struct draws draws = {0};
    struct text text = {0};
    if (!insert_plan(&walk->parser, &statement->insert, table, &draws, &plan)) {
        check_failure(walk, &walk->parser.failure);
        return;
    }
    grant_all(walk, &draws);
    answer_calls(&statement->insert);
    insert_write(&plan, &draws, statement->begin, statement->end, &text);
    if (walk->checked)
        check_written(walk, &plan, &draws, &text);
    text_free(&text);
    draws_end(&draws);
}

void walk_insert(struct walk *walk)
{
    const struct insert *insert = &walk->statement->insert;
    if (insert->table.is_kept)
        check_object(&insert->table.object);
    /* Of a table that is not kept nothing is known. */
    for (int i = 0; i < (insert->table.is_kept ? TABLES : 1); i++) {
        struct table *table = make_table(i, insert);
        walk_with(walk, table);
        table_release(table);
    }
}
