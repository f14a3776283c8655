/* SPDX-License-Identifier: MIT */
#include "cli/line.h"

#include <errno.h>
#include <fcntl.h>
#include <histedit.h>
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "vm/base/alloc.h"

#define COLUMNS 78 /* of a list of candidates */

struct cli_input {
    const int *stop_fd;
    cli_complete complete;
    void *ctx;
    const char *prompt;
    enum cli_line why; /* what ended the wait for a key */
    EditLine *editor;  /* NULL: no terminal */
    History *history;
    char *history_path; /* NULL: none is kept */
    locale_t locale;
    struct akt_buf ahead; /* read from the pipe, not taken yet */
    bool at_end;
};

/* ---- waiting ---- */

static volatile sig_atomic_t interrupted, resumed;

static void on_signal(int number)
{
    if (number == SIGINT)
        interrupted = 1;
    else
        resumed = 1;
}

void cli_hold_interrupts(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigset_t set;
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGCONT, &action, NULL);
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGCONT);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
}

int cli_wait(struct pollfd *fds, nfds_t n, int timeout_ms)
{
    struct timespec t = {timeout_ms / 1000, timeout_ms % 1000 * 1000000L};
    const struct timespec now = {0, 0};
    sigset_t set;
    pthread_sigmask(SIG_BLOCK, NULL, &set);
    sigdelset(&set, SIGINT);
    sigdelset(&set, SIGCONT);
    for (;;) {
        /* a signal that came before the keys goes first; where there are
         * keys, the wait for them would not take it */
        int got = ppoll(NULL, 0, &now, &set);
        if (got == 0)
            got = ppoll(fds, n, timeout_ms < 0 ? NULL : &t, &set);
        if (got >= 0 || errno != EINTR)
            return got;
        if (interrupted) {
            interrupted = 0;
            errno = EINTR;
            return -1;
        }
        if (resumed) /* its flag is for who shows the prompt */
            return 0;
    }
}

/* After Ctrl-Z and fg the terminal is as the shell has left it. */
static void show_again(struct cli_input *in)
{
    resumed = 0;
    if (!in->editor)
        return;
    el_set(in->editor, EL_PREP_TERM, 0); /* it believes to be in raw mode */
    el_set(in->editor, EL_PREP_TERM, 1);
    el_set(in->editor, EL_REFRESH);
}

/* True: stdin can be read; else in->why says why not. */
static bool wait_input(struct cli_input *in)
{
    struct pollfd fds[] = {{STDIN_FILENO, POLLIN, 0},
                           {*in->stop_fd, POLLIN, 0}};
    in->why = CLI_LINE_OK;
    int got;
    while ((got = cli_wait(fds, 2, -1)) == 0)
        show_again(in);
    if (got < 0)
        in->why = CLI_LINE_INTERRUPT;
    else if (fds[1].revents)
        in->why = CLI_LINE_STOP;
    return in->why == CLI_LINE_OK;
}

/* ---- a pipe ---- */

static bool take_line(struct cli_input *in, struct akt_buf *line)
{
    struct akt_buf *b = &in->ahead;
    char *end = b->len ? memchr(b->data, '\n', b->len) : NULL;
    if (!end && (!in->at_end || b->len == 0))
        return false;
    size_t n = end ? (size_t)(end - b->data) : b->len;
    size_t used = end ? n + 1 : n;
    akt_buf_add(line, b->data, n);
    b->len -= used;
    memmove(b->data, b->data + used, b->len);
    return true;
}

static enum cli_line read_pipe(struct cli_input *in, struct akt_buf *line)
{
    while (!take_line(in, line)) {
        if (in->at_end)
            return CLI_LINE_END;
        if (!wait_input(in))
            return in->why;
        char *room = akt_buf_reserve(&in->ahead, 65536);
        ssize_t n = read(STDIN_FILENO, room, 65536);
        if (n > 0)
            in->ahead.len += (size_t)n;
        else if (n == 0 || (errno != EINTR && errno != EAGAIN))
            in->at_end = true;
    }
    return CLI_LINE_OK;
}

/* ---- keys ---- */

static struct cli_input *input_of(EditLine *el)
{
    void *in = NULL;
    el_get(el, EL_CLIENTDATA, &in);
    return in;
}

/* A key for the editor; 1: taken, 0: the end, -1: interrupted. */
static int read_key(EditLine *el, wchar_t *key)
{
    struct cli_input *in = input_of(el);
    mbstate_t state = {0};
    for (;;) {
        char byte;
        if (!wait_input(in)) {
            errno = EINTR;
            return -1;
        }
        ssize_t n = read(STDIN_FILENO, &byte, 1);
        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n <= 0)
            return 0;
        size_t got = mbrtowc(key, &byte, 1, &state);
        if (got == (size_t)-1) /* no UTF-8: dropped */
            memset(&state, 0, sizeof state);
        else if (got != (size_t)-2)
            return 1;
    }
}

