/* Many connections at once: see crowd.h. */
#include "tests/integration/crowd.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <unistd.h>

enum { ANSWER_MS = 20000 };

void raise_file_limit(void)
{
    struct rlimit limit;
    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
    cr_assert_geq(limit.rlim_cur, 2500, "this test needs 2500 open files");
}

void crowd_open(struct crowd *crowd, const struct node *node, int count, const char *name)
{
    *crowd = (struct crowd){.count = count, .epoll = epoll_create1(EPOLL_CLOEXEC)};
    crowd->wires = calloc((size_t)count, sizeof *crowd->wires);
    crowd->pending = calloc((size_t)count, sizeof *crowd->pending);
    snprintf(crowd->request, sizeof crowd->request,
             "POST /v1/sequences/%s/nextval HTTP/1.1\r\nHost: localhost\r\nAccept: text/plain\r\n"
             "Content-Length: 0\r\n\r\n",
             name);
    for (int i = 0; i < count; i++) {
        struct epoll_event event = {.events = EPOLLIN, .data.u32 = (uint32_t)i};
        wire_open(&crowd->wires[i], node);
        cr_assert_eq(epoll_ctl(crowd->epoll, EPOLL_CTL_ADD, crowd->wires[i].fd, &event), 0);
    }
}

void crowd_close(struct crowd *crowd)
{
    for (int i = 0; i < crowd->count; i++) {
        wire_close(&crowd->wires[i]);
    }
    close(crowd->epoll);
    free(crowd->wires);
    free(crowd->pending);
    free(crowd->values);
}

void crowd_forget(struct crowd *crowd)
{
    crowd->value_count = 0;
}

static void send_on(struct crowd *crowd, int i)
{
    cr_assert(wire_send_text(&crowd->wires[i], crowd->request), "connection %d is closed", i);
    crowd->pending[i] = 1;
}

static void keep_value(struct crowd *crowd, int64_t value)
{
    if (crowd->value_count == crowd->value_room) {
        crowd->value_room = crowd->value_room == 0 ? 4096 : crowd->value_room * 2;
        crowd->values = realloc(crowd->values, crowd->value_room * sizeof *crowd->values);
    }
    crowd->values[crowd->value_count++] = value;
}

/* One look at a connection: true when its reply came. */
static bool read_on(struct crowd *crowd, int i)
{
    struct wire_reply reply;
    const enum wire_result result = wire_poll(&crowd->wires[i], &reply);
    cr_assert_neq(result, WIRE_CLOSED, "connection %d of %d was closed", i, crowd->count);
    if (result == WIRE_LATE) {
        return false;
    }
    cr_assert_eq(reply.status, 200, "connection %d: %d %.*s", i, reply.status,
                 (int)reply.body_length, reply.body);
    cr_assert_eq(crowd->pending[i], 1, "connection %d was answered twice", i);
    crowd->pending[i] = 0;
    keep_value(crowd, strtoll(reply.body, NULL, 10));
    return true;
}

static int wait_ready(const struct crowd *crowd, struct epoll_event events[256], int64_t until,
                      const char *what)
{
    cr_assert(now_ms() < until, "%s: late, %zu values of %d connections came", what,
              crowd->value_count, crowd->count);
    return epoll_wait(crowd->epoll, events, 256, 100);
}

void crowd_round(struct crowd *crowd, const struct node *stopped, int ms)
{
    const int64_t until = now_ms() + ms;
    struct epoll_event events[256];
    if (stopped != NULL) {
        node_pause(stopped);
    }
    for (int i = 0; i < crowd->count; i++) {
        send_on(crowd, i);
    }
    if (stopped != NULL) {
        node_continue(stopped);
    }
    for (int answered = 0; answered < crowd->count;) {
        const int ready = wait_ready(crowd, events, until, "a round");
        for (int i = 0; i < ready; i++) {
            answered += read_on(crowd, (int)events[i].data.u32);
        }
    }
}

void crowd_loop(struct crowd *crowd, size_t total, int ms)
{
    const int64_t until = now_ms() + ms;
    struct epoll_event events[256];
    size_t sent = 0, answered = 0;
    for (int i = 0; i < crowd->count && sent < total; i++, sent++) {
        send_on(crowd, i);
    }
    while (answered < sent) {
        const int ready = wait_ready(crowd, events, until + ANSWER_MS, "a loop");
        const bool more = now_ms() < until;
        for (int i = 0; i < ready; i++) {
            if (read_on(crowd, (int)events[i].data.u32)) {
                answered++;
                if (more && sent < total) {
                    send_on(crowd, (int)events[i].data.u32);
                    sent++;
                }
            }
        }
    }
}

static int by_value(const void *left, const void *right)
{
    const int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return a < b ? -1 : a > b;
}

void crowd_assert_consecutive(struct crowd *crowd, int64_t first)
{
    qsort(crowd->values, crowd->value_count, sizeof *crowd->values, by_value);
    for (size_t i = 0; i < crowd->value_count; i++) {
        cr_assert_eq(crowd->values[i], first + (int64_t)i, "%d connections: %lld where %lld is due",
                     crowd->count, (long long)crowd->values[i], (long long)first + (long long)i);
    }
}
