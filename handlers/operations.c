#include "handlers/handlers.h"
#include "handlers/reply.h"
#include "openapi/assets.h"

/* It answers, so it lives. */
void handle_livez(struct request *request)
{
    reply_json(request, 200, json_pack("{s:s}", "status", "ok"), NULL, NULL);
}

void handle_readyz(struct request *request)
{
    char why[200], durability[96];
    struct store *store = request->worker->app->store;
    store_durability(store, durability, sizeof durability);
    if (store_is_ready(store, why, sizeof why))
        reply_json(request, 200,
                   json_pack("{s:s, s:s}", "status", "ready", "durability", durability), NULL,
                   NULL);
    else
        reply_error(request, ERROR_STORE_UNAVAILABLE, "not ready: %s", why);
}

/* The document, and the page that shows it. */
void handle_asset(struct request *request)
{
    static const struct header page[] = {
        {"Content-Security-Policy",
         "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"},
        {MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache"},
        {NULL, NULL},
    };
    request->target[request->path_length] = '\0';
    const struct asset *asset = asset_find(request->target);
    if (!asset) {
        reply_error(request, ERROR_NOT_FOUND, "there is nothing at %.200s", request->target);
        return;
    }
    reply_send(request, &(struct reply){
                            .status = 200,
                            .content_type = asset->content_type,
                            .body = asset->data,
                            .size = asset->size,
                            .memory = BODY_STATIC,
                            .headers = page,
                        });
}
