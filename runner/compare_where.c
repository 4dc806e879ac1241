/* `compare`'s command row: its options, and --where by way of expressions. */

#include <string.h>

#include "runner/cmd_compare.h"
#include "runner/plan/expression.h"
#include "runner/report/run_view.h"

struct condition {
    const struct expression *expression;
    const struct run_view *view;
};

static bool look_up(void *data, size_t index, struct expression_value *value,
                    struct status *status) {
    const struct condition *condition = data;
    const char *path = condition->expression->paths[index].path;
    const struct json_value *found = run_view_value(condition->view, path);
    const char *text = json_get_string(found, NULL);
    *value = (struct expression_value){.type = EXPRESSION_OTHER, .text = text};
    (void)status;
    if (json_is_null(found))
        value->type = EXPRESSION_NULL;
    else if (text)
        value->type = EXPRESSION_TEXT;
    else if (json_is_number(found))
        value->type = EXPRESSION_NUMBER;
    else if (!json_is_object(found) && !json_is_array(found))
        value->type = EXPRESSION_BOOLEAN;
    if (value->type == EXPRESSION_BOOLEAN)
        value->number = json_get_boolean(found, false);
    else
        value->number = json_get_double(found, 0);
    return true;
}

/* A run that lacks a value, or has null there, is left out where the expression
 * can't do with null. */
static enum status_code holds(const struct run_view *view, void *context,
                              bool *keep, struct status *status) {
    struct condition condition = {context, view};
    struct expression_error error = {.status = STATUS_INIT};
    struct expression_value value;
    enum status_code code =
        expression_evaluate(context, look_up, &condition, &value, &error);
    if (code == STATUS_OK && value.type != EXPRESSION_NULL)
        return expression_is_true(&value, keep, status);
    *keep = false;
    return STATUS_OK;
}

enum status_code command_compare(const struct invocation *invocation) {
    struct compare_options options = {.by = invocation->by,
                                      .metric = invocation->metric,
                                      .top = invocation->top,
                                      .csv = invocation->csv,
                                      .markdown = invocation->markdown};
    struct expression expression;
    struct expression_error error = {.status = STATUS_INIT};
    if (!invocation->where)
        return compare_experiments(invocation, &options);
    enum status_code code = expression_init(&expression, invocation->where,
                                            EXPRESSION_WORDS, &error);
    options.filter = holds;
    options.filter_context = &expression;
    if (code == STATUS_OK)
        code = compare_experiments(invocation, &options);
    else
        print_failure(invocation, &error.status);
    expression_release(&expression);
    return code;
}
