/* SPDX-License-Identifier: MIT */
#include "lua/pattern.h"

#include <ctype.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/error.h"

#define ESCAPE '%'
#define SPECIALS "^$*+?.([%-"

/* Marks in place of a capture's length. */
enum {
    CAPTURE_OPEN = -1,
    CAPTURE_POSITION = -2,
};

typedef unsigned char byte;

static const char *match(struct akt_pattern *m, const char *s, const char *p);

/* ---- the budget ---- */

static void __attribute__((noreturn, noinline, cold))
raise_too_complex(struct akt_pattern *m)
{
    akt_error_raise(m->L, "too_complex",
                    "string.%s: the pattern takes more than %d million steps "
                    "on a string of %zu bytes",
                    m->name, AKT_PATTERN_STEPS / 1000000,
                    (size_t)(m->src_end - m->src));
}

static inline void spend(struct akt_pattern *m, ptrdiff_t quarters)
{
    m->left -= quarters;
    if (m->left < 0)
        raise_too_complex(m);
}

/* ---- single characters ---- */

/* The first byte behind the single-character item at `p`. */
static const char *set_end(struct akt_pattern *m, const char *p)
{
    p++;
    if (*p == '^')
        p++;
    do { /* a ']' in the first place stands for itself */
        if (p == m->pat_end)
            luaL_error(m->L, "malformed pattern (missing ']')");
        if (*p++ == ESCAPE && p < m->pat_end)
            p++;
    } while (*p != ']');
    return p + 1;
}

static inline const char *item_end(struct akt_pattern *m, const char *p)
{
    if (*p == '[')
        return set_end(m, p);
    if (*p != ESCAPE)
        return p + 1;
    if (p + 1 == m->pat_end)
        luaL_error(m->L, "malformed pattern (ends with '%%')");
    return p + 2;
}

static bool in_class(byte c, byte class)
{
    bool yes;
    switch (class | 0x20) {
    case 'a':
        yes = isalpha(c);
        break;
    case 'c':
        yes = iscntrl(c);
        break;
    case 'd':
        yes = isdigit(c);
        break;
    case 'g':
        yes = isgraph(c);
        break;
    case 'l':
        yes = islower(c);
        break;
    case 'p':
        yes = ispunct(c);
        break;
    case 's':
        yes = isspace(c);
        break;
    case 'u':
        yes = isupper(c);
        break;
    case 'w':
        yes = isalnum(c);
        break;
    case 'x':
        yes = isxdigit(c);
        break;
    case 'z': /* no longer in the manual, still in Lua 5.4 */
        yes = c == 0;
        break;
    default:
        return class == c;
    }
    return isupper(class) ? !yes : yes;
}

/* Whether the set from `p` (its '[') to `last` (its ']') has `c`. */
static bool in_set(byte c, const char *p, const char *last)
{
    bool found = true;
    p++;
    if (*p == '^') {
        found = false;
        p++;
    }
    for (; p < last; p++) {
        if (*p == ESCAPE) {
            p++;
            if (in_class(c, (byte)*p))
                return found;
        } else if (p[1] == '-' && p + 2 < last) {
            if ((byte)p[0] <= c && c <= (byte)p[2])
                return found;
            p += 2;
        } else if ((byte)*p == c) {
            return found;
        }
    }
    return !found;
}

static inline bool single(struct akt_pattern *m, const char *s, const char *p,
                          const char *end)
{
    if (s >= m->src_end)
        return false;
    switch (*p) {
    case '.':
        return true;
    case ESCAPE:
        return in_class((byte)*s, (byte)p[1]);
    case '[':
        return in_set((byte)*s, p, end - 1);
    default:
        return *p == *s;
    }
}

/* ---- repeats ---- */

/* How many characters from `s` on the item matches. */
static ptrdiff_t span(struct akt_pattern *m, const char *s, const char *p,
                      const char *end)
{
    const char *from = s;
    if (*p == '.')
        return m->src_end - s;
    while (single(m, s, p, end)) {
        spend(m, end - p); /* inside the loop: a set may be a megabyte */
        s++;
    }
    return s - from;
}

static const char *match_longest(struct akt_pattern *m, const char *s,
                                 const char *p, const char *end)
{
    for (ptrdiff_t n = span(m, s, p, end); n >= 0; n--) {
        const char *e = match(m, s + n, end + 1);
        if (e)
            return e;
    }
    return NULL;
}

static const char *match_shortest(struct akt_pattern *m, const char *s,
                                  const char *p, const char *end)
{
    for (;;) {
        const char *e = match(m, s, end + 1);
        if (e)
            return e;
        if (!single(m, s, p, end))
            return NULL;
        spend(m, end - p);
        s++;
    }
}

/* ---- captures and the special items ---- */

