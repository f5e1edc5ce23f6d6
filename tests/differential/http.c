/* HTTP to one seqd: see http.h. */
#include "tests/differential/http.h"

#include "tests/differential/text.h"
#include "tests/process/process.h"

#include <curl/curl.h>
#include <stdlib.h>

enum { CALL_MS = 60000 };

struct http {
    CURL *curl;
    struct text body;
    json_t *json;
};

static size_t take_body(char *data, size_t size, size_t count, void *closure)
{
    text_add_bytes(closure, data, size * count);
    return size * count;
}

struct http *http_open(const char *socket)
{
    struct http *http = calloc(1, sizeof *http);
    http->curl = curl_easy_init();
    if (http->curl == NULL) {
        die("libcurl does not start");
    }
    curl_easy_setopt(http->curl, CURLOPT_UNIX_SOCKET_PATH, socket);
    curl_easy_setopt(http->curl, CURLOPT_TIMEOUT_MS, (long)CALL_MS);
    curl_easy_setopt(http->curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(http->curl, CURLOPT_PROXY, "");
    curl_easy_setopt(http->curl, CURLOPT_WRITEFUNCTION, take_body);
    curl_easy_setopt(http->curl, CURLOPT_WRITEDATA, &http->body);
    return http;
}

void http_close(struct http *http)
{
    curl_easy_cleanup(http->curl);
    text_free(&http->body);
    json_decref(http->json);
    free(http);
}

static struct curl_slist *add_header(struct curl_slist *list, const char *name, const char *value)
{
    struct text line = {0};
    text_add(&line, value == NULL ? "%s:" : "%s: %s", name, value);
    list = curl_slist_append(list, text_of(&line));
    text_free(&line);
    return list;
}

struct http_reply http_call(struct http *http, const struct http_request *request)
{
    CURL *curl = http->curl;
    struct text url = {0};
    long status = 0;
    struct curl_slist *headers = add_header(NULL, "Content-Type", request->type);
    headers = add_header(headers, "Seq-Session", request->session);
    headers = add_header(headers, "Expect", NULL);
    text_add(&url, "http://localhost%s", request->path);
    text_clear(&http->body);
    curl_easy_setopt(curl, CURLOPT_URL, text_of(&url));
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
    if (request->body != NULL || request->method[0] == 'P') {
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request->body == NULL ? "" : request->body);
    }
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request->method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
    const CURLcode result = curl_easy_perform(curl);
    curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
    curl_slist_free_all(headers);
    text_free(&url);
    json_decref(http->json);
    http->json =
        result == CURLE_OK ? json_loads(text_of(&http->body), JSON_REJECT_DUPLICATES, NULL) : NULL;
    return (struct http_reply){
        .status = result == CURLE_OK ? (int)status : 0,
        .json = http->json,
        .text = result == CURLE_OK ? text_of(&http->body) : curl_easy_strerror(result),
    };
}
