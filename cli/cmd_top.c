/* SPDX-License-Identifier: MIT
 *
 * cli/cmd_top.c: a live screen, plain ANSI on the alternate screen. Every frame
 * is one write; the terminal is put back whatever ends the command.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "cli/admin_client.h"
#include "cli/show.h"

struct screen {
    size_t rows, columns; /* columns 0: any */
    bool bold;
};

static volatile sig_atomic_t ended, resized;
static struct termios saved;

static void on_end(int number)
{
    (void)number;
    ended = 1;
}

static void on_resize(int number)
{
    (void)number;
    resized = 1;
}

/* ---- a frame ---- */

static void add_head(json_t *r, struct akt_buf *out)
{
    json_t *rates = json_object_get(r, "rates");
    json_t *isolates = json_object_get(r, "isolates");
    char used[16], budget[16], heaps[16], age[16];
    cli_bytes(cli_real(r, "memory"), used);
    cli_bytes(cli_real(r, "budget"), budget);
    cli_bytes(cli_real(isolates, "memory"), heaps);
    cli_age(cli_real(r, "uptime"), age);
    cli_plain(out, cli_text(r, "name"));
    akt_buf_printf(out,
                   "  up %s  actors %" JSON_INTEGER_FORMAT
                   "  memory %s of %s  heaps %s in %" JSON_INTEGER_FORMAT
                   " isolates\n",
                   age, cli_int(r, "total"), used, budget, heaps,
                   cli_int(isolates, "open"));
    akt_buf_printf(out,
                   "per second: sent %.0f  replies %.0f  turns %.0f  spawned "
                   "%.0f  ended %.0f  crashes %.0f  restarts %.0f  collections "
                   "%.0f\n",
                   cli_real(rates, "sent"), cli_real(rates, "replies"),
                   cli_real(rates, "turns"), cli_real(rates, "spawned"),
                   cli_real(rates, "ended"), cli_real(rates, "crashes"),
                   cli_real(rates, "restarts"), cli_real(rates, "collections"));
}

static void add_workers(json_t *r, struct akt_buf *out, size_t rows)
{
    size_t i;
    json_t *w, *list = json_object_get(r, "workers");
    json_array_foreach(list, i, w)
    {
        double busy = cli_real(w, "busy");
        if (i >= rows)
            break;
        akt_buf_printf(out, "worker %-3zu [", i);
        for (int at = 0; at < 20; at++)
            akt_buf_putc(out, busy > at * 5 + 2.5 ? '#' : ' ');
        akt_buf_printf(out, "] %5.1f %%  queue %" JSON_INTEGER_FORMAT, busy,
                       cli_int(w, "queue"));
        if (cli_int(w, "turn_ms") > 10)
            akt_buf_printf(out,
                           "  in one turn of #%" JSON_INTEGER_FORMAT
                           " for %" JSON_INTEGER_FORMAT " ms",
                           cli_int(w, "actor"), cli_int(w, "turn_ms"));
        akt_buf_putc(out, '\n');
    }
}

static void add_heaps(json_t *r, struct akt_buf *out)
{
    size_t i;
    json_t *h,
        *list = json_object_get(json_object_get(r, "isolates"), "largest");
    akt_buf_puts(out, "largest heaps:");
    json_array_foreach(list, i, h)
    {
        char text[16];
        if (i == 4)
            break;
        cli_bytes(cli_real(h, "memory"), text);
        akt_buf_printf(out,
                       "  isolate %" JSON_INTEGER_FORMAT
                       " %s (%" JSON_INTEGER_FORMAT " actors)",
                       cli_int(h, "index"), text, cli_int(h, "actors"));
    }
    akt_buf_puts(out, "\n\n");
}

/* Keeps the first `rows` lines, each cut at the edge. */
static void clip(struct akt_buf *out, const struct screen *s)
{
    struct akt_buf cut = AKT_BUF_INIT;
    size_t row = 0, column = 0;
    for (size_t i = 0; i < out->len && row < s->rows; i++) {
        char c = out->data[i];
        if (c == '\033') { /* a sequence takes no room */
            while (i < out->len && out->data[i] != 'm')
                akt_buf_putc(&cut, out->data[i++]);
            akt_buf_putc(&cut, 'm');
        } else if (c == '\n') {
            akt_buf_puts(&cut, ++row < s->rows ? "\033[K\r\n" : "\033[K");
            column = 0;
        } else {
            column += ((unsigned char)c & 0xc0) != 0x80;
            if (column <= s->columns)
                akt_buf_putc(&cut, c);
        }
    }
    akt_buf_fini(out);
    *out = cut;
}

static void add_frame(json_t *r, struct akt_buf *out, const struct screen *s)
{
    size_t workers = s->rows > 16 ? s->rows / 4 : 2;
    add_head(r, out);
    add_workers(r, out, workers);
    add_heaps(r, out);
    cli_show_actors(json_object_get(r, "actors"), out, s->columns, s->bold);
}

/* ---- the terminal ---- */

static void write_all(const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(STDOUT_FILENO, p, len);
        if (n < 0 && errno != EINTR && errno != EAGAIN)
            return;
        p += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
}

