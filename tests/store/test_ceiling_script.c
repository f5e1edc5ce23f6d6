/* The scripts of the write-ahead ceiling, in a real Redis of this test's own. */
#include "tests/store/script_server.h"

TestSuite(ceiling_script, .init = script_server_start, .fini = script_server_stop, .timeout = 60);

#define RESERVE(want)           RUN(reserve, "2", "{a}", "{a}:next", "n", G1, want, "guarded")
#define RESERVE_BARE(want)      RUN(reserve, "2", "{a}", "{a}:next", "n", G1, want, "bare")
#define EXTEND(above)           RUN(extend, "2", "{a}", "{a}:next", G1, above, "0", "0")
#define EXTEND_BY(window, most) RUN(extend, "2", "{a}", "{a}:next", G1, "5", window, most)
#define SETTLE(nonce)           RUN(settle, "2", "{a}", "{a}:next", nonce)
#define expect_ceiling(confirmed, pending)                                                         \
    do {                                                                                           \
        expect_text(ASK("HGET", "{a}", "confirmed"), confirmed);                                   \
        expect_text(ASK("HGET", "{a}", "pending"), pending);                                       \
    } while (0)

/* A generation as create.lua begins it. */
static void create(const char *counter, const char *limit, const char *ceiling)
{
    ASK("DEL", "{a}", "{a}:next", "index", "oids", "owners");
    expect_text(RUN(create, "5", "{a}", "{a}:next", "index", "oids", "owners", "channel", "a", "o",
                    G1, counter, "", ceiling, "limit", limit),
                "ok");
}

/* What EXTEND answered last, to be confirmed. */
static char answer[256], server_id[128], settled[64], ceiling_text[32];

static void extend(const char *above)
{
    snprintf(answer, sizeof answer, "%s", EXTEND(above));
    settled[0] = '\0';
    int length = 0;
    if (sscanf(answer, "ok %127s %63s %31s %*s%n", server_id, settled, ceiling_text, &length) ==
            3 &&
        length > 0)
        return;
    settled[0] = '\0'; /* never settled: there is nothing between the blanks */
    cr_assert_eq(sscanf(answer, "ok %127s %31s", server_id, ceiling_text), 2, "%s", answer);
}

static const char *confirm(void)
{
    return RUN(confirm, "1", "{a}", G1, server_id, settled, ceiling_text);
}

/* As a restart or a promotion would. */
static void another_server_wrote_it(void)
{
    ASK("HSET", "{a}", "server", "run:replication");
}

Test(ceiling_script, a_new_generation_hands_out_up_to_its_first_ceiling)
{
    create("0", "1000", "32");
    expect_text(RESERVE("32"), "ok n 32 32  32");
    expect_text(RESERVE("1"), "ceiling n 32 32  32");
    expect_counter("32");
}

Test(ceiling_script, an_extension_counts_only_once_it_is_confirmed)
{
    create("0", "1000", "32");
    RESERVE("32");
    extend("50");
    expect_text(ceiling_text, "82");
    expect_ceiling("32", "82");
    expect_text(RESERVE("1"), "ceiling n 32 82  32");
    expect_text(confirm(), "ok");
    expect_ceiling("82", "82");
    expect_text(RESERVE("50"), "ok n 82 82  82");
    expect_text(RESERVE("1"), "ceiling n 82 82  82");
}

Test(ceiling_script, the_limit_comes_before_the_ceiling_which_never_passes_it)
{
    create("0", "40", "32");
    expect_text(RESERVE("41"), "limit n 0 32  32");
    expect_text(RESERVE("40"), "ceiling n 0 32  32");
    extend("9223372036854775807");
    expect_text(ceiling_text, "40");
    expect_text(confirm(), "ok");
    expect_text(RESERVE("40"), "ok n 40 40  40");
    expect_text(RESERVE("1"), "limit n 40 40  40");
}

Test(ceiling_script, an_extension_does_not_lower_what_somebody_else_raised)
{
    create("0", "1000", "32");
    extend("500");
    expect_text(ceiling_text, "500");
    extend("10");
    expect_text(ceiling_text, "500");
    expect_text(confirm(), "ok");
    expect_ceiling("500", "500");
}

/* Who asks may have been started a moment ago, and not know of the demand. */
Test(ceiling_script, a_window_is_at_least_half_of_the_last_one)
{
    create("0", "1000000", "32");
    EXTEND_BY("1000", "60000");
    expect_ceiling("32", "1005");
    expect_text(ASK("HGET", "{a}", "window"), "1000");
    another_server_wrote_it();
    RESERVE("0");
    EXTEND_BY("32", "60000");
    expect_ceiling("1005", "1510");
    expect_text(ASK("HGET", "{a}", "window"), "500");
    EXTEND_BY("32", "100");
    expect_text(ASK("HGET", "{a}", "window"), "100");
}

Test(ceiling_script, without_a_ceiling_one_that_another_server_wrote_is_passed_all_the_same)
{
    create("0", "1000", "32");
    expect_text(RESERVE("5"), "ok n 5 32  32");
    expect_text(RESERVE_BARE("1"), "ok n 6   ");
    another_server_wrote_it();
    expect_text(RESERVE_BARE("1"), "ok n 33  6 ");
    expect_text(RESERVE_BARE("1"), "ok n 34   ");
}

