/* When a bell rings: at once, or once at the end for a thread that holds back. */
#include "store/bell.h"

#include <criterion/criterion.h>
#include <poll.h>

TestSuite(bell);

static bool rings(const struct bell *bell)
{
    struct pollfd descriptor = {.fd = bell->descriptor, .events = POLLIN};
    return poll(&descriptor, 1, 0) == 1;
}

Test(bell, it_rings_at_once_until_it_is_heard)
{
    struct bell bell;
    bell_init(&bell);
    cr_expect_not(rings(&bell));
    bell_ring(&bell);
    bell_ring(&bell);
    cr_expect(rings(&bell));
    bell_heard(&bell);
    cr_expect_not(rings(&bell), "2 rings are heard at once");
    bell_deinit(&bell);
}

Test(bell, a_thread_that_holds_back_rings_when_it_lets_go_and_only_if_it_wanted_to)
{
    struct bell bell;
    bell_init(&bell);
    bell_hold();
    bell_ring(&bell);
    cr_expect_not(rings(&bell));
    bell_let_go();
    cr_expect(rings(&bell));
    bell_heard(&bell);
    bell_hold();
    bell_let_go();
    cr_expect_not(rings(&bell));
    bell_deinit(&bell);
}

Test(bell, of_2_bells_held_back_both_ring)
{
    struct bell first, second;
    bell_init(&first);
    bell_init(&second);
    bell_hold();
    bell_ring(&first);
    bell_ring(&second);
    bell_let_go();
    cr_expect(rings(&first));
    cr_expect(rings(&second));
    bell_deinit(&first);
    bell_deinit(&second);
}
