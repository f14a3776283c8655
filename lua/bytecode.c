/* SPDX-License-Identifier: MIT */
#include "lua/bytecode.h"

#include <limits.h>
#include <stdint.h>
#include <string.h>

#include "vm/base/alloc.h"
#include "vm/base/hash.h"

#if LUA_VERSION_NUM != 504
#error "this reads the code of Lua 5.4; another version has other opcodes"
#endif

/* The opcodes that matter, numbered as in Lua 5.4's lopcodes.h. */
enum {
    OP_LOADK = 3,
    OP_LOADKX = 4,
    OP_GETUPVAL = 9,
    OP_SETUPVAL = 10,
    OP_GETTABUP = 11,
    OP_GETTABLE = 12,
    OP_GETFIELD = 14,
    OP_SETTABUP = 15,
    OP_SETTABLE = 16,
    OP_SETI = 17,
    OP_SETFIELD = 18,
    OP_MMBIN = 46,
    OP_MMBINI = 47,
    OP_MMBINK = 48,
    OP_CLOSE = 54,
    OP_TBC = 55,
    OP_JMP = 56,
    OP_EQ = 57,
    OP_TEST = 66,
    OP_RETURN = 70,
    OP_RETURN1 = 72,
    OP_SETLIST = 78,
    OP_VARARGPREP = 81,
    OP_EXTRAARG = 82,
};

/* Tags of constants: the basic type, and a variant in bits 4 and 5. */
enum {
    CONST_NIL = 0,
    CONST_FALSE = 1,
    CONST_TRUE = 1 | 1 << 4,
    CONST_INTEGER = 3,
    CONST_FLOAT = 3 | 1 << 4,
    CONST_SHORT = 4,
    CONST_LONG = 4 | 1 << 4,
};

typedef uint32_t instruction;

#define REGISTERS 256 /* operand A has eight bits */
#define LINE_ABSOLUTE \
    (-128)              /* "this instruction's line is in the other list" */
#define UPVALUE_BYTES 3 /* in the stack of the parent?, index, kind */
#define NO_PARENT UINT32_MAX
/* Lua itself parses at most 200 functions inside one another. */
#define NESTING_MAX 200

/* Part of the dump; data is NULL where Lua wrote "no string". */
struct span {
    const char *data;
    size_t len;
};

struct proto {
    uint32_t parent; /* index of the function around it */
    struct span source;
    int line_defined;
    const char *shape;     /* up to shape_end: parameters, code, constants, */
    const char *shape_end; /* upvalues: all but lines and names */
    const char *code;
    uint32_t code_count;
    uint32_t first_constant; /* in scan.spans; empty unless a string */
    uint32_t constant_count;
    const char *upvalues;
    uint32_t upvalue_count;
    uint32_t first_name; /* of its upvalues, in scan.spans */
    const char *lines;   /* one signed byte an instruction: line delta */
    const char *abs_lines;
    uint32_t abs_count;
};

/* Reading is sticky: after the first fault every read gives zeros, so that
 * loops need to look at `fault` only once a round. */
struct scan {
    const char *at;
    const char *end;
    int fault;
    struct proto *protos;
    uint32_t proto_count;
    uint32_t proto_cap;
    struct span *spans;
    uint32_t span_count;
    uint32_t span_cap;
    akt_bytecode_fn *fn;
    void *ctx;
};

static void fail(struct scan *s, int fault)
{
    if (s->fault == 0)
        s->fault = fault;
    s->at = s->end;
}

/* ---- reading the format ---- */

/* NULL when fewer than `n` bytes are left. */
static const char *read_bytes(struct scan *s, size_t n)
{
    if ((size_t)(s->end - s->at) < n) {
        fail(s, AKT_BYTECODE_EDAMAGED);
        return NULL;
    }
    const char *p = s->at;
    s->at += n;
    return p;
}

static unsigned char read_byte(struct scan *s)
{
    const char *p = read_bytes(s, 1);
    return p ? (unsigned char)*p : 0;
}

