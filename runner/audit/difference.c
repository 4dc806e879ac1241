#include "runner/audit/difference.h"

#include <string.h>

#include "engine/io/utf8.h"

const char DIFFERENCE_AGAIN[] = ", run again ";

enum { EXCERPT = 60 };

/* ------------------------------------------------------------------- lines */

struct line {
    const char *start;
    size_t length;
};

/* The line at `number`, from 1, of a text in which it is looked for from the
 * start; behind the last it is empty. */
static struct line line_at(const char *text, size_t size, size_t number) {
    const char *end = text + size;
    while (number-- > 1 && text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        text = stop ? stop + 1 : end;
    }
    const char *stop =
        text < end ? memchr(text, '\n', (size_t)(end - text)) : NULL;
    return (struct line){text, (size_t)((stop ? stop : end) - text)};
}

/* The first line, from 1, that differs. */
static size_t first_other_line(const struct bytes *stored,
                               const struct text *made) {
    const char *a = (const char *)stored->data, *b = text_string(made);
    size_t line = 1;
    for (size_t i = 0; i < stored->size && i < made->length && a[i] == b[i];
         i++)
        line += a[i] == '\n';
    return line;
}

static void add_excerpt(struct line line, struct text *out) {
    text_add_char(out, '\'');
    utf8_excerpt(out, line.start, line.length, EXCERPT);
    text_add_char(out, '\'');
}

void difference_lines(const char *file, const char *what,
                      const struct bytes *stored, const struct text *made,
                      struct findings *findings) {
    size_t number = first_other_line(stored, made);
    struct text message = TEXT_INIT;
    text_print(&message, "%sline %zu: recorded ", what, number);
    add_excerpt(line_at((const char *)stored->data, stored->size, number),
                &message);
    text_add(&message, DIFFERENCE_AGAIN);
    add_excerpt(line_at(text_string(made), made->length, number), &message);
    findings_add(findings, FINDING_RESULT, file, "%s", message.bytes);
    text_release(&message);
}

/* ------------------------------------------------------------- by the name */

static bool ends_in(const char *name, const char *ending) {
    size_t length = strlen(name), tail = strlen(ending);
    return length > tail && strcmp(name + length - tail, ending) == 0;
}

void difference_add(const char *file, const struct bytes *stored,
                    const struct text *made, struct findings *findings) {
    if (ends_in(file, ".csv"))
        difference_csv(file, stored, made, findings);
    else if (ends_in(file, ".safetensors"))
        difference_tensors(file, stored, made, findings);
    else
        difference_lines(file, "", stored, made, findings);
}
