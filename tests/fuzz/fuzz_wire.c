/* SPDX-License-Identifier: MIT
 *
 * tests/fuzz/fuzz_wire.c: what another node says inside of its frames. The
 * first byte of an input chooses:
 *
 *     0  net/wire.h: a message of any head and body. What is taken has what its
 *        type needs, and is the same when it is written and read again
 *     1  akt_codec_import. It takes what akt_codec_decode takes, if every index
 *        is known; other indexes and nothing else is changed, and back again
 *        by renaming them back
 *     2  net/wire.h: a node
 *
 * modulo 3, but 255: net/tunnel.h: the head of a tunnel's frame.
 */
#include "net/wire.h"

#include <stdlib.h>
#include <string.h>

#include <lauxlib.h>

#include "lua/codec.h"
#include "net/tunnel.h"
#include "tests/fuzz/check.h"
#include "vm/base/buf.h"
#include "vm/names.h"
#include "vm/remote.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* So that ASan knows where they end. */
static char *copy_of(const char *bytes, size_t len)
{
    char *copy = malloc(len + 1);
    if (len)
        memcpy(copy, bytes, len);
    return copy;
}

/* ---- messages ---- */

#define NOW 1000000000ull

static void check_parts(const struct akt_msg *m, const struct akt_wire_in *in)
{
    bool reason = m->flags & AKT_MSG_REASON;
    CHECK(akt_wire_may_travel((enum akt_msg_type)m->type));
    CHECK(m->code < AKT_CODE_COUNT && m->ask != UINT64_MAX);
    CHECK(akt_pid_node(m->target) == (in->name ? 0 : AKT_PID_NODE_SELF));
    CHECK(!in->name ||
          (m->type == AKT_MSG_USER && in->name_len > 0 &&
           in->name_len <= AKT_NAME_MAX && !memchr(in->name, 0, in->name_len)));
    if (m->type == AKT_MSG_USER)
        CHECK(m->flags == AKT_MSG_ACK);
    else
        CHECK(!(m->flags & ~(AKT_MSG_REASON | AKT_MSG_RESTARTED)));
    if (m->type == AKT_MSG_EXIT || m->type == AKT_MSG_DOWN ||
        m->type == AKT_MSG_STOP)
        CHECK(reason);
    if (m->type == AKT_MSG_MONITOR || m->type == AKT_MSG_DEMONITOR ||
        m->type == AKT_MSG_DOWN || m->type == AKT_MSG_REPLY)
        CHECK(m->ask);
    if (m->ask && (m->type == AKT_MSG_USER || m->type == AKT_MSG_INFO))
        CHECK(m->sender.bits);
    if (reason)
        CHECK(akt_msg_reason(m)->code < AKT_CODE_COUNT);
}

static void check_same(const struct akt_msg *a, const struct akt_msg *b)
{
    CHECK(a->type == b->type && a->flags == b->flags && a->code == b->code);
    CHECK(a->sender.bits == b->sender.bits && a->ask == b->ask);
    CHECK(a->trace == b->trace && a->deadline_ns == b->deadline_ns);
    /* without a trace its cause does not travel */
    if (a->trace)
        CHECK(a->origin.bits == b->origin.bits &&
              memcmp(&a->parent, &b->parent, sizeof a->parent) == 0);
    if (!(a->flags & AKT_MSG_REASON)) {
        CHECK(a->size == b->size && memcmp(a->body, b->body, a->size) == 0);
        return;
    }
    const struct akt_reason *x = akt_msg_reason(a), *y = akt_msg_reason(b);
    CHECK(x->code == y->code && x->len == y->len &&
          memcmp(x->bytes, y->bytes, x->len) == 0);
}

static struct akt_msg *read_copy(const char *head, size_t head_len,
                                 const char *body, size_t body_len,
                                 struct akt_wire_in *in)
{
    char *h = copy_of(head, head_len), *b = copy_of(body, body_len);
    *in = (struct akt_wire_in){.head = h,
                               .body = b,
                               .head_len = head_len,
                               .body_len = body_len,
                               .now_ns = NOW};
    struct akt_msg *m = akt_wire_read(in);
    if (m)
        check_parts(m, in);
    free(h);
    free(b);
    return m;
}

/* One to a name is sent on to an actor. */
static void send_on(struct akt_msg *m)
{
    struct akt_wire_in in;
    char head[AKT_WIRE_HEAD_MAX];
    if (akt_pid_is_none(m->target))
        m->target.bits = 5;
    struct akt_reason *reason =
        m->flags & AKT_MSG_REASON ? akt_reason_ref(akt_msg_reason(m)) : NULL;
    size_t len = akt_wire_head(m, NOW, head);
    CHECK(len <= AKT_WIRE_HEAD_MAX);
    struct akt_msg *again =
        reason ? read_copy(head, len, reason->bytes, reason->len, &in)
               : read_copy(head, len, m->body, m->size, &in);
    CHECK(again);
    check_same(m, again);
    struct akt_msg *body = akt_wire_body(m);
    CHECK(!reason || (body->size == reason->len &&
                      memcmp(body->body, reason->bytes, reason->len) == 0));
    akt_reason_unref(reason);
    akt_msg_free(body);
    akt_msg_free(again);
}

