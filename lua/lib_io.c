/* SPDX-License-Identifier: MIT
 *
 * lua/lib_io.c: print, and reads that may have to wait.
 *
 * Reads from a regular file are done at once. Reads from stdin and pipes,
 * closing a pipe, and os.execute are jobs on the thread pool: the actor waits
 * as in an ask and others go on. Where an actor may not wait (a metamethod)
 * the read is done at once and blocks.
 *
 * A file that is read by a job must not be closed by the collector when its
 * actor is killed meanwhile: `busy` in the box that the job shares says so,
 * and then the job closes it.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio_ext.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "lua/error.h"
#include "lua/kind.h"
#include "lua/lib_impl.h"
#include "lua/line.h"
#include "lua/sim_state.h"
#include "lua/test_state.h"
#include "vm/base/alloc.h"
#include "vm/job.h"
#include "vm/tape.h"

#define LINE_LIMIT (64u << 20) /* of one line or block read by a job */

/* ---- print ---- */

/* 0, or errno. */
static int write_out(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EAGAIN) { /* somebody made it non-blocking */
            struct pollfd room = {fd, POLLOUT, 0};
            (void)poll(&room, 1, -1);
        } else if (n < 0 && errno != EINTR) {
            return errno;
        }
        if (n > 0) {
            p += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* Nobody reads what the program prints: it ends, as if SIGPIPE had ended it,
 * but in order. */
static int reader_gone(lua_State *L)
{
    struct akt_lua *h = akt_lua_of(L);
    akt_node_exit(h->iso->node, 128 + SIGPIPE);
    if (!akt_can_wait(L))
        return 0;
    h->yield_op = AKT_Y_EXIT;
    return lua_yield(L, 0);
}

/* One print is one write; what io.write has buffered goes first. */
static int l_print(lua_State *L)
{
    int n = lua_gettop(L);
    luaL_Buffer b;
    luaL_buffinit(L, &b);
    for (int i = 1; i <= n; i++) {
        if (i > 1)
            luaL_addchar(&b, '\t');
        akt_tolstring(L, i, NULL);
        luaL_addvalue(&b);
    }
    luaL_addchar(&b, '\n');
    luaL_pushresult(&b);
    size_t len;
    const char *text = lua_tolstring(L, -1, &len);
    if (akt_lua_of(L)->node->definition)
        return 0;
    if (akt_line_print(akt_lua_of(L), text, len))
        return 0;
    struct akt_capture *capture = akt_captured(akt_lua_of(L)->node);
    if (capture) {
        akt_capture_add(capture, text, len);
        return 0;
    }
    akt_input_ticket(); /* a replay prints in the same order */
    int error = fflush(stdout) != 0 ? errno : 0;
    if (!error)
        error = write_out(STDOUT_FILENO, text, len);
    if (error == EPIPE)
        return reader_gone(L);
    if (error)
        return akt_error_raise(L, "io", "print: %s", strerror(error));
    return 0;
}

/* Numbers look as Lua's own write makes them. */
static int capture_write(lua_State *L, struct akt_capture *capture)
{
    int n = lua_gettop(L);
    for (int i = 2; i <= n; i++) {
        char number[64];
        size_t len;
        const char *text = number;
        if (lua_type(L, i) != LUA_TNUMBER)
            text = luaL_checklstring(L, i, &len);
        else if (lua_isinteger(L, i))
            len = (size_t)snprintf(number, sizeof number, LUA_INTEGER_FMT,
                                   (LUAI_UACINT)lua_tointeger(L, i));
        else
            len = (size_t)snprintf(number, sizeof number, LUA_NUMBER_FMT,
                                   (LUAI_UACNUMBER)lua_tonumber(L, i));
        akt_capture_add(capture, text, len);
    }
    lua_settop(L, 1);
    return 1;
}

/* file:write(...): Lua's own, which is upvalue 1 */
static int file_write(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    bool is_stdout = s->closef && s->f == stdout;
    struct akt_capture *capture = akt_captured(akt_lua_of(L)->node);
    if (capture && (is_stdout || (s->closef && s->f == stderr)))
        return capture_write(L, capture);
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_insert(L, 1);
    lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
    bool failed = is_stdout && lua_gettop(L) == 3 && lua_isnil(L, 1);
    if (failed && lua_tointeger(L, 3) == EPIPE)
        return reader_gone(L);
    return lua_gettop(L);
}

/* ---- files that a job uses ---- */

struct busy {
    FILE *file;
    bool orphan; /* nobody has it any more: the job closes it */
    bool pipe;
    struct busy *next;
};

static pthread_mutex_t busy_lock = PTHREAD_MUTEX_INITIALIZER;
static struct busy *busy_files;

static bool busy_add(struct busy *b)
{
    pthread_mutex_lock(&busy_lock);
    struct busy *at = busy_files;
    while (at && at->file != b->file)
        at = at->next;
    if (!at) {
        b->next = busy_files;
        busy_files = b;
    }
    pthread_mutex_unlock(&busy_lock);
    return !at;
}

/* True: it is the caller's to close. */
static bool busy_remove(struct busy *b)
{
    pthread_mutex_lock(&busy_lock);
    struct busy **at = &busy_files;
    while (*at != b)
        at = &(*at)->next;
    *at = b->next;
    bool orphan = b->orphan;
    pthread_mutex_unlock(&busy_lock);
    return orphan;
}

static bool busy_abandon(FILE *f)
{
    pthread_mutex_lock(&busy_lock);
    struct busy *at = busy_files;
    while (at && at->file != f)
        at = at->next;
    if (at)
        at->orphan = true;
    pthread_mutex_unlock(&busy_lock);
    return at != NULL;
}

/* ---- the job of a read ---- */

enum how {
    READ_LINE,
    READ_LINE_END,
    READ_ALL,
    READ_BYTES,
    READ_NUMBER,
    CLOSE,
    EXECUTE
};

#define NUMERAL_MAX 200 /* as in Lua */

struct read_job {
    struct busy busy;
    enum how how;
    size_t count;
    char *command;
};

static void add_head(struct akt_buf *b, size_t len)
{
    /* str 32 */
    unsigned char head[5] = {0xdb, (unsigned char)(len >> 24),
                             (unsigned char)(len >> 16),
                             (unsigned char)(len >> 8), (unsigned char)len};
    memcpy(b->data, head, sizeof head);
}

static bool read_line(FILE *f, bool keep_end, struct akt_buf *b)
{
    int c = 0;
    bool any = false;
    while (b->len < LINE_LIMIT && (c = getc_unlocked(f)) != EOF) {
        any = true;
        if (c != '\n' || keep_end)
            akt_buf_putc(b, (char)c);
        if (c == '\n')
            break;
    }
    return any;
}

/* Takes the next character if it is one of the set. */
static bool take_one(FILE *f, const char *set, struct akt_buf *b)
{
    int c = getc_unlocked(f);
    if (c != EOF && strchr(set, c) && c && b->len < NUMERAL_MAX) {
        akt_buf_putc(b, (char)c);
        return true;
    }
    ungetc(c, f);
    return false;
}

static int take_all(FILE *f, const char *set, struct akt_buf *b)
{
    int n = 0;
    while (take_one(f, set, b))
        n++;
    return n;
}

/* What looks like a numeral; Lua decides whether it is one. */
static bool read_number(FILE *f, struct akt_buf *b)
{
    const char *digits = "0123456789", *exponent = "eE";
    int c, n = 0;
    do
        c = getc_unlocked(f);
    while (c != EOF && strchr(" \t\n\v\f\r", c) && c);
    ungetc(c, f);
    take_one(f, "+-", b);
    if (take_one(f, "0", b)) {
        n = 1;
        if (take_one(f, "xX", b)) {
            digits = "0123456789abcdefABCDEF";
            exponent = "pP";
            n = 0;
        }
    }
    n += take_all(f, digits, b);
    if (take_one(f, ".", b))
        n += take_all(f, digits, b);
    if (n > 0 && take_one(f, exponent, b)) {
        take_one(f, "+-", b);
        take_all(f, "0123456789", b);
    }
    return n > 0;
}

/* Up to `count` bytes: what one read of the pipe brings is enough. */
static bool read_some(FILE *f, size_t count, struct akt_buf *b)
{
    if (count == 0) {
        int c = getc(f);
        if (c != EOF)
            ungetc(c, f);
        return c != EOF;
    }
    size_t n = 1, start = b->len;
    while (b->len - start < count && b->len < LINE_LIMIT && n > 0) {
        size_t want = count - (b->len - start);
        want = want < 65536 ? want : 65536;
        n = fread(akt_buf_reserve(b, want), 1, want, f);
        b->len += n;
    }
    return b->len > start;
}

static struct akt_msg *answer_bytes(const struct akt_buf *b)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, b->len);
    memcpy(m->body, b->data, b->len);
    return m;
}

