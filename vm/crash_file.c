/* SPDX-License-Identifier: MIT
 *
 * vm/crash_file.c: the thread that writes crash files, and how many there may
 * be.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "vm/base/alloc.h"
#include "vm/base/log.h"
#include "vm/crash_impl.h"
#include "vm/node.h"

#define SECOND_NS 1000000000u
#define TEMPORARY ".aktvm-crash.tmp"

struct job {
    char name[AKT_CRASH_NAME];
    struct akt_buf text;
};

struct seen {
    uint64_t hash; /* of the kind's name; 0: free */
    uint64_t last_ns;
};

struct akt_crashes {
    struct akt_node *node;
    char *dir;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    struct job queue[AKT_CRASH_QUEUE];
    uint32_t first, len;
    bool running, stopping;
    pthread_t thread;
    uint64_t left_out;
    uint64_t number;
    struct seen seen[AKT_CRASH_KINDS];
    /* the thread's */
    bool complained;
};

/* ---- what may become a file ---- */

static uint64_t hash_of(const char *s)
{
    uint64_t h = 14695981039346656037u; /* FNV-1a */
    while (*s)
        h = (h ^ (unsigned char)*s++) * 1099511628211u;
    return h | 1;
}

bool akt_crashes_may(struct akt_crashes *c, const char *kind, uint64_t now_ns)
{
    uint64_t hash = hash_of(kind);
    /* of two kinds in one place each forgets the other's second */
    struct seen *s = &c->seen[hash / 2 % AKT_CRASH_KINDS];
    pthread_mutex_lock(&c->lock);
    bool may = s->hash != hash || now_ns - s->last_ns >= SECOND_NS;
    if (may)
        *s = (struct seen){hash, now_ns};
    else
        c->left_out++;
    pthread_mutex_unlock(&c->lock);
    return may;
}

uint64_t akt_crashes_left_out(struct akt_crashes *c)
{
    pthread_mutex_lock(&c->lock);
    uint64_t n = c->left_out;
    c->left_out = 0;
    pthread_mutex_unlock(&c->lock);
    return n;
}

/* ---- the directory ---- */

/* crash-20261121-071502-123-4711-1.json, and nothing else that a user may
 * have put there. */
static bool is_ours(const char *name)
{
    size_t len = strlen(name);
    if (strncmp(name, "crash-", 6) != 0 || len < 30 || len >= AKT_CRASH_NAME)
        return false;
    size_t n = strspn(name + 6, "0123456789-");
    return strcmp(name + 6 + n, ".json") == 0 && name[14] == '-';
}

static void make_name(struct akt_crashes *c, char out[AKT_CRASH_NAME])
{
    uint64_t wall_ns = akt_world_wall_ns(c->node->world);
    time_t s = (time_t)(wall_ns / SECOND_NS);
    struct tm tm;
    char when[32];
    gmtime_r(&s, &tm);
    strftime(when, sizeof when, "%Y%m%d-%H%M%S", &tm);
    snprintf(out, AKT_CRASH_NAME, "crash-%s-%03u-%ld-%llu.json", when,
             (unsigned)(wall_ns / 1000000 % 1000), (long)getpid(),
             (unsigned long long)++c->number);
}

/* What is there: how many, how much, and the oldest, which has the smallest
 * name. */
struct census {
    uint32_t files;
    uint64_t bytes;
    char oldest[AKT_CRASH_NAME];
};

static void count_files(int dir_fd, struct census *out)
{
    *out = (struct census){0};
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = fd >= 0 ? fdopendir(fd) : NULL;
    struct dirent *e;
    struct stat st;
    while (d && (e = readdir(d))) {
        if (!is_ours(e->d_name) ||
            fstatat(dir_fd, e->d_name, &st, AT_SYMLINK_NOFOLLOW) != 0 ||
            !S_ISREG(st.st_mode))
            continue;
        out->files++;
        out->bytes += (uint64_t)st.st_size;
        if (!out->oldest[0] || strcmp(e->d_name, out->oldest) < 0)
            snprintf(out->oldest, sizeof out->oldest, "%.*s",
                     AKT_CRASH_NAME - 1, e->d_name);
    }
    if (d)
        closedir(d);
    else if (fd >= 0)
        close(fd);
}

