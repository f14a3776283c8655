/* SPDX-License-Identifier: MIT
 *
 * net/admin_args.c: the arguments of commands.
 */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "net/admin_impl.h"
#include "vm/names.h"

bool akt_args_number(struct akt_admin_call *call, json_t *args, const char *key,
                     uint32_t max, uint32_t *out)
{
    json_t *value = json_object_get(args, key);
    json_int_t n = json_integer_value(value);
    if (!value)
        return true;
    if (!json_is_integer(value) || n < 0 || n > max) {
        akt_admin_error(call, "bad_argument",
                        "%s must be a whole number of 0 to %" PRIu32, key, max);
        return false;
    }
    *out = (uint32_t)n;
    return true;
}

void akt_admin_actor_path(struct akt_node *node, akt_pid pid,
                          struct akt_buf *out)
{
    struct akt_actor *a = akt_actor_find(node->actors, pid);
    if (!a)
        return;
    const char *kind = akt_actor_kind(a)->name;
    if (kind[0] == '/') {
        akt_buf_puts(out, kind);
        return;
    }
    /* relaxed: set before the pid was published */
    akt_pid parent = {atomic_load_explicit(&a->parent, memory_order_relaxed)};
    akt_admin_actor_path(node, parent, out);
    if (akt_pid_eq(pid, node->main))
        akt_buf_puts(out, "/main");
    else
        akt_buf_printf(out, "/%s#%" PRIu64, kind, akt_pid_serial(pid));
}

static akt_pid by_number(struct akt_node *node, const char *digits)
{
    char *end;
    uint64_t n = strtoull(digits, &end, 10);
    if (end == digits || (*end && *end != '>') || digits[0] == '-' ||
        n >> (AKT_PID_SLOT_BITS + AKT_PID_GENERATION_BITS))
        return AKT_PID_NONE;
    akt_pid pid =
        akt_pid_make(AKT_PID_NODE_SELF, (uint32_t)n & AKT_PID_SLOT_MAX,
                     (uint32_t)(n >> AKT_PID_SLOT_BITS));
    return akt_actor_find(node->actors, pid) ? pid : AKT_PID_NONE;
}

static akt_pid by_path(struct akt_node *node, const char *path)
{
    const akt_pid roots[] = {node->root, node->system, node->user, node->main};
    const char *hash = strrchr(path, '#');
    akt_pid found = hash ? by_number(node, hash + 1) : AKT_PID_NONE;
    for (size_t i = 0; i < 5; i++) {
        akt_pid pid = i < 4 ? roots[i] : found;
        struct akt_buf b = AKT_BUF_INIT;
        akt_admin_actor_path(node, pid, &b);
        bool same = strcmp(akt_buf_cstr(&b), path) == 0 && b.len;
        akt_buf_fini(&b);
        if (same)
            return pid;
    }
    return AKT_PID_NONE;
}

/* "12", "#12", "<counter#12>", "/user/main/counter#12" or a name; the name
 * first, it may look like anything. */
static akt_pid find(struct akt_node *node, const char *word)
{
    akt_pid pid = akt_names_find(node->names, word);
    if (!akt_pid_is_none(pid))
        return pid;
    if (word[0] == '/')
        return by_path(node, word);
    const char *hash = strrchr(word, '#');
    if (hash && (hash == word || word[0] == '<'))
        return by_number(node, hash + 1);
    return by_number(node, word);
}

bool akt_args_pid(struct akt_admin_call *call, json_t *args, akt_pid *pid)
{
    json_t *value = json_object_get(args, "pid");
    char digits[32];
    const char *word = json_string_value(value);
    if (json_is_integer(value)) {
        snprintf(digits, sizeof digits, "%" JSON_INTEGER_FORMAT,
                 json_integer_value(value));
        word = digits;
    }
    if (!word) {
        akt_admin_error(call, "bad_argument",
                        "pid must be a number, a name or a path");
        return false;
    }
    *pid = find(akt_admin_node(call), word);
    if (akt_pid_is_none(*pid))
        akt_admin_error(call, "noproc", "there is no actor %.200s", word);
    return !akt_pid_is_none(*pid);
}
