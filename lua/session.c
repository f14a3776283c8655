/* SPDX-License-Identifier: MIT */
#include "lua/session.h"

#include <string.h>

#include "lua/kind.h"
#include "lua/line.h"
#include "vm/base/alloc.h"
#include "vm/outside.h"
#include "vm/send.h"

/* The body of the INFO message that ends a line; no other begins so. */
static const char interrupt_word[] = "session/interrupt";

/* ---- messages to and from stdlib/session.lua, as MessagePack ---- */

static void add_string(struct akt_buf *b, const char *s, size_t len)
{
    unsigned char head[5] = {0xdb, (unsigned char)(len >> 24),
                             (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8), (unsigned char)len};
    akt_buf_add(b, head, sizeof head);
    akt_buf_add(b, s, len);
}

static void add_number(struct akt_buf *b, uint64_t n)
{
    akt_buf_putc(b, (char)0xcf);
    for (int shift = 56; shift >= 0; shift -= 8)
        akt_buf_putc(b, (char)(n >> shift));
}

static struct akt_msg *message_of(enum akt_msg_type type, akt_pid pid,
                                  const struct akt_buf *body)
{
    struct akt_msg *m = akt_msg_new(type, body->len);
    memcpy(m->body, body->data, body->len);
    m->target = pid;
    return m;
}

static uint64_t big_endian(const unsigned char *p, size_t n)
{
    uint64_t v = 0;
    while (n--)
        v = v << 8 | *p++;
    return v;
}

/* Reads a string at *at; false: there is none. */
static bool take_string(const struct akt_msg *m, size_t *at, const char **s,
                        size_t *len)
{
    const unsigned char *p = (const unsigned char *)m->body + *at;
    size_t left = m->size - *at;
    if (left == 0)
        return false;
    bool fix = (*p & 0xe0) == 0xa0;
    size_t width = fix          ? 0
                   : *p == 0xd9 ? 1
                   : *p == 0xda ? 2
                   : *p == 0xdb ? 4
                                : 9;
    if (width == 9 || left < 1 + width)
        return false;
    *len = fix ? *p & 0x1fu : big_endian(p + 1, width);
    if (left - 1 - width < *len)
        return false;
    *s = (const char *)p + 1 + width;
    *at += 1 + width + *len;
    return true;
}

static bool read_answer(const struct akt_msg *m, struct akt_session_answer *a)
{
    size_t at = 0;
    return take_string(m, &at, &a->status, &a->status_len) &&
           take_string(m, &at, &a->output, &a->output_len) &&
           take_string(m, &at, &a->result, &a->result_len);
}

/* ---- asking ---- */

struct question {
    struct akt_node *node;
    akt_session_done done;
    void *ctx;
};

static bool is_ending(const struct akt_node *node)
{
    /* relaxed: nothing else is read by it */
    return atomic_load_explicit(&node->exiting, memory_order_relaxed);
}

static void on_answer(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    struct question *q = ctx;
    struct akt_session_answer a = {.code = code};
    if (code == AKT_OK && (!reply || !read_answer(reply, &a)))
        a.code = AKT_BAD_MESSAGE;
    if (a.code != AKT_OK && is_ending(q->node))
        a.code = AKT_SHUTDOWN;
    q->done(q->ctx, &a);
    akt_msg_free(reply);
    akt_free(q, sizeof *q);
}

void akt_session_ask(struct akt_node *node, akt_pid pid,
                     const struct akt_session_ask *ask)
{
    bool eval = ask->what == AKT_SESSION_EVAL;
    struct question *q = akt_calloc(sizeof *q);
    *q = (struct question){node, ask->done, ask->ctx};
    struct akt_outside_ask outside = {
        .timeout_ms = eval ? ask->timeout_ms + AKT_SESSION_GRACE_MS : 0,
        .done = on_answer,
        .ctx = q,
    };
    struct akt_buf body = AKT_BUF_INIT;
    const char *tag = eval ? "$eval" : "$complete";
    add_string(&body, tag, strlen(tag));
    add_string(&body, ask->text, ask->len);
    if (eval)
        add_number(&body, ask->timeout_ms);
    akt_outside_ask(node, message_of(AKT_MSG_USER, pid, &body), &outside);
    akt_buf_fini(&body);
}

/* ---- open, interrupt, close ---- */

enum akt_code akt_session_open(struct akt_node *node, bool captures,
                               akt_pid *pid)
{
    struct akt_lua_node *n = node->host_data;
    if (is_ending(node))
        return AKT_DENIED;
    struct akt_spec *spec = akt_spec_new();
    spec->own_isolate = true;
    struct akt_msg *args = akt_msg_new(AKT_MSG_START, 1);
    args->body[0] = (char)(captures ? 0xc3 : 0xc2);
    struct akt_spawn req = {.kind = &n->session, .args = args, .spec = spec};
    return akt_outside_spawn(node, &req, pid);
}

static void ignore(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    (void)ctx;
    (void)code;
    akt_msg_free(reply);
}

void akt_session_interrupt(struct akt_node *node, akt_pid pid)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_INFO, sizeof interrupt_word);
    memcpy(m->body, interrupt_word, sizeof interrupt_word);
    m->target = pid;
    struct akt_outside_ask ask = {.done = ignore};
    akt_outside_ask(node, m, &ask);
}

bool akt_session_message(struct akt_isolate *iso, struct akt_actor *a,
                         struct akt_msg *m)
{
    if (m->size != sizeof interrupt_word ||
        memcmp(m->body, interrupt_word, sizeof interrupt_word) != 0)
        return false;
    akt_line_interrupt(iso, a);
    akt_reply(iso, a->self, m, akt_msg_new(AKT_MSG_REPLY, 0));
    return true;
}

void akt_session_close(struct akt_node *node, akt_pid pid)
{
    /* a line that runs must not hold the end up */
    akt_session_interrupt(node, pid);
    akt_outside_stop(node, pid, akt_reason_of(AKT_SHUTDOWN));
}
