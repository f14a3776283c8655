/* SPDX-License-Identifier: MIT
 *
 * lua/reload_report.c: what a reload says of itself.
 */
#include <stdio.h>
#include <string.h>

#include "lua/reload_impl.h"

static bool has(const struct akt_buf *names, const char *name)
{
    for (const char *s = akt_modules_first(names); s;
         s = akt_modules_next(names, s))
        if (strcmp(s, name) == 0)
            return true;
    return false;
}

/* Text that may hold any bytes. */
static void note(json_t *notes, json_t *text)
{
    json_array_append_new(
        notes, text ? text : json_string("a name that cannot be shown"));
}

static void note_handlers(const struct akt_change *c, json_t *notes)
{
    for (const char *s = akt_modules_first(&c->from->tags); s;
         s = akt_modules_next(&c->from->tags, s))
        if (!has(&c->next->tags, s))
            note(notes,
                 json_sprintf("on:%s is gone: messages with this tag, also "
                              "those that wait, %s",
                              s,
                              c->next->has_unknown
                                  ? "go to unknown"
                                  : "become dead letters, and who asks gets "
                                    "unknown_message"));
    for (const char *s = akt_modules_first(&c->next->tags); s;
         s = akt_modules_next(&c->next->tags, s))
        if (!has(&c->from->tags, s))
            note(notes, json_sprintf("on:%s is new", s));
}

static void note_hooks(const struct akt_change *c, json_t *notes)
{
    static const struct {
        uint32_t bit;
        const char *gone, *new;
    } hooks[] = {
        {AKT_HOOK_INIT,
         "init is gone: actors that start or restart begin with an empty state",
         "init is new: running actors keep their state, init runs when they "
         "restart"},
        {AKT_HOOK_TERMINATE, "terminate is gone", "terminate is new"},
        {AKT_HOOK_EXIT,
         "exit is gone: links that end with an error now end these actors",
         "exit is new: these actors trap exits now"},
        {AKT_HOOK_DOWN, "down is gone: news of monitors are dropped", NULL},
        {AKT_HOOK_UPGRADE, NULL,
         "upgrade runs on a copy of each actor's state"},
    };
    for (size_t i = 0; i < sizeof hooks / sizeof *hooks; i++) {
        bool was = c->from->kind.hooks & hooks[i].bit;
        bool is = c->next->kind.hooks & hooks[i].bit;
        if (hooks[i].bit == AKT_HOOK_UPGRADE)
            was = false;
        if (was && !is && hooks[i].gone)
            note(notes, json_string(hooks[i].gone));
        if (is && !was && hooks[i].new)
            note(notes, json_string(hooks[i].new));
    }
}

static void note_policies(const struct akt_change *c, json_t *notes)
{
    const struct akt_kind *a = &c->from->kind, *b = &c->next->kind;
    if (akt_mailbox_pack(&a->mailbox) != akt_mailbox_pack(&b->mailbox) ||
        !akt_mailbox_rules_same(&a->rules, &b->rules))
        note(notes,
             json_string("the mailbox policy changes, but not for actors "
                         "that were spawned with their own"));
    if (memcmp(&a->supervise, &b->supervise, sizeof a->supervise) != 0)
        note(notes, json_string("the supervision of children changes"));
}

static json_t *notes_of(const struct akt_change *c)
{
    json_t *notes = json_array();
    if (!c->from) {
        note(notes, json_string("a new kind"));
        return notes;
    }
    if (c->again) {
        note(notes, json_string("not changed: actors on older versions try "
                                "again"));
        return notes;
    }
    if (!c->from->image) {
        note(notes, json_string("no actor of it has been spawned yet"));
        return notes;
    }
    note_handlers(c, notes);
    note_hooks(c, notes);
    note_policies(c, notes);
    return notes;
}

static json_t *version_of(const struct akt_lua_version *v, uint32_t number)
{
    json_t *o = json_pack("{s:i}", "number", (int)number);
    char hash[20];
    snprintf(hash, sizeof hash, "%016llx", (unsigned long long)v->hash);
    json_object_set_new(o, "hash", json_string(hash));
    if (v->label)
        json_object_set_new(o, "version", json_string(v->label));
    return o;
}

static json_t *kind_report(const struct akt_plan *p, const struct akt_change *c)
{
    const struct akt_lua_kind *k = c->kind ? c->kind : c->next->family;
    uint64_t done = c->actors - c->waiting - c->refused;
    json_t *o =
        json_pack("{s:s, s:s, s:I, s:I, s:I, s:I, s:o}", "kind", k->name,
                  "file", k->source[0] == '@' ? k->source + 1 : k->source,
                  "actors", (json_int_t)c->actors, "switched",
                  (json_int_t)(p->request->dry_run ? 0 : done), "waiting",
                  (json_int_t)c->waiting, "refused", (json_int_t)c->refused,
                  "notes", notes_of(c));
    if (!o)
        return json_pack("{s:s}", "kind", "a name that cannot be shown");
    if (c->from)
        json_object_set_new(o, "from", version_of(c->from, c->from->number));
    uint32_t number = c->to      ? c->to->number
                      : c->again ? c->from->number
                      : c->from  ? c->kind->versions->number + 1
                                 : 1;
    json_object_set_new(o, "to", version_of(c->next, number));
    return o;
}

static void note_processes(const struct akt_plan *p, bool any)
{
    if (any && p->processes)
        note(
            p->notes,
            json_sprintf("process actors (%llu) are not reloadable: they go on "
                         "with the code they were started with",
                         (unsigned long long)p->processes));
}

json_t *akt_plan_report(const struct akt_plan *p)
{
    json_t *kinds = json_array(), *modules = json_array();
    for (uint32_t i = 0; i < p->changes_len; i++)
        if (p->changes[i].selected && !p->changes[i].unspawned)
            json_array_append_new(kinds, kind_report(p, &p->changes[i]));
    for (uint32_t i = 0; i < p->modules_len; i++)
        if (p->modules[i].selected && p->modules[i].name[0])
            json_array_append_new(modules, json_string(p->modules[i].name));
    note_processes(p, json_array_size(kinds) || json_array_size(modules));
    return json_pack("{s:o, s:o, s:O, s:b}", "kinds", kinds, "modules", modules,
                     "notes", p->notes, "dry_run", (int)p->request->dry_run);
}