/* Seven bits a byte, most significant first, the last byte has bit 7 set. */
static size_t read_size(struct scan *s)
{
    size_t n = 0;
    for (;;) {
        unsigned char b = read_byte(s);
        if (s->fault || n > SIZE_MAX >> 7) {
            fail(s, AKT_BYTECODE_EDAMAGED);
            return 0;
        }
        n = n << 7 | (b & 0x7f);
        if (b & 0x80)
            return n;
    }
}

static int read_int(struct scan *s)
{
    size_t n = read_size(s);
    if (n > INT_MAX) {
        fail(s, AKT_BYTECODE_EDAMAGED);
        return 0;
    }
    return (int)n;
}

/* How many things of at least `each` bytes follow; never more than can. */
static uint32_t read_count(struct scan *s, size_t each)
{
    uint32_t n = (uint32_t)read_int(s);
    if (n > (size_t)(s->end - s->at) / each) {
        fail(s, AKT_BYTECODE_EDAMAGED);
        return 0;
    }
    return n;
}

static struct span read_string(struct scan *s)
{
    struct span str = {NULL, 0};
    size_t size = read_size(s); /* length + 1; 0: no string */
    if (size == 0)
        return str;
    str.data = read_bytes(s, size - 1);
    str.len = str.data ? size - 1 : 0;
    return str;
}

/* An array that is full doubles; the new capacity is returned. */
static uint32_t grow(void **array, uint32_t cap, size_t each)
{
    uint32_t more = cap ? cap * 2 : 16;
    *array = akt_resize(*array, cap * each, more * each);
    return more;
}

static void add_span(struct scan *s, struct span str)
{
    if (s->span_count == s->span_cap) {
        void *array = s->spans;
        s->span_cap = grow(&array, s->span_cap, sizeof *s->spans);
        s->spans = array;
    }
    s->spans[s->span_count++] = str;
}

static uint32_t add_proto(struct scan *s)
{
    if (s->proto_count == s->proto_cap) {
        void *array = s->protos;
        s->proto_cap = grow(&array, s->proto_cap, sizeof *s->protos);
        s->protos = array;
    }
    return s->proto_count++;
}

static struct span read_constant(struct scan *s)
{
    switch (read_byte(s)) {
    case CONST_NIL:
    case CONST_FALSE:
    case CONST_TRUE:
        break;
    case CONST_INTEGER:
        read_bytes(s, sizeof(lua_Integer));
        break;
    case CONST_FLOAT:
        read_bytes(s, sizeof(lua_Number));
        break;
    case CONST_SHORT:
    case CONST_LONG:
        return read_string(s);
    default:
        fail(s, AKT_BYTECODE_EDAMAGED);
    }
    return (struct span){NULL, 0};
}

static void read_constants(struct scan *s, struct proto *p)
{
    p->constant_count = read_count(s, 1);
    p->first_constant = s->span_count;
    for (uint32_t i = 0; i < p->constant_count && !s->fault; i++)
        add_span(s, read_constant(s));
}

/* Pairs of (instruction, line), each a number of unknown length. */
static void read_abs_lines(struct scan *s, struct proto *p)
{
    p->abs_count = read_count(s, 2);
    p->abs_lines = s->at;
    for (uint32_t i = 0; i < p->abs_count && !s->fault; i++) {
        read_int(s);
        read_int(s);
    }
}

static void read_debug(struct scan *s, struct proto *p)
{
    uint32_t lines = read_count(s, 1);
    p->lines = read_bytes(s, lines);
    read_abs_lines(s, p);
    uint32_t locals = read_count(s, 3);
    for (uint32_t i = 0; i < locals && !s->fault; i++) {
        read_string(s);
        read_int(s);
        read_int(s);
    }
    uint32_t names = read_count(s, 1);
    p->first_name = s->span_count;
    for (uint32_t i = 0; i < names && !s->fault; i++)
        add_span(s, read_string(s));
    if (lines != p->code_count || names != p->upvalue_count)
        fail(s,
             lines || names ? AKT_BYTECODE_EDAMAGED : AKT_BYTECODE_ESTRIPPED);
}

