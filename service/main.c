/*
 * seqd: what is started, in the order in which things need each other, and stopped in
 * the reverse order.
 */
#include "service/config.h"
#include "service/embedded_redis.h"
#include "service/http_loop.h"
#include "service/listener.h"
#include "service/process.h"
#include "store/clock.h"
#include "store/log.h"
#include "store/memory.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define EXIT_BAD_CONFIG 2

struct service {
    struct config config;
    struct embedded_redis *redis; /* NULL: --redis */
    struct app app;
    struct listener listeners[CONFIG_LISTEN_MAX];
    size_t listener_count; /* open */
    struct http_loop **loops;
    _Atomic int64_t connections;
};

static bool open_listeners(struct service *service, char *why, size_t why_size)
{
    const struct config *config = &service->config;
    for (size_t i = 0; i < config->listen_count; i++) {
        if (!listener_open(&service->listeners[i], config->listen[i], service->app.worker_count,
                           why, why_size))
            return false;
        service->listener_count++;
    }
    return true;
}

/* Where the sequences live: the given Redis, or one of our own. */
static bool start_store(struct service *service, char *why, size_t why_size)
{
    const struct config *config = &service->config;
    if (!config->redis) {
        service->redis =
            embedded_redis_start(config->data_dir, EMBEDDED_REDIS_LOCK_WAIT_MS, why, why_size);
        if (!service->redis)
            return false;
    }
    service->app.store = store_start(
        &(struct store_options){
            .redis_url = config->redis ? config->redis : embedded_redis_url(service->redis),
            .key_prefix = config->key_prefix,
            .connect_timeout_ms = config->connect_timeout_ms,
            .redis_timeout_ms = config->redis_timeout_ms,
            .patience_ms = config->request_timeout_ms / 2,
            .default_cache = config->default_cache,
            .max_sessions = config->max_sessions,
            .session_timeout_ms = config->session_timeout_ms,
            .durability = config->durability,
            .witness_dir = config->data_dir,
            .owns_redis = service->redis != NULL,
            .node_address = service->listeners[0].address,
            .lease_ms = config->lease_ms,
            .node_timeout_ms = config->node_timeout_ms,
        },
        why, why_size);
    return service->app.store != NULL;
}

static void start_loops(struct service *service)
{
    struct app *app = &service->app;
    for (size_t i = 0; i < app->worker_count; i++) {
        service->loops[i] = http_loop_create(&(struct http_loop_options){
            .app = app,
            .listeners = service->listeners,
            .listener_count = service->listener_count,
            .index = i,
            .idle_timeout_ms = service->config.idle_timeout_ms,
            .max_connections = service->config.max_connections,
            .connections = &service->connections,
        });
        app->workers[i] = http_loop_worker(service->loops[i]);
    }
    for (size_t i = 0; i < app->worker_count; i++)
        http_loop_start(service->loops[i]);
    for (size_t i = 0; i < service->listener_count; i++)
        LOG(INFO, "listening", LOG_TEXT("address", service->listeners[i].address));
}

static void stop_loops(struct service *service)
{
    for (size_t i = 0; i < service->app.worker_count; i++)
        http_loop_stop(service->loops[i], service->config.stop_timeout_ms);
    for (size_t i = 0; i < service->app.worker_count; i++)
        http_loop_join(service->loops[i]);
}

static void set_up(struct service *service)
{
    struct app *app = &service->app;
    const struct config *config = &service->config;
    log_set_level(config->log_level);
    app->worker_count = (size_t)(config->threads ? config->threads : process_cpus());
    app->workers = must_calloc(app->worker_count, sizeof *app->workers);
    service->loops = must_calloc(app->worker_count, sizeof *service->loops);
    app->request_timeout_ns = config->request_timeout_ms * MS_NS;
    app->max_waiting = config->max_waiting;
    app->metrics_sequences = config->metrics_sequences;
}

static void tear_down(struct service *service)
{
    if (service->app.store)
        store_stop(service->app.store);
    for (size_t i = 0; i < service->app.worker_count; i++)
        if (service->loops[i])
            http_loop_destroy(service->loops[i]);
    embedded_redis_stop(service->redis);
    for (size_t i = 0; i < service->listener_count; i++)
        listener_close(&service->listeners[i]);
    free(service->loops);
    free(service->app.workers);
}

static int serve(struct service *service)
{
    char why[512] = "";
    set_up(service);
    store_thread_begin();
    bool started =
        open_listeners(service, why, sizeof why) && start_store(service, why, sizeof why);
    if (started) {
        start_loops(service);
        int signal = process_wait_for_stop();
        LOG(INFO, "stopping", LOG_NUMBER("signal", signal));
        stop_loops(service);
    } else {
        fprintf(stderr, "seqd: %s\n", why);
    }
    tear_down(service);
    store_thread_end();
    if (started)
        log_write(LOG_LEVEL_INFO, "stopped", NULL);
    return started ? EXIT_SUCCESS : EXIT_FAILURE;
}

int main(int argc, char *argv[])
{
    static struct service service;
    char error[768];
    process_prepare();
    json_set_alloc_funcs(must_malloc, free); /* it builds bodies without what it has no room for */
    json_object_seed(0);
    switch (config_load(&service.config, argc, argv, environ, stdout, error, sizeof error)) {
    case CONFIG_OK:
        return serve(&service);
    case CONFIG_DONE:
        return EXIT_SUCCESS;
    case CONFIG_BAD:
        break;
    }
    fprintf(stderr, "seqd: %s\n", error);
    return EXIT_BAD_CONFIG;
}
