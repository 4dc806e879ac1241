#include <assert.h>
#include <math.h>

#include "engine/train/metric_parts.h"

static void gather_targets(struct outcome *outcome,
                           const struct data_part *part, float *t) {
    const struct dataset *data = outcome->data;
    for (size_t row = 0; row < outcome->rows; row++)
        for (size_t target = 0; target < outcome->targets; target++)
            *t++ = data->targets[target * data->rows + part->row[row]];
}

static void restore_targets(const struct outcome *outcome, double *own) {
    size_t targets = outcome->targets;
    for (size_t i = 0; i < outcome->rows * targets; i++)
        own[i] = dataset_restore_target(outcome->data, i % targets,
                                        (double)outcome->t[i]);
}

static void allocate_binary(struct outcome *outcome, struct arena *arena) {
    size_t padded = outcome->rows + KERNEL_WIDTH_LIMIT;
    outcome->terms = arena_zeroed(arena, outcome->rows, sizeof(double));
    outcome->logits = arena_zeroed(arena, padded, sizeof(float));
    outcome->sigmoids = arena_zeroed(arena, padded, sizeof(float));
    outcome->keys = arena_zeroed(arena, outcome->rows, sizeof(uint32_t));
    outcome->spare = arena_zeroed(arena, outcome->rows, sizeof(uint32_t));
}

static void allocate_classes(struct outcome *outcome, struct arena *arena) {
    outcome->classes = outcome->units + 1;
    outcome->tallies =
        arena_zeroed(arena, 3 * outcome->classes, sizeof(size_t));
}

static void allocate_regression(struct outcome *outcome, struct arena *arena) {
    size_t count = outcome->rows * outcome->targets;
    outcome->terms = arena_zeroed(arena, count, sizeof(double));
    outcome->own = arena_zeroed(arena, count, sizeof(double));
    double *own = arena_zeroed(arena, count, sizeof(double));
    if (own)
        restore_targets(outcome, own);
    outcome->t_own = own;
}

enum status_code outcome_init(struct outcome *outcome,
                              const struct dataset *data, enum part part,
                              const struct choice *loss, size_t units,
                              struct arena *arena, struct status *status) {
    static void (*const allocate[METRIC_TASKS])(struct outcome *,
                                                struct arena *) = {
        [TASK_BINARY] = allocate_binary,
        [TASK_CLASSES] = allocate_classes,
        [TASK_REGRESSION] = allocate_regression,
    };
    *outcome = (struct outcome){
        .task = ((const struct loss_kind *)loss->kind)->task,
        .loss = loss,
        .data = data,
        .rows = data->part[part].rows,
        .units = units,
        .targets = data->target_columns,
    };
    assert(outcome->rows > 0);
    float *t = arena_zeroed(arena, outcome->rows * outcome->targets, sizeof *t);
    if (t) {
        gather_targets(outcome, &data->part[part], t);
        outcome->t = t;
        allocate[outcome->task](outcome, arena);
    }
    return arena_status(arena, "metrics", status);
}

void outcome_fill(struct outcome *outcome, const struct kernels *kernels,
                  const float *y) {
    outcome->y = y;
    outcome->has_nan = false;
    for (size_t i = 0; i < outcome->rows * outcome->units; i++)
        outcome->has_nan |= isnan(y[i]) != 0;
    if (outcome->task == TASK_BINARY)
        binary_fill(outcome, kernels);
    else if (outcome->task == TASK_CLASSES)
        classes_fill(outcome);
    else
        regression_fill(outcome);
}
