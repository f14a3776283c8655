/* SPDX-License-Identifier: MIT
 *
 * lua/lib_sim.c: time and files of a simulated world. Scripts see Lua's own
 * `io` and `os`; the time is the world's, in UTC, and files are those of
 * vm/disk.h, behind the same FILE handles. Other processes are outside of the
 * world and cannot be started.
 *
 * What is not simulated is input, like the program itself: its arguments, the
 * environment, stdin, files of the machine that it reads.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <lualib.h>

#include "lua/error.h"
#include "lua/lib_impl.h"
#include "lua/registry.h"
#include "lua/sim_state.h"
#include "vm/base/alloc.h"
#include "vm/disk.h"

static struct akt_world *world_of(lua_State *L)
{
    return akt_lua_of(L)->iso->node->world;
}

static struct akt_disk *disk_of(lua_State *L)
{
    struct akt_world *world = world_of(L);
    if (!world->disk)
        world->disk = akt_disk_create();
    return world->disk;
}

/* ---- time ---- */

static time_t now(lua_State *L)
{
    return (time_t)(akt_node_wall(akt_lua_of(L)->iso->node) / 1000000000u);
}

static const struct {
    const char *key;
    int least; /* what stands for 0 in struct tm */
    int otherwise;
} fields[] = {{"year", 1900, -1}, {"month", 1, -1}, {"day", 0, -1},
              {"hour", 0, 12},    {"min", 0, 0},    {"sec", 0, 0}};

#define FIELDS (int)(sizeof fields / sizeof *fields)

static int *field_of(struct tm *tm, int i)
{
    int *const places[] = {&tm->tm_year, &tm->tm_mon, &tm->tm_mday,
                           &tm->tm_hour, &tm->tm_min, &tm->tm_sec};
    return places[i];
}

static int get_field(lua_State *L, int i)
{
    int exact;
    int type = lua_getfield(L, 1, fields[i].key);
    lua_Integer n = lua_tointegerx(L, -1, &exact);
    lua_pop(L, 1);
    if (type == LUA_TNIL && fields[i].otherwise >= 0)
        return fields[i].otherwise;
    if (!exact)
        luaL_error(L,
                   type == LUA_TNIL ? "field '%s' missing in date table"
                                    : "field '%s' is not an integer",
                   fields[i].key);
    if (n < -2147480000 || n > 2147480000)
        luaL_error(L, "field '%s' is out-of-bound", fields[i].key);
    return (int)n - fields[i].least;
}

static void set_fields(lua_State *L, const struct tm *tm)
{
    struct tm copy = *tm;
    for (int i = 0; i < FIELDS; i++) {
        lua_pushinteger(L, (lua_Integer)*field_of(&copy, i) + fields[i].least);
        lua_setfield(L, 1, fields[i].key);
    }
    lua_pushinteger(L, tm->tm_yday + 1);
    lua_setfield(L, 1, "yday");
    lua_pushinteger(L, tm->tm_wday + 1);
    lua_setfield(L, 1, "wday");
    lua_pushboolean(L, 0);
    lua_setfield(L, 1, "isdst");
}

/* os.time(table?): in UTC */
static int l_time(lua_State *L)
{
    struct tm tm = {0};
    if (lua_isnoneornil(L, 1)) {
        lua_pushinteger(L, (lua_Integer)now(L));
        return 1;
    }
    luaL_checktype(L, 1, LUA_TTABLE);
    for (int i = 0; i < FIELDS; i++)
        *field_of(&tm, i) = get_field(L, i);
    time_t t = timegm(&tm);
    if (t == (time_t)-1 && tm.tm_year != 69)
        return luaL_error(
            L, "time result cannot be represented in this installation");
    set_fields(L, &tm);
    lua_pushinteger(L, (lua_Integer)t);
    return 1;
}

/* os.clock(): what has passed since the program began */
static int l_clock(lua_State *L)
{
    struct akt_node *node = akt_lua_of(L)->iso->node;
    lua_pushnumber(L,
                   (lua_Number)(akt_node_now(node) - node->started_ns) / 1e9);
    return 1;
}

/* os.date(format?, time?): Lua's own (upvalue 1), in UTC */
static int l_date(lua_State *L)
{
    const char *format = luaL_optstring(L, 1, "%c");
    lua_Integer t = luaL_opt(L, luaL_checkinteger, 2, (lua_Integer)now(L));
    lua_pushvalue(L, lua_upvalueindex(1));
    lua_pushfstring(L, "%s%s", format[0] == '!' ? "" : "!", format);
    lua_pushinteger(L, t);
    lua_call(L, 2, 1);
    return 1;
}