static char *show_prompt(EditLine *el)
{
    return (char *)(uintptr_t)input_of(el)->prompt;
}

/* ---- completion ---- */

/* The candidate at *at, which moves on; false: there are no more. */
static bool next_name(const char **at, const char *end, const char **name,
                      size_t *len)
{
    if (*at >= end)
        return false;
    const char *stop = memchr(*at, '\n', (size_t)(end - *at));
    stop = stop ? stop : end;
    *name = *at;
    *len = (size_t)(stop - *at);
    *at = stop + 1;
    return true;
}

/* How many candidates there are, the bytes they begin with in common, and the
 * longest one. */
static size_t survey(const struct akt_buf *names, size_t *common,
                     size_t *longest)
{
    const char *at = names->data, *end = at + names->len, *name;
    size_t n = 0, len;
    *common = *longest = 0;
    while (next_name(&at, end, &name, &len)) {
        size_t same = 0;
        while (same < len && same < *common && name[same] == names->data[same])
            same++;
        *common = n++ ? same : len;
        *longest = len > *longest ? len : *longest;
    }
    return n;
}

static void list_names(const struct akt_buf *names, size_t longest)
{
    const char *at = names->data, *end = at + names->len, *name;
    size_t width = longest + 2, per_line = COLUMNS / width, n = 0, len;
    per_line = per_line ? per_line : 1;
    putchar('\n');
    while (next_name(&at, end, &name, &len)) {
        bool last = ++n % per_line == 0 || at >= end;
        printf("%.*s%*s", (int)len, name, last ? 0 : (int)(width - len), "");
        if (last)
            putchar('\n');
    }
    fflush(stdout);
}

static unsigned char on_tab(EditLine *el, int key)
{
    (void)key;
    struct cli_input *in = input_of(el);
    const LineInfo *line = el_line(el);
    struct akt_buf names = AKT_BUF_INIT;
    unsigned char result = CC_REFRESH_BEEP;
    size_t word = in->complete(in->ctx, line->buffer,
                               (size_t)(line->cursor - line->buffer), &names);
    size_t common, longest;
    size_t n = names.len ? survey(&names, &common, &longest) : 0;
    if (n && common > word) {
        akt_buf_cstr(&names); /* room for the zero byte */
        names.data[common] = 0;
        el_insertstr(el, names.data + word);
        result = CC_REFRESH;
    } else if (n > 1) {
        list_names(&names, longest);
        result = CC_REDISPLAY;
    }
    akt_buf_fini(&names);
    return result;
}

/* ---- history ---- */

static bool make_folder(const char *path)
{
    return mkdir(path, 0700) == 0 || errno == EEXIST;
}

/* $XDG_STATE_HOME/aktvm/history, or ~/.local/state/aktvm/history */
static char *find_history(void)
{
    const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
    struct akt_buf b = AKT_BUF_INIT;
    if (state && state[0] == '/') {
        akt_buf_puts(&b, state);
    } else if (home && home[0] == '/') {
        akt_buf_printf(&b, "%s/.local", home);
        make_folder(akt_buf_cstr(&b));
        akt_buf_puts(&b, "/state");
    } else {
        return NULL;
    }
    make_folder(akt_buf_cstr(&b));
    akt_buf_puts(&b, "/aktvm");
    bool ok = make_folder(akt_buf_cstr(&b));
    akt_buf_puts(&b, "/history");
    char *path = ok ? akt_strdup(akt_buf_cstr(&b)) : NULL;
    akt_buf_fini(&b);
    return path;
}

static void add_history(struct cli_input *in, const char *line)
{
    HistEvent event;
    history(in->history, &event, H_ENTER, line);
}

/* Other prompts may add lines at the same time: each line is one write at the
 * end of the file. */
static int open_history(const char *path, int flags)
{
    int fd = open(path, flags | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0)
        (void)!fchmod(fd, 0600);
    return fd;
}

static void save_line(const char *path, const char *line)
{
    struct akt_buf b = AKT_BUF_INIT;
    int fd = open_history(path, O_WRONLY | O_APPEND);
    akt_buf_printf(&b, "%s\n", line);
    if (fd >= 0) {
        (void)!write(fd, b.data, b.len);
        close(fd);
    }
    akt_buf_fini(&b);
}