static struct akt_msg *answer_nil(void)
{
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, 1);
    m->body[0] = (char)0xc0;
    return m;
}

/* How a process ended, as Lua tells it: two small integers. */
static struct akt_msg *answer_status(int status)
{
    bool exited = WIFEXITED(status);
    int code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
    char bytes[4] = {(char)(exited ? 0xc3 : 0xc2), (char)0xcd, 0, (char)code};
    struct akt_msg *m = akt_msg_new(AKT_MSG_REPLY, sizeof bytes);
    memcpy(m->body, bytes, sizeof bytes);
    return m;
}

static struct akt_msg *run_read(void *arg)
{
    struct read_job *job = arg;
    FILE *f = job->busy.file;
    if (job->how == CLOSE)
        return answer_status(pclose(f));
    if (job->how == EXECUTE)
        return answer_status(system(job->command));
    struct akt_buf b = AKT_BUF_INIT;
    akt_buf_add(&b, "\0\0\0\0\0", 5);
    bool some = true;
    if (job->how == READ_ALL)
        read_some(f, LINE_LIMIT, &b);
    else if (job->how == READ_NUMBER)
        some = read_number(f, &b);
    else if (job->how == READ_BYTES)
        some = read_some(f, job->count, &b);
    else
        some = read_line(f, job->how == READ_LINE_END, &b);
    add_head(&b, b.len - 5);
    struct akt_msg *m = some ? answer_bytes(&b) : answer_nil();
    akt_buf_fini(&b);
    return m;
}

