/* SPDX-License-Identifier: MIT
 *
 * lua/kind_list.c: what a node knows of Lua: its kinds and their versions, by
 * name, and the images that are kept.
 */
#include "lua/kind.h"

#include <string.h>

#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/base/hash.h"
#include "vm/metrics.h"
#include "vm/priorities.h"
#include "vm/tape.h"

struct akt_lua_node *akt_lua_node_create(struct akt_node *node)
{
    struct akt_lua_node *n = akt_calloc(sizeof *n);
    n->node = node;
    pthread_mutex_init(&n->lock, NULL);
    akt_shareds_init(&n->shareds);
    akt_provided_init(&n->provided);
    struct akt_kind process = {
        .name = "process",
        .host = &akt_lua_host,
        .process = true,
        .mailbox = {AKT_MAILBOX_MAX, AKT_MAILBOX_MAX_KB, AKT_FULL_WAIT},
        .supervise = AKT_SUPERVISE_DEFAULT,
    };
    n->process = process;
    n->process.metrics = akt_metrics_kind(node->metrics, "process");
    n->main = process;
    n->main.name = "main";
    n->main.metrics = akt_metrics_kind(node->metrics, "main");
    n->session = process;
    n->session.name = "session";
    n->session.mailbox.full = AKT_FULL_DROP_OLD;
    n->crash_reports = true;
    node->host_data = n;
    return n;
}

static void free_kind(struct akt_lua_kind *k)
{
    while (k->versions) {
        struct akt_lua_version *v = k->versions;
        k->versions = v->older;
        akt_version_free(v);
    }
    akt_strfree(k->name);
    akt_strfree(k->source);
    akt_free(k, sizeof *k);
}

void akt_lua_node_destroy(struct akt_lua_node *n)
{
    while (n->kinds) {
        struct akt_lua_kind *k = n->kinds;
        n->kinds = k->next;
        free_kind(k);
    }
    akt_modules_fini(&n->modules);
    akt_shareds_fini(&n->shareds);
    akt_provided_fini(&n->provided);
    akt_buf_fini(&n->ids_free);
    akt_buf_fini(&n->findings_text);
    akt_test_state_free(n);
    uint32_t cursor = 0;
    struct akt_map_entry *e;
    while ((e = akt_map_next(&n->kept, &cursor)))
        akt_image_unref((struct akt_image *)(uintptr_t)e->value);
    akt_map_fini(&n->kept);
    akt_map_fini(&n->kinds_by_name);
    pthread_mutex_destroy(&n->lock);
    akt_free(n, sizeof *n);
}

void akt_lua_keep_script(struct akt_lua_node *n)
{
    if (n->script_path)
        akt_text_unref(
            akt_modules_put(n, "", n->script_path,
                            akt_text_new(n->script_text, n->script_len)));
}

void akt_lua_finding(struct akt_lua_node *n, const char *text, size_t len)
{
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    akt_buf_add(&n->findings_text, text, len);
    akt_buf_putc(&n->findings_text, '\n');
    n->findings++;
    pthread_mutex_unlock(&n->lock);
}

uint64_t akt_lua_keep_image(struct akt_lua_node *n, struct akt_image *image)
{
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    /* by contents: a supervisor that starts the same function again and again
     * keeps one */
    uint64_t id = akt_image_hash(image) >> 1 | 1, old;
    if (akt_map_get(&n->kept, id, &old))
        akt_image_unref(image);
    else
        akt_map_put(&n->kept, id, (uintptr_t)image);
    pthread_mutex_unlock(&n->lock);
    return id;
}

struct akt_image *akt_lua_kept_image(struct akt_lua_node *n, uint64_t id)
{
    uint64_t value = 0;
    pthread_mutex_lock(&n->lock);
    akt_input_ticket();
    akt_map_get(&n->kept, id, &value);
    pthread_mutex_unlock(&n->lock);
    return (struct akt_image *)(uintptr_t)value;
}

static uint64_t name_hash(const char *s)
{
    /* a key of a map is never 0 nor all ones */
    return akt_hash(AKT_HASH_INIT, s, strlen(s)) >> 1 | 1;
}

struct akt_lua_version *akt_kind_current(const struct akt_lua_kind *k)
{
    /* acquire: pairs with the release in akt_kind_publish */
    return atomic_load_explicit(&k->current, memory_order_acquire);
}

static uint32_t take_id(struct akt_lua_node *n)
{
    uint32_t id = n->ids_len;
    if (n->ids_free.len == 0) {
        n->ids_len++;
    } else {
        n->ids_free.len -= sizeof id;
        memcpy(&id, n->ids_free.data + n->ids_free.len, sizeof id);
    }
    return id;
}

struct akt_lua_version *akt_version_new(struct akt_lua_node *n,
                                        struct akt_lua_kind *k)
{
    struct akt_lua_version *v = akt_calloc(sizeof *v);
    v->kind = n->process;
    v->kind.process = false;
    v->kind.name = k->name;
    v->kind.data = v;
    v->kind.metrics = akt_metrics_kind(n->node->metrics, k->name);
    v->family = k;
    v->serial = ++n->versions_made;
    v->id = take_id(n);
    v->number = k->versions ? k->versions->number + 1 : 1;
    v->older = k->versions;
    k->versions = v;
    return v;
}

void akt_kind_free_tags(struct akt_kind *kind)
{
    struct akt_tags *tags = kind->reentrant.tags;
    if (tags)
        akt_free(tags, sizeof *tags + tags->size);
    kind->reentrant.tags = NULL;
}

void akt_version_free(struct akt_lua_version *v)
{
    akt_kind_free_tags(&v->kind);
    akt_image_unref(v->image);
    akt_priorities_unref(v->kind.rules.tags);
    akt_buf_fini(&v->modules);
    akt_buf_fini(&v->tags);
    akt_text_unref(v->text);
    akt_contract_unref(v->contract);
    akt_strfree(v->label);
    akt_free(v, sizeof *v);
}

void akt_kind_publish(struct akt_lua_version *v)
{
    struct akt_lua_version *old =
        atomic_load_explicit(&v->family->current, memory_order_relaxed);
    /* release, both: whoever sees the version sees what is in it */
    atomic_store_explicit(&v->family->current, v, memory_order_release);
    if (old && old != v) /* a new kind has its first version already */
        atomic_store_explicit(&old->kind.newer, &v->kind, memory_order_release);
}

struct akt_lua_kind *akt_kind_find(struct akt_lua_node *n, const char *name)
{
    uint64_t first = 0;
    akt_map_get(&n->kinds_by_name, name_hash(name), &first);
    struct akt_lua_kind *k = (struct akt_lua_kind *)(uintptr_t)first;
    while (k && strcmp(k->name, name) != 0)
        k = k->same_hash;
    return k;
}

struct akt_lua_kind *akt_kind_add(struct akt_lua_node *n, const char *name,
                                  const char *source, int line)
{
    struct akt_lua_kind *k = akt_calloc(sizeof *k);
    k->name = akt_strdup(name);
    akt_kind_publish(akt_version_new(n, k));
    k->source = akt_strdup(source);
    k->line = line;
    k->next = n->kinds;
    n->kinds = k;
    uint64_t first = 0;
    akt_map_get(&n->kinds_by_name, name_hash(name), &first);
    k->same_hash = (struct akt_lua_kind *)(uintptr_t)first;
    akt_map_put(&n->kinds_by_name, name_hash(name), (uintptr_t)k);
    return k;
}