/* What is in memory becomes the file. */
static void rewrite(struct cli_input *in)
{
    HistEvent event;
    int fd = open_history(in->history_path, O_WRONLY | O_TRUNC);
    FILE *f = fd >= 0 ? fdopen(fd, "w") : NULL;
    int more = history(in->history, &event, H_LAST);
    while (f && more >= 0) {
        fprintf(f, "%s\n", event.str);
        more = history(in->history, &event, H_PREV);
    }
    if (f)
        fclose(f);
}

static void load_history(struct cli_input *in)
{
    int fd = open_history(in->history_path, O_RDONLY);
    FILE *f = fd >= 0 ? fdopen(fd, "r") : NULL;
    char *line = NULL;
    size_t cap = 0, n = 0;
    ssize_t len;
    while (f && (len = getline(&line, &cap, f)) >= 0) {
        if (len > 0 && line[len - 1] == '\n')
            line[len - 1] = 0;
        add_history(in, line);
        n++;
    }
    free(line);
    if (f)
        fclose(f);
    if (n > 2 * CLI_HISTORY)
        rewrite(in);
}

static void start_history(struct cli_input *in)
{
    HistEvent event;
    in->history = history_init();
    history(in->history, &event, H_SETSIZE, CLI_HISTORY);
    history(in->history, &event, H_SETUNIQUE, 1);
    in->history_path = find_history();
    if (in->history_path)
        load_history(in);
    el_set(in->editor, EL_HIST, history, in->history);
}

void cli_line_remember(struct cli_input *in, const char *line)
{
    if (!in->editor || line[strspn(line, " \t")] == 0)
        return;
    add_history(in, line);
    if (in->history_path)
        save_line(in->history_path, line);
}

/* ---- the editor ---- */

/* Of this thread only: what scripts do must not depend on it. */
static void use_utf8(struct cli_input *in)
{
    in->locale = newlocale(LC_CTYPE_MASK, "", (locale_t)0);
    if (in->locale &&
        strcmp(nl_langinfo_l(CODESET, in->locale), "UTF-8") != 0) {
        freelocale(in->locale);
        in->locale = (locale_t)0;
    }
    if (!in->locale)
        in->locale = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (in->locale)
        uselocale(in->locale);
}

static void start_editor(struct cli_input *in)
{
    use_utf8(in);
    in->editor = el_init("aktvm", stdin, stdout, stderr);
    if (!in->editor)
        return;
    el_set(in->editor, EL_CLIENTDATA, in);
    el_set(in->editor, EL_GETCFN, read_key);
    el_set(in->editor, EL_PROMPT, show_prompt);
    el_set(in->editor, EL_EDITOR, "emacs");
    /* el_set would leak copies of the two strings */
    el_wset(in->editor, EL_ADDFN, L"aktvm-complete", L"complete", on_tab);
    el_set(in->editor, EL_BIND, "^I", "aktvm-complete", NULL);
    el_set(in->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
    el_source(in->editor, NULL); /* ~/.editrc */
    start_history(in);
}

struct cli_input *cli_line_open(const int *stop_fd, cli_complete complete,
                                void *ctx)
{
    struct cli_input *in = akt_calloc(sizeof *in);
    in->stop_fd = stop_fd;
    in->complete = complete;
    in->ctx = ctx;
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO))
        start_editor(in);
    return in;
}

void cli_line_close(struct cli_input *in)
{
    if (in->editor)
        el_end(in->editor);
    if (in->history)
        history_end(in->history);
    if (in->locale) {
        uselocale(LC_GLOBAL_LOCALE);
        freelocale(in->locale);
    }
    akt_strfree(in->history_path);
    akt_buf_fini(&in->ahead);
    akt_free(in, sizeof *in);
}

bool cli_line_is_terminal(const struct cli_input *in)
{
    return in && in->editor;
}

static enum cli_line read_terminal(struct cli_input *in, struct akt_buf *line)
{
    int n = 0;
    el_resize(in->editor);
    in->why = CLI_LINE_OK;
    const char *text = el_gets(in->editor, &n);
    if (in->why != CLI_LINE_OK) {
        fputs(in->why == CLI_LINE_INTERRUPT ? "^C\n" : "\n", stdout);
        fflush(stdout);
        return in->why;
    }
    if (!text || n <= 0) {
        putchar('\n');
        fflush(stdout);
        return CLI_LINE_END;
    }
    akt_buf_add(line, text, (size_t)n - (text[n - 1] == '\n'));
    return CLI_LINE_OK;
}

enum cli_line cli_line_read(struct cli_input *in, const char *prompt,
                            struct akt_buf *line)
{
    in->prompt = prompt;
    return in->editor ? read_terminal(in, line) : read_pipe(in, line);
}
