/* Waiting, group commit and the cache, with the reservations answered by hand. */
#include "tests/store/hand_lane.h"

TestSuite(sequence, .init = hand_setup, .fini = hand_teardown, .timeout = 30);

Test(sequence, an_unknown_one_asks_for_its_definition_and_then_for_1)
{
    struct taker *first = take(1);
    expect_asked(0);
    cr_expect_str_eq(hand.asked->generation, "");
    answer_changed("g1", "", 0);
    expect_asked(1);
    cr_expect_str_eq(hand.asked->generation, "g1");
    expect_got(first, "waits");
    answer(RESERVE_OK, 1);
    expect_got(first, "1-1");
    expect_asked(-1);
}

Test(sequence, requests_for_2_and_3_that_arrive_meanwhile_share_one_reservation_of_5)
{
    know("g1", "cache=1", 0);
    struct taker *first = take(1), *second = take(2), *third = take(3);
    expect_asked(1);
    answer(RESERVE_OK, 1);
    expect_got(first, "1-1");
    expect_asked(5);
    answer(RESERVE_OK, 6);
    expect_got(second, "2-3");
    expect_got(third, "4-6");
    cr_expect_eq(hand.reservations, 2);
}

Test(sequence, a_cache_of_10_is_reserved_whole_when_empty_and_ends_at_the_bound_of_25)
{
    know("g1", "cache=10 max=25", 0);
    struct taker *takers[5] = {take(1)};
    expect_asked(10);
    answer(RESERVE_OK, 10);
    takers[1] = take(9);
    expect_asked(-1);
    takers[2] = take(1);
    expect_asked(10);
    answer(RESERVE_OK, 20);
    takers[3] = take(9);
    takers[4] = take(1);
    expect_asked(5);
    answer(RESERVE_OK, 25);
    static const char *const got_each[] = {"1-1", "2-10", "11-11", "12-20", "21-21"};
    for (size_t i = 0; i < 5; i++)
        expect_got(takers[i], got_each[i]);
}

Test(sequence, a_range_of_12_with_a_cache_of_10_reserves_20)
{
    know("g1", "cache=10", 0);
    struct taker *range = take(12), *after;
    expect_asked(20);
    answer(RESERVE_OK, 20);
    after = take(8);
    expect_got(range, "1-12");
    expect_got(after, "13-20");
    expect_asked(-1);
}

Test(sequence, blocks_of_a_cycle_from_1_to_25_end_at_the_wrap)
{
    static const int64_t wants[] = {10, 10, 5, 10, 10, 5};
    int64_t counter = 0;
    know("g1", "cache=10 max=25 cycle", 0);
    for (size_t i = 0; i < sizeof wants / sizeof *wants; i++) {
        struct taker *first = take(1);
        expect_asked(wants[i]);
        answer(RESERVE_OK, counter += wants[i]);
        take(wants[i] - 1);
        expect_got(first, i % 3 == 0 ? "1-1" : i % 3 == 1 ? "11-11" : "21-21");
    }
}

Test(sequence, a_range_takes_the_rest_of_its_block_and_goes_on_in_the_next)
{
    know("g1", "cache=10", 0);
    take(2);
    answer(RESERVE_OK, 10);
    struct taker *range = take(12);
    expect_asked(10);       /* 8 are held: one more block is enough */
    answer(RESERVE_OK, 25); /* another node reserved 5 in between */
    expect_got(range, "3-10 16-19");
}

Test(sequence, while_a_range_waits_the_cache_still_serves_others_and_order_holds)
{
    know("g1", "cache=10", 0);
    take(2);
    answer(RESERVE_OK, 10);
    struct taker *range = take(12), *small = take(3), *more = take(20), *other = take(4);
    expect_got(small, "3-5");
    expect_got(other, "6-9");
    answer(RESERVE_OK, 20); /* enough when it was asked for, but the others were faster */
    expect_got(range, "waits");
    expect_asked(30);
    answer(RESERVE_OK, 50);
    expect_got(range, "10-21");
    expect_got(more, "22-41");
}

Test(sequence, a_contiguous_range_that_does_not_fit_discards_the_8_before_it)
{
    know("g1", "cache=10", 0);
    take(2);
    answer(RESERVE_OK, 10);
    struct taker *range = take_as(12, false, true);
    answer(RESERVE_OK, 35);
    expect_got(range, "16-27");
    expect_counted(discarded, 8);
    struct taker *after = take(1);
    expect_got(after, "28-28");
}

