#include "engine/train/evaluate.h"

/* Rows of a chunk: enough to fill vectors, few enough to stay in the cache. */
enum { CHUNK_ROWS = 256 };

static size_t largest_part(const struct dataset *data) {
    size_t rows = 1;
    for (int part = 0; part < PARTS; part++)
        if (data->part[part].rows > rows)
            rows = data->part[part].rows;
    return rows;
}

enum status_code evaluator_init(struct evaluator *evaluator,
                                const struct kernels *kernels,
                                const struct run *run, size_t data_sets,
                                struct arena *arena, struct status *status) {
    const struct network *network = run->network;
    size_t rows = largest_part(run->data);
    size_t chunk =
        rows < CHUNK_ROWS || network_is_whole(network) ? rows : CHUNK_ROWS;
    size_t stride = kernels_stride(chunk, 1, kernels->width);
    *evaluator = (struct evaluator){
        .kernels = kernels,
        .cells = {chunk, 1, stride},
        .units = (size_t)shape_units(network->output),
        .arena = arena,
    };
    evaluator->outcomes =
        arena_zeroed(arena, data_sets * PARTS, sizeof *evaluator->outcomes);
    evaluator->outcome_parts = arena_zeroed(arena, data_sets * PARTS,
                                            sizeof *evaluator->outcome_parts);
    evaluator->x =
        arena_zeroed(arena, run->data->columns * stride, sizeof(float));
    evaluator->outputs =
        arena_zeroed(arena, rows * evaluator->units, sizeof(float));
    evaluator->parameters =
        arena_zeroed(arena, network->parameter_count, sizeof(float));
    evaluator->buffers =
        arena_zeroed(arena, network->buffer_count, sizeof(float));
    return pass_init(&evaluator->pass,
                     &(struct pass_setup){.kernels = kernels,
                                          .network = network,
                                          .cells = evaluator->cells,
                                          .x = evaluator->x,
                                          .parameters = evaluator->parameters,
                                          .buffers = evaluator->buffers},
                     arena, status);
}

static void gather(struct evaluator *evaluator, const struct dataset *data,
                   enum part part, size_t first, size_t rows) {
    if (evaluator->held_data == data && evaluator->held_part == part &&
        evaluator->held_first == first)
        return;
    const uint32_t *row = data->part[part].row + first;
    for (size_t column = 0; column < data->columns; column++) {
        const float *values = data->features + column * data->rows;
        float *x = evaluator->x + column * evaluator->cells.stride;
        for (size_t i = 0; i < rows; i++)
            x[i] = values[row[i]];
    }
    evaluator->held_data = data;
    evaluator->held_part = part;
    evaluator->held_first = first;
}

/* [unit][row] to [row][unit]. */
static void store(struct evaluator *evaluator, size_t first, size_t rows) {
    size_t units = evaluator->units;
    float *outputs = evaluator->outputs + first * units;
    for (size_t unit = 0; unit < units; unit++) {
        const float *y = evaluator->pass.y + unit * evaluator->cells.stride;
        for (size_t row = 0; row < rows; row++)
            outputs[row * units + unit] = y[row];
    }
}

const float *evaluator_outputs(struct evaluator *evaluator,
                               const struct run *run, enum part part) {
    size_t total = run->data->part[part].rows;
    size_t chunk = evaluator->cells.rows;
    pass_set_run(&evaluator->pass, 0, run->network);
    for (size_t first = 0; first < total; first += chunk) {
        size_t rows = total - first < chunk ? total - first : chunk;
        gather(evaluator, run->data, part, first, rows);
        pass_set_rows(&evaluator->pass, rows);
        pass_forward(&evaluator->pass);
        store(evaluator, first, rows);
    }
    return evaluator->outputs;
}

static struct outcome *find_outcome(struct evaluator *evaluator,
                                    const struct dataset *data,
                                    enum part part) {
    for (size_t i = 0; i < evaluator->outcome_count; i++)
        if (evaluator->outcomes[i].data == data &&
            evaluator->outcome_parts[i] == part)
            return &evaluator->outcomes[i];
    return NULL;
}

static enum status_code add_outcome(struct evaluator *evaluator,
                                    const struct run *run, enum part part,
                                    struct outcome **outcome,
                                    struct status *status) {
    size_t index = evaluator->outcome_count;
    *outcome = &evaluator->outcomes[index];
    enum status_code code =
        outcome_init(*outcome, run->data, part, &run->training->loss,
                     evaluator->units, evaluator->arena, status);
    if (code)
        return code;
    evaluator->outcome_parts[index] = part;
    evaluator->outcome_count++;
    return STATUS_OK;
}

enum status_code evaluator_outcome(struct evaluator *evaluator,
                                   const struct run *run, enum part part,
                                   struct outcome **outcome,
                                   struct status *status) {
    enum status_code code = STATUS_OK;
    *outcome = find_outcome(evaluator, run->data, part);
    if (!*outcome)
        code = add_outcome(evaluator, run, part, outcome, status);
    if (code)
        return code;
    /* Runs alike share the kind of loss and may differ in its options. */
    (*outcome)->loss = &run->training->loss;
    outcome_fill(*outcome, evaluator->kernels,
                 evaluator_outputs(evaluator, run, part));
    return STATUS_OK;
}
