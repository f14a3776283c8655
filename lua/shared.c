/* SPDX-License-Identifier: MIT */
#include "lua/shared.h"

#include <string.h>

#include "lua/codec.h"
#include "lua/codec_impl.h"
#include "vm/base/alloc.h"
#include "vm/tape.h"

#define ALIGN 16u
#define NONE UINT32_MAX
/* A block stays below this by the limit of a run: 64 MB of items of a byte. */
#define BLOCK_MAX ((size_t)4 << 30)

_Static_assert(sizeof(struct akt_shared_value) == 16, "a value has 16 bytes");

/* ---- reading the codec's bytes ---- */

enum token {
    T_BAD,
    T_NIL,
    T_FALSE,
    T_TRUE,
    T_INTEGER,
    T_FLOAT,
    T_STRING,
    T_POINTER,
    T_ARRAY,
    T_MAP,
    T_SECRET
};

struct item {
    enum token token;
    int64_t integer;
    double number;
    uint64_t bits;
    const char *text;
    uint32_t len; /* of a string; items of an array, pairs of a map */
};

struct input {
    const unsigned char *p, *end;
};

static bool has(const struct input *in, uint64_t n)
{
    return (uint64_t)(in->end - in->p) >= n;
}

static uint64_t take(struct input *in, unsigned bytes)
{
    uint64_t n = 0;
    for (unsigned i = 0; i < bytes; i++)
        n = n << 8 | *in->p++;
    return n;
}

static bool take_text(struct input *in, struct item *it, uint64_t len)
{
    if (!has(in, len))
        return false;
    it->token = T_STRING;
    it->text = (const char *)in->p;
    it->len = (uint32_t)len;
    in->p += len;
    return true;
}

static bool take_integer(struct input *in, struct item *it, unsigned bytes,
                         bool is_signed)
{
    if (!has(in, bytes))
        return false;
    uint64_t n = take(in, bytes);
    unsigned shift = 64 - 8 * bytes;
    it->token = T_INTEGER;
    it->integer = is_signed ? (int64_t)(n << shift) >> shift : (int64_t)n;
    return true;
}

static bool take_float(struct input *in, struct item *it)
{
    if (!has(in, 8))
        return false;
    uint64_t bits = take(in, 8);
    it->token = T_FLOAT;
    memcpy(&it->number, &bits, sizeof bits);
    return true;
}

/* `len` bytes of body, behind the byte of the type. */
static bool take_ext(struct input *in, struct item *it, uint64_t len)
{
    if (!has(in, len + 1))
        return false;
    bool ok = akt_codec_ext_load((const char *)in->p, len + 1, &it->bits);
    it->token = ok                               ? T_POINTER
                : *in->p == AKT_CODEC_EXT_SECRET ? T_SECRET
                                                 : T_BAD;
    in->p += len + 1;
    return it->token != T_BAD;
}

static bool take_sized(struct input *in, struct item *it, unsigned bytes,
                       enum token token)
{
    if (!has(in, bytes))
        return false;
    uint64_t n = take(in, bytes);
    if (token == T_STRING)
        return take_text(in, it, n);
    if (token == T_SECRET)
        return take_ext(in, it, n);
    it->token = token;
    it->len = (uint32_t)n;
    return has(in, n * (token == T_MAP ? 2 : 1)); /* a byte each, at least */
}

static bool take_simple(struct input *in, struct item *it, enum token token,
                        uint32_t len)
{
    it->token = token;
    it->len = len;
    return has(in, (uint64_t)len * (token == T_MAP ? 2 : 1));
}

