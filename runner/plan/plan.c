#include "runner/plan/plan.h"

#include <stdlib.h>
#include <string.h>

#include "engine/base/digest.h"
#include "engine/base/memory.h"
#include "engine/base/numerics.h"

static void make_id(const struct config *config, const struct dataset *data,
                    char id[RUN_ID_SIZE]) {
    struct path_digest digests[sizeof data->input / sizeof *data->input];
    for (size_t i = 0; i < data->input_count; i++) {
        digests[i].path = data->input[i].path;
        digests[i].digest = data->input[i].digest;
    }
    struct text line = TEXT_INIT;
    config_write_canonical(config, NUMERICS_VERSION, digests, data->input_count,
                           &line);
    char hex[DIGEST_TEXT_SIZE];
    digest_of(line.bytes, line.length, hex);
    memcpy(id, hex, RUN_ID_SIZE - 1);
    id[RUN_ID_SIZE - 1] = '\0';
    text_release(&line);
}

void plan_init(struct plan *plan, const struct config *config,
               const struct dataset *data) {
    plan->config = config;
    plan->count = 1;
    plan->runs = memory_zeroed(plan->count, sizeof *plan->runs);
    make_id(config, data, plan->runs[0].id);
}

void plan_release(struct plan *plan) {
    free(plan->runs);
    *plan = (struct plan){0};
}

static void write_run(const struct plan_run *run, struct json_writer *writer) {
    json_begin_object(writer);
    json_key(writer, "id");
    json_string(writer, run->id);
    json_key(writer, "values");
    json_begin_object(writer);
    json_end_object(writer);
    json_end_object(writer);
}

void plan_write(const struct plan *plan, struct text *out) {
    struct json_writer writer = json_writer_new(out, 2);
    json_begin_object(&writer);
    json_key(&writer, "format");
    json_integer(&writer, 1);
    json_key(&writer, "name");
    json_string(&writer, plan->config->name);
    json_key(&writer, "numerics");
    json_integer(&writer, NUMERICS_VERSION);
    json_key(&writer, "config");
    config_write_json(plan->config, &writer);
    json_key(&writer, "axes");
    json_begin_array(&writer);
    json_end_array(&writer);
    json_key(&writer, "runs");
    json_begin_array(&writer);
    for (size_t i = 0; i < plan->count; i++)
        write_run(&plan->runs[i], &writer);
    json_end_array(&writer);
    json_end_object(&writer);
    text_add_char(out, '\n');
}
