#include "runner/audit/maker.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "engine/io/json.h"

enum { FILE_LIMIT = 1 << 30 };

static const char *text_of(const struct json_value *event, const char *key) {
    return memory_string(json_get_string(json_member(event, key), ""));
}

static void add_maker(struct makers *makers, const struct json_value *event) {
    memory_grow(&makers->makers, makers->count, &makers->capacity,
                sizeof *makers->makers);
    makers->makers[makers->count++] =
        (struct maker){.session = text_of(event, "session"),
                       .host = text_of(event, "host"),
                       .cpu = text_of(event, "cpu"),
                       .isa = text_of(event, "isa"),
                       .version = text_of(event, "version"),
                       .source = text_of(event, "source"),
                       .build = text_of(event, "build")};
}

/* Sessions of several processes may stand between each other; mostly it is the
 * last. */
static size_t find_maker(const struct makers *makers, const char *session) {
    size_t i = makers->count;
    while (i > 0 && strcmp(makers->makers[i - 1].session, session) != 0)
        i--;
    return i;
}

static void add_run(struct makers *makers, const struct json_value *event) {
    const char *id = json_get_string(json_member(event, "id"), "");
    const char *outcome = json_get_string(json_member(event, "outcome"), "");
    size_t maker =
        find_maker(makers, json_get_string(json_member(event, "session"), ""));
    if (!store_is_id(id) || maker == 0 || strcmp(outcome, "failed") == 0)
        return;
    memory_grow(&makers->runs, makers->run_count, &makers->run_capacity,
                sizeof *makers->runs);
    struct maker_run *run = &makers->runs[makers->run_count++];
    memcpy(run->id, id, sizeof run->id);
    run->maker = (uint32_t)maker - 1;
}

static void read_line(struct makers *makers, const char *line, size_t length) {
    struct status ignored = STATUS_INIT;
    struct json_value *event = json_parse(line, length, &ignored);
    const char *kind = json_get_string(json_member(event, "event"), "");
    if (strcmp(kind, "start") == 0)
        add_maker(makers, event);
    else if (strcmp(kind, "run") == 0)
        add_run(makers, event);
    json_free(event);
}

/* Runs of one id stay in the order in which they were made, since makers are
 * numbered in that order. */
static int compare_runs(const void *a, const void *b) {
    const struct maker_run *x = a, *y = b;
    int order = memcmp(x->id, y->id, sizeof x->id);
    return order ? order : (x->maker > y->maker) - (x->maker < y->maker);
}

void makers_init(struct makers *makers, const char *folder, const char *name) {
    struct text path = TEXT_INIT;
    struct bytes bytes;
    struct status ignored = STATUS_INIT;
    *makers = (struct makers){0};
    text_print(&path, "%s/%s", folder, name);
    enum status_code code =
        whole_file_read(path.bytes, FILE_LIMIT, STATUS_INPUT, &bytes, &ignored);
    text_release(&path);
    if (code != STATUS_OK)
        return;
    const char *line = (const char *)bytes.data, *end = line + bytes.size;
    while (line < end) {
        const char *stop = memchr(line, '\n', (size_t)(end - line));
        stop = stop ? stop : end;
        read_line(makers, line, (size_t)(stop - line));
        line = stop + 1;
    }
    bytes_release(&bytes);
    if (makers->run_count)
        qsort(makers->runs, makers->run_count, sizeof *makers->runs,
              compare_runs);
}

void makers_release(struct makers *makers) {
    for (size_t i = 0; i < makers->count; i++) {
        const struct maker *maker = &makers->makers[i];
        const char *const texts[] = {
            maker->session, maker->host,   maker->cpu,  maker->isa,
            maker->version, maker->source, maker->build};
        for (size_t j = 0; j < sizeof texts / sizeof *texts; j++)
            free((char *)texts[j]);
    }
    free(makers->makers);
    free(makers->runs);
    *makers = (struct makers){0};
}

const struct maker *makers_find(const struct makers *makers, const char *id) {
    size_t low = 0, high = makers->run_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (strcmp(makers->runs[middle].id, id) <= 0)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == 0 || strcmp(makers->runs[low - 1].id, id) != 0)
        return NULL;
    return &makers->makers[makers->runs[low - 1].maker];
}

static bool agrees(const char *told, const char *here) {
    return !*told || strcmp(told, here) == 0;
}

bool maker_is_here(const struct maker *maker, const struct machine *here) {
    return agrees(maker->isa, here->isa) && agrees(maker->cpu, here->cpu) &&
           agrees(maker->version, here->version) &&
           agrees(maker->source, here->source) &&
           agrees(maker->build, here->build);
}

bool maker_is_same_machine(const struct maker *maker,
                           const struct machine *here) {
    return maker_is_here(maker, here) && strcmp(maker->host, here->host) == 0 &&
           *maker->cpu && *maker->isa && *maker->version && *maker->build;
}

void maker_describe(const struct maker *maker, struct text *out) {
    text_print(out, "instruction set %s", *maker->isa ? maker->isa : "?");
    if (*maker->cpu)
        text_print(out, " of %s", maker->cpu);
    text_print(out, ", runner %s", *maker->version ? maker->version : "?");
    if (*maker->source)
        text_print(out, " (source %s)", maker->source);
    if (*maker->build)
        text_print(out, ", %s", maker->build);
}
