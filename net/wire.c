/* SPDX-License-Identifier: MIT */
#include "net/wire.h"

#include <string.h>

#include "vm/base/buf.h"
#include "vm/names.h"

#define MS 1000000u
#define FIXED 20 /* bytes of a head that are always there */
#define CAUSE (8 + sizeof(struct akt_parent) + 8)
#define SLOT_MASK ((1ull << 48) - 1) /* of a pid: what is not its node */

static void put(char **at, const void *p, size_t len)
{
    memcpy(*at, p, len);
    *at += len;
}

/* ---- out ---- */

static uint8_t parts_of(const struct akt_msg *m)
{
    return (
        uint8_t)((m->ask && m->type != AKT_MSG_STOP ? AKT_WIRE_ASK : 0) |
                 (m->deadline_ns ? AKT_WIRE_DEADLINE : 0) |
                 (m->trace && !(m->flags & AKT_MSG_TICK) ? AKT_WIRE_CAUSE : 0) |
                 (m->flags & AKT_MSG_REASON ? AKT_WIRE_REASON : 0));
}

static uint8_t flags_of(uint8_t type, uint8_t flags)
{
    bool may =
        type == AKT_MSG_MONITOR || type == AKT_MSG_DOWN || type == AKT_MSG_STOP;
    return may ? flags & AKT_MSG_RESTARTED : 0;
}

/* Its own node is the receiver's; nobody stays nobody. */
static uint64_t slot_of(akt_pid target)
{
    return target.bits & SLOT_MASK;
}

static uint32_t remaining_ms(uint64_t deadline_ns, uint64_t now_ns)
{
    uint64_t left = deadline_ns > now_ns ? (deadline_ns - now_ns) / MS : 0;
    return left < 1 ? 1 : left > UINT32_MAX ? UINT32_MAX : (uint32_t)left;
}

static akt_pid sender_of(const struct akt_msg *m)
{
    bool asks = m->ask && (m->type == AKT_MSG_USER || m->type == AKT_MSG_INFO);
    return asks && akt_pid_is_none(m->sender) ? AKT_WIRE_OUTSIDE : m->sender;
}

size_t akt_wire_head(const struct akt_msg *m, uint64_t now_ns,
                     char out[AKT_WIRE_HEAD_MAX])
{
    char *at = out;
    uint8_t parts = parts_of(m);
    uint8_t code = parts & AKT_WIRE_REASON && m->type != AKT_MSG_REPLY
                       ? (uint8_t)akt_msg_reason(m)->code
                       : m->code;
    uint8_t bytes[4] = {m->type, flags_of(m->type, m->flags), code, parts};
    uint64_t target = slot_of(m->target), sender = sender_of(m).bits;
    put(&at, bytes, sizeof bytes);
    put(&at, &target, 8);
    put(&at, &sender, 8);
    if (parts & AKT_WIRE_ASK)
        put(&at, &m->ask, 8);
    if (parts & AKT_WIRE_DEADLINE) {
        uint32_t left = remaining_ms(m->deadline_ns, now_ns);
        put(&at, &left, 4);
    }
    if (parts & AKT_WIRE_CAUSE) {
        put(&at, &m->trace, 8);
        put(&at, &m->parent, sizeof m->parent);
        put(&at, &m->origin.bits, 8);
    }
    return (size_t)(at - out);
}

struct akt_msg *akt_wire_body(struct akt_msg *m)
{
    if (!(m->flags & AKT_MSG_REASON))
        return m;
    const struct akt_reason *reason = akt_msg_reason(m);
    struct akt_msg *body = akt_msg_new((enum akt_msg_type)m->type, reason->len);
    memcpy(body->body, reason->bytes, reason->len);
    body->sender = m->sender;
    akt_msg_free(m);
    return body;
}

/* ---- in ---- */

/* What is read from; `p` NULL: it was too short. */
struct reader {
    const char *p, *end;
};

static void get(struct reader *r, void *out, size_t len)
{
    if (!r->p || (size_t)(r->end - r->p) < len) {
        r->p = NULL;
        memset(out, 0, len);
        return;
    }
    memcpy(out, r->p, len);
    r->p += len;
}