static void fuzz_message(const char *p, size_t len)
{
    struct akt_wire_in in;
    size_t head_len = len ? (uint8_t)p[0] % (AKT_WIRE_HEAD_MAX + 2) : 0;
    p += len > 0;
    len -= len > 0;
    if (head_len > len)
        head_len = len;
    struct akt_msg *m =
        read_copy(p, head_len, p + head_len, len - head_len, &in);
    if (m)
        send_on(m);
}

/* ---- bodies ---- */

static int decode(lua_State *L)
{
    const struct akt_wire_in *in = lua_touserdata(L, 1);
    lua_settop(L, 0);
    int n = akt_codec_decode(L, in->body, in->body_len);
    lua_settop(L, 0);
    lua_pushboolean(L, n >= 0);
    return 1;
}

static bool decodes(const char *bytes, size_t len)
{
    static lua_State *L;
    struct akt_wire_in in = {.body = bytes, .body_len = len};
    if (!L)
        L = luaL_newstate();
    lua_pushcfunction(L, decode);
    lua_pushlightuserdata(L, &in);
    CHECK(lua_pcall(L, 1, 1, 0) == LUA_OK);
    bool is = lua_toboolean(L, -1);
    lua_settop(L, 0);
    return is;
}

/* Indexes of nodes are 15 bits; none of these is 0, but that of 0. */
struct renamer {
    uint16_t with;
    int pids;
    bool none;
};

static uint16_t rename_index(void *ctx, uint16_t index)
{
    struct renamer *r = ctx;
    r->pids++;
    CHECK(index > 0 && index <= AKT_NODE_NOBODY);
    if (r->none)
        return 0;
    uint16_t other = index ^ r->with;
    return other ? other : index;
}

static bool import(char *bytes, size_t len, struct renamer *r)
{
    struct akt_codec_rename rename = {rename_index, r};
    return akt_codec_import(bytes, len, &rename);
}

/* Whether the byte at `i` may be the one at `k` of a pid's index, renamed. */
static bool is_index(const char *was, size_t i, size_t k, uint8_t change,
                     uint16_t with)
{
    return i > k && was[i - k - 1] == 1 /* the type of a pid */ &&
           change == (k == 0 ? with >> 8 : with & 0xff);
}

/* Two bytes of each pid may be others; the rest stays. */
static void check_changes(const char *bytes, const char *was, size_t len,
                          const struct renamer *r)
{
    int changed = 0;
    for (size_t i = 0; i < len; i++) {
        uint8_t change = (uint8_t)(bytes[i] ^ was[i]);
        changed += change != 0;
        CHECK(!change || is_index(was, i, 0, change, r->with) ||
              is_index(was, i, 1, change, r->with));
    }
    CHECK(changed <= 2 * r->pids);
}

static void fuzz_body(const char *p, size_t len)
{
    struct renamer r = {.with = len ? (uint16_t)((uint8_t)p[0] * 129u) & 0x7fff
                                    : 0};
    p += len > 0;
    len -= len > 0;
    char *was = copy_of(p, len), *bytes = copy_of(p, len);
    bool good = decodes(bytes, len);
    CHECK(import(bytes, len, &r) == good);
    if (good) {
        struct renamer back = {.with = r.with}, none = {.none = true};
        check_changes(bytes, was, len, &r);
        CHECK(decodes(bytes, len));
        CHECK(import(bytes, len, &back) && back.pids == r.pids);
        CHECK(!len || memcmp(bytes, was, len) == 0);
        CHECK(import(bytes, len, &none) == (r.pids == 0));
    }
    free(bytes);
    free(was);
}

/* ---- nodes ---- */

static void fuzz_node(const char *p, size_t len)
{
    struct akt_wire_node n, again;
    struct akt_buf b = AKT_BUF_INIT;
    char *bytes = copy_of(p, len);
    if (akt_wire_get_node(bytes, len, &n)) {
        CHECK(strlen(n.name) > 0 && n.index > 1);
        akt_wire_put_node(&n, &b);
        CHECK(b.len == len && memcmp(b.data, p, len) == 0);
        CHECK(akt_wire_get_node(b.data, b.len, &again));
        akt_buf_fini(&b);
    }
    free(bytes);
}

/* ---- tunnels ---- */

/* The first byte says how long the head is. */
static void fuzz_tunnel(const char *p, size_t len)
{
    char again[AKT_TUNNEL_HEAD_MAX];
    size_t head_len = len ? (uint8_t)p[0] % (AKT_TUNNEL_HEAD_MAX + 2) : 0;
    p += len > 0;
    len -= len > 0;
    head_len = head_len < len ? head_len : len;
    char *head = copy_of(p, head_len);
    struct akt_tunnel_frame f = {.bytes = p + head_len, .len = len - head_len};
    if (akt_tunnel_get(head, head_len, &f)) {
        CHECK(f.step >= AKT_TUNNEL_OPEN && f.step <= AKT_TUNNEL_CLOSE);
        CHECK(f.granted <= AKT_TUNNEL_WINDOW && f.len <= AKT_TUNNEL_DATA);
        CHECK(akt_tunnel_put(&f, again) == head_len);
        CHECK(memcmp(again, head, head_len) == 0);
    }
    free(head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const targets[])(const char *p, size_t len) = {
        fuzz_message, fuzz_body, fuzz_node};
    if (size > 0 && data[0] == 255)
        fuzz_tunnel((const char *)data + 1, size - 1);
    else if (size > 0)
        targets[data[0] % 3]((const char *)data + 1, size - 1);
    return 0;
}
