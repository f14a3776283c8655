/* SPDX-License-Identifier: MIT
 *
 * net/admin_inspect.c: `inspect` and `heap`: what the owner of an actor tells.
 */
#include "net/admin_ask.h"
#include "vm/base/alloc.h"

struct question {
    struct akt_admin_call *call;
    akt_pid pid;
    enum akt_code code;
};

/* [admin] */
static void no_answer(void *ctx)
{
    struct question *q = ctx;
    struct akt_buf why = AKT_BUF_INIT;
    akt_admin_why_not(akt_admin_node(q->call), q->pid, q->code, &why);
    akt_admin_error(q->call,
                    q->code == AKT_TIMEOUT           ? "busy"
                    : q->code == AKT_UNKNOWN_MESSAGE ? "denied"
                                                     : akt_code_name(q->code),
                    "%s", akt_buf_cstr(&why));
    akt_buf_fini(&why);
    akt_free(q, sizeof *q);
}

/* [any] */
static void on_answer(void *ctx, enum akt_code code, struct akt_msg *reply)
{
    struct question *q = ctx;
    if (code == AKT_OK) {
        akt_admin_result_text(q->call, reply->body, reply->size);
        akt_free(q, sizeof *q);
    } else {
        q->code = code;
        akt_admin_later(q->call, no_answer, q);
    }
    akt_msg_free(reply);
}

static void ask(struct akt_admin_call *call, json_t *args, void *word)
{
    akt_pid pid;
    if (!akt_args_pid(call, args, &pid))
        return;
    struct question *q = akt_alloc(sizeof *q);
    *q = (struct question){.call = call, .pid = pid};
    akt_admin_ask(akt_admin_node(call), pid, word, on_answer, q);
}

void akt_admin_add_inspect(struct akt_admin *admin)
{
    static char inspect[] = "inspect", heap[] = "heap";
    akt_admin_add_look(admin, inspect, ask, inspect);
    akt_admin_add_look(admin, heap, ask, heap);
}