/* ---- files ---- */

static ssize_t file_read(void *h, char *to, size_t len)
{
    ssize_t n = akt_disk_read(h, to, len);
    if (n < 0)
        errno = (int)-n;
    return n < 0 ? -1 : n;
}

static ssize_t file_write(void *h, const char *from, size_t len)
{
    ssize_t n = akt_disk_write(h, from, len);
    if (n < 0)
        errno = (int)-n;
    return n < 0 ? 0 : n; /* 0 is an error to stdio */
}

static int file_seek(void *h, off64_t *offset, int whence)
{
    int64_t at = *offset;
    int error = akt_disk_seek(h, &at, whence);
    if (error) {
        errno = -error;
        return -1;
    }
    *offset = at;
    return 0;
}

static int file_close(void *h)
{
    akt_disk_close(h);
    return 0;
}

static const cookie_io_functions_t file_functions = {file_read, file_write,
                                                     file_seek, file_close};

/* /dev/urandom and /dev/random */
static ssize_t noise_read(void *world, char *to, size_t len)
{
    for (size_t i = 0; i < len; i++)
        to[i] = (char)akt_world_random(world);
    return (ssize_t)len;
}

static const cookie_io_functions_t noise_functions = {.read = noise_read};

static bool is_noise(const char *path)
{
    return strcmp(path, "/dev/urandom") == 0 ||
           strcmp(path, "/dev/random") == 0;
}

static int close_stream(lua_State *L)
{
    luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    return luaL_fileresult(L, fclose(s->f) == 0, NULL);
}

/* Pushes a file that is not open yet. */
static luaL_Stream *push_stream(lua_State *L)
{
    luaL_Stream *s = lua_newuserdatauv(L, sizeof *s, 0);
    s->f = NULL;
    s->closef = NULL;
    luaL_setmetatable(L, LUA_FILEHANDLE);
    return s;
}

static int opened(lua_State *L, luaL_Stream *s, FILE *f, const char *path)
{
    if (!f)
        return luaL_fileresult(L, 0, path);
    s->f = f;
    s->closef = close_stream;
    return 1;
}

static FILE *open_file(lua_State *L, const char *path, const char *mode)
{
    struct akt_disk_handle *h;
    if (is_noise(path) && mode[0] == 'r')
        return fopencookie(world_of(L), "r", noise_functions);
    int error = akt_disk_open(disk_of(L), path, mode, &h);
    if (error == AKT_DISK_ELSEWHERE)
        return fopen(path, mode);
    if (error) {
        errno = -error;
        return NULL;
    }
    return fopencookie(h, mode, file_functions);
}

/* [rwa]%+?b* */
static bool is_mode(const char *mode)
{
    if (!*mode || !strchr("rwa", *mode++))
        return false;
    mode += *mode == '+';
    return strspn(mode, "b") == strlen(mode);
}

static int l_open(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    const char *mode = luaL_optstring(L, 2, "r");
    luaL_argcheck(L, is_mode(mode), 2, "invalid mode");
    luaL_Stream *s = push_stream(L);
    errno = 0;
    return opened(L, s, open_file(L, path, mode), path);
}

static int l_tmpfile(lua_State *L)
{
    luaL_Stream *s = push_stream(L);
    return opened(
        L, s,
        fopencookie(akt_disk_open_nameless(disk_of(L)), "w+", file_functions),
        NULL);
}

static int result(lua_State *L, int error, const char *path)
{
    errno = -error;
    return luaL_fileresult(L, error == 0, path);
}

static int l_remove(lua_State *L)
{
    const char *path = luaL_checkstring(L, 1);
    return result(L, akt_disk_remove(disk_of(L), path), path);
}

static int l_rename(lua_State *L)
{
    const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
    return result(L, akt_disk_rename(disk_of(L), from, to), NULL);
}

static int l_tmpname(lua_State *L)
{
    struct akt_buf name = AKT_BUF_INIT;
    akt_disk_tmpname(disk_of(L), &name);
    lua_pushlstring(L, name.data, name.len);
    akt_buf_fini(&name);
    return 1;
}