/* A MessagePack string; its bytes are inside of those that are read. */
static bool get_name(struct akt_wire_in *in)
{
    struct reader r = {in->body, in->body + in->body_len};
    uint8_t first, one;
    uint8_t two[2];
    get(&r, &first, 1);
    size_t len = first & 0x1f;
    if (first == 0xd9) {
        get(&r, &one, 1);
        len = one;
    } else if (first == 0xda) {
        get(&r, two, 2);
        len = (size_t)two[0] << 8 | two[1];
    } else if ((first & 0xe0) != 0xa0) {
        return false;
    }
    if (!r.p || (size_t)(r.end - r.p) < len || len > AKT_NAME_MAX || len == 0 ||
        memchr(r.p, 0, len))
        return false;
    in->name = in->name_room ? memcpy(in->name_room, r.p, len) : r.p;
    in->name_len = len;
    in->body = r.p + len;
    in->body_len = (size_t)(r.end - in->body);
    return true;
}

static struct akt_msg *new_block(struct akt_wire_in *in, uint8_t type,
                                 uint8_t code, uint8_t parts)
{
    struct akt_msg *m;
    if (parts & AKT_WIRE_REASON)
        return akt_msg_with_reason(
            (enum akt_msg_type)type,
            akt_reason_make((enum akt_code)code, in->body, in->body_len));
    if ((m = in->block)) {
        in->block = NULL;
        return akt_msg_reuse(m, (enum akt_msg_type)type,
                             (size_t)(in->body - m->body));
    }
    if (type == AKT_MSG_USER)
        m = akt_msg_new_ack(AKT_MSG_USER, in->body_len);
    else
        m = akt_msg_new((enum akt_msg_type)type, in->body_len);
    if (in->body_len)
        memcpy(m->body, in->body, in->body_len);
    return m;
}

/* What a message must and may have, by its type: nothing of the machine looks
 * at these again, and 0 and ~0 are no keys of its maps. */
static bool has_right_parts(const struct akt_msg *m, uint8_t parts)
{
    bool asks = parts & AKT_WIRE_ASK;
    if (asks && (m->ask == 0 || m->ask == UINT64_MAX))
        return false;
    switch ((enum akt_msg_type)m->type) {
    case AKT_MSG_USER: /* its answer needs somebody it is for */
    case AKT_MSG_INFO:
        return !asks || !akt_pid_is_none(m->sender);
    case AKT_MSG_MONITOR:
        return asks && !akt_pid_is_none(m->sender) && !m->deadline_ns;
    case AKT_MSG_DOWN:
    case AKT_MSG_DEMONITOR:
    case AKT_MSG_REPLY:
        return asks && !m->deadline_ns;
    case AKT_MSG_EXIT:
    case AKT_MSG_LINK:
    case AKT_MSG_UNLINK:
        return !asks && !akt_pid_is_none(m->sender) && !m->deadline_ns;
    default:
        return !asks && !m->deadline_ns;
    }
}

bool akt_wire_may_travel(enum akt_msg_type type)
{
    switch (type) {
    case AKT_MSG_USER:
    case AKT_MSG_EXIT:
    case AKT_MSG_DOWN:
    case AKT_MSG_REPLY:
    case AKT_MSG_STOP:
    case AKT_MSG_KILL:
    case AKT_MSG_LINK:
    case AKT_MSG_UNLINK:
    case AKT_MSG_MONITOR:
    case AKT_MSG_DEMONITOR:
    case AKT_MSG_RESTART_ASKED:
    case AKT_MSG_REINSTATE:
    case AKT_MSG_INFO:
        return true;
    default:
        return false;
    }
}

