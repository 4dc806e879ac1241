#include "runner/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"
#include "engine/base/numerics.h"
#include "runner/config/config_document.h"

void plan_init(struct plan *plan, const struct space *space) {
    *plan = (struct plan){.space = space};
}

void plan_release(struct plan *plan) {
    free(plan->runs);
    free(plan->twins);
    free(plan->slots);
    *plan = (struct plan){0};
}

void plan_make_id_of(const struct config *config,
                     const struct path_digest *digests, size_t count,
                     char id[RUN_ID_SIZE]) {
    struct text line = TEXT_INIT;
    char hex[DIGEST_TEXT_SIZE];
    config_write_canonical(config, NUMERICS_VERSION, digests, count, &line);
    digest_of(line.bytes, line.length, hex);
    memcpy(id, hex, RUN_ID_SIZE - 1);
    id[RUN_ID_SIZE - 1] = '\0';
    text_release(&line);
}

void plan_make_id(const struct config *config, const struct dataset *data,
                  char id[RUN_ID_SIZE]) {
    struct path_digest digests[sizeof data->input / sizeof *data->input];
    for (size_t i = 0; i < data->input_count; i++) {
        digests[i].path = data->input[i].path;
        digests[i].digest = data->input[i].digest;
    }
    plan_make_id_of(config, digests, data->input_count, id);
}

/* ------------------------------------------------------------ runs by their id
 */

enum { FIRST_SLOTS = 64 };

uint64_t run_id_number(const char *id) {
    return strtoull(id, NULL, 16);
}

void run_id_text(uint64_t number, char id[RUN_ID_SIZE]) {
    static const char DIGITS[] = "0123456789abcdef";
    for (size_t i = RUN_ID_SIZE - 1; i-- > 0; number >>= 4)
        id[i] = DIGITS[number & 15];
    id[RUN_ID_SIZE - 1] = '\0';
}

void plan_id(const struct plan *plan, size_t run, char id[RUN_ID_SIZE]) {
    run_id_text(plan->runs[run].id, id);
}

/* The slot of this id, or the empty one where it belongs. An id is a digest:
 * its digits spread evenly. */
static size_t slot_of(const struct plan *plan, uint64_t id) {
    size_t slot = (size_t)(id >> 32) & (plan->slot_count - 1);
    while (plan->slots[slot] != 0 && plan->runs[plan->slots[slot] - 1].id != id)
        slot = (slot + 1) & (plan->slot_count - 1);
    return slot;
}

/* Doubles the table when it is three quarters full. */
static void grow_slots(struct plan *plan) {
    if (4 * (plan->count + 1) <= 3 * plan->slot_count)
        return;
    plan->slot_count = plan->slot_count ? 2 * plan->slot_count : FIRST_SLOTS;
    free(plan->slots);
    plan->slots = memory_zeroed(plan->slot_count, sizeof *plan->slots);
    for (size_t run = 0; run < plan->count; run++)
        plan->slots[slot_of(plan, plan->runs[run].id)] = (uint32_t)run + 1;
}

void plan_forget_ids(struct plan *plan) {
    free(plan->slots);
    plan->slots = NULL;
    plan->slot_count = 0;
}

bool plan_add(struct plan *plan, const char id[RUN_ID_SIZE], uint32_t point) {
    grow_slots(plan);
    uint64_t number = run_id_number(id);
    size_t slot = slot_of(plan, number);
    if (plan->slots[slot] != 0) {
        memory_grow(&plan->twins, plan->twin_count, &plan->twin_capacity,
                    sizeof *plan->twins);
        plan->twins[plan->twin_count++] =
            (struct plan_twin){plan->slots[slot] - 1, point};
        return false;
    }
    memory_grow(&plan->runs, plan->count, &plan->capacity, sizeof *plan->runs);
    plan->runs[plan->count++] = (struct plan_run){.id = number, .point = point};
    plan->slots[slot] = (uint32_t)plan->count;
    return true;
}

static bool is_id(const char *id) {
    return strlen(id) == RUN_ID_SIZE - 1 &&
           strspn(id, "0123456789abcdef") == RUN_ID_SIZE - 1;
}

const struct plan_run *plan_find(const struct plan *plan, const char *id) {
    if (!is_id(id) || plan->slot_count == 0)
        return NULL;
    size_t slot = slot_of(plan, run_id_number(id));
    return plan->slots[slot] ? &plan->runs[plan->slots[slot] - 1] : NULL;
}

/* ------------------------------------------------------------------- plan.json
 */

static void write_values(const struct space *space, struct space_point *point,
                         uint64_t index, struct json_writer *writer) {
    space_point_set(point, space, index);
    json_begin_object(writer);
    for (size_t i = 0; i < space->axis_count; i++) {
        json_key(writer, space->axes[i].path);
        node_write_json(point->values[i], writer);
    }
    json_end_object(writer);
}

