/* SPDX-License-Identifier: MIT */
#include "vm/cause.h"

#include "vm/node.h"
#include "vm/show.h"
#include "vm/tape.h"

void akt_traces_begin(struct akt_node *node)
{
    uint64_t first = akt_world_random(node->world);
    if (node->world->simulated ||
        node->world->taped) { /* without a draw from the seed of choices */
        struct akt_random r;
        akt_random_seed(&r, ~node->world->seed - node->world_number);
        first = akt_random_next(&r);
    }
    for (uint32_t i = 0; i < node->workers_len; i++)
        node->workers[i].last_trace = first ^ (uint64_t)i << 56;
}

static uint64_t new_trace(struct akt_isolate *iso)
{
    uint64_t *last = &iso->worker->last_trace;
    if (++*last == 0)
        ++*last;
    return akt_input(*last);
}

/* The word that holds the trace of what `a` does; NULL: there is none. An
 * actor that starts, and a process for as long as it handles no message,
 * belongs where its spawn did; but all that main does is a beginning. */
static uint64_t *place(struct akt_actor *a)
{
    if (a->current)
        return &a->current->trace;
    return a->start && !a->is_main ? &a->start->trace : NULL;
}

static uint64_t set_by_hand(const struct akt_actor *a)
{
    return a->ext && !a->current ? a->ext->trace : 0;
}

uint64_t akt_cause_trace(struct akt_isolate *iso, struct akt_actor *a)
{
    uint64_t *trace = place(a), own = set_by_hand(a);
    if (own || !trace)
        return own;
    if (!*trace)
        *trace = new_trace(iso);
    return *trace;
}

uint64_t akt_cause_set_trace(struct akt_actor *a, uint64_t trace)
{
    uint64_t *to = a->current ? &a->current->trace : &akt_actor_ext(a)->trace;
    uint64_t old = *to;
    *to = trace;
    return old;
}

static struct akt_parent text(const char *word)
{
    struct akt_parent parent = {{(char)(0xa0 | strlen(word))}};
    memcpy(parent.bytes + 1, word, strlen(word));
    return parent;
}

/* A message whose body is none of a script's. */
static struct akt_parent word_of(const struct akt_msg *m)
{
    return text(m->type == AKT_MSG_START  ? "spawn"
                : m->type == AKT_MSG_EXIT ? "exit"
                : m->type == AKT_MSG_TASK ? "task"
                                          : "down");
}

__attribute__((cold, noinline)) void akt_cause_find(struct akt_isolate *iso,
                                                    struct akt_actor *self,
                                                    struct akt_msg *m)
{
    const struct akt_msg *cause = self->current;
    uint64_t trace = akt_cause_trace(iso, self);
    m->trace = trace ? trace : new_trace(iso);
    if (!cause && !self->is_main)
        cause = self->start;
    if (!cause)
        return;
    m->origin = cause->sender;
    if (cause->type == AKT_MSG_USER)
        memcpy(m->parent.bytes, cause->body, sizeof m->parent.bytes);
    else
        m->parent = word_of(cause);
}

struct akt_parent akt_cause_of(const struct akt_msg *m)
{
    if (m->flags & AKT_MSG_TICK || m->type == AKT_MSG_TASK)
        return (struct akt_parent){{0}};
    return m->parent;
}

void akt_cause_tag(const struct akt_parent *parent, char out[AKT_CAUSE_TAG])
{
    unsigned char bytes[sizeof parent->bytes];
    memcpy(bytes, parent->bytes, sizeof bytes);
    bool is_short = bytes[0] > 0xa0 && bytes[0] <= 0xbf;
    size_t from = is_short ? 1 : 2;
    size_t len = is_short ? bytes[0] & 31 : bytes[0] == 0xd9 ? bytes[1] : 0;
    size_t shown = len < sizeof bytes - from ? len : sizeof bytes - from;
    memcpy(out, bytes + from, shown);
    memcpy(out + shown, "...", 4);
    if (shown == len)
        out[len] = 0;
}

void akt_cause_show(struct akt_buf *b, struct akt_node *node,
                    const struct akt_parent *parent, akt_pid origin)
{
    char tag[AKT_CAUSE_TAG];
    akt_cause_tag(parent, tag);
    if (!tag[0])
        return;
    akt_show_key(b, "cause");
    akt_buf_putc(b, '{');
    akt_show_key(b, "tag");
    akt_show_string(b, tag, strlen(tag));
    if (!akt_pid_is_none(origin))
        akt_show_pid(b, "from", node, origin);
    akt_buf_putc(b, '}');
}
