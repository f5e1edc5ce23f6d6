/* Near the bound, and around a cycle; reservations answered by hand. */
#include "tests/store/hand_lane.h"

TestSuite(sequence_bound, .init = hand_setup, .fini = hand_teardown, .timeout = 30);

Test(sequence_bound, a_range_of_5_with_2_left_is_exhausted_and_takes_nothing)
{
    know("g1", "cache=1 max=10", 8);
    struct taker *range = take(5);
    answer(RESERVE_LIMIT, 8);
    expect_got(range, "sequence_exhausted");
    cr_expect_str_eq(range->ticket.failure.detail,
                     "nextval: reached maximum value of sequence \"orders\" (10)");
    expect_asked(-1);
    struct taker *next = take(1);
    answer(RESERVE_OK, 9);
    expect_got(next, "9-9");
    cr_expect_eq(atomic_load(&hand.sequence->exhausted), 1);
}

Test(sequence_bound, a_descending_one_names_its_minimum)
{
    know("g1", "cache=1 by=-1 min=-3 max=-1", 3);
    struct taker *taker = take(1);
    answer(RESERVE_LIMIT, 3);
    cr_expect_str_eq(taker->ticket.failure.detail,
                     "nextval: reached minimum value of sequence \"orders\" (-3)");
}

Test(sequence_bound, a_partial_range_of_5_with_2_left_gets_2)
{
    know("g1", "cache=1 max=10", 8);
    struct taker *range = take_as(5, true, false);
    answer(RESERVE_LIMIT, 8);
    expect_asked(2);
    answer(RESERVE_OK, 10);
    expect_got(range, "9-10");
}

Test(sequence_bound, a_partial_range_with_nothing_left_is_exhausted)
{
    know("g1", "cache=1 max=10", 10);
    struct taker *range = take_as(5, true, false);
    answer(RESERVE_LIMIT, 10);
    expect_got(range, "sequence_exhausted");
}

Test(sequence_bound, a_partial_range_joins_3_held_and_2_left)
{
    know("g1", "cache=4 max=10", 4);
    take(1);
    answer(RESERVE_OK, 8);
    struct taker *range = take_as(9, true, false);
    answer(RESERVE_LIMIT, 8);
    expect_asked(2);
    answer(RESERVE_OK, 10);
    expect_got(range, "6-10");
}

Test(sequence_bound, a_partial_range_gets_the_3_held_when_nothing_is_left)
{
    know("g1", "cache=4 max=8", 4);
    take(1);
    answer(RESERVE_OK, 8);
    struct taker *range = take_as(9, true, false);
    answer(RESERVE_LIMIT, 8);
    expect_got(range, "6-8");
    expect_asked(-1);
}

Test(sequence_bound, a_partial_contiguous_range_gets_one_piece_of_what_is_held)
{
    know("g1", "cache=4 max=14", 0);
    take(2);
    answer(RESERVE_OK, 4); /* 3-4 are held */
    struct taker *early = take(3);
    sequence_cancel(&early->ticket);
    answer(RESERVE_OK, 14); /* and 11-14, as another node took 6 in between */
    struct taker *range = take_as(9, true, true);
    answer(RESERVE_LIMIT, 14);
    expect_got(range, "3-4");
    struct taker *rest = take_as(4, false, true);
    expect_got(rest, "11-14");
}

Test(sequence_bound, a_partial_contiguous_range_joins_the_tail_held_and_what_is_left)
{
    know("g1", "cache=4 max=10", 4);
    take(1);
    answer(RESERVE_OK, 8);
    struct taker *range = take_as(9, true, true);
    answer(RESERVE_LIMIT, 8);
    expect_asked(2);
    answer(RESERVE_OK, 10);
    expect_got(range, "6-10");
}

Test(sequence_bound, a_range_that_needs_the_3_held_and_2_left_keeps_them_from_later_requests)
{
    know("g1", "cache=4 max=10", 4);
    take(1);
    answer(RESERVE_OK, 8);
    struct taker *range = take(5);
    answer(RESERVE_LIMIT, 8);
    expect_asked(2);
    struct taker *later = take(1), *last = take(1);
    expect_got(later, "waits");
    answer(RESERVE_OK, 10);
    expect_got(range, "6-10");
    answer(RESERVE_LIMIT, 10);
    expect_got(later, "sequence_exhausted");
    expect_got(last, "sequence_exhausted");
}