Test(sequence, a_request_that_finds_the_block_withdrawn_for_a_moment_is_served_from_it)
{
    know("g1", "cache=10", 0);
    take(2);
    answer(RESERVE_OK, 10);
    take_as(12, false, true); /* waits, first */
    struct ticket late = {.count = 1};
    cr_expect_eq(sequence_wait(hand.sequence, &late), WAIT_ANSWERED);
    cr_expect_eq(late.grant.spans[0].first, 3);
    ticket_deinit(&late);
}

Test(sequence, waiters_are_served_in_the_order_of_their_arrival)
{
    know("g1", "cache=1", 0);
    struct taker *first = take(1);
    struct taker *a = take(3), *b = take(1), *c = take(2);
    answer(RESERVE_OK, 1);
    answer(RESERVE_OK, 107);
    expect_got(first, "1-1");
    expect_got(a, "102-104");
    expect_got(b, "105-105");
    expect_got(c, "106-107");
}

Test(sequence, a_cancelled_request_is_never_answered_and_its_number_goes_to_the_next)
{
    know("g1", "", 0);
    struct taker *gone = take(1);
    cr_expect(sequence_cancel(&gone->ticket));
    answer(RESERVE_OK, 1);
    struct taker *next = take(1);
    expect_got(gone, "waits");
    expect_got(next, "1-1");
}

Test(sequence, with_cache_1_the_number_of_a_cancelled_request_is_discarded_to_keep_the_order)
{
    know("g1", "cache=1", 0);
    struct taker *gone = take(1);
    cr_expect(sequence_cancel(&gone->ticket));
    answer(RESERVE_OK, 1);
    struct taker *next = take(1); /* meanwhile another node was given 2 */
    expect_asked(1);
    answer(RESERVE_OK, 3);
    expect_got(next, "3-3");
    expect_counted(discarded, 1);
}

Test(sequence, an_answered_request_cannot_be_cancelled_any_more)
{
    know("g1", "cache=1", 0);
    struct taker *taker = take(1);
    answer(RESERVE_OK, 1);
    cr_expect_not(sequence_cancel(&taker->ticket));
    expect_got(taker, "1-1");
}

Test(sequence, when_the_first_gives_up_the_next_gets_what_was_too_little_for_it)
{
    know("g1", "cache=10", 0);
    take(2);
    answer(RESERVE_OK, 10);
    struct taker *early = take_as(12, false, true), *first = take_as(25, false, true);
    sequence_cancel(&early->ticket);
    answer(RESERVE_OK, 35); /* 25 fit neither in 3-10 nor in 16-35 */
    struct taker *second = take(9);
    expect_got(second, "waits");
    cr_expect(sequence_cancel(&first->ticket));
    expect_got(second, "3-10 16-16");
}

Test(sequence, a_block_fetched_ahead_is_asked_for_once_when_the_last_quarter_of_64_begins)
{
    know("g1", "", 0);
    struct taker *gone = take(64);
    sequence_cancel(&gone->ticket);
    answer(RESERVE_OK, 64);
    take(48);
    expect_asked(-1);
    take(1);
    cr_assert_not_null(hand.asked);
    take(10);
    cr_expect_eq(hand.reservations, 2);
    answer(RESERVE_OK, 64 + hand.asked->want);
    struct taker *last = take(5);
    expect_got(last, "60-64");
    struct taker *next = take(1);
    expect_got(next, "65-65");
    cr_expect_eq(hand.reservations, 2);
}

Test(sequence, a_numeric_cache_is_never_fetched_ahead)
{
    know("g1", "cache=64", 0);
    take(1);
    answer(RESERVE_OK, 64);
    take(63);
    expect_asked(-1);
}

Test(sequence, fetching_ahead_for_a_sequence_that_nobody_holds_any_more_does_nothing)
{
    struct seq_name name = {.text = "b", .length = 1};
    struct record record = record_of("g1", "", 0);
    struct sequence *dropped = sequence_create(&name, &hand.environment);
    sequence_adopt(dropped, &record);
    reader_enter();
    sequence_release(dropped);
    sequence_prefetch(dropped); /* by who took the number at the mark before */
    reader_leave();
    expect_asked(-1);
}

Test(sequence, the_end_of_the_last_block_is_surrendered_once)
{
    struct block *block;
    know("g1", "cache=10", 0);
    take(4);
    answer(RESERVE_OK, 10);
    cr_assert(sequence_surrender(hand.sequence, &block));
    cr_expect_eq(block->first, 4);
    cr_expect_eq(block->count, 6);
    free(block);
    cr_expect_not(sequence_surrender(hand.sequence, &block));
    take(1);
    expect_asked(10);
}