static const char *open_capture(struct akt_pattern *m, const char *s,
                                const char *p, int mark)
{
    if (m->level >= AKT_PATTERN_CAPTURES)
        luaL_error(m->L, "too many captures");
    m->captures[m->level].start = s;
    m->captures[m->level].len = mark;
    m->level++;
    const char *e = match(m, s, p);
    if (!e)
        m->level--;
    return e;
}

static const char *close_capture(struct akt_pattern *m, const char *s,
                                 const char *p)
{
    int i = m->level - 1;
    while (i >= 0 && m->captures[i].len != CAPTURE_OPEN)
        i--;
    if (i < 0)
        luaL_error(m->L, "invalid pattern capture");
    m->captures[i].len = s - m->captures[i].start;
    const char *e = match(m, s, p);
    if (!e)
        m->captures[i].len = CAPTURE_OPEN;
    return e;
}

/* %1 to %9: the text of an earlier capture once more. */
static const char *match_again(struct akt_pattern *m, const char *s, char digit)
{
    int i = digit - '1';
    if (i < 0 || i >= m->level || m->captures[i].len == CAPTURE_OPEN)
        luaL_error(m->L, "invalid capture index %%%d", i + 1);
    ptrdiff_t len = m->captures[i].len;
    if (len < 0 || m->src_end - s < len)
        return NULL;
    spend(m, len / 16); /* memcmp is that much faster than the matcher */
    return memcmp(m->captures[i].start, s, (size_t)len) ? NULL : s + len;
}

/* %bxy, with `p` at the x. */
static const char *match_balanced(struct akt_pattern *m, const char *s,
                                  const char *p)
{
    if (p + 1 >= m->pat_end)
        luaL_error(m->L, "malformed pattern (missing arguments to '%%b')");
    if (s == m->src_end || *s != p[0])
        return NULL;
    ptrdiff_t open = 1;
    for (const char *at = s + 1; at < m->src_end; at++) {
        if (*at == p[1]) {
            if (--open == 0) {
                spend(m, at - s);
                return at + 1;
            }
        } else if (*at == p[0]) {
            open++;
        }
    }
    spend(m, m->src_end - s);
    return NULL;
}

/* %f, with `p` behind it: the set begins to match here. */
static bool at_frontier(struct akt_pattern *m, const char *s, const char *p,
                        const char **end)
{
    if (*p != '[')
        luaL_error(m->L, "missing '[' after '%%f' in pattern");
    *end = item_end(m, p);
    spend(m, 2 * (*end - p));
    byte before = s == m->src ? 0 : (byte)s[-1];
    byte here = (byte)*s; /* the zero byte where the subject ends */
    return !in_set(before, p, *end - 1) && in_set(here, p, *end - 1);
}

/* ---- the matcher ---- */

/* The items that are more than one character: moves `*s` and `*p` behind the
 * item, with `*s` NULL where it does not match. False: not such an item. */
static bool match_special(struct akt_pattern *m, const char **s, const char **p)
{
    const char *end;
    switch ((*p)[1]) {
    case 'b':
        *s = match_balanced(m, *s, *p + 2);
        *p += 4;
        return true;
    case 'f':
        if (!at_frontier(m, *s, *p + 2, &end))
            *s = NULL;
        else
            *p = end;
        return true;
    case '0':
    case '1':
    case '2':
    case '3':
    case '4':
    case '5':
    case '6':
    case '7':
    case '8':
    case '9':
        *s = match_again(m, *s, (*p)[1]);
        *p += 2;
        return true;
    default:
        return false;
    }
}

/* Matches all from `p` on at `s`. Returns the end of the match or NULL. The
 * loop goes from item to item; only what may have to be tried again recurses.
 */
static const char *match_items(struct akt_pattern *m, const char *s,
                               const char *p)
{
    while (p != m->pat_end) {
        spend(m, AKT_PATTERN_QUARTERS);
        if (*p == '(')
            return p[1] == ')' ? open_capture(m, s, p + 2, CAPTURE_POSITION)
                               : open_capture(m, s, p + 1, CAPTURE_OPEN);
        if (*p == ')')
            return close_capture(m, s, p + 1);
        if (*p == '$' && p + 1 == m->pat_end)
            return s == m->src_end ? s : NULL;
        if (*p == ESCAPE && match_special(m, &s, &p)) {
            if (!s)
                return NULL;
            continue;
        }
        const char *end = item_end(m, p);
        spend(m, end - p - 1);
        bool matches = single(m, s, p, end);
        switch (*end) {
        case '?':
            if (matches) {
                const char *e = match(m, s + 1, end + 1);
                if (e)
                    return e;
            }
            p = end + 1;
            break;
        case '*':
            if (matches)
                return match_longest(m, s, p, end);
            p = end + 1;
            break;
        case '+':
            return matches ? match_longest(m, s + 1, p, end) : NULL;
        case '-':
            if (matches)
                return match_shortest(m, s, p, end);
            p = end + 1;
            break;
        default:
            if (!matches)
                return NULL;
            s++;
            p = end;
        }
    }
    return s;
}