static void fini_read(void *arg)
{
    struct read_job *job = arg;
    bool close = job->busy.file && job->how != CLOSE && busy_remove(&job->busy);
    if (close && job->busy.pipe)
        pclose(job->busy.file);
    else if (close)
        fclose(job->busy.file);
    akt_strfree(job->command);
    akt_free(job, sizeof *job);
}

static int job_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    return akt_take_answer(L, "io", (uint64_t)id);
}

static int start_job(lua_State *L, struct read_job *job, lua_KFunction k)
{
    struct akt_lua *h = akt_lua_of(L);
    struct akt_actor *a = h->iso->current;
    struct akt_pending *p = akt_pending_open(h->iso, a, AKT_P_CALL,
                                             akt_line_deadline(a->host_data));
    akt_job_start(h->iso, p->id, run_read, fini_read, job);
    return akt_wait(L, p, k);
}

/* core of file:read for what may block: wait_read(file, how, count,
 * is_pipe) */
static int l_wait_read(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    static const char *const hows[] = {"l", "L", "a", "b", "n", NULL};
    enum how how = (enum how)luaL_checkoption(L, 2, NULL, hows);
    lua_Integer count = luaL_optinteger(L, 3, 0);
    akt_check_definition(L);
    struct read_job *job = akt_calloc(sizeof *job);
    job->how = how;
    job->count = count > 0 ? (size_t)count : 0;
    job->busy.file = s->f;
    job->busy.pipe = lua_toboolean(L, 4);
    if (!busy_add(&job->busy)) {
        akt_free(job, sizeof *job);
        return akt_error_raise(L, "busy",
                               "another actor is reading from this file");
    }
    /* `busy` is its lock: stdio's own would be held while the read blocks, and
     * fflush(NULL), which popen does too, would wait for it */
    __fsetlocking(s->f, FSETLOCKING_BYCALLER);
    return start_job(L, job, job_k);
}