/* Drawn values stand with their runs. */
static void write_axis(const struct space *space, struct space_point *point,
                       size_t index, struct json_writer *writer) {
    const struct axis *axis = &space->axes[index];
    json_begin_object(writer);
    json_key(writer, "path");
    json_string(writer, axis->path);
    if (axis->kind != AXIS_DRAWN) {
        json_key(writer, "values");
        json_begin_array(writer);
        for (uint64_t i = 0; i < axis->count; i++)
            node_write_json(space_axis_value(point, space, index, i), writer);
        json_end_array(writer);
    }
    json_end_object(writer);
}

/* One line each. */
static void write_axes(const struct space *space, struct space_point *point,
                       struct json_writer *writer) {
    json_key(writer, "axes");
    json_begin_array(writer);
    for (size_t i = 0; i < space->axis_count; i++) {
        struct text text = TEXT_INIT;
        struct json_writer line = json_writer_new(&text, 0);
        write_axis(space, point, i, &line);
        json_raw(writer, text_string(&text));
        text_release(&text);
    }
    json_end_array(writer);
}

static void write_metric(const struct space *space,
                         struct json_writer *writer) {
    json_key(writer, "metric");
    if (!space->has_metric) {
        json_null(writer);
        return;
    }
    struct text name = TEXT_INIT;
    text_print(&name, "%s.%s", PART_NAMES[space->metric.part],
               space->metric.metric->name);
    json_begin_object(writer);
    json_key(writer, "name");
    json_string(writer, text_string(&name));
    json_key(writer, "goal");
    json_string(writer, space->is_maximized ? "maximize" : "minimize");
    json_end_object(writer);
    text_release(&name);
}

/* The twins of each run, linked in plan order; 0 ends a chain. */
struct twin_chains {
    uint32_t *first, *next; /* a twin's number + 1 */
};

/* Without twins there is no table. */
static struct twin_chains chain_twins(const struct plan *plan) {
    struct twin_chains chains = {0};
    if (plan->twin_count == 0)
        return chains;
    chains.first = memory_zeroed(plan->count, sizeof *chains.first);
    chains.next = memory_zeroed(plan->twin_count, sizeof *chains.next);
    for (size_t i = plan->twin_count; i-- > 0;) {
        chains.next[i] = chains.first[plan->twins[i].run];
        chains.first[plan->twins[i].run] = (uint32_t)i + 1;
    }
    return chains;
}

static void write_run(const struct plan *plan, size_t run,
                      const struct twin_chains *chains,
                      struct space_point *point, struct json_writer *writer) {
    char id[RUN_ID_SIZE];
    plan_id(plan, run, id);
    json_begin_object(writer);
    json_key(writer, "id");
    json_string(writer, id);
    json_key(writer, "values");
    write_values(plan->space, point, plan->runs[run].point, writer);
    if (chains->first && chains->first[run]) {
        json_key(writer, "same_as");
        json_begin_array(writer);
        for (uint32_t twin = chains->first[run]; twin;
             twin = chains->next[twin - 1])
            write_values(plan->space, point, plan->twins[twin - 1].point,
                         writer);
        json_end_array(writer);
    }
    json_end_object(writer);
}

/* One line each. */
static enum status_code write_runs(const struct plan *plan,
                                   struct space_point *point, text_flush *flush,
                                   void *context, struct json_writer *writer,
                                   struct status *status) {
    struct twin_chains chains = chain_twins(plan);
    struct text text = TEXT_INIT;
    enum status_code code = STATUS_OK;
    json_key(writer, "runs");
    json_begin_array(writer);
    for (size_t run = 0; run < plan->count && code == STATUS_OK; run++) {
        struct json_writer line = json_writer_new(&text, 0);
        write_run(plan, run, &chains, point, &line);
        json_raw(writer, text_string(&text));
        text_clear(&text);
        code = flush ? flush(context, status) : STATUS_OK;
    }
    json_end_array(writer);
    text_release(&text);
    free(chains.first);
    free(chains.next);
    return code;
}

static void write_head(const struct plan *plan, struct space_point *point,
                       struct json_writer *writer) {
    json_key(writer, "format");
    json_integer(writer, 1);
    json_key(writer, "name");
    json_string(writer, plan->config->name);
    json_key(writer, "numerics");
    json_integer(writer, NUMERICS_VERSION);
    if (plan->config->output.runs == OUTPUT_PACKED) {
        json_key(writer, "packed");
        json_integer(writer, BLOCK_RUNS);
    }
    json_key(writer, "config");
    config_write_json(plan->config, writer);
    write_axes(plan->space, point, writer);
    write_metric(plan->space, writer);
}

enum status_code plan_write(const struct plan *plan, struct text *out,
                            text_flush *flush, void *context,
                            struct status *status) {
    struct json_writer writer = json_writer_new(out, 1);
    struct space_point point;
    space_point_init(&point, plan->space);
    json_begin_object(&writer);
    write_head(plan, &point, &writer);
    enum status_code code =
        write_runs(plan, &point, flush, context, &writer, status);
    json_end_object(&writer);
    text_add_char(out, '\n');
    space_point_release(&point);
    return code;
}
