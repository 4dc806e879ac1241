/* The commands that print from the tables, and `check`. */

#include <stdlib.h>
#include <string.h>

#include "engine/base/memory.h"
#include "runner/planning.h"

static enum status_code print_and_release(struct text *out) {
    enum status_code code = print_out(out);
    text_release(out);
    return code;
}

enum status_code command_list(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    struct text out = TEXT_INIT;
    const char *near = NULL;
    const char *family =
        invocation->argument_count ? invocation->arguments[0] : NULL;
    bool known = list_print(family, &out, &near);
    if (known && invocation->json) {
        text_clear(&out);
        list_print_json(family, &out);
    }
    if (known)
        return print_and_release(&out);
    text_release(&out);
    if (near)
        status_set(&status, STATUS_CONFIG,
                   "list: nothing is called '%s'; did you mean '%s'?", family,
                   near);
    else
        status_set(&status, STATUS_CONFIG,
                   "list: nothing is called '%s'; see 'runner list'", family);
    return print_failure(invocation, &status);
}

enum status_code command_schema(const struct invocation *invocation) {
    (void)invocation;
    struct text out = TEXT_INIT;
    schema_print(&out);
    return print_and_release(&out);
}

enum status_code command_reference(const struct invocation *invocation) {
    (void)invocation;
    struct text out = TEXT_INIT;
    reference_print(&out);
    return print_and_release(&out);
}

enum status_code command_completion(const struct invocation *invocation) {
    struct status status = STATUS_INIT;
    const char *shell = invocation->arguments[0];
    bool zsh = strcmp(shell, "zsh") == 0;
    if (!zsh && strcmp(shell, "bash") != 0) {
        status_set(&status, STATUS_CONFIG,
                   "completion: expected bash or zsh, found '%s'", shell);
        return print_failure(invocation, &status);
    }
    struct text out = TEXT_INIT;
    completion_print(zsh, &out);
    return print_and_release(&out);
}

/* ------------------------------------------------------------------- check */

static void describe(const struct planning *planning, struct text *out) {
    const struct experiment *first = planning->pool.groups[0].first;
    const struct dataset *data = first->data;
    const struct training *training = &first->config.training;
    size_t rows = data->part[PART_TRAIN].rows;
    text_print(out, "%s: ok: %zu rows (%zu train, %zu validation, %zu test), ",
               planning->path, data->rows, rows,
               data->part[PART_VALIDATION].rows, data->part[PART_TEST].rows);
    text_print(out, "%zu parameters, %lld updates",
               first->network.parameter_count,
               (long long)training_updates(training, rows));
    if (planning->space.axis_count)
        text_print(out, "; %zu runs", planning->plan.count);
    text_add_char(out, '\n');
}

static void check_one(const struct invocation *invocation, size_t index,
                      struct problems *problems, struct text *out) {
    struct planning planning;
    struct invocation one = *invocation;
    size_t before = problems->count;
    one.arguments = invocation->arguments + index;
    one.argument_count = 1;
    planning_init(&planning, &one, problems);
    if (problems->count == before && !invocation->quiet && !invocation->json)
        describe(&planning, out);
    planning_release(&planning);
}

enum status_code command_check(const struct invocation *invocation) {
    struct problems problems = {0};
    struct text out = TEXT_INIT;
    for (size_t i = 0; i < invocation->argument_count; i++)
        check_one(invocation, i, &problems, &out);
    enum status_code code = experiment_complain(&problems, invocation->json);
    code = status_worse(code, print_and_release(&out));
    problems_release(&problems);
    return code;
}
