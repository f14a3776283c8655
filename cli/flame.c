/* SPDX-License-Identifier: MIT */
#include "cli/flame.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/xml.h"

#define WIDTH 1200.0
#define ROW 17
#define HEAD 40
#define CHAR_WIDTH 6.6 /* of the font below, about */
#define MIN_WIDTH 0.3  /* narrower boxes are not seen */
#define DEPTH_MAX 200  /* of a stack; what is deeper is left out */

/* ---- the tree ---- */

struct frame {
    const char *name; /* inside of the folded text */
    size_t len;
    uint64_t count;
    struct frame *child, *next; /* children in the order of their names */
};

static int compare(const struct frame *f, const char *name, size_t len)
{
    int order = memcmp(f->name, name, f->len < len ? f->len : len);
    return order ? order : (f->len > len) - (f->len < len);
}

static struct frame *child_of(struct frame *f, const char *name, size_t len)
{
    struct frame **at = &f->child;
    while (*at && compare(*at, name, len) < 0)
        at = &(*at)->next;
    if (*at && compare(*at, name, len) == 0)
        return *at;
    struct frame *made = calloc(1, sizeof *made);
    if (!made)
        abort();
    made->name = name;
    made->len = len;
    made->next = *at;
    return *at = made;
}

static void add_stack(struct frame *root, const char *line, size_t len,
                      uint64_t count)
{
    struct frame *f = root;
    const char *end = line + len;
    root->count += count;
    for (int depth = 0; line < end && depth < DEPTH_MAX; depth++) {
        const char *stop = memchr(line, ';', (size_t)(end - line));
        size_t n = (size_t)((stop ? stop : end) - line);
        f = child_of(f, line, n);
        f->count += count;
        line += n + 1;
    }
}

static void read_folded(struct frame *root, const char *text)
{
    while (*text) {
        size_t len = strcspn(text, "\n");
        const char *space = memrchr(text, ' ', len);
        uint64_t count = space ? strtoull(space + 1, NULL, 10) : 0;
        if (count)
            add_stack(root, text, (size_t)(space - text), count);
        text += len + (text[len] == '\n');
    }
}

static void free_frames(struct frame *f)
{
    while (f) {
        struct frame *next = f->next;
        free_frames(f->child);
        free(f);
        f = next;
    }
}

static int depth_of(const struct frame *f)
{
    int deepest = 0;
    for (const struct frame *c = f->child; c; c = c->next) {
        int depth = 1 + depth_of(c);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

/* ---- the picture ---- */

/* The same name has the same warm colour everywhere. */
static unsigned colour(const char *s, size_t len)
{
    unsigned h = 2166136261u;
    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)s[i]) * 16777619u;
    return (205 + h % 50) << 16 | (80 + h / 64 % 140) << 8 | h / 16384 % 55;
}

struct canvas {
    FILE *out;
    uint64_t total;
    int height;
};

/* As many bytes of the name as fit, whole characters only. */
static size_t fitting(const struct frame *f, double width)
{
    double chars = (width - 4) / CHAR_WIDTH;
    size_t n = chars < 3 ? 0 : (size_t)chars;
    if (n >= f->len)
        return f->len;
    while (n > 0 && ((unsigned char)f->name[n] & 0xc0) == 0x80)
        n--;
    return n;
}

static void put_box(const struct canvas *c, const struct frame *f, double x,
                    int depth)
{
    double width = WIDTH * (double)f->count / (double)c->total;
    int y = c->height - (depth + 1) * ROW;
    size_t shown = fitting(f, width);
    fputs("<g><title>", c->out);
    cli_put_xml(c->out, f->name, f->len);
    fprintf(c->out,
            " (%" PRIu64 " samples, %.2f %%)</title><rect x=\"%.1f\" y=\"%d\" "
            "width=\"%.1f\" height=\"%d\" fill=\"#%06x\"/>",
            f->count, 100.0 * (double)f->count / (double)c->total, x, y, width,
            ROW - 1, colour(f->name, f->len));
    if (shown) {
        fprintf(c->out, "<text x=\"%.1f\" y=\"%d\">", x + 2, y + 12);
        cli_put_xml(c->out, f->name, shown);
        fputs("</text>", c->out);
    }
    fputs("</g>\n", c->out);
}

static void put_children(const struct canvas *c, const struct frame *f,
                         double x, int depth)
{
    for (const struct frame *child = f->child; child; child = child->next) {
        double width = WIDTH * (double)child->count / (double)c->total;
        if (width >= MIN_WIDTH) {
            put_box(c, child, x, depth);
            put_children(c, child, x, depth + 1);
        }
        x += width;
    }
}

void cli_flame_write(FILE *out, const char *folded, const char *title)
{
    struct frame root = {.name = "all", .len = 3};
    read_folded(&root, folded);
    int height = HEAD + (depth_of(&root) + 1) * ROW;
    struct canvas c = {out, root.count ? root.count : 1, height};
    fprintf(out,
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            "height=\"%d\" viewBox=\"0 0 %d %d\" font-family=\"monospace\" "
            "font-size=\"11\">\n<rect width=\"100%%\" height=\"100%%\" "
            "fill=\"#fffaf0\"/>\n<text x=\"2\" y=\"20\" font-size=\"14\">",
            (int)WIDTH, height, (int)WIDTH, height);
    cli_put_xml(out, title, strlen(title));
    fputs("</text>\n", out);
    put_box(&c, &root, 0, 0);
    put_children(&c, &root, 0, 1);
    fputs("</svg>\n", out);
    free_frames(root.child);
}
