/* Fences and the lease: what is held, and what is on its way; reservations answered by hand. */
#include "tests/store/hand_lane.h"

#include "store/lease.h"

TestSuite(sequence_fence, .init = hand_setup, .fini = hand_teardown, .timeout = 30);

static struct lease lease;

static void lease_for_s(int64_t seconds)
{
    hand.environment.lease = &lease;
    atomic_store(&lease.end_ns, lease_clock_ns() + seconds * 1000000000);
}

Test(sequence_fence, what_is_held_of_another_generation_goes_without_asking_redis)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_fence(hand.sequence, "g2");
    expect_counted(discarded, 9);
    cr_expect_null(atomic_load(&hand.sequence->published));
    expect_asked(-1);
    struct taker *taker = take(1);
    expect_got(taker, "waits");
    answer_changed("g2", "cache=10", 500);
    answer(RESERVE_OK, 510);
    expect_got(taker, "501-501");
}

Test(sequence_fence, what_was_reserved_before_and_is_read_after_it_is_not_handed_out)
{
    know("g1", "cache=10", 0);
    struct taker *taker = take(1);
    sequence_fence(hand.sequence, "g2");
    answer(RESERVE_OK, 10);
    expect_got(taker, "waits");
    expect_counted(discarded, 10);
    expect_asked(10);
    answer_changed("g2", "cache=10", 500);
    answer(RESERVE_OK, 510);
    expect_got(taker, "501-501");
}

Test(sequence_fence, what_is_asked_for_after_it_is_handed_out_in_the_same_generation)
{
    know("g3", "cache=10", 0);
    struct taker *taker = take(1);
    sequence_fence(hand.sequence, "g2"); /* word that came late */
    answer(RESERVE_OK, 10);
    answer(RESERVE_OK, 20);
    expect_got(taker, "11-11");
}

Test(sequence_fence, of_the_generation_that_is_held_it_drops_nothing)
{
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    sequence_fence(hand.sequence, "g1");
    struct taker *taker = take(1);
    expect_got(taker, "2-2");
}

Test(sequence_fence, with_a_lease_that_ended_nothing_is_taken_from_memory)
{
    lease_for_s(60);
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    lease_for_s(-1);
    struct taker *taker = take(1);
    expect_got(taker, "waits");
    expect_asked(0);
    answer(RESERVE_OK, 10);
    expect_got(taker, "store_unavailable");
}

Test(sequence_fence, with_a_lease_that_ended_nothing_new_is_handed_out_either)
{
    lease_for_s(60);
    know("g1", "cache=10", 0);
    struct taker *taker = take(1);
    lease_for_s(-1);
    answer(RESERVE_OK, 10);
    expect_got(taker, "store_unavailable");
    cr_expect_null(atomic_load(&hand.sequence->published));
    expect_asked(-1);
}

Test(sequence_fence, a_lease_taken_anew_begins_with_nothing)
{
    lease_for_s(60);
    know("g1", "cache=10", 0);
    take(1);
    answer(RESERVE_OK, 10);
    lease_for_s(-1);
    sequence_fence(hand.sequence, ""); /* as the roster does before it takes a new one */
    lease_for_s(60);
    struct taker *taker = take(1);
    expect_got(taker, "waits");
    answer(RESERVE_OK, 20);
    expect_got(taker, "11-11");
}