static void read_head(struct scan *s, struct proto *p)
{
    p->source = read_string(s);
    if (!p->source.data && p->parent != NO_PARENT)
        p->source = s->protos[p->parent].source;
    p->line_defined = read_int(s);
    read_int(s);                 /* its last line */
    p->shape = read_bytes(s, 3); /* parameters, is it vararg, stack size */
    p->code_count = read_count(s, sizeof(instruction));
    p->code = read_bytes(s, p->code_count * sizeof(instruction));
}

static void read_function(struct scan *s, uint32_t parent, int depth)
{
    uint32_t self = add_proto(s);
    struct proto p = {.parent = parent};
    read_head(s, &p);
    read_constants(s, &p);
    p.upvalue_count = read_count(s, UPVALUE_BYTES);
    p.upvalues = read_bytes(s, (size_t)p.upvalue_count * UPVALUE_BYTES);
    p.shape_end = s->at;
    s->protos[self] = p; /* the inner functions take its source from here */
    uint32_t inner = read_count(s, 1);
    if (inner && depth == NESTING_MAX)
        fail(s, AKT_BYTECODE_EDAMAGED);
    for (uint32_t i = 0; i < inner && !s->fault; i++)
        read_function(s, self, depth + 1);
    read_debug(s, &p);
    s->protos[self] = p;
}

/* Everything a dump starts with is the same for all dumps of one Lua. */
static void read_header(struct scan *s)
{
    const lua_Integer integer = 0x5678;
    const lua_Number number = 370.5;
    char want[64];
    size_t n = 0;
    memcpy(want, LUA_SIGNATURE "\x54\0\x19\x93\r\n\x1a\n", 12);
    n += 12;
    want[n++] = sizeof(instruction);
    want[n++] = sizeof integer;
    want[n++] = sizeof number;
    memcpy(want + n, &integer, sizeof integer);
    n += sizeof integer;
    memcpy(want + n, &number, sizeof number);
    n += sizeof number;
    size_t have = (size_t)(s->end - s->at);
    if (memcmp(s->at, want, have < n ? have : n) != 0)
        fail(s, AKT_BYTECODE_EFORMAT);
    read_bytes(s, n);
    read_byte(s); /* number of upvalues, which the function repeats */
}

/* ---- looking at the code ---- */

/* What is known about a register while walking down the code of a function:
 * each is 0, or 1 + the index of an upvalue or constant it was loaded from. */
struct registers {
    uint32_t upvalue[REGISTERS];
    uint32_t constant[REGISTERS];
};

struct walk {
    struct scan *s;
    const struct proto *p;
    struct registers regs;
    struct scan abs; /* reads p->abs_lines in step with the code */
    int line;
};

static unsigned op_of(instruction i)
{
    return i & 0x7f;
}

static unsigned a_of(instruction i)
{
    return i >> 7 & 0xff;
}

static unsigned b_of(instruction i)
{
    return i >> 16 & 0xff;
}

static unsigned c_of(instruction i)
{
    return i >> 24;
}

static instruction code_at(const struct proto *p, uint32_t pc)
{
    instruction i;
    memcpy(&i, p->code + pc * sizeof i, sizeof i);
    return i;
}

/* The outermost function's upvalue that `index` of `p` stands for. NULL: it
 * is a local variable of a function in between. */
static const struct span *find_captured(struct scan *s, const struct proto *p,
                                        uint32_t index)
{
    for (;;) {
        if (index >= p->upvalue_count) {
            fail(s, AKT_BYTECODE_EDAMAGED);
            return NULL;
        }
        if (p->parent == NO_PARENT)
            return &s->spans[p->first_name + index];
        const char *desc = p->upvalues + (size_t)index * UPVALUE_BYTES;
        if (desc[0])
            return NULL;
        index = (unsigned char)desc[1];
        p = &s->protos[p->parent];
    }
}

static bool is_env(const struct span *name)
{
    return name->len == 4 && memcmp(name->data, "_ENV", 4) == 0;
}

static void report(struct walk *w, enum akt_bytecode_what what,
                   struct span name)
{
    struct span source = w->p->source;
    if (!name.data)
        name = (struct span){"?", 1};
    if (!source.data)
        source = (struct span){"=?", 2};
    struct akt_bytecode_access access = {what,        name.data,  name.len,
                                         source.data, source.len, w->line};
    w->s->fn(&access, w->s->ctx);
}

