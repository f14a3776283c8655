/* SPDX-License-Identifier: MIT
 *
 * net/admin_tree.c: `tree`: who is whose child.
 *
 * Parents are read from the records, children are counted by slot; nothing of
 * it stops an actor. The answer is a list in the order of the tree, each row
 * with its depth, so that a deep tree is no deep JSON.
 */
#include <string.h>

#include "net/admin_impl.h"
#include "vm/base/alloc.h"

#define ROWS 500
#define ROWS_MAX 10000
#define WIDTH 20
#define DEPTH 32
#define DEPTH_MAX 256 /* each is a call of walk */

struct link {
    uint32_t first, next; /* slots; 0: none */
    uint32_t children;
};

struct tree {
    struct akt_scan scan;
    struct link *links;
    uint32_t len;
    uint32_t rows_max, width, depth;
    struct akt_row *rows;
    uint16_t *depths;
    uint32_t *hidden; /* children that are not shown */
    uint32_t rows_len;
};

static void link_all(struct tree *t)
{
    struct akt_row row;
    /* backwards, so that lists of children begin with the oldest */
    for (uint32_t slot = t->len - 1; slot > 0; slot--) {
        uint32_t parent;
        if (!akt_scan_read(&t->scan, slot, &row) ||
            akt_pid_is_none(row.parent) ||
            (parent = akt_pid_slot(row.parent)) >= t->len)
            continue;
        t->links[slot].next = t->links[parent].first;
        t->links[parent].first = slot;
        t->links[parent].children++;
    }
}

static void walk(struct tree *t, uint32_t slot, uint32_t depth)
{
    struct akt_row row;
    if (t->rows_len == t->rows_max || !akt_scan_read(&t->scan, slot, &row))
        return;
    uint32_t at = t->rows_len++, shown = 0;
    t->rows[at] = row;
    t->depths[at] = (uint16_t)depth;
    uint32_t child = depth < t->depth ? t->links[slot].first : 0;
    for (; child && shown < t->width; child = t->links[child].next) {
        uint32_t before = t->rows_len;
        walk(t, child, depth + 1);
        shown += t->rows_len > before;
    }
    t->hidden[at] = t->links[slot].children - shown;
}

static json_t *tree_json(struct tree *t)
{
    json_t *list = json_array();
    akt_rows_name(t->scan.node, t->rows, t->rows_len);
    for (uint32_t i = 0; i < t->rows_len; i++) {
        json_t *row = akt_row_json(&t->rows[i]);
        uint32_t slot = akt_pid_slot(t->rows[i].pid);
        json_object_set_new(row, "depth", json_integer(t->depths[i]));
        json_object_set_new(row, "children",
                            json_integer(t->links[slot].children));
        json_object_set_new(row, "hidden", json_integer(t->hidden[i]));
        json_array_append_new(list, row);
    }
    akt_rows_fini(t->rows, t->rows_len);
    return json_pack("{s:I,s:o}", "total",
                     (json_int_t)akt_actor_count(t->scan.node->actors),
                     "actors", list);
}

static void show(struct akt_admin_call *call, struct tree *t, akt_pid root,
                 struct akt_samples *samples)
{
    akt_scan_begin(&t->scan, akt_admin_node(call), samples);
    t->scan.keep = false;
    t->len = akt_scan_slots(&t->scan);
    t->links = akt_calloc(t->len * sizeof *t->links);
    t->rows = akt_alloc(t->rows_max * sizeof *t->rows);
    t->depths = akt_alloc(t->rows_max * sizeof *t->depths);
    t->hidden = akt_calloc(t->rows_max * sizeof *t->hidden);
    link_all(t);
    walk(t, akt_pid_slot(root), 0);
    akt_admin_result(call, tree_json(t));
    akt_free(t->links, t->len * sizeof *t->links);
    akt_free(t->rows, t->rows_max * sizeof *t->rows);
    akt_free(t->depths, t->rows_max * sizeof *t->depths);
    akt_free(t->hidden, t->rows_max * sizeof *t->hidden);
}

static void tree(struct akt_admin_call *call, json_t *args, void *ctx)
{
    struct tree t = {.rows_max = ROWS, .width = WIDTH, .depth = DEPTH};
    akt_pid root = akt_admin_node(call)->root;
    if (!akt_args_number(call, args, "limit", ROWS_MAX, &t.rows_max) ||
        !akt_args_number(call, args, "width", ROWS_MAX, &t.width) ||
        !akt_args_number(call, args, "depth", DEPTH_MAX, &t.depth))
        return;
    if (json_object_get(args, "pid") && !akt_args_pid(call, args, &root))
        return;
    show(call, &t, root, ctx);
}

static void free_samples(void *p)
{
    struct akt_samples *m = p;
    akt_free(m->slots, m->len * sizeof *m->slots);
    akt_free(m, sizeof *m);
}

void akt_admin_add_tree(struct akt_admin *admin)
{
    struct akt_samples *m = akt_calloc(sizeof *m);
    akt_admin_own(admin, m, free_samples);
    akt_admin_add_look(admin, "tree", tree, m);
}
