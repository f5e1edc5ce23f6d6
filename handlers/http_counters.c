#include "handlers/http_counters.h"

const int http_statuses[STATUS_SLOTS] = {0,   200, 201, 204, 400, 404, 405, 406, 409,
                                         413, 415, 422, 503, 504, 500, 304, 301};

size_t status_slot(int status)
{
    for (size_t i = 1; i < STATUS_SLOTS; i++)
        if (http_statuses[i] == status)
            return i;
    return 0;
}