static bool take_coded(struct input *in, struct item *it, unsigned char c)
{
    switch (c) {
    case 0xc0:
        return take_simple(in, it, T_NIL, 0);
    case 0xc2:
        return take_simple(in, it, T_FALSE, 0);
    case 0xc3:
        return take_simple(in, it, T_TRUE, 0);
    case 0xcb:
        return take_float(in, it);
    case 0xcc:
    case 0xcd:
    case 0xce:
    case 0xcf:
        return take_integer(in, it, 1u << (c - 0xcc), false);
    case 0xd0:
    case 0xd1:
    case 0xd2:
    case 0xd3:
        return take_integer(in, it, 1u << (c - 0xd0), true);
    case 0xc7:
    case 0xc8:
    case 0xc9:
        return take_sized(in, it, 1u << (c - 0xc7), T_SECRET);
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
        return take_ext(in, it, 1u << (c - 0xd4));
    case 0xd9:
    case 0xda:
    case 0xdb:
        return take_sized(in, it, 1u << (c - 0xd9), T_STRING);
    case 0xdc:
    case 0xdd:
        return take_sized(in, it, 2u << (c - 0xdc), T_ARRAY);
    case 0xde:
    case 0xdf:
        return take_sized(in, it, 2u << (c - 0xde), T_MAP);
    default:
        return false;
    }
}

static bool next_item(struct input *in, struct item *it)
{
    if (!has(in, 1))
        return false;
    unsigned char c = *in->p++;
    *it = (struct item){.token = T_INTEGER, .integer = c};
    if (c < 0x80)
        return true;
    if (c >= 0xe0) {
        it->integer = (int8_t)c;
        return true;
    }
    if (c < 0x90)
        return take_simple(in, it, T_MAP, c & 15);
    if (c < 0xa0)
        return take_simple(in, it, T_ARRAY, c & 15);
    if (c < 0xc0)
        return take_text(in, it, c & 31);
    return take_coded(in, it, c);
}

/* ---- how large ---- */

static uint64_t aligned(uint64_t n)
{
    return (n + ALIGN - 1) & ~(uint64_t)(ALIGN - 1);
}

static uint32_t slots_for(uint32_t map_len)
{
    uint64_t slots = 4;
    while (slots * 3 < (uint64_t)map_len * 4)
        slots *= 2;
    return map_len ? (uint32_t)slots : 0;
}

static uint64_t table_size(uint32_t array_len, uint32_t map_len)
{
    return aligned(sizeof(struct akt_shared_table) +
                   array_len * sizeof(struct akt_shared_value) +
                   map_len * sizeof(struct akt_shared_entry) +
                   slots_for(map_len) * sizeof(uint32_t));
}

static bool fail(struct akt_shared_error *error, const char *code,
                 const char *text)
{
    *error = (struct akt_shared_error){code, text};
    return false;
}

/* Adds what the next value takes besides its own 16 bytes. */
static bool measure(struct input *in, uint64_t *size, int depth,
                    struct akt_shared_error *error)
{
    struct item it;
    if (!next_item(in, &it) || depth > AKT_CODEC_DEPTH_MAX + 1)
        return fail(error, "bad_message", "malformed data");
    if (it.token == T_SECRET)
        return fail(error, "bad_argument", "a secret cannot be shared");
    if (it.token == T_STRING && it.len > AKT_SHARED_INLINE)
        *size += aligned(it.len);
    bool map = it.token == T_MAP;
    if (!map && it.token != T_ARRAY)
        return true;
    *size += map ? table_size(0, it.len) : table_size(it.len, 0);
    for (uint32_t i = 0; i < it.len; i++) {
        if (map && has(in, 1) &&
            (*in->p >> 4 == 8 || *in->p >> 4 == 9 ||
             (*in->p >= 0xdc && *in->p <= 0xdf)))
            return fail(error, "bad_argument",
                        "a table cannot be a key of shared data");
        if (map && !measure(in, size, depth + 1, error))
            return false;
        if (!measure(in, size, depth + 1, error))
            return false;
    }
    return true;
}

/* ---- hashing and comparing keys ---- */

#define K1 0x9e3779b97f4a7c15u
#define K2 0xd6e8feb86659fd93u

