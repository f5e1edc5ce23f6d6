/* Stacks that take turns: see fibers.h. */
#include "tests/chaos/fibers.h"

#include "tests/process/process.h"

#include <stdbool.h>
#include <stdlib.h>
#include <ucontext.h>

enum { STACK_SIZE = 1 << 20 };

struct fiber {
    struct fiber_task task;
    ucontext_t context;
    void *stack;
    int64_t due_ms;
    bool ended;
};

static struct fiber fibers[FIBERS_MAX];
static struct fiber *current; /* NULL: the scheduler, or there is none */
static ucontext_t scheduler;

static void begin(void)
{
    struct fiber *self = current;
    self->task.run(self->task.closure);
    self->ended = true;
}

void fiber_pause_ms(int64_t ms)
{
    struct fiber *self = current;
    if (self == NULL) {
        pause_ms(ms);
        return;
    }
    self->due_ms = now_ms() + ms;
    swapcontext(&self->context, &scheduler);
}

/* The one whose turn comes first; NULL when all have ended. */
static struct fiber *next(size_t count)
{
    struct fiber *first = NULL;
    for (size_t i = 0; i < count; i++)
        if (!fibers[i].ended && (first == NULL || fibers[i].due_ms < first->due_ms))
            first = &fibers[i];
    return first;
}

void fibers_run(const struct fiber_task *tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct fiber *fiber = &fibers[i];
        *fiber = (struct fiber){.task = tasks[i], .stack = malloc(STACK_SIZE)};
        getcontext(&fiber->context);
        fiber->context.uc_stack.ss_sp = fiber->stack;
        fiber->context.uc_stack.ss_size = STACK_SIZE;
        fiber->context.uc_link = &scheduler;
        makecontext(&fiber->context, begin, 0);
    }
    while ((current = next(count)) != NULL) {
        const int64_t wait_ms = current->due_ms - now_ms();
        if (wait_ms > 0)
            pause_ms(wait_ms);
        swapcontext(&scheduler, &current->context);
    }
    for (size_t i = 0; i < count; i++)
        free(fibers[i].stack);
}
