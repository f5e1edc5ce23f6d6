/* Changes, drops, and a Redis that forgot; reservations answered by hand. */
#include "tests/store/hand_lane.h"

TestSuite(sequence_change, .init = hand_setup, .fini = hand_teardown, .timeout = 30);

Test(sequence_change, numbers_on_their_way_when_setval_came_are_discarded_and_asked_for_again)
{
    know("g1", "cache=10", 100);
    struct taker *taker = take(1);
    know("g2", "cache=10", 0);
    answer(RESERVE_OK, 110);
    expect_got(taker, "waits");
    expect_counted(discarded, 10);
    expect_asked(10);
    cr_expect_str_eq(hand.asked->generation, "g2");
    answer(RESERVE_OK, 10);
    expect_got(taker, "1-1");
}

Test(sequence_change, numbers_held_when_setval_came_are_discarded)
{
    know("g1", "cache=10", 0);
    take(4);
    answer(RESERVE_OK, 10);
    know("g2", "cache=10", 1);
    expect_counted(discarded, 6);
    struct taker *taker = take(1);
    answer(RESERVE_OK, 11);
    expect_got(taker, "2-2");
}

Test(sequence_change, numbers_held_survive_a_change_that_leaves_the_generation)
{
    know("g1", "cache=10", 0);
    take(4);
    answer(RESERVE_OK, 10);
    know("g1", "cache=10", 10);
    struct taker *taker = take(6);
    expect_got(taker, "5-10");
}

Test(sequence_change, a_reservation_in_an_old_generation_learns_the_new_one)
{
    know("g1", "cache=1", 5);
    struct taker *taker = take(1);
    answer_changed("g2", "cache=1 by=-2 max=10", 0);
    expect_asked(1);
    answer(RESERVE_OK, 1);
    expect_got(taker, "10-10");
    cr_expect_str_eq(taker->ticket.grant.identity.generation, "g2");
}

Test(sequence_change, a_hint_of_another_generation_asks_and_keeps_what_is_held_until_it_is_true)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_hint(hand.sequence, "g1");
    expect_asked(-1);
    sequence_hint(hand.sequence, "g2");
    expect_asked(0);
    cr_expect_str_eq(hand.asked->generation, "g1");
    struct taker *taker = take(1);
    expect_got(taker, "2-2");
    answer_changed("g2", "cache=1", 0);
    expect_counted(discarded, 8);
    taker = take(1);
    answer(RESERVE_OK, 1);
    expect_got(taker, "1-1");
}

Test(sequence_change, a_hint_during_a_reservation_asks_right_after_it)
{
    know("g1", "cache=10", 0);
    struct taker *taker = take(1);
    sequence_hint(hand.sequence, "g2"); /* Redis may have reserved before the change */
    answer(RESERVE_OK, 10);
    expect_got(taker, "1-1");
    expect_asked(0);
    answer_changed("g2", "cache=10", 0);
    expect_counted(discarded, 9);
    expect_asked(-1);
}

Test(sequence_change, a_hint_that_nobody_answers_is_not_repeated_for_ever)
{
    struct reserve_reply away = {.outcome = RESERVE_UNAVAILABLE, .why = "stopping"};
    know("g1", "cache=10", 0);
    take(1);
    sequence_hint(hand.sequence, "g2");
    hand_answer(&away);
    expect_asked(-1);
}

Test(sequence_change, forgetting_drops_what_is_held_but_not_the_generation)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_forget(hand.sequence);
    expect_counted(discarded, 9);
    struct taker *taker = take(1);
    expect_asked(10);
    answer(RESERVE_OK, 20);
    expect_got(taker, "11-11");
}

Test(sequence_change, verifying_asks_without_reserving_and_keeps_what_is_held)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_verify(hand.sequence);
    expect_asked(0);
    cr_expect_str_eq(hand.asked->generation, "g1");
    answer(RESERVE_OK, 10);
    struct taker *taker = take(9);
    expect_got(taker, "2-10");
    expect_asked(-1);
}

Test(sequence_change, verifying_finds_the_new_generation_and_drops_what_is_held)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_verify(hand.sequence);
    answer_changed("g2", "cache=10", 0);
    expect_counted(discarded, 9);
}