Test(sequence_bound, when_such_a_range_gives_up_the_others_get_what_was_kept_for_it)
{
    know("g1", "cache=4 max=10", 4);
    take(1);
    answer(RESERVE_OK, 8);
    struct taker *range = take(5);
    answer(RESERVE_LIMIT, 8);
    struct taker *later = take(1);
    cr_expect(sequence_cancel(&range->ticket));
    expect_got(later, "6-6");
    struct taker *last = take(1);
    expect_got(last, "7-7");
}

Test(sequence_bound, behind_an_exhausted_range_smaller_requests_are_still_served)
{
    know("g1", "cache=1 max=10", 8);
    struct taker *range = take(5), *pair = take(2), *single = take(1);
    answer(RESERVE_LIMIT, 8);
    expect_got(range, "sequence_exhausted");
    expect_asked(2);
    answer(RESERVE_OK, 10);
    expect_got(pair, "9-10");
    answer(RESERVE_LIMIT, 10);
    expect_got(single, "sequence_exhausted");
}

Test(sequence_bound, the_last_of_a_whole_bigint_is_9223372036854775807)
{
    know("g1", "cache=1", INT64_MAX - 1);
    struct taker *last = take(1);
    answer(RESERVE_OK, INT64_MAX);
    expect_got(last, "9223372036854775807-9223372036854775807");
    cr_expect_eq(sequence_remaining(hand.sequence), 0);
    struct taker *none = take(1);
    answer(RESERVE_LIMIT, INT64_MAX);
    expect_got(none, "sequence_exhausted");
}

Test(sequence_bound, a_range_over_the_wrap_of_a_cycle_comes_in_two_pieces)
{
    know("g1", "cache=1 max=10 cycle", 8);
    struct taker *range = take(5);
    answer(RESERVE_OK, 13);
    expect_got(range, "9-10 1-3");
}

Test(sequence_bound, a_contiguous_range_does_not_wrap_even_out_of_the_cache)
{
    know("g1", "max=10 cycle", 6);
    struct taker *gone = take(9);
    sequence_cancel(&gone->ticket);
    answer(RESERVE_OK, 15); /* 7-10 1-5 are held */
    struct taker *range = take_as(5, false, true);
    expect_got(range, "1-5");
    expect_counted(discarded, 4);
}

Test(sequence_bound, a_contiguous_range_asks_for_the_rest_of_the_lap_as_well)
{
    know("g1", "cache=1 max=10 cycle", 7);
    struct taker *range = take_as(10, false, true);
    expect_asked(13);
    answer(RESERVE_OK, 20);
    expect_got(range, "1-10");
}

Test(sequence_bound, a_contiguous_range_longer_than_a_lap_of_10_is_refused)
{
    know("g1", "cache=1 max=10 cycle", 0);
    struct taker *range = take_as(11, false, true);
    expect_got(range, "sequence_exhausted");
    expect_asked(-1);
}

Test(sequence_bound, a_range_over_999_laps_of_2_is_refused)
{
    know("g1", "cache=1 max=2 cycle", 0);
    struct taker *book = take(1998);
    expect_got(book, "invalid_parameter");
    struct taker *page = take(1996);
    answer(RESERVE_OK, 1996);
    cr_expect_eq(page->ticket.grant.span_count, 998);
}

Test(sequence_bound, ranges_of_a_cycle_over_a_whole_bigint_are_served)
{
    know("g1", "cache=10 cycle", 0);
    struct taker *range = take(2);
    answer(RESERVE_OK, 10);
    expect_got(range, "1-2");
    struct taker *held = take_as(3, false, true);
    expect_got(held, "3-5");
    know("g2", "cache=10 min=-9223372036854775808 cycle", 0);
    struct taker *widest = take(2);
    answer(RESERVE_OK, 10);
    expect_got(widest, "-9223372036854775808--9223372036854775807");
}

Test(sequence_bound, a_cycle_whose_counter_is_at_the_end_of_int64_is_exhausted)
{
    know("g1", "cache=10 max=10 cycle", INT64_MAX);
    struct taker *taker = take_as(2, false, true);
    answer(RESERVE_LIMIT, INT64_MAX);
    expect_got(taker, "sequence_exhausted");
}
