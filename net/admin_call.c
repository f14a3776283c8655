/* SPDX-License-Identifier: MIT
 *
 * net/admin_call.c: lines to calls, and answers to lines.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "net/admin_core.h"
#include "vm/base/alloc.h"

#define DUMP (JSON_COMPACT | JSON_ENCODE_ANY | JSON_REAL_PRECISION(10))

/* ---- calls ---- */

/* Under the lock. */
static struct akt_admin_call **list_of(struct akt_admin_call *call)
{
    return call->client ? &call->client->calls : &call->admin->orphans;
}

static void link_call(struct akt_admin_call *call)
{
    struct akt_admin_call **list = list_of(call);
    call->prev = NULL;
    call->next = *list;
    if (call->next)
        call->next->prev = call;
    *list = call;
    if (call->client)
        call->client->calls_len++;
}

static void unlink_call(struct akt_admin_call *call)
{
    if (call->prev)
        call->prev->next = call->next;
    else
        *list_of(call) = call->next;
    if (call->next)
        call->next->prev = call->prev;
    if (call->client)
        call->client->calls_len--;
}

static struct akt_admin_call *new_call(struct akt_admin_client *c,
                                       json_int_t id)
{
    struct akt_admin_call *call = akt_calloc(sizeof *call);
    call->admin = c->admin;
    call->client = c;
    call->id = id;
    pthread_mutex_lock(&c->admin->lock);
    link_call(call);
    pthread_mutex_unlock(&c->admin->lock);
    return call;
}

/* Under the lock: one line of output. */
static void put_line(struct akt_admin_call *call, const char *key,
                     const char *text, size_t len)
{
    struct akt_buf *out = &call->client->out;
    size_t before = out->len;
    akt_buf_printf(out, "{\"v\":%d,\"id\":%" JSON_INTEGER_FORMAT ",",
                   AKT_ADMIN_VERSION, call->id);
    if (call->dropped)
        akt_buf_printf(out, "\"dropped\":%llu,",
                       (unsigned long long)call->dropped);
    call->dropped = 0;
    akt_buf_printf(out, "\"%s\":", key);
    akt_buf_add(out, text, len);
    akt_buf_puts(out, "}\n");
    call->client->pending += out->len - before;
}

static void end_call(struct akt_admin_call *call, const char *key,
                     const char *text, size_t len)
{
    struct akt_admin *admin = call->admin;
    pthread_mutex_lock(&admin->lock);
    unlink_call(call);
    if (call->client)
        put_line(call, key, text, len);
    pthread_mutex_unlock(&admin->lock);
    uv_async_send(&admin->wakeup);
    akt_free(call, sizeof *call);
}

static void end_json(struct akt_admin_call *call, const char *key,
                     json_t *value)
{
    char *text = json_dumps(value, DUMP);
    const char *line = text ? text : "null";
    end_call(call, key, line, strlen(line));
    json_decref(value);
    free(text);
}

void akt_admin_result_text(struct akt_admin_call *call, const char *text,
                           size_t len)
{
    end_call(call, "result", text, len);
}

void akt_admin_result(struct akt_admin_call *call, json_t *result)
{
    end_json(call, "result", result);
}

void akt_admin_error(struct akt_admin_call *call, const char *code,
                     const char *fmt, ...)
{
    char text[1024];
    va_list args;
    va_start(args, fmt);
    vsnprintf(text, sizeof text, fmt, args);
    va_end(args);
    end_json(call, "error",
             json_pack("{s:s,s:o}", "code", code, "message",
                       akt_admin_text(text, strlen(text))));
}

bool akt_admin_more(struct akt_admin_call *call, json_t *item)
{
    struct akt_admin *admin = call->admin;
    char *text = json_dumps(item, DUMP);
    json_decref(item);
    pthread_mutex_lock(&admin->lock);
    struct akt_admin_client *c = call->client;
    bool gone = !c || c->eof;
    bool was_empty = c && c->out.len == 0;
    if (c && text && c->pending + strlen(text) <= AKT_ADMIN_PENDING)
        put_line(call, "more", text, strlen(text));
    else
        call->dropped++;
    pthread_mutex_unlock(&admin->lock);
    if (was_empty)
        uv_async_send(&admin->wakeup);
    free(text);
    return !gone;
}