Test(sequence_change, advance_to_ordinal_7_skips_what_is_held_before_it)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_skip(hand.sequence, "g1", 7);
    expect_counted(discarded, 6);
    struct taker *taker = take(1);
    expect_got(taker, "8-8");
}

Test(sequence_change, advance_to_ordinal_7_skips_what_is_on_its_way_too)
{
    know("g1", "cache=10", 0);
    struct taker *taker = take(2);
    sequence_skip(hand.sequence, "g1", 7);
    answer(RESERVE_OK, 10);
    expect_got(taker, "8-9");
    expect_counted(discarded, 7);
}

Test(sequence_change, advance_past_all_that_is_on_its_way_asks_again)
{
    know("g1", "cache=1", 0);
    struct taker *taker = take(2);
    sequence_skip(hand.sequence, "g1", 7);
    answer(RESERVE_OK, 2);
    expect_got(taker, "waits");
    answer(RESERVE_OK, 9);
    expect_got(taker, "8-9");
}

Test(sequence_change, advance_in_another_generation_skips_nothing)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_skip(hand.sequence, "g0", 7);
    struct taker *taker = take(1);
    expect_got(taker, "2-2");
}

Test(sequence_change, a_counter_that_went_back_from_10_to_5_is_lost_and_nothing_of_it_served)
{
    know("g1", "cache=1", 0);
    take(10);
    answer(RESERVE_OK, 10);
    struct taker *taker = take(1);
    answer(RESERVE_OK, 6);
    expect_got(taker, "sequence_lost");
    expect_counted(lost, 1);
}

/* Numbers from 10 on may be another node's, from before Redis went back. */
static void answer_below(int64_t counter, int64_t confirmed, int64_t pending)
{
    hand_answer(&(struct reserve_reply){
        .outcome = RESERVE_OK, .counter = counter, .confirmed = confirmed, .pending = pending});
}

/* As a raise that was under way when Redis died: nothing was handed out because of it. */
Test(sequence_change, a_ceiling_that_was_never_proved_may_be_forgotten)
{
    know("g1", "cache=10", 0);
    take(10);
    answer_below(10, 50, 90);
    struct taker *taker = take(10);
    answer_below(60, 60, 60);
    expect_got(taker, "51-60");
}

Test(sequence_change, a_ceiling_that_was_proved_and_forgotten_makes_it_lost)
{
    know("g1", "cache=10", 0);
    take(10);
    answer_below(10, 50, 90);
    struct taker *taker = take(10);
    answer_below(20, 49, 49);
    expect_got(taker, "sequence_lost");
}

Test(sequence_change, a_counter_that_went_back_stays_lost_however_far_it_moves_on)
{
    know("g1", "cache=1", 0);
    take(10);
    answer(RESERVE_OK, 10);
    take(1);
    answer(RESERVE_OK, 6);
    for (int64_t counter = 10; counter < 20; counter += 5) {
        struct taker *taker = take(1);
        expect_asked(0);
        answer(RESERVE_OK, counter);
        expect_got(taker, "sequence_lost");
    }
    expect_asked(-1);
}

Test(sequence_change, a_counter_that_went_back_takes_held_numbers_with_it)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    struct taker *taker = take(12);
    answer(RESERVE_OK, 15); /* 5 .. 14: Redis may have given 5 .. 9 to others, too */
    expect_got(taker, "sequence_lost");
    expect_counted(discarded, 9);
    struct taker *next = take(1);
    expect_got(next, "waits");
}

Test(sequence_change, setval_heals_a_counter_that_went_back)
{
    know("g1", "cache=1", 0);
    take(10);
    answer(RESERVE_OK, 10);
    take(1);
    answer(RESERVE_OK, 6);
    struct taker *taker = take(1);
    answer_changed("g2", "cache=1", 0);
    expect_asked(1);
    answer(RESERVE_OK, 1);
    expect_got(taker, "1-1");
}

Test(sequence_change, a_limit_below_what_was_given_is_a_counter_that_went_back)
{
    know("g1", "cache=1 max=20", 0);
    take(10);
    answer(RESERVE_OK, 10);
    struct taker *taker = take(15);
    answer(RESERVE_LIMIT, 8);
    expect_got(taker, "sequence_lost");
    expect_asked(0);
    cr_expect(hand.asked->condemns, "all nodes are to know");
    answer(RESERVE_CONDEMNED, 0);
    expect_asked(-1);
}

