/* SPDX-License-Identifier: MIT */
#include "vm/base/log_line.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* ---- characters ---- */

/* The bytes of the valid UTF-8 character at s, or 0; *code gets it. */
static size_t utf8_char(const unsigned char *s, size_t len, uint32_t *code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xc2 ? 0
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 0;
    if (n == 0 || n > len)
        return 0;
    uint32_t c = n == 1 ? s[0] : s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        c = c << 6 | (s[i] & 0x3f);
    }
    if (c < least[n] || c > 0x10ffff || (c >= 0xd800 && c < 0xe000))
        return 0;
    *code = c;
    return n;
}

bool akt_log_is_utf8(const char *s, size_t len)
{
    uint32_t c;
    for (size_t n, i = 0; i < len; i += n) {
        n = utf8_char((const unsigned char *)s + i, len - i, &c);
        if (n == 0)
            return false;
    }
    return true;
}

/* What a terminal may take as more than a character: C0, DEL, C1, and what
 * ends a line or turns its direction. */
static bool is_control(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029 ||
           (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

static bool put_short(struct akt_buf *b, uint32_t c)
{
    const char *word = c == '\n'   ? "\\n"
                       : c == '\t' ? "\\t"
                       : c == '\r' ? "\\r"
                                   : NULL;
    if (word)
        akt_buf_puts(b, word);
    return word != NULL;
}

struct style {
    bool json;
    bool quoted; /* in quotes: they and backslashes are escaped */
};

static void put_char(struct akt_buf *b, const char *s, size_t n, uint32_t c,
                     struct style how)
{
    if (n == 0)
        akt_buf_printf(b, how.json ? "\xef\xbf\xbd" : "\\x%02x",
                       (unsigned char)s[0]);
    else if (how.quoted && (c == '"' || c == '\\'))
        akt_buf_printf(b, "\\%c", (char)c);
    else if (!is_control(c))
        akt_buf_add(b, s, n);
    else if (!put_short(b, c))
        akt_buf_printf(b, how.json ? "\\u%04" PRIx32 : "\\u{%" PRIx32 "}", c);
}

static void put_chars(struct akt_buf *b, const char *s, size_t len, size_t max,
                      struct style how)
{
    size_t start = b->len;
    for (size_t i = 0; i < len;) {
        uint32_t c = 0;
        size_t n = utf8_char((const unsigned char *)s + i, len - i, &c);
        if (b->len - start >= max) {
            akt_buf_puts(b, "...");
            return;
        }
        put_char(b, s + i, n, c, how);
        i += n ? n : 1;
    }
}

void akt_log_json_string(struct akt_buf *b, const char *s, size_t len,
                         size_t max)
{
    akt_buf_putc(b, '"');
    put_chars(b, s, len, max, (struct style){true, true});
    akt_buf_putc(b, '"');
}

size_t akt_log_room(const struct akt_buf *b)
{
    return b->len < AKT_LOG_LINE ? AKT_LOG_LINE - b->len : 0;
}

static size_t string_max(const struct akt_buf *b)
{
    size_t room = akt_log_room(b);
    return room < AKT_LOG_STRING ? room : AKT_LOG_STRING;
}

/* Whether text can stand without quotes: it is one word. */
static bool is_word(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)s[i];
        if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\')
            return false;
    }
    return len > 0;
}

/* ---- the line ---- */

static void put_time(struct akt_buf *b, uint64_t wall_ns)
{
    struct timespec now;
    struct tm tm;
    if (!wall_ns) {
        clock_gettime(CLOCK_REALTIME, &now);
    } else {
        now.tv_sec = (time_t)(wall_ns / 1000000000u);
        now.tv_nsec = (long)(wall_ns % 1000000000u);
    }
    gmtime_r(&now.tv_sec, &tm);
    char text[32];
    strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &tm);
    akt_buf_printf(b, "%s.%03dZ", text, (int)(now.tv_nsec / 1000000));
}

static void begin_text(struct akt_buf *b, const struct akt_log_head *head,
                       size_t len)
{
    put_time(b, head->wall_ns);
    akt_buf_printf(b, " %s ", akt_log_level_name(head->level));
    if (head->actor)
        akt_buf_printf(b, "%s ", head->actor);
    put_chars(b, head->text, len, AKT_LOG_STRING, (struct style){false, false});
}

static void begin_json(struct akt_buf *b, const struct akt_log_head *head,
                       size_t len)
{
    akt_buf_puts(b, "{\"time\":\"");
    put_time(b, head->wall_ns);
    akt_buf_printf(b, "\",\"level\":\"%s\"", akt_log_level_name(head->level));
    if (head->actor)
        akt_log_add_string(b, "actor", head->actor);
    if (head->kind)
        akt_log_add_string(b, "kind", head->kind);
    if (head->trace)
        akt_buf_printf(b, ",\"trace\":\"%016" PRIx64 "\"", head->trace);
    akt_buf_puts(b, ",\"text\":");
    akt_log_json_string(b, head->text, len, AKT_LOG_STRING);
}

void akt_log_begin(struct akt_buf *b, const struct akt_log_head *head)
{
    size_t len = head->text_len ? head->text_len : strlen(head->text);
    if (akt_log_format() == AKT_LOG_JSON)
        begin_json(b, head, len);
    else
        begin_text(b, head, len);
}

bool akt_log_add_key(struct akt_buf *b, const char *key, size_t len)
{
    bool json = akt_log_format() == AKT_LOG_JSON;
    if (akt_log_room(b) < 64)
        return false;
    akt_buf_putc(b, json ? ',' : ' ');
    if (json || !is_word(key, len)) {
        akt_buf_putc(b, '"');
        put_chars(b, key, len, string_max(b), (struct style){json, true});
        akt_buf_putc(b, '"');
    } else {
        put_chars(b, key, len, string_max(b), (struct style){false, false});
    }
    akt_buf_putc(b, json ? ':' : '=');
    return true;
}

void akt_log_add_value(struct akt_buf *b, const char *s, size_t len)
{
    bool json = akt_log_format() == AKT_LOG_JSON;
    if (!json && is_word(s, len)) {
        put_chars(b, s, len, string_max(b), (struct style){false, false});
        return;
    }
    akt_buf_putc(b, '"');
    put_chars(b, s, len, string_max(b), (struct style){json, true});
    akt_buf_putc(b, '"');
}

void akt_log_add_string(struct akt_buf *b, const char *key, const char *s)
{
    if (akt_log_add_key(b, key, strlen(key)))
        akt_log_add_value(b, s, strlen(s));
}

void akt_log_add_integer(struct akt_buf *b, const char *key, int64_t n)
{
    if (akt_log_add_key(b, key, strlen(key)))
        akt_buf_printf(b, "%" PRId64, n);
}

void akt_log_end(struct akt_buf *b)
{
    akt_buf_puts(b, akt_log_format() == AKT_LOG_JSON ? "}\n" : "\n");
}
