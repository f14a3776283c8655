/* SPDX-License-Identifier: MIT
 *
 * net/admin_why.c: `why`: what an actor waits for, what that one waits for, and
 * so on to the end.
 *
 * One actor is asked after the other, so the chain is of several moments; a
 * circle is one only if all of them still wait when it is closed.
 */
#include <string.h>

#include "net/admin_ask.h"
#include "vm/base/alloc.h"

#define HOPS 64

struct chain {
    struct akt_admin_call *call;
    struct akt_node *node;
    akt_pid hops[HOPS];
    uint32_t len;
    json_t *list;
    enum akt_code code;
    struct akt_msg *reply; /* on its way from a worker to the admin thread */
};

static void finish(struct chain *c, const char *end)
{
    akt_admin_result(c->call,
                     json_pack("{s:o,s:s}", "chain", c->list, "end", end));
    akt_free(c, sizeof *c);
}

static bool is_in(const struct chain *c, akt_pid pid)
{
    for (uint32_t i = 0; i < c->len; i++)
        if (akt_pid_eq(c->hops[i], pid))
            return true;
    return false;
}

static json_t *new_link(struct chain *c, akt_pid pid)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_admin_describe(c->node, pid, &name);
    json_t *link =
        json_pack("{s:I,s:o}", "number", (json_int_t)akt_pid_serial(pid),
                  "actor", akt_admin_text(name.data, name.len));
    akt_buf_fini(&name);
    json_array_append_new(c->list, link);
    return link;
}

static void on_answer(void *ctx, enum akt_code code, struct akt_msg *reply);

static void hop(struct chain *c, akt_pid pid)
{
    if (is_in(c, pid)) {
        finish(c, "circle");
        return;
    }
    if (c->len == HOPS) {
        finish(c, "too long");
        return;
    }
    c->hops[c->len++] = pid;
    akt_admin_ask(c->node, pid, "why", on_answer, c);
}

/* The actor that a link waits for, or none. */
static akt_pid next_of(struct chain *c, json_t *link)
{
    json_int_t n = json_integer_value(json_object_get(link, "target"));
    akt_pid pid =
        akt_pid_make(AKT_PID_NODE_SELF, (uint32_t)n & AKT_PID_SLOT_MAX,
                     (uint32_t)(n >> AKT_PID_SLOT_BITS));
    return n && akt_actor_find(c->node->actors, pid) ? pid : AKT_PID_NONE;
}

static void unanswered(struct chain *c, json_t *link)
{
    struct akt_buf why = AKT_BUF_INIT;
    akt_admin_why_not(c->node, c->hops[c->len - 1], c->code, &why);
    json_object_set_new(link, "state", json_string("unknown"));
    json_object_set_new(link, "no_answer", akt_admin_text(why.data, why.len));
    akt_buf_fini(&why);
}

/* [admin] */
static void go_on(void *ctx)
{
    struct chain *c = ctx;
    json_t *link = new_link(c, c->hops[c->len - 1]);
    json_t *told = c->code == AKT_OK && c->reply
                       ? json_loadb(c->reply->body, c->reply->size, 0, NULL)
                       : NULL;
    akt_msg_free(c->reply);
    c->reply = NULL;
    if (told)
        json_object_update(link, told);
    else
        unanswered(c, link);
    json_decref(told);
    akt_pid next = next_of(c, link);
    const char *state = json_string_value(json_object_get(link, "state"));
    if (!akt_pid_is_none(next))
        hop(c, next);
    else if (json_object_get(link, "target"))
        finish(c, "dead");
    else
        finish(c, state ? state : "unknown");
}

/* [any] */
static void on_answer(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    struct chain *c = ctx;
    c->code = code;
    c->reply = reply;
    akt_admin_later(c->call, go_on, c);
}

static void why(struct akt_admin_call *call, json_t *args, void *ctx)
{
    akt_pid pid;
    if (!akt_args_pid(call, args, &pid))
        return;
    struct chain *c = akt_calloc(sizeof *c);
    c->call = call;
    c->node = akt_admin_node(call);
    c->list = json_array();
    hop(c, pid);
}

void akt_admin_add_why(struct akt_admin *admin)
{
    akt_admin_add_look(admin, "why", why, NULL);
}