int akt_sim_load(lua_State *L, const char *path, struct akt_buf *out)
{
    struct akt_world *world = world_of(L);
    if (!world->disk)
        return AKT_DISK_ELSEWHERE;
    return akt_disk_load(world->disk, path, out);
}

/* tostring(file) */
static int l_file_text(lua_State *L)
{
    const luaL_Stream *s = luaL_checkudata(L, 1, LUA_FILEHANDLE);
    if (s->closef) {
        lua_pushfstring(L, "file (%s)", akt_sim_place(L, 1));
        return 1;
    }
    lua_pushliteral(L, "file (closed)");
    return 1;
}

/* ---- other processes ---- */

static int l_refuse(lua_State *L)
{
    return akt_error_raise(L, "not_simulated",
                           "%s: another process is not part of the simulated "
                           "world; replace it by an actor in tests",
                           lua_tostring(L, lua_upvalueindex(1)));
}

static int l_execute(lua_State *L)
{
    if (!lua_isnoneornil(L, 1)) {
        lua_pushvalue(L, lua_upvalueindex(1));
        return l_refuse(L);
    }
    lua_pushboolean(L, 0); /* there is no shell */
    return 1;
}

static void set_refusal(lua_State *L, const char *field, const char *name,
                        lua_CFunction f)
{
    lua_pushstring(L, name);
    lua_pushcclosure(L, f, 1);
    lua_setfield(L, -2, field);
}

static void set_all(lua_State *L)
{
    static const luaL_Reg os[] = {
        {"time", l_time},     {"clock", l_clock},     {"remove", l_remove},
        {"rename", l_rename}, {"tmpname", l_tmpname}, {NULL, NULL},
    };
    lua_getglobal(L, LUA_OSLIBNAME);
    luaL_setfuncs(L, os, 0);
    lua_getfield(L, -1, "date");
    lua_pushcclosure(L, l_date, 1);
    lua_setfield(L, -2, "date");
    set_refusal(L, "execute", "os.execute", l_execute);
    lua_getglobal(L, LUA_IOLIBNAME);
    lua_pushcfunction(L, l_open);
    lua_setfield(L, -2, "open");
    lua_pushcfunction(L, l_tmpfile);
    lua_setfield(L, -2, "tmpfile");
    set_refusal(L, "popen", "io.popen", l_refuse);
    luaL_getmetatable(L, LUA_FILEHANDLE);
    lua_pushcfunction(L, l_file_text);
    lua_setfield(L, -2, "__tostring");
    lua_pop(L, 3);
    akt_sim_text_open(L);
}

/* Of a program that is recorded: these leave the world. */
static const struct {
    const char *lib, *name;
} outside[] = {
    {LUA_OSLIBNAME, "remove"},  {LUA_OSLIBNAME, "rename"},
    {LUA_OSLIBNAME, "tmpname"}, {LUA_OSLIBNAME, "execute"},
    {LUA_IOLIBNAME, "open"},    {LUA_IOLIBNAME, "tmpfile"},
    {LUA_IOLIBNAME, "popen"},
};

#define OUTSIDE (int)(sizeof outside / sizeof *outside)

/* A recording and its replay must allocate alike (lua/sim_state.h), so both
 * make all of it; the recording then puts back what the files need. */
void akt_lib_sim_open(lua_State *L)
{
    int top = lua_gettop(L);
    luaL_checkstack(L, 2 * OUTSIDE, "libraries");
    for (int i = 0; i < OUTSIDE; i++) {
        lua_getglobal(L, outside[i].lib);
        lua_getfield(L, -1, outside[i].name);
        lua_remove(L, -2);
        akt_sim_pin_one(L);
    }
    set_all(L);
    akt_sim_pin_all(L);
    lua_createtable(L, 2 * OUTSIDE, 0); /* neither becomes garbage */
    for (int i = 0; i < OUTSIDE; i++) {
        lua_getglobal(L, outside[i].lib);
        lua_getfield(L, -1, outside[i].name);
        lua_rawseti(L, -3, 2 * i + 1);
        lua_pushvalue(L, top + 1 + i);
        lua_rawseti(L, -3, 2 * i + 2);
        if (!akt_lua_of(L)->simulated) {
            lua_pushvalue(L, top + 1 + i);
            lua_setfield(L, -2, outside[i].name);
        }
        lua_pop(L, 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, AKT_KEY_OUTSIDE);
    lua_settop(L, top);
}
