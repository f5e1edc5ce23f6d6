/*
 * Deferred freeing, by liburcu: what a reader may still hold inside
 * rcu_read_lock()/rcu_read_unlock() is freed after every such section that could
 * have seen it has ended. Every thread that reads registers itself
 * (rcu_register_thread) first.
 *
 * liburcu's library is not instrumented, so ThreadSanitizer cannot see that a grace
 * period orders the readers, and who called reclaim(), before the free; nor that the
 * hash table publishes what was written before the insertion to whoever finds the node.
 * The annotations say just that, and nothing else.
 */
#ifndef STORE_RECLAIM_H
#define STORE_RECLAIM_H

#include <urcu.h>

#ifdef __SANITIZE_THREAD__
#define SEES_THREADS 1
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define SEES_THREADS 1
#endif
#endif

#ifdef SEES_THREADS
void __tsan_acquire(void *address);
void __tsan_release(void *address);
extern char reclaim_grace, reclaim_table;
#define RECLAIM_ACQUIRE(tag) __tsan_acquire(&(tag))
#define RECLAIM_RELEASE(tag) __tsan_release(&(tag))
#else
#define RECLAIM_ACQUIRE(tag) ((void)0)
#define RECLAIM_RELEASE(tag) ((void)0)
#endif

static inline void reader_enter(void)
{
    rcu_read_lock();
}

static inline void reader_leave(void)
{
    RECLAIM_RELEASE(reclaim_grace);
    rcu_read_unlock();
}

/* Calls `free_it` once no reader can hold it any more. */
static inline void reclaim(struct rcu_head *head, void (*free_it)(struct rcu_head *head))
{
    RECLAIM_RELEASE(reclaim_grace);
    call_rcu(head, free_it);
}

#endif