struct akt_node *akt_admin_node(struct akt_admin_call *call)
{
    return call->admin->node;
}

uv_loop_t *akt_admin_loop(struct akt_admin_call *call)
{
    return &call->admin->loop;
}

void akt_admin_on_close(struct akt_admin_call *call,
                        void (*closed)(struct akt_admin_call *call, void *ctx),
                        void *ctx)
{
    pthread_mutex_lock(&call->admin->lock);
    bool gone = !call->client || call->client->eof;
    call->closed = gone ? NULL : closed;
    call->closed_ctx = ctx;
    pthread_mutex_unlock(&call->admin->lock);
    if (gone)
        closed(call, ctx);
}

/* Tells all of the list that asked for it. Whom it tells may end any of them,
 * so the search begins anew each time. */
void akt_admin_tell_closed(struct akt_admin *admin,
                           struct akt_admin_call **list)
{
    for (;;) {
        pthread_mutex_lock(&admin->lock);
        struct akt_admin_call *call = *list;
        while (call && !call->closed)
            call = call->next;
        void (*closed)(struct akt_admin_call *, void *) =
            call ? call->closed : NULL;
        if (call)
            call->closed = NULL;
        pthread_mutex_unlock(&admin->lock);
        if (!call)
            return;
        closed(call, call->closed_ctx);
    }
}

void akt_admin_orphan(struct akt_admin_client *c)
{
    pthread_mutex_lock(&c->admin->lock);
    for (struct akt_admin_call *call; (call = c->calls);) {
        unlink_call(call);
        call->client = NULL;
        link_call(call);
    }
    pthread_mutex_unlock(&c->admin->lock);
    akt_admin_tell_closed(c->admin, &c->admin->orphans);
}

/* ---- requests ---- */

void akt_admin_refuse(struct akt_admin_client *c, json_int_t id,
                      const char *code, const char *message)
{
    akt_admin_error(new_call(c, id), code, "%s", message);
}

static const struct akt_admin_command *find_command(struct akt_admin *admin,
                                                    const char *name)
{
    for (uint32_t i = 0; i < admin->commands_len; i++)
        if (strcmp(admin->commands[i].name, name) == 0)
            return &admin->commands[i];
    return NULL;
}

static void dispatch(struct akt_admin_client *c, json_int_t id, json_t *request)
{
    const char *name = json_string_value(json_object_get(request, "cmd"));
    json_t *args = json_object_get(request, "args");
    if (!name || (args && !json_is_object(args))) {
        akt_admin_refuse(c, id, "bad_request",
                         "\"cmd\" is a string, \"args\" an object");
        return;
    }
    const struct akt_admin_command *command = find_command(c->admin, name);
    struct akt_admin_call *call = new_call(c, id);
    if (!command) {
        akt_admin_error(call, "unknown_command", "there is no command '%.64s'",
                        name);
        return;
    }
    const char *why =
        c->way ? c->way->refuse(c->ctx, command->name, command->looks) : NULL;
    if (why) {
        akt_admin_error(call, "denied", "%s", why);
        return;
    }
    json_t *none = args ? NULL : json_object();
    command->handler(call, args ? args : none, command->ctx);
    json_decref(none);
}

void akt_admin_handle_line(struct akt_admin_client *c, const char *line,
                           size_t len)
{
    json_error_t error;
    json_t *request = json_loadb(line, len, 0, &error);
    json_t *id = json_object_get(request, "id");
    json_t *v = json_object_get(request, "v");
    if (!request)
        akt_admin_refuse(c, 0, "bad_request", error.text);
    else if (!json_is_integer(id))
        akt_admin_refuse(c, 0, "bad_request", "\"id\" must be an integer");
    else if (json_integer_value(v) != AKT_ADMIN_VERSION)
        akt_admin_refuse(c, json_integer_value(id), "version",
                         "this node speaks version 1 of the protocol");
    else
        dispatch(c, json_integer_value(id), request);
    json_decref(request);
}