static inline uint64_t mix(uint64_t a, uint64_t b)
{
    __extension__ typedef unsigned __int128 wide;
    wide product = (wide)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static inline uint64_t load64(const char *p)
{
    uint64_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

static inline uint64_t load32(const char *p)
{
    uint32_t word;
    memcpy(&word, p, sizeof word);
    return word;
}

/* Up to eight bytes, without a loop: its halves may overlap. */
static inline uint64_t load_short(const char *p, size_t len)
{
    if (len >= 4)
        return load32(p) << 32 | load32(p + len - 4);
    if (len == 0)
        return 0;
    return (uint64_t)(unsigned char)p[0] << 16 |
           (uint64_t)(unsigned char)p[len / 2] << 8 | (unsigned char)p[len - 1];
}

static uint64_t hash_text(uint64_t seed, const char *p, size_t len)
{
    uint64_t h = seed ^ len * K1;
    if (len <= 8)
        return mix(h ^ load_short(p, len), K1);
    const char *last = p + len - 8;
    for (; p < last; p += 8)
        h = mix(h ^ load64(p), K2);
    return mix(h ^ load64(last), K1);
}

static uint64_t hash_value(const struct akt_shared *s,
                           const struct akt_shared_value *v)
{
    size_t len;
    if (v->type == AKT_SHARED_SHORT || v->type == AKT_SHARED_LONG) {
        const char *p = akt_shared_string(s, v, &len);
        return hash_text(s->seed, p, len);
    }
    if (v->type == AKT_SHARED_FALSE || v->type == AKT_SHARED_TRUE)
        return mix(s->seed ^ v->type, K1);
    return mix(s->seed ^ v->bits ^ (uint64_t)v->type << 56, K1);
}

static bool same_text(const struct akt_shared *s,
                      const struct akt_shared_value *v, const char *p,
                      size_t len)
{
    if (len <= AKT_SHARED_INLINE)
        return v->type == AKT_SHARED_SHORT && v->short_len == len &&
               memcmp(v->text, p, len) == 0;
    return v->type == AKT_SHARED_LONG && v->len == len &&
           memcmp(s->block + v->at, p, len) == 0;
}

static int compare_text(const char *a, size_t la, const char *b, size_t lb)
{
    int c = memcmp(a, b, la < lb ? la : lb);
    return c ? c : (la > lb) - (la < lb);
}

static double as_number(const struct akt_shared_value *v)
{
    return v->type == AKT_SHARED_INTEGER ? (double)v->integer : v->number;
}

/* Numbers in one order whatever their type, strings likewise. */
static int rank(const struct akt_shared_value *v)
{
    return v->type == AKT_SHARED_FLOAT  ? AKT_SHARED_INTEGER
           : v->type == AKT_SHARED_LONG ? AKT_SHARED_SHORT
                                        : v->type;
}

static int compare_keys(const struct akt_shared *s,
                        const struct akt_shared_value *a,
                        const struct akt_shared_value *b)
{
    size_t la, lb;
    if (rank(a) != rank(b))
        return rank(a) - rank(b);
    if (rank(a) == AKT_SHARED_SHORT) {
        const char *pa = akt_shared_string(s, a, &la);
        const char *pb = akt_shared_string(s, b, &lb);
        return compare_text(pa, la, pb, lb);
    }
    if (a->type == AKT_SHARED_INTEGER && b->type == AKT_SHARED_INTEGER)
        return (a->integer > b->integer) - (a->integer < b->integer);
    if (rank(a) == AKT_SHARED_INTEGER)
        return (as_number(a) > as_number(b)) - (as_number(a) < as_number(b));
    if (a->type == AKT_SHARED_POINTER)
        return (a->bits > b->bits) - (a->bits < b->bits);
    return 0;
}

/* ---- building ---- */

struct builder {
    struct akt_shared *s;
    struct input in;
    uint64_t used;
};

static uint64_t reserve(struct builder *b, uint64_t bytes)
{
    uint64_t at = b->used;
    b->used += aligned(bytes);
    return at;
}

static void build_text(struct builder *b, const struct item *it,
                       struct akt_shared_value *out)
{
    if (it->len <= AKT_SHARED_INLINE) {
        out->type = AKT_SHARED_SHORT;
        out->short_len = (uint8_t)it->len;
        memcpy(out->text, it->text, it->len);
        return;
    }
    out->type = AKT_SHARED_LONG;
    out->len = it->len;
    out->at = reserve(b, it->len);
    memcpy(b->s->block + out->at, it->text, it->len);
}

/* The inner parts are laid out as akt_shared_item and _entry expect. */
static struct akt_shared_value *items_of(struct akt_shared_table *t)
{
    return (void *)(t + 1);
}

static struct akt_shared_entry *entries_of(struct akt_shared_table *t)
{
    return (void *)(items_of(t) + t->array_len);
}

static uint32_t *index_of(const struct akt_shared_table *t)
{
    const struct akt_shared_value *items = (const void *)(t + 1);
    const struct akt_shared_entry *entries =
        (const void *)(items + t->array_len);
    return (uint32_t *)(uintptr_t)(entries + t->map_len);
}

/* Merges the runs [from, mid) and [mid, to) of `a` into `b`. */
static void merge(const struct akt_shared *s, const struct akt_shared_entry *a,
                  struct akt_shared_entry *b, const uint32_t bounds[3])
{
    uint32_t i = bounds[0], j = bounds[1];
    for (uint32_t k = bounds[0]; k < bounds[2]; k++) {
        bool left =
            j == bounds[2] ||
            (i < bounds[1] && compare_keys(s, &a[i].key, &a[j].key) <= 0);
        b[k] = left ? a[i++] : a[j++];
    }
}

/* A merge sort: qsort has no place for `s`. */
static void sort_entries(const struct akt_shared *s,
                         struct akt_shared_entry *entries, uint32_t n)
{
    struct akt_shared_entry *other = akt_alloc(n * sizeof *other + 1);
    struct akt_shared_entry *a = entries, *b = other;
    for (uint64_t width = 1; width < n; width *= 2) {
        for (uint64_t i = 0; i < n; i += 2 * width) {
            uint64_t mid = i + width < n ? i + width : n;
            uint64_t to = mid + width < n ? mid + width : n;
            uint32_t bounds[] = {(uint32_t)i, (uint32_t)mid, (uint32_t)to};
            merge(s, a, b, bounds);
        }
        struct akt_shared_entry *swap = a;
        a = b;
        b = swap;
    }
    if (a != entries)
        memcpy(entries, a, n * sizeof *entries);
    akt_free(other, n * sizeof *other + 1);
}

static void fill_index(struct builder *b, struct akt_shared_table *t)
{
    uint32_t *index = index_of(t), mask = t->slots - 1;
    memset(index, 0xff, t->slots * sizeof *index);
    for (uint32_t i = 0; i < t->map_len; i++) {
        uint64_t at = hash_value(b->s, &entries_of(t)[i].key) & mask;
        while (index[at] != NONE)
            at = (at + 1) & mask;
        index[at] = i;
    }
}

static void build(struct builder *b, struct akt_shared_value *out);

/* Keys in a map that are 1..n count for #, as in Lua. */
static uint32_t find_border(const struct akt_shared *s,
                            const struct akt_shared_table *t)
{
    struct akt_shared_value key = {.type = AKT_SHARED_INTEGER};
    uint32_t n = 0;
    do
        key.integer = ++n;
    while (akt_shared_find(s, t, &key));
    return n - 1;
}

static void build_array(struct builder *b, struct akt_shared_table *t)
{
    t->border = t->array_len;
    for (uint32_t i = 0; i < t->array_len; i++)
        build(b, &items_of(t)[i]);
}

static void build_map(struct builder *b, struct akt_shared_table *t)
{
    struct akt_shared_entry *entries = entries_of(t);
    for (uint32_t i = 0; i < t->map_len; i++) {
        build(b, &entries[i].key);
        build(b, &entries[i].value);
    }
    sort_entries(b->s, entries, t->map_len);
    fill_index(b, t);
    t->border = find_border(b->s, t);
}

static void build_table(struct builder *b, const struct item *it,
                        struct akt_shared_value *out)
{
    uint32_t array_len = it->token == T_ARRAY ? it->len : 0;
    uint32_t map_len = it->token == T_MAP ? it->len : 0;
    out->type = AKT_SHARED_TABLE;
    out->at = reserve(b, table_size(array_len, map_len));
    struct akt_shared_table *t = (void *)(b->s->block + out->at);
    t->array_len = array_len;
    t->map_len = map_len;
    t->slots = slots_for(map_len);
    if (map_len)
        build_map(b, t);
    else
        build_array(b, t);
}

/* The bytes were measured, so they are well-formed and there is room. */
static void build(struct builder *b, struct akt_shared_value *out)
{
    static const uint8_t types[] = {[T_NIL] = AKT_SHARED_NIL,
                                    [T_FALSE] = AKT_SHARED_FALSE,
                                    [T_TRUE] = AKT_SHARED_TRUE,
                                    [T_INTEGER] = AKT_SHARED_INTEGER,
                                    [T_FLOAT] = AKT_SHARED_FLOAT,
                                    [T_POINTER] = AKT_SHARED_POINTER,
                                    [T_ARRAY] = 0,
                                    [T_MAP] = 0,
                                    [T_STRING] = 0};
    struct item it;
    next_item(&b->in, &it);
    memset(out, 0, sizeof *out);
    switch (it.token) {
    case T_STRING:
        build_text(b, &it, out);
        return;
    case T_ARRAY:
    case T_MAP:
        build_table(b, &it, out);
        return;
    case T_INTEGER:
        out->integer = it.integer;
        break;
    case T_FLOAT:
        out->number = it.number;
        break;
    default:
        out->bits = it.bits;
    }
    out->type = types[it.token];
}

struct akt_shared *akt_shared_build(const char *bytes, size_t len,
                                    uint64_t seed, size_t most,
                                    struct akt_shared_error *error)
{
    struct builder b;
    uint64_t size = 0;
    b.in.p = (const unsigned char *)bytes;
    b.in.end = b.in.p + len;
    struct input in = b.in;
    if (!measure(&in, &size, 1, error))
        return NULL;
    if (in.p != in.end) {
        fail(error, "bad_message", "malformed data");
        return NULL;
    }
    if (size > BLOCK_MAX || size > most ||
        !(b.s = akt_try_resize(NULL, 0, sizeof *b.s + size))) {
        fail(error, "limit", "the node is short of memory");
        return NULL;
    }
    memset(b.s, 0, sizeof *b.s);
    b.s->seed = seed;
    b.s->size = size;
    /* relaxed: nobody else has it yet */
    atomic_init(&b.s->refs, 1);
    b.used = 0;
    build(&b, &b.s->root);
    return b.s;
}

struct akt_shared *akt_shared_ref(struct akt_shared *s)
{
    /* relaxed: the caller has a reference, or the lock of the names */
    atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    return s;
}

void akt_shared_unref(struct akt_shared *s)
{
    /* release pairs with the acquire half of the last one: all reading is
     * before the end */
    if (s && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1)
        akt_free(s, sizeof *s + s->size);
}

/* ---- looking ---- */

const char *akt_shared_string(const struct akt_shared *s,
                              const struct akt_shared_value *v, size_t *len)
{
    if (v->type == AKT_SHARED_SHORT) {
        *len = v->short_len;
        return v->text;
    }
    *len = v->len;
    return (const char *)s->block + v->at;
}

const struct akt_shared_value *akt_shared_item(const struct akt_shared_table *t,
                                               uint32_t i)
{
    return (const struct akt_shared_value *)(const void *)(t + 1) + i;
}

const struct akt_shared_entry *
akt_shared_entry(const struct akt_shared_table *t, uint32_t i)
{
    return (const struct akt_shared_entry *)(const void *)akt_shared_item(
               t, t->array_len) +
           i;
}

const struct akt_shared_value *
akt_shared_find(const struct akt_shared *s, const struct akt_shared_table *t,
                const struct akt_shared_value *key)
{
    if (key->type == AKT_SHARED_INTEGER && key->integer >= 1 &&
        key->integer <= t->array_len)
        return akt_shared_item(t, (uint32_t)key->integer - 1);
    if (!t->slots)
        return NULL;
    const uint32_t *index = index_of(t), mask = t->slots - 1;
    for (uint64_t at = hash_value(s, key) & mask; index[at] != NONE;
         at = (at + 1) & mask) {
        const struct akt_shared_entry *e = akt_shared_entry(t, index[at]);
        if (e->key.type == key->type && e->key.bits == key->bits)
            return &e->value;
    }
    return NULL;
}

const struct akt_shared_value *
akt_shared_find_string(const struct akt_shared *s,
                       const struct akt_shared_table *t, const char *key,
                       size_t len)
{
    if (!t->slots)
        return NULL;
    const uint32_t *index = index_of(t), mask = t->slots - 1;
    for (uint64_t at = hash_text(s->seed, key, len) & mask; index[at] != NONE;
         at = (at + 1) & mask) {
        const struct akt_shared_entry *e = akt_shared_entry(t, index[at]);
        if (same_text(s, &e->key, key, len))
            return &e->value;
    }
    return NULL;
}

/* ---- names ---- */

struct akt_shared_name {
    struct akt_shared_name *next;
    struct akt_shared *data;
    char *name;
};

void akt_shareds_init(struct akt_shareds *r)
{
    pthread_mutex_init(&r->lock, NULL);
    r->first = NULL;
    r->len = 0;
}

static void free_name(struct akt_shared_name *n)
{
    akt_shared_unref(n->data);
    akt_strfree(n->name);
    akt_free(n, sizeof *n);
}

void akt_shareds_fini(struct akt_shareds *r)
{
    while (r->first) {
        struct akt_shared_name *n = r->first;
        r->first = n->next;
        free_name(n);
    }
    pthread_mutex_destroy(&r->lock);
}

static struct akt_shared_name **find_name(struct akt_shareds *r,
                                          const char *name)
{
    struct akt_shared_name **at = &r->first;
    while (*at && strcmp((*at)->name, name) != 0)
        at = &(*at)->next;
    return at;
}

struct akt_shared *akt_shareds_get(struct akt_shareds *r, const char *name)
{
    pthread_mutex_lock(&r->lock);
    akt_input_ticket();
    struct akt_shared_name *n = *find_name(r, name);
    struct akt_shared *s = n ? akt_shared_ref(n->data) : NULL;
    pthread_mutex_unlock(&r->lock);
    return s;
}

/* Under the lock. */
static bool put_locked(struct akt_shareds *r, const char *name,
                       struct akt_shared *s)
{
    struct akt_shared_name **at = find_name(r, name), *n = *at;
    if (n) {
        /* relaxed: who is told of the new data, by any message, sees it */
        atomic_store_explicit(&n->data->replaced, true, memory_order_relaxed);
        if (s) {
            akt_shared_unref(n->data);
            n->data = s;
            return true;
        }
        *at = n->next;
        free_name(n);
        r->len--;
        return true;
    }
    if (!s)
        return true;
    if (r->len == AKT_SHARED_NAMES_MAX)
        return false;
    *at = n = akt_calloc(sizeof *n);
    n->data = s;
    n->name = akt_strdup(name);
    r->len++;
    return true;
}

bool akt_shareds_put(struct akt_shareds *r, const char *name,
                     struct akt_shared *s)
{
    pthread_mutex_lock(&r->lock);
    akt_input_ticket();
    bool ok = put_locked(r, name, s);
    pthread_mutex_unlock(&r->lock);
    if (!ok)
        akt_shared_unref(s);
    return ok;
}
