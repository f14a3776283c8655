/* SPDX-License-Identifier: MIT
 *
 * net/notice.c: lines of the log about connections that come to nothing: at
 * most one a second, whoever knocks, and one for each reason why a node cannot
 * be reached until it is.
 */
#include <string.h>

#include "net/network_impl.h"
#include "vm/base/hash.h"
#include "vm/base/log_line.h"

#define PAUSE_NS 1000000000ull

/* The log is the process's; a simulated node tells its host. */
static bool may_write(struct akt_network *n)
{
    uint64_t now_ns = akt_world_mono_ns(n->node->world);
    bool simulated = n->node->world->simulated;
    if (simulated ? !n->node->on_warning : akt_log_level() > AKT_LOG_WARN)
        return false;
    if (now_ns < n->notice_ns) {
        n->unnoticed++;
        return false;
    }
    n->notice_ns = now_ns + PAUSE_NS;
    return true;
}

static void begin(struct akt_network *n, struct akt_buf *b, const char *text)
{
    struct akt_log_head head = {.wall_ns = akt_world_wall_ns(n->node->world),
                                .level = AKT_LOG_WARN,
                                .text = text};
    akt_log_begin(b, &head);
}

static void end(struct akt_network *n, struct akt_buf *b, const char *why)
{
    akt_log_add_string(b, "why", why);
    if (n->unnoticed)
        akt_log_add_integer(b, "unwritten", (int64_t)n->unnoticed);
    n->unnoticed = 0;
    if (n->node->world->simulated) {
        n->node->on_warning(n->node, "link", akt_buf_cstr(b));
    } else {
        akt_log_end(b);
        akt_log_write(b->data, b->len);
    }
    akt_buf_fini(b);
}

void akt_notice_failed(struct akt_dial *d, const char *address, const char *why)
{
    uint64_t said = akt_hash(AKT_HASH_INIT, why, strlen(why));
    struct akt_buf b = AKT_BUF_INIT;
    if (said == d->said || !may_write(d->network))
        return;
    d->said = said;
    begin(d->network, &b, "no link to a node");
    akt_log_add_string(&b, "node", d->name);
    akt_log_add_string(&b, "address", address);
    end(d->network, &b, why);
}

void akt_notice_overfull(struct akt_network *n, const char *node)
{
    struct akt_buf b = AKT_BUF_INIT;
    if (!may_write(n))
        return;
    begin(n, &b, "a link is lost");
    akt_log_add_string(&b, "node", node);
    end(n, &b, "too much waits to be written to it");
}

void akt_notice_refused(struct akt_network *n, const char *from,
                        enum akt_refusal reason, const char *why)
{
    struct akt_buf b = AKT_BUF_INIT;
    /* with two that open at once it is nothing to talk about */
    if (reason == AKT_REFUSED_DUPLICATE || !may_write(n))
        return;
    begin(n, &b, "a connection is refused");
    akt_log_add_string(&b, "from", from);
    akt_log_add_string(&b, "reason", akt_refusal_name(reason));
    end(n, &b, why);
}
