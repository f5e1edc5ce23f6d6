/* Child processes of Criterion's tests: see process.h. */
#include "tests/integration/process.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

void random_name(char name[RANDOM_NAME_SIZE])
{
    unsigned char bytes[12];
    cr_assert_eq(getrandom(bytes, sizeof bytes, 0), (ssize_t)sizeof bytes);
    memcpy(name, "t_", 2);
    for (size_t i = 0; i < sizeof bytes; i++) {
        name[2 + i] = (char)('a' + bytes[i] % 26);
    }
    name[2 + sizeof bytes] = '\0';
}

/* The caller's SEQD_... would change what is tested. */
static void clear_environment(const char *add)
{
    for (size_t i = 0; environ[i] != NULL;) {
        char name[128];
        const size_t length = strcspn(environ[i], "=");
        if (strncmp(environ[i], "SEQD_", 5) == 0 && length < sizeof name) {
            memcpy(name, environ[i], length);
            name[length] = '\0';
            unsetenv(name);
        } else {
            i++;
        }
    }
    if (add != NULL) {
        putenv((char *)(uintptr_t)add);
    }
}

static _Noreturn void become(char *const arguments[], const char *log, const char *environment)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    const int in = open("/dev/null", O_RDONLY);
    const int out = open(log, O_WRONLY | O_CREAT | O_APPEND, 0600);
    dup2(in, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(out, STDERR_FILENO);
    close_range(3, ~0U, 0);
    clear_environment(environment);
    execvp(arguments[0], arguments);
    dprintf(STDERR_FILENO, "cannot run %s: %s\n", arguments[0], strerror(errno));
    _exit(127);
}

pid_t process_spawn(char *const arguments[], const char *log, const char *environment)
{
    const pid_t parent = getpid();
    const pid_t pid = fork();
    cr_assert_geq(pid, 0, "fork: %s", strerror(errno));
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent) {
            _exit(127);
        }
        become(arguments, log, environment);
    }
    return pid;
}

size_t arguments_append(char *arguments[ARGUMENTS_MAX], size_t count, const char *const *more)
{
    for (size_t i = 0; more != NULL && more[i] != NULL; i++) {
        cr_assert_lt(count + 1, (size_t)ARGUMENTS_MAX);
        arguments[count++] = (char *)(uintptr_t)more[i];
    }
    arguments[count] = NULL;
    return count;
}

void process_kill(pid_t *pid)
{
    if (*pid != 0) {
        kill(*pid, SIGKILL);
        waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

bool process_gone(pid_t pid)
{
    char path[64], state = 'Z';
    snprintf(path, sizeof path, "/proc/%d/stat", (int)pid);
    FILE *file = fopen(path, "r");
    if (file == NULL) {
        return true;
    }
    const int found = fscanf(file, "%*d (%*[^)]) %c", &state);
    fclose(file);
    return found != 1 || state == 'Z' || state == 'X';
}

char *file_text(const char *path)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = fopen(path, "r");
    if (file == NULL || getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    if (file != NULL) {
        fclose(file);
    }
    return text;
}
