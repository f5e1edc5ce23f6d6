#include "store/session.h"

#include "store/clock.h"
#include "store/memory.h"

#include <pthread.h>
#include <uthash.h>

struct entry {
    char oid[ID_SIZE]; /* key */
    struct session_value value;
    UT_hash_handle hh;
};

struct session {
    char name[SESSION_NAME_MAX + 1]; /* key */
    struct entry *entries;           /* in the order of their last use */
    char last_oid[ID_SIZE];          /* of nextval, or "" */
    int64_t used_ns;
    UT_hash_handle hh;
};

struct sessions {
    pthread_mutex_t lock;
    struct session *table; /* in the order of their last use: uthash keeps it */
    int64_t max, idle_timeout_ns;
};

struct sessions *sessions_create(int64_t max_sessions, int64_t idle_timeout_ms)
{
    struct sessions *sessions = must_calloc(1, sizeof *sessions);
    pthread_mutex_init(&sessions->lock, NULL);
    sessions->max = max_sessions;
    sessions->idle_timeout_ns = idle_timeout_ms * MS_NS;
    return sessions;
}

static void forget_entry(struct session *session, struct entry *entry)
{
    HASH_DEL(session->entries, entry);
    free(entry);
}

static void end_session(struct sessions *sessions, struct session *session)
{
    while (session->entries)
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it loses track of uthash's list */
        forget_entry(session, session->entries);
    HASH_DEL(sessions->table, session);
    free(session);
}

void sessions_destroy(struct sessions *sessions)
{
    while (sessions->table)
        end_session(sessions, sessions->table);
    pthread_mutex_destroy(&sessions->lock);
    free(sessions);
}

bool session_name_is_valid(const char *session)
{
    static const char allowed[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";
    size_t length = strspn(session, allowed);
    return length >= 1 && length <= SESSION_NAME_MAX && session[length] == '\0';
}

/* Ends the idle ones: they are the first of the table. */
static void expire(struct sessions *sessions, int64_t now_ns)
{
    while (sessions->table && now_ns - sessions->table->used_ns > sessions->idle_timeout_ns)
        end_session(sessions, sessions->table);
}

/* Under the lock; moved to the end of the table. NULL when there is none. */
static struct session *find(struct sessions *sessions, const char *name, int64_t now_ns)
{
    struct session *session;
    expire(sessions, now_ns);
    HASH_FIND_STR(sessions->table, name, session);
    if (session) {
        HASH_DEL(sessions->table, session);
        HASH_ADD_STR(sessions->table, name, session);
        session->used_ns = now_ns;
    }
    return session;
}

static struct session *find_or_begin(struct sessions *sessions, const char *name)
{
    int64_t now_ns = clock_ns();
    struct session *session = find(sessions, name, now_ns);
    if (session)
        return session;
    if ((int64_t)HASH_COUNT(sessions->table) >= sessions->max)
        end_session(sessions, sessions->table);
    session = must_calloc(1, sizeof *session);
    memcpy(session->name, name, strlen(name) + 1);
    session->used_ns = now_ns;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it loses track of uthash's list */
    HASH_ADD_STR(sessions->table, name, session);
    return session;
}

static void note(struct sessions *sessions, const char *name, const struct session_value *value,
                 bool is_last)
{
    struct entry *entry;
    pthread_mutex_lock(&sessions->lock);
    struct session *session = find_or_begin(sessions, name);
    HASH_FIND_STR(session->entries, value->identity.oid, entry);
    if (entry) {
        HASH_DEL(session->entries, entry);
    } else {
        if (HASH_COUNT(session->entries) >= SESSION_SEQUENCES_MAX)
            forget_entry(session, session->entries);
        entry = must_calloc(1, sizeof *entry);
        memcpy(entry->oid, value->identity.oid, ID_SIZE);
    }
    entry->value = *value;
    /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): as above */
    HASH_ADD_STR(session->entries, oid, entry);
    if (is_last)
        memcpy(session->last_oid, entry->oid, ID_SIZE);
    pthread_mutex_unlock(&sessions->lock);
}

void session_note_nextval(struct sessions *sessions, const char *session,
                          const struct session_value *value)
{
    note(sessions, session, value, true);
}

void session_note_setval(struct sessions *sessions, const char *session,
                         const struct session_value *value)
{
    note(sessions, session, value, false);
}

static bool look_up(struct sessions *sessions, const char *name, const char *oid,
                    struct session_value *value)
{
    struct entry *entry = NULL;
    pthread_mutex_lock(&sessions->lock);
    struct session *session = find(sessions, name, clock_ns());
    if (session) {
        const char *key = oid ? oid : session->last_oid;
        HASH_FIND_STR(session->entries, key, entry);
    }
    if (entry)
        *value = entry->value;
    pthread_mutex_unlock(&sessions->lock);
    return entry != NULL;
}

bool session_currval(struct sessions *sessions, const char *session, const char *oid,
                     struct session_value *value)
{
    return look_up(sessions, session, oid, value);
}

bool session_lastval(struct sessions *sessions, const char *session, struct session_value *value)
{
    return look_up(sessions, session, NULL, value);
}

void sessions_end(struct sessions *sessions, const char *name)
{
    pthread_mutex_lock(&sessions->lock);
    struct session *session = find(sessions, name, clock_ns());
    if (session)
        end_session(sessions, session);
    pthread_mutex_unlock(&sessions->lock);
}
