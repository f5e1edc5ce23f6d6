/* What a service asks of the operating system. */
#ifndef SERVICE_PROCESS_H
#define SERVICE_PROCESS_H

#include <stdint.h>

/* Before any thread: opens what is closed of descriptors 0 to 2, raises the limit of
 * open files to what is allowed, ignores SIGPIPE, writes no core (it would hold
 * passwords), and keeps SIGTERM and SIGINT for process_wait_for_stop(). */
void process_prepare(void);

/* Waits for SIGTERM or SIGINT; returns which. */
int process_wait_for_stop(void);

/* CPUs this process may run on. */
int64_t process_cpus(void);

#endif
