#include "service/connection.h"

#include "store/memory.h"

#include <linux/tcp.h>
#include <netinet/in.h>
#include <sys/socket.h>

struct connection *connections_add(struct connections *connections, int descriptor, bool is_unix,
                                   int64_t now_ns)
{
    struct connection *connection = must_calloc(1, sizeof *connection);
    connection->descriptor = descriptor;
    connection->is_unix = is_unix;
    connection->silent_ns = now_ns;
    connection->next = connections->first;
    if (connection->next)
        connection->next->previous = connection;
    connections->first = connection;
    connections->count++;
    return connection;
}

void connections_remove(struct connections *connections, struct connection *connection)
{
    if (connection->previous)
        connection->previous->next = connection->next;
    else
        connections->first = connection->next;
    if (connection->next)
        connection->next->previous = connection->previous;
    connections->count--;
    free(connection);
}

/* What the kernel took in for this connection: libmicrohttpd does not tell that a
 * client sent half a request line. A unix socket does not tell either. */
static uint64_t received(const struct connection *connection)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    if (connection->is_unix ||
        getsockopt(connection->descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0)
        return 0;
    return info.tcpi_bytes_received;
}

void connection_begin(struct connection *connection, void *request)
{
    connection->request = request;
}

void connection_end(struct connection *connection, int64_t now_ns)
{
    connection->request = NULL;
    connection->silent_ns = now_ns;
    connection->quiet_ns = 0;
}

static bool is_overdue(struct connection *connection, int64_t now_ns, int64_t idle_ns,
                       int64_t request_ns)
{
    if (connection->request)
        return false;
    if (now_ns - connection->silent_ns > idle_ns)
        return true;
    /* The first sweep after a request only notes where things stand. */
    uint64_t now_received = received(connection);
    if (connection->quiet_ns == 0 || now_received == connection->received) {
        connection->received = now_received;
        connection->quiet_ns = now_ns;
        return false;
    }
    return now_ns - connection->quiet_ns > request_ns;
}

void connections_sweep(struct connections *connections, int64_t now_ns, int64_t idle_ns,
                       int64_t request_ns)
{
    for (struct connection *connection = connections->first; connection;
         connection = connection->next)
        if (is_overdue(connection, now_ns, idle_ns, request_ns))
            shutdown(connection->descriptor, SHUT_RDWR);
}

size_t connections_end_idle(struct connections *connections)
{
    size_t busy = 0;
    for (struct connection *connection = connections->first; connection;
         connection = connection->next) {
        busy += connection->request != NULL;
        if (!connection->request)
            shutdown(connection->descriptor, SHUT_RDWR);
    }
    return busy;
}