Test(ceiling_script, another_server_goes_on_where_nobody_can_have_been)
{
    create("0", "1000", "32");
    expect_text(RESERVE("5"), "ok n 5 32  32");
    extend("95");
    another_server_wrote_it();
    expect_text(RESERVE("1"), "ceiling n 100 100 5 100");
    expect_counter("100");
    expect_ceiling("100", "100");
    expect_text(RESERVE("1"), "ceiling n 100 100  100");
}

Test(ceiling_script, a_proof_for_another_server_confirms_nothing)
{
    create("0", "1000", "32");
    extend("100");
    another_server_wrote_it();
    expect_text(confirm(), "changed");
    RESERVE("0"); /* adopted */
    snprintf(server_id, sizeof server_id, "run:replication");
    expect_text(confirm(), "changed");
    expect_ceiling("100", "100");
}

Test(ceiling_script, settling_gives_back_what_was_not_handed_out)
{
    create("0", "1000", "32");
    RESERVE("5");
    expect_text(SETTLE("s1"), "ok");
    expect_ceiling("5", "5");
    another_server_wrote_it();
    expect_text(RESERVE("1"), "ceiling n 5 5 5 5");
}

Test(ceiling_script, a_counter_that_was_set_lower_than_a_raise_found_it_is_lost)
{
    create("0", "1000", "32");
    RESERVE("30");
    extend("95");
    ASK("SET", "{a}:next", "29");
    expect_text(RESERVE("1"), "lost n");
    expect_text(RESERVE_BARE("0"), "lost n");
    ASK("SET", "{a}:next", "30");
    expect_text(RESERVE("1"), "ok n 31 125  32");
}

Test(ceiling_script, what_was_condemned_is_lost_in_that_generation)
{
    create("5", "1000", "32");
    RUN(reserve, "2", "{a}", "{a}:next", "n", G2, "0", "condemn", "channel", "a");
    expect_text(ASK("HEXISTS", "{a}", "condemned"), "0"); /* of this one he knows nothing */
    expect_text(RESERVE("1"), "ok n 6 32  32");
    expect_text(RUN(reserve, "2", "{a}", "{a}:next", "n", G1, "0", "condemn", "channel", "a"),
                "condemned n");
    expect_text(RESERVE("1"), "condemned n");
    expect_text(RESERVE_BARE("0"), "condemned n");
    expect_counter("6");
    expect_text(RUN(change, "3", "{a}", "{a}:next", "owners", "channel", "a", "", "60", G1, "any",
                    "", "100", G2, "132", "limit", "1000"),
                "ok");
    expect_text(RUN(reserve, "2", "{a}", "{a}:next", "n", G2, "1", "guarded"), "ok n 101 132  132");
}

Test(ceiling_script, what_is_given_back_is_not_lost)
{
    create("0", "1000", "32");
    RESERVE("30");
    extend("95");
    expect_text(RUN(give_back, "2", "{a}", "{a}:next", G1, "30", "10"), "1");
    expect_text(RESERVE("1"), "ok n 21 125  32");
    expect_text(RUN(give_back, "2", "{a}", "{a}:next", G1, "21", "11"), "1");
    expect_text(RESERVE("1"), "ok n 11 125  32");
}

/* A proof that was under way is of a ceiling that a server may have forgotten again. */
Test(ceiling_script, settling_makes_proofs_that_are_under_way_worthless)
{
    create("0", "1000", "32");
    RESERVE("5");
    extend("95");
    SETTLE("s1");
    expect_text(confirm(), "changed");
    EXTEND("95"); /* the same ceiling again, of which nothing is proved */
    expect_ceiling("5", "100");
    expect_text(confirm(), "changed");
    expect_ceiling("5", "100");
}

Test(ceiling_script, a_sequence_without_a_ceiling_gets_one)
{
    create("7", "1000", "");
    expect_text(ASK("HEXISTS", "{a}", "server"), "0");
    expect_text(RESERVE("1"), "ceiling n 7 7 7 7");
    extend("10");
    expect_text(confirm(), "ok");
    expect_text(RESERVE("10"), "ok n 17 17  17");
}

Test(ceiling_script, a_counter_that_went_past_without_a_ceiling_is_where_the_next_begins)
{
    create("0", "1000", "32");
    ASK("SET", "{a}:next", "500");
    expect_text(RESERVE("1"), "ceiling n 500 500 500 500");
    extend("10");
    expect_text(ceiling_text, "510");
}

Test(ceiling_script, ceilings_are_exact_beyond_2_to_the_53)
{
    create("9007199254740992", "9223372036854775807", "9007199254740993");
    expect_text(RESERVE("1"), "ok n 9007199254740993 9007199254740993  9007199254740993");
    extend("9007199254740993");
    expect_text(ceiling_text, "18014398509481986");
}

Test(ceiling_script, a_description_and_a_change_see_the_counter_that_is_safe)
{
    create("5", "1000", "32");
    another_server_wrote_it();
    const char *described = RUN(describe, "2", "{a}", "{a}:next");
    cr_expect_str_eq(strrchr(described, ' '), " 32", "%s", described);
    expect_text(RUN(change, "3", "{a}", "{a}:next", "owners", "channel", "a", "", "60", G1, "equal",
                    "5", "1", G2, "50"),
                "moved");
    expect_text(RUN(change, "3", "{a}", "{a}:next", "owners", "channel", "a", "", "60", G1, "equal",
                    "32", "1", G2, "50"),
                "ok");
    expect_ceiling("50", "50");
}