/* `index` as from struct registers: 0 is no constant. */
static struct span constant_name(struct walk *w, uint32_t index)
{
    if (index == 0)
        return (struct span){NULL, 0};
    if (index > w->p->constant_count) {
        fail(w->s, AKT_BYTECODE_EDAMAGED);
        return (struct span){NULL, 0};
    }
    return w->s->spans[w->p->first_constant + index - 1];
}

static void set_upvalue(struct walk *w, uint32_t upvalue)
{
    const struct span *name = find_captured(w->s, w->p, upvalue);
    if (name)
        report(w, AKT_BYTECODE_SET_CAPTURED, *name);
}

/* `upvalue` is indexed with constant `key`; both as in struct registers. */
static void set_field(struct walk *w, uint32_t upvalue, uint32_t key)
{
    struct span key_name = constant_name(w, key);
    if (upvalue == 0)
        return;
    const struct span *name = find_captured(w->s, w->p, upvalue - 1);
    if (name && is_env(name))
        report(w, AKT_BYTECODE_SET_GLOBAL, key_name);
    else if (name)
        report(w, AKT_BYTECODE_SET_FIELD, *name);
}

static void get_field(struct walk *w, uint32_t upvalue, uint32_t key)
{
    struct span key_name = constant_name(w, key);
    if (upvalue == 0 || !key_name.data)
        return;
    const struct span *name = find_captured(w->s, w->p, upvalue - 1);
    if (name && is_env(name))
        report(w, AKT_BYTECODE_GET_GLOBAL, key_name);
}

static void look_at(struct walk *w, instruction i)
{
    const struct registers *r = &w->regs;
    unsigned a = a_of(i), b = b_of(i), c = c_of(i);
    switch (op_of(i)) {
    case OP_SETUPVAL:
        set_upvalue(w, b);
        break;
    case OP_SETTABUP:
        set_field(w, a + 1, b + 1);
        break;
    case OP_SETTABLE:
        set_field(w, r->upvalue[a], r->constant[b]);
        break;
    case OP_SETFIELD:
        set_field(w, r->upvalue[a], b + 1);
        break;
    case OP_SETI:
        set_field(w, r->upvalue[a], 0);
        break;
    case OP_GETTABUP:
        get_field(w, b + 1, c + 1);
        break;
    case OP_GETTABLE:
        get_field(w, r->upvalue[b], r->constant[c]);
        break;
    case OP_GETFIELD:
        get_field(w, r->upvalue[b], c + 1);
        break;
    }
}

/* Does the instruction leave register A as it was? */
static bool keeps_a(unsigned op)
{
    return (op >= OP_SETTABUP && op <= OP_SETFIELD) || op == OP_SETUPVAL ||
           (op >= OP_MMBIN && op <= OP_MMBINK) ||
           (op >= OP_CLOSE && op <= OP_TEST) ||
           (op >= OP_RETURN && op <= OP_RETURN1) || op == OP_SETLIST ||
           op >= OP_VARARGPREP;
}

/*
 * Lua reaches a global by SETTABUP and GETTABUP only while its name is short
 * and among the first 256 constants; else it loads _ENV and the name into
 * registers first. So loads are remembered until the register is written.
 * Some instructions write several registers from A up, and what lies above a
 * target is a dead temporary, so all from A up are forgotten.
 */
static void remember(struct walk *w, uint32_t pc, instruction i)
{
    struct registers *r = &w->regs;
    unsigned op = op_of(i), a = a_of(i);
    if (keeps_a(op))
        return;
    memset(r->upvalue + a, 0, (REGISTERS - a) * sizeof *r->upvalue);
    memset(r->constant + a, 0, (REGISTERS - a) * sizeof *r->constant);
    if (op == OP_GETUPVAL)
        r->upvalue[a] = b_of(i) + 1;
    else if (op == OP_LOADK)
        r->constant[a] = (i >> 15) + 1;
    else if (op == OP_LOADKX && pc + 1 < w->p->code_count)
        r->constant[a] = (code_at(w->p, pc + 1) >> 7) + 1;
}