static bool is_sound(const uint8_t bytes[4], const struct akt_wire_in *in)
{
    bool reason = bytes[3] & AKT_WIRE_REASON;
    bool must = bytes[0] == AKT_MSG_EXIT || bytes[0] == AKT_MSG_DOWN ||
                bytes[0] == AKT_MSG_STOP;
    bool may = must || (bytes[0] == AKT_MSG_REPLY && bytes[2] != AKT_OK);
    bool empty = bytes[0] != AKT_MSG_USER && bytes[0] != AKT_MSG_REPLY &&
                 !reason && in->body_len;
    return akt_wire_may_travel((enum akt_msg_type)bytes[0]) &&
           bytes[2] < AKT_CODE_COUNT && bytes[3] <= AKT_WIRE_ALL &&
           (must ? reason : may || !reason) && !empty &&
           in->body_len <= AKT_MESSAGE_MAX;
}

/* The rest of the head; false: it is not what it says. */
static bool get_parts(struct reader *r, struct akt_msg *m, uint8_t parts,
                      uint64_t now_ns)
{
    uint32_t left = 1;
    if (parts & AKT_WIRE_ASK)
        get(r, &m->ask, 8);
    if (parts & AKT_WIRE_DEADLINE) {
        get(r, &left, 4);
        m->deadline_ns = now_ns + (uint64_t)left * MS;
    }
    if (parts & AKT_WIRE_CAUSE) {
        get(r, &m->trace, 8);
        get(r, &m->parent, sizeof m->parent);
        get(r, &m->origin.bits, 8);
    }
    return r->p && r->p == r->end && left > 0 && has_right_parts(m, parts);
}

static struct akt_msg *read_message(struct akt_wire_in *in)
{
    struct reader r = {in->head, in->head + in->head_len};
    uint8_t bytes[4];
    uint64_t target, sender;
    get(&r, bytes, sizeof bytes);
    get(&r, &target, 8);
    get(&r, &sender, 8);
    if (!r.p || target > SLOT_MASK || !is_sound(bytes, in))
        return NULL;
    bool named = bytes[0] == AKT_MSG_USER && target == 0;
    if (named ? !get_name(in) : target == 0)
        return NULL;
    struct akt_msg *m = new_block(in, bytes[0], bytes[2], bytes[3]);
    m->code = bytes[0] == AKT_MSG_REPLY ? bytes[2] : 0;
    m->flags |= flags_of(bytes[0], bytes[1]);
    m->target.bits = named ? 0 : (uint64_t)AKT_PID_NODE_SELF << 48 | target;
    m->sender.bits = sender;
    if (get_parts(&r, m, bytes[3], in->now_ns))
        return m;
    akt_msg_free(m);
    return NULL;
}

struct akt_msg *akt_wire_read(struct akt_wire_in *in)
{
    struct akt_msg *m = read_message(in);
    akt_msg_free(in->block);
    return m;
}

/* ---- nodes ---- */

void akt_wire_put_node(const struct akt_wire_node *n, struct akt_buf *out)
{
    uint8_t name_len = (uint8_t)strlen(n->name);
    uint8_t address_len = (uint8_t)strlen(n->address);
    akt_buf_add(out, &n->index, 2);
    akt_buf_add(out, &n->incarnation, 8);
    akt_buf_add(out, &name_len, 1);
    akt_buf_add(out, n->name, name_len);
    akt_buf_add(out, &address_len, 1);
    akt_buf_add(out, n->address, address_len);
}

/* Visible ASCII only, as in a hello: names go to logs and to terminals. */
static bool is_visible(const char *s, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (s[i] <= ' ' || s[i] > '~')
            return false;
    return true;
}

/* False: it is too long for `max` bytes and their end, or not visible. */
static bool get_text(struct reader *r, char *out, size_t max)
{
    uint8_t len;
    get(r, &len, 1);
    if (!r->p || len > max)
        return false;
    get(r, out, len);
    out[len] = 0;
    return r->p && is_visible(out, len);
}

bool akt_wire_get_node(const char *p, size_t len, struct akt_wire_node *out)
{
    struct reader r = {p, p + len};
    get(&r, &out->index, 2);
    get(&r, &out->incarnation, 8);
    return get_text(&r, out->name, sizeof out->name - 1) &&
           get_text(&r, out->address, sizeof out->address - 1) &&
           r.p == r.end && out->name[0] && out->index > 1;
}