Test(sequence_change, what_another_node_condemned_is_lost_here_until_setval)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_hint(hand.sequence, "condemned");
    expect_asked(0);
    cr_expect(!hand.asked->condemns);
    answer(RESERVE_CONDEMNED, 0);
    expect_counted(discarded, 9);
    struct taker *taker = take(1);
    answer(RESERVE_CONDEMNED, 0);
    expect_got(taker, "sequence_lost");
    taker = take(1);
    answer_changed("g2", "cache=1", 20);
    answer(RESERVE_OK, 21);
    expect_got(taker, "21-21");
}

Test(sequence_change, a_counter_past_the_bound_is_lost_and_remains_countable)
{
    know("g1", "cache=1 max=20", 0);
    struct taker *taker = take(1);
    answer(RESERVE_LIMIT, 100);
    expect_got(taker, "sequence_lost");
    cr_expect_eq(sequence_remaining(hand.sequence), 20);
    taker = take(1);
    answer(RESERVE_OK, 21);
    expect_got(taker, "sequence_lost");
}

Test(sequence_change, a_counter_below_0_is_lost)
{
    know("g1", "cache=1", 0);
    struct taker *taker = take(3);
    answer(RESERVE_OK, 2);
    expect_got(taker, "sequence_lost");
}

Test(sequence_change, dropped_is_not_found_and_gone)
{
    know("g1", "cache=1", 0);
    struct taker *taker = take(1);
    cr_expect(answer(RESERVE_DROPPED, 0));
    expect_got(taker, "sequence_not_found");
    cr_expect_str_eq(taker->ticket.failure.detail, "relation \"shop.orders\" does not exist");
}

Test(sequence_change, nobody_waits_at_one_that_is_gone)
{
    struct ticket late = {.count = 1};
    take(1);
    answer(RESERVE_NONE, 0);
    cr_expect_eq(sequence_wait(hand.sequence, &late), WAIT_GONE);
    expect_asked(-1);
}

Test(sequence_change, a_drop_from_here_answers_those_who_wait_and_ignores_what_comes_later)
{
    know("g1", "cache=10", 0);
    struct taker *taker = take(1);
    sequence_retire(hand.sequence);
    expect_got(taker, "sequence_not_found");
    cr_expect(answer(RESERVE_OK, 10));
    expect_asked(-1);
    cr_expect_null(atomic_load(&hand.sequence->published));
}

Test(sequence_change, never_known_is_not_found_and_gone)
{
    struct taker *taker = take(1);
    cr_expect(answer(RESERVE_NONE, 0));
    expect_got(taker, "sequence_not_found");
}

Test(sequence_change, known_and_gone_without_a_trace_is_lost_and_stays)
{
    know("g1", "cache=1", 0);
    struct taker *taker = take(1);
    cr_expect_not(answer(RESERVE_NONE, 0));
    expect_got(taker, "sequence_lost");
}

Test(sequence_change, while_redis_is_away_names_never_known_do_not_pile_up)
{
    struct taker *taker = take(1);
    struct reserve_reply away = {.outcome = RESERVE_UNAVAILABLE, .why = "Connection refused"};
    cr_expect(hand_answer(&away), "it stays in the catalog");
    expect_got(taker, "store_unavailable");
}

Test(sequence_change, while_redis_is_away_known_ones_stay)
{
    struct reserve_reply away = {.outcome = RESERVE_UNAVAILABLE, .why = "Connection refused"};
    know("g1", "cache=1", 0);
    struct taker *taker = take(1);
    cr_expect_not(hand_answer(&away), "it leaves the catalog");
    expect_got(taker, "store_unavailable");
    cr_expect_str_eq(taker->ticket.failure.detail, "Connection refused");
}

Test(sequence_change, a_damaged_counter_fails_those_who_wait_and_leaves_what_is_held)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    struct taker *range = take(10);
    struct reserve_reply damaged = {.outcome = RESERVE_LOST, .why = "its counter is damaged"};
    hand_answer(&damaged);
    expect_got(range, "sequence_lost");
    cr_expect_str_eq(range->ticket.failure.detail,
                     "the store lost the state of sequence \"orders\": its counter is damaged");
    struct taker *taker = take(1);
    expect_got(taker, "2-2");
}
