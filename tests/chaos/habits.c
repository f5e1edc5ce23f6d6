/* What clients ask for: see habits.h. */
#include "tests/chaos/habits.h"

const struct habit habit_steady = {
    .sequences = {"wide"}, .range_percent = 20, .range_most = 80, .pause_us = 500};
const struct habit habit_mixed = {
    .sequences = {"up", "down"}, .range_percent = 20, .range_most = 4, .pause_us = 8000};
const struct habit habit_thin = {.sequences = {"thin"}, .pause_us = 50000};
const struct habit habit_session = {.sequences = {"set"},
                                    .currval_percent = 30,
                                    .setval_percent = 2,
                                    .pause_us = 10000,
                                    .session = true};
const struct habit habit_crowd = {.sequences = {"wide"}, .pause_us = 200000};

/* The more a node holds, the longer it goes on without Redis. */
const char *const sequence_bodies[] = {
    "{\"name\": \"wide\", \"cache\": 50000, \"if_not_exists\": true}",
    "{\"name\": \"up\", \"cache\": 1000, \"if_not_exists\": true}",
    "{\"name\": \"down\", \"cache\": 200, \"increment\": -7, \"start\": -3, "
    "\"if_not_exists\": true}",
    "{\"name\": \"thin\", \"cache\": 1, \"increment\": 3, \"if_not_exists\": true}",
    "{\"name\": \"set\", \"cache\": 10, \"if_not_exists\": true}",
    0,
};
const char *const sequence_names[] = {"wide", "up", "down", "thin", "set", 0};