static void restore(void)
{
    static const char out[] = "\033[?25h\033[?1049l";
    write_all(out, sizeof out - 1);
    tcsetattr(STDIN_FILENO, TCSANOW, &saved);
}

static bool take_terminal(void)
{
    static const char in[] = "\033[?1049h\033[?25l";
    struct sigaction end = {.sa_handler = on_end};
    struct sigaction resize = {.sa_handler = on_resize};
    if (!isatty(STDOUT_FILENO) || tcgetattr(STDIN_FILENO, &saved) != 0)
        return false;
    struct termios raw = saved;
    raw.c_lflag &= (tcflag_t) ~(ICANON | ECHO);
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
    atexit(restore);
    sigaction(SIGINT, &end, NULL);
    sigaction(SIGTERM, &end, NULL);
    sigaction(SIGHUP, &end, NULL);
    sigaction(SIGWINCH, &resize, NULL);
    write_all(in, sizeof in - 1);
    return true;
}

static struct screen measure(void)
{
    struct winsize w = {0};
    struct screen s = {.rows = 24, .columns = 80, .bold = cli_colour()};
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_row && w.ws_col) {
        s.rows = w.ws_row;
        s.columns = w.ws_col;
    }
    return s;
}

/* ---- live ---- */

struct top {
    struct cli_conn conn;
    const char *sort;
    int interval_ms;
};

static json_t *ask(struct top *t, int limit, int *code)
{
    json_t *args = json_pack("{s:s,s:i}", "sort", t->sort, "limit", limit);
    return cli_ask(&t->conn, "top", args, code);
}

static bool draw(struct top *t, int *code)
{
    struct screen s = measure();
    struct akt_buf out = AKT_BUF_INIT, all = AKT_BUF_INIT;
    json_t *r = ask(t, (int)s.rows, code);
    if (!r)
        return false;
    add_frame(r, &out, &s);
    clip(&out, &s);
    akt_buf_puts(&all, "\033[H");
    akt_buf_add(&all, out.data, out.len);
    akt_buf_puts(&all, "\033[J");
    write_all(all.data, all.len);
    akt_buf_fini(&out);
    akt_buf_fini(&all);
    json_decref(r);
    return true;
}

/* Waits for a key at most as long as a frame lasts; false: quit. */
static bool key(struct top *t)
{
    static const char keys[] = "mgcerpn";
    static const char *const words[] = {"mailbox", "growth",   "cpu",
                                        "memory",  "restarts", "processed",
                                        "number"};
    struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};
    char c = 0;
    int n = poll(&p, 1, resized ? 0 : t->interval_ms);
    resized = 0;
    if (n <= 0)
        return !ended;
    if (read(STDIN_FILENO, &c, 1) != 1)
        return false; /* the terminal is gone */
    const char *at = c ? strchr(keys, c) : NULL;
    if (at)
        t->sort = words[at - keys];
    return c != 'q' && !ended;
}

static int live(struct top *t)
{
    int code = CLI_OK;
    if (!take_terminal()) {
        fputs("aktvm top: this is no terminal; use --once\n", stderr);
        return CLI_USAGE;
    }
    bool ok = true;
    do
        ok = draw(t, &code);
    while (ok && key(t));
    return ok ? CLI_OK : code;
}

static int once(struct top *t, bool json)
{
    struct akt_buf out = AKT_BUF_INIT;
    struct screen s = {.rows = 60, .bold = cli_colour()};
    int code;
    json_t *r = ask(t, 0, &code); /* rates need two looks */
    if (!r)
        return code;
    json_decref(r);
    cli_pause_ms(t->interval_ms < 1000 ? t->interval_ms : 1000);
    r = ask(t, 20, &code);
    if (!r)
        return code;
    if (json)
        cli_print_json(r);
    else
        add_frame(r, &out, &s);
    fwrite(out.data ? out.data : "", 1, out.len, stdout);
    akt_buf_fini(&out);
    json_decref(r);
    return CLI_OK;
}

int cli_cmd_top(const struct cli_command *self, int argc, char **argv)
{
    struct cli_words words;
    struct top t = {.sort = NULL};
    const char *interval = "1";
    bool one = false;
    const struct cli_flag flags[] = {{"--sort", &t.sort, NULL},
                                     {"--interval", &interval, NULL},
                                     {"--once", NULL, &one},
                                     {NULL, NULL, NULL}};
    int code;
    if (!cli_parse(self, argc, argv, flags, 0, 0, &words, &code))
        return code;
    char *end;
    double seconds = strtod(interval, &end);
    if (*end || end == interval || !(seconds >= 0.1) || seconds > 3600) {
        fputs("aktvm top: --interval needs 0.1 to 3600 seconds\n", stderr);
        return CLI_USAGE;
    }
    t.interval_ms = (int)(seconds * 1000);
    t.sort = t.sort ? t.sort : "cpu";
    if (!cli_connect(&words, &t.conn, &code))
        return code;
    code = one || words.json ? once(&t, words.json) : live(&t);
    cli_close(&t.conn);
    return code;
}