static const char *match(struct akt_pattern *m, const char *s, const char *p)
{
    if (m->depth-- == 0)
        luaL_error(m->L, "pattern too complex");
    const char *e = match_items(m, s, p);
    m->depth++;
    return e;
}

/* ---- searching ---- */

bool akt_pattern_is_plain(const char *pat, size_t len)
{
    for (const char *end = pat + len; pat <= end; pat += strlen(pat) + 1) {
        if (strpbrk(pat, SPECIALS))
            return false;
    }
    return true;
}

void akt_pattern_init(struct akt_pattern *m, lua_State *L, const char *name,
                      int src, int pat, bool can_anchor)
{
    size_t len;
    m->L = L;
    m->name = name;
    m->src = lua_tolstring(L, src, &len);
    m->src_end = m->src + len;
    m->pat = lua_tolstring(L, pat, &len);
    m->pat_end = m->pat + len;
    m->anchored = can_anchor && *m->pat == '^';
    m->pat += m->anchored;
    m->budget = akt_pattern_budget(m);
}

int64_t akt_pattern_budget(const struct akt_pattern *m)
{
    int64_t len = m->src_end - m->src;
    return AKT_PATTERN_QUARTERS *
           (AKT_PATTERN_STEPS + AKT_PATTERN_STEPS_PER_BYTE * len);
}

/* True if every match starts with the byte `*m->pat`. */
static bool has_first_byte(const struct akt_pattern *m)
{
    return !m->anchored && m->pat != m->pat_end &&
           !memchr(SPECIALS ")", *m->pat, sizeof SPECIALS) &&
           (m->pat + 1 == m->pat_end || !strchr("*?-", m->pat[1]));
}

static const char *try_at(struct akt_pattern *m, const char *s)
{
    m->level = 0;
    m->depth = AKT_PATTERN_DEPTH;
    return match(m, s, m->pat);
}

enum akt_pattern_result akt_pattern_search(struct akt_pattern *m,
                                           const char **start, const char **end,
                                           const char *not_end)
{
    const int64_t pause = (int64_t)AKT_PATTERN_QUARTERS * AKT_PATTERN_PAUSE;
    const int64_t most = (int64_t)AKT_PATTERN_QUARTERS * AKT_PATTERN_STEPS;
    const int64_t allowed = m->budget < most ? m->budget : most;
    const bool skip = has_first_byte(m);
    const char *s = *start;
    enum akt_pattern_result result = AKT_PATTERN_NONE;
    m->left = allowed;
    for (;; s++) {
        if (skip) {
            s = memchr(s, *m->pat, (size_t)(m->src_end - s));
            if (!s)
                break;
        }
        if (allowed - m->left > pause) {
            *start = s;
            result = AKT_PATTERN_PAUSED;
            break;
        }
        const char *e = try_at(m, s);
        if (e && e != not_end) {
            *start = s;
            *end = e;
            result = AKT_PATTERN_FOUND;
            break;
        }
        if (s == m->src_end || m->anchored)
            break;
    }
    m->spent = allowed - m->left;
    m->budget -= m->spent;
    return result;
}

/* ---- results ---- */

const char *akt_pattern_capture(struct akt_pattern *m, int i, const char *start,
                                const char *end, size_t *len)
{
    if (i >= m->level) {
        if (i != 0)
            luaL_error(m->L, "invalid capture index %%%d", i + 1);
        *len = (size_t)(end - start);
        return start;
    }
    const struct akt_pattern_capture *c = &m->captures[i];
    if (c->len == CAPTURE_OPEN)
        luaL_error(m->L, "unfinished capture");
    if (c->len == CAPTURE_POSITION) {
        lua_pushinteger(m->L, c->start - m->src + 1);
        return NULL;
    }
    *len = (size_t)c->len;
    return c->start;
}

void akt_pattern_push_capture(struct akt_pattern *m, int i, const char *start,
                              const char *end)
{
    size_t len;
    const char *text = akt_pattern_capture(m, i, start, end, &len);
    if (text)
        lua_pushlstring(m->L, text, len);
}

int akt_pattern_push_captures(struct akt_pattern *m, const char *start,
                              const char *end, bool whole)
{
    int n = m->level == 0 && whole ? 1 : m->level;
    luaL_checkstack(m->L, n, "too many captures");
    for (int i = 0; i < n; i++)
        akt_pattern_push_capture(m, i, start, end);
    return n;
}