static int close_k(lua_State *L, int status, lua_KContext id)
{
    (void)status;
    akt_take_answer(L, "close", (uint64_t)id);
    bool exited = lua_toboolean(L, -2);
    lua_Integer code = lua_tointeger(L, -1);
    if (exited && code == 0)
        lua_pushboolean(L, 1);
    else
        lua_pushnil(L);
    lua_pushstring(L, exited ? "exit" : "signal");
    lua_pushinteger(L, code);
    return 3;
}

/* core.wait_close(pipe) */
static int l_wait_close(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    struct read_job *job = akt_calloc(sizeof *job);
    job->how = CLOSE;
    job->busy.file = s->f;
    s->f = NULL;
    s->closef = NULL; /* the file is closed for the script */
    return start_job(L, job, close_k);
}

/* os.execute(command) */
static int l_execute(lua_State *L)
{
    const char *command = luaL_optstring(L, 1, NULL);
    if (!command) {
        lua_pushboolean(L, 1);
        return 1;
    }
    akt_check_definition(L);
    akt_check_wait(L, "os.execute");
    fflush(NULL);
    struct read_job *job = akt_calloc(sizeof *job);
    job->how = EXECUTE;
    job->command = akt_strdup(command);
    return start_job(L, job, close_k);
}

/* core.io.effect(): the end of a run for definitions */
static int l_effect(lua_State *L)
{
    akt_check_definition(L);
    return 0;
}

/* core.is_regular(file): reading it never waits */
static int l_is_regular(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    struct stat st;
    bool regular = !s->closef || fstat(fileno(s->f), &st) != 0 ||
                   S_ISREG(st.st_mode) || S_ISDIR(st.st_mode) ||
                   !akt_can_wait(L);
    lua_pushboolean(L, regular);
    return 1;
}

static int file_gc(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    if (s->closef && s->f && busy_abandon(s->f))
        return 0;
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushvalue(L, 1);
    lua_call(L, 1, 0);
    return 0;
}

static const luaL_Reg functions[] = {
    {"wait_read", l_wait_read},   {"wait_close", l_wait_close},
    {"is_regular", l_is_regular}, {"execute", l_execute},
    {"effect", l_effect},         {NULL, NULL},
};

/* stdlib/_io.lua(io, file methods, these functions) puts them in place. */
void akt_lib_io_open(lua_State *L)
{
    lua_pushglobaltable(L);
    lua_pushcfunction(L, l_print);
    lua_setfield(L, -2, "print");
    lua_pop(L, 1);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_getfield(L, -1, "__gc");
    lua_pushcclosure(L, file_gc, 1);
    lua_setfield(L, -2, "__gc");
    lua_pushboolean(L, 0); /* its __gc is not for scripts */
    lua_setfield(L, -2, "__metatable");
    lua_getfield(L, -1, "__index");
    lua_getfield(L, -1, "write");
    lua_pushcclosure(L, file_write, 1);
    lua_setfield(L, -2, "write");
    luaL_newlib(L, functions);
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.io");
    lua_setfield(L, LUA_REGISTRYINDEX, "akt.file");
    lua_pop(L, 1);
}