static void step_line(struct walk *w, uint32_t pc)
{
    int delta = (signed char)w->p->lines[pc];
    if (delta != LINE_ABSOLUTE) {
        w->line = (int)((unsigned)w->line + (unsigned)delta);
        return;
    }
    int at = read_int(&w->abs);
    w->line = read_int(&w->abs);
    if (w->abs.fault || (uint32_t)at != pc)
        fail(w->s, AKT_BYTECODE_EDAMAGED);
}

static void walk_function(struct scan *s, const struct proto *p)
{
    struct walk w = {.s = s, .p = p, .line = p->line_defined};
    w.abs.at = p->abs_lines;
    w.abs.end = s->end;
    for (uint32_t pc = 0; pc < p->code_count; pc++) {
        instruction i = code_at(p, pc);
        step_line(&w, pc);
        if (s->fault)
            return;
        look_at(&w, i);
        remember(&w, pc, i);
    }
}

static void read_dump(struct scan *s)
{
    read_header(s);
    if (!s->fault)
        read_function(s, NO_PARENT, 1);
    if (!s->fault && s->at != s->end)
        fail(s, AKT_BYTECODE_EDAMAGED);
}

static void scan_fini(struct scan *s)
{
    akt_free(s->protos, s->proto_cap * sizeof *s->protos);
    akt_free(s->spans, s->span_cap * sizeof *s->spans);
}

int akt_bytecode_stores(const char *dump, size_t len, akt_bytecode_fn *fn,
                        void *ctx)
{
    struct scan s = {.at = dump, .end = dump + len, .fn = fn, .ctx = ctx};
    read_dump(&s);
    for (uint32_t i = 0; i < s.proto_count && !s.fault; i++)
        walk_function(&s, &s.protos[i]);
    scan_fini(&s);
    return s.fault;
}

/* The first instruction of one with `...` stands for no line of its own. */
static void walk_lines(struct scan *s, const struct proto *p,
                       void (*fn)(int line, void *ctx), void *ctx)
{
    struct walk w = {.s = s, .p = p, .line = p->line_defined};
    w.abs.at = p->abs_lines;
    w.abs.end = s->end;
    for (uint32_t pc = 0; pc + 1 < p->code_count; pc++) {
        step_line(&w, pc);
        if (s->fault)
            return;
        if (op_of(code_at(p, pc)) != OP_VARARGPREP)
            fn(w.line, ctx);
    }
}

int akt_bytecode_lines(const char *dump, size_t len,
                       void (*fn)(int line, void *ctx), void *ctx)
{
    struct scan s = {.at = dump, .end = dump + len};
    read_dump(&s);
    for (uint32_t i = 0; i < s.proto_count && !s.fault; i++)
        walk_lines(&s, &s.protos[i], fn, ctx);
    scan_fini(&s);
    return s.fault;
}

uint64_t akt_bytecode_hash(const char *dump, size_t len)
{
    struct scan s = {.at = dump, .end = dump + len};
    uint64_t h = AKT_HASH_INIT;
    read_dump(&s);
    for (uint32_t i = 0; i < s.proto_count && !s.fault; i++) {
        const struct proto *p = &s.protos[i];
        h = akt_hash(h, p->shape, (size_t)(p->shape_end - p->shape));
    }
    scan_fini(&s);
    return s.fault ? 0 : h;
}

const char *akt_bytecode_error(int code)
{
    switch (code) {
    case AKT_BYTECODE_EFORMAT:
        return "the code was not compiled by the Lua that aktvm contains";
    case AKT_BYTECODE_EDAMAGED:
        return "the code is damaged";
    case AKT_BYTECODE_ESTRIPPED:
        return "the code was compiled without names and lines";
    default:
        return "no error";
    }
}

/* ---- writing ---- */

static int append(lua_State *L, const void *bytes, size_t n, void *ctx)
{
    (void)L;
    akt_buf_add(ctx, bytes, n);
    return 0;
}

bool akt_bytecode_dump(lua_State *L, int idx, struct akt_buf *out)
{
    if (!lua_isfunction(L, idx) || lua_iscfunction(L, idx))
        return false;
    lua_pushvalue(L, idx);
    lua_dump(L, append, out, 0);
    lua_pop(L, 1);
    return true;
}
