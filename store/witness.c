#include "store/witness.h"

#include "store/decimal.h"
#include "store/log.h"
#include "store/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/file.h>
#include <unistd.h>
#include <uthash.h>

struct testimony {
    char generation[ID_SIZE];
    int64_t ordinal, ceiling;
    UT_hash_handle hh;
};

struct witness {
    pthread_mutex_t lock;
    struct testimony *known; /* in the order of their last lines */
    FILE *file;
    int lock_file;
    bool failed; /* the last write; said once */
};

static const struct testimony *remember(struct witness *witness, const char *generation,
                                        int64_t ordinal, int64_t ceiling)
{
    struct testimony *testimony;
    HASH_FIND_STR(witness->known, generation, testimony);
    if (testimony)
        HASH_DEL(witness->known, testimony); /* it becomes the newest */
    else
        testimony = must_calloc(1, sizeof *testimony);
    snprintf(testimony->generation, ID_SIZE, "%s", generation);
    testimony->ordinal = ordinal;
    testimony->ceiling = ceiling;
    HASH_ADD_STR(witness->known, generation, testimony);
    if (HASH_COUNT(witness->known) > WITNESS_MAX) {
        struct testimony *oldest = witness->known;
        HASH_DEL(witness->known, oldest);
        free(oldest);
    }
    return testimony;
}

/* False: not a whole line, or none of ours. */
static bool parse_line(const char *line, char generation[ID_SIZE], int64_t *ordinal,
                       int64_t *ceiling)
{
    const char *first = strchr(line, ' '), *second = first ? strchr(first + 1, ' ') : NULL;
    const char *end = second ? strchr(second, '\n') : NULL;
    if (!end || first - line != ID_SIZE - 1)
        return false;
    memcpy(generation, line, ID_SIZE - 1);
    generation[ID_SIZE - 1] = '\0';
    return decimal_parse(first + 1, (size_t)(second - first - 1), ordinal) == DECIMAL_OK &&
           decimal_parse(second + 1, (size_t)(end - second - 1), ceiling) == DECIMAL_OK &&
           *ordinal >= 0 && *ceiling >= *ordinal;
}

static void read_lines(struct witness *witness, FILE *file)
{
    char line[128], generation[ID_SIZE];
    int64_t ordinal, ceiling;
    while (fgets(line, sizeof line, file))
        if (parse_line(line, generation, &ordinal, &ceiling))
            remember(witness, generation, ordinal, ceiling);
}

static void write_line(FILE *file, const struct testimony *testimony)
{
    fprintf(file, "%s %" PRId64 " %" PRId64 "\n", testimony->generation, testimony->ordinal,
            testimony->ceiling);
}

static bool flush(FILE *file)
{
    return fflush(file) == 0 && !ferror(file) && fdatasync(fileno(file)) == 0;
}

/* Beside it, then in its place: whenever this ends, one of the two is whole. */
static bool rewrite(struct witness *witness, int directory)
{
    int file = openat(directory, "ceilings.new", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    witness->file = file < 0 ? NULL : fdopen(file, "w");
    if (!witness->file)
        return false;
    for (struct testimony *one = witness->known; one; one = one->hh.next)
        write_line(witness->file, one);
    return flush(witness->file) &&
           renameat(directory, "ceilings.new", directory, "ceilings") == 0 && fsync(directory) == 0;
}

static bool take_lock(struct witness *witness, int directory)
{
    witness->lock_file = openat(directory, "ceilings.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    return witness->lock_file >= 0 && flock(witness->lock_file, LOCK_EX | LOCK_NB) == 0;
}

static bool open_in(struct witness *witness, int directory)
{
    if (!take_lock(witness, directory))
        return false;
    int old = openat(directory, "ceilings", O_RDONLY | O_CLOEXEC);
    FILE *file = old < 0 ? NULL : fdopen(old, "r");
    if (file) {
        read_lines(witness, file);
        fclose(file);
    } else if (errno != ENOENT) {
        return false;
    }
    return rewrite(witness, directory);
}

struct witness *witness_open(const char *directory, char *why, size_t why_size)
{
    struct witness *witness = must_calloc(1, sizeof *witness);
    int descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    pthread_mutex_init(&witness->lock, NULL);
    witness->lock_file = -1;
    bool opened = descriptor >= 0 && open_in(witness, descriptor);
    if (!opened)
        snprintf(why, why_size, "%s",
                 errno == EWOULDBLOCK ? "another seqd uses it" : strerrordesc_np(errno));
    if (descriptor >= 0)
        close(descriptor);
    if (opened)
        return witness;
    witness_close(witness);
    return NULL;
}

void witness_close(struct witness *witness)
{
    struct testimony *one, *next;
    if (!witness)
        return;
    HASH_ITER(hh, witness->known, one, next)
    {
        /* NOLINTNEXTLINE(clang-analyzer-unix.Malloc): it loses track of uthash's list */
        HASH_DEL(witness->known, one);
        free(one);
    }
    if (witness->file)
        fclose(witness->file);
    if (witness->lock_file >= 0)
        close(witness->lock_file);
    pthread_mutex_destroy(&witness->lock);
    free(witness);
}

void witness_note(struct witness *witness, const char *generation, int64_t ordinal, int64_t ceiling)
{
    if (!witness)
        return;
    struct testimony *known;
    pthread_mutex_lock(&witness->lock);
    HASH_FIND_STR(witness->known, generation, known);
    if (known && known->ordinal > ordinal)
        ordinal = known->ordinal;
    if (known && known->ceiling > ceiling)
        ceiling = known->ceiling;
    write_line(witness->file, remember(witness, generation, ordinal, ceiling));
    pthread_mutex_unlock(&witness->lock);
}

/* The lock is not held while the disk is waited for: lanes note what they hear. */
bool witness_sync(struct witness *witness)
{
    if (!witness)
        return true;
    pthread_mutex_lock(&witness->lock);
    bool written = fflush(witness->file) == 0 && !ferror(witness->file);
    pthread_mutex_unlock(&witness->lock);
    written = written && fdatasync(fileno(witness->file)) == 0;
    int reason = errno;
    pthread_mutex_lock(&witness->lock);
    bool changed = witness->failed == written;
    witness->failed = !written;
    if (!written)
        clearerr(witness->file);
    pthread_mutex_unlock(&witness->lock);
    if (changed && !written)
        LOG(WARN, "witness_failed", LOG_TEXT("why", strerrordesc_np(reason)));
    return written;
}

bool witness_find(struct witness *witness, const char *generation, int64_t *ordinal,
                  int64_t *ceiling)
{
    struct testimony *testimony = NULL;
    if (!witness)
        return false;
    pthread_mutex_lock(&witness->lock);
    HASH_FIND_STR(witness->known, generation, testimony);
    if (testimony) {
        *ordinal = testimony->ordinal;
        *ceiling = testimony->ceiling;
    }
    pthread_mutex_unlock(&witness->lock);
    return testimony != NULL;
}

void witness_relent(struct witness *witness, bool ceilings)
{
    if (!witness)
        return;
    pthread_mutex_lock(&witness->lock);
    for (struct testimony *one = witness->known; one; one = one->hh.next) {
        one->ordinal = 0;
        one->ceiling = ceilings ? 0 : one->ceiling;
        write_line(witness->file, one);
    }
    pthread_mutex_unlock(&witness->lock);
    witness_sync(witness);
}