static void make_room(int dir_fd, size_t len)
{
    struct census all;
    for (;;) {
        count_files(dir_fd, &all);
        bool fits =
            all.files < AKT_CRASH_FILES && all.bytes + len <= AKT_CRASH_BYTES;
        if (fits || !all.files || unlinkat(dir_fd, all.oldest, 0) != 0)
            return;
    }
}

static bool write_all(int fd, const char *p, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, p, len);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        p += n;
        len -= (size_t)n;
    }
    return true;
}

/* Under another name first: who looks into the directory finds whole files.
 * Only this user may read it, since it holds an actor's state. */
static bool write_in(int dir_fd, const struct job *job)
{
    (void)unlinkat(dir_fd, TEMPORARY, 0);
    int fd = openat(dir_fd, TEMPORARY,
                    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return false;
    bool ok = write_all(fd, job->text.data, job->text.len);
    ok = close(fd) == 0 && ok;
    ok = ok && renameat(dir_fd, TEMPORARY, dir_fd, job->name) == 0;
    if (!ok)
        (void)unlinkat(dir_fd, TEMPORARY, 0);
    return ok;
}

static void complain(struct akt_crashes *c, int error)
{
    struct akt_buf b = AKT_BUF_INIT;
    if (!c->complained) {
        akt_buf_printf(&b, "aktvm: cannot write crash files into %s: %s\n",
                       c->dir, strerror(error));
        akt_log_write(b.data, b.len);
        akt_buf_fini(&b);
    }
    c->complained = true;
}

static void write_file(struct akt_crashes *c, const struct job *job)
{
    int fd = open(c->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        complain(c, errno);
        return;
    }
    make_room(fd, job->text.len);
    if (!write_in(fd, job))
        complain(c, errno);
    close(fd);
}

/* ---- the thread ---- */

static void *crashes_main(void *arg)
{
    struct akt_crashes *c = arg;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping || c->len) {
        if (!c->len) {
            pthread_cond_wait(&c->changed, &c->lock);
            continue;
        }
        struct job job = c->queue[c->first];
        c->first = (c->first + 1) % AKT_CRASH_QUEUE;
        c->len--;
        pthread_mutex_unlock(&c->lock);
        write_file(c, &job);
        akt_buf_fini(&job.text);
        pthread_mutex_lock(&c->lock);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

/* Under the lock: the thread is made at the first death. */
static bool ensure_thread(struct akt_crashes *c)
{
    if (!c->running)
        c->running = pthread_create(&c->thread, NULL, crashes_main, c) == 0;
    return c->running;
}

void akt_crashes_add(struct akt_crashes *c, struct akt_buf *b,
                     struct akt_buf *path)
{
    pthread_mutex_lock(&c->lock);
    bool takes = c->len < AKT_CRASH_QUEUE && ensure_thread(c);
    if (takes) {
        struct job *job = &c->queue[(c->first + c->len++) % AKT_CRASH_QUEUE];
        make_name(c, job->name);
        job->text = *b;
        if (path)
            akt_buf_printf(path, "%s/%s", c->dir, job->name);
        pthread_cond_signal(&c->changed);
    } else {
        c->left_out++;
    }
    pthread_mutex_unlock(&c->lock);
    if (!takes)
        akt_buf_fini(b);
}

struct akt_crashes *akt_crashes_create(struct akt_node *node, const char *dir)
{
    struct akt_crashes *c = akt_calloc(sizeof *c);
    c->node = node;
    c->dir = akt_strdup(dir);
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->changed, NULL);
    (void)mkdir(dir, 0700); /* what is wrong with it is said at the first */
    return c;
}

void akt_crashes_flush(struct akt_crashes *c)
{
    pthread_mutex_lock(&c->lock);
    bool was = c->running;
    c->stopping = true;
    pthread_cond_signal(&c->changed);
    pthread_mutex_unlock(&c->lock);
    if (was)
        pthread_join(c->thread, NULL);
    c->running = c->stopping = false; /* no other thread is left */
}

void akt_crashes_destroy(struct akt_crashes *c)
{
    if (!c)
        return;
    akt_crashes_flush(c);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    akt_strfree(c->dir);
    akt_free(c, sizeof *c);
}
