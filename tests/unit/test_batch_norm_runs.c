/* What batch norm keeps of a run, and what evaluation takes of it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "made_runs.h"

/* ---- batch norm ---- */

/* A loss that is not finite was computed by a forward that counts, and that
 * moved the running statistics. */
static void a_diverged_run_has_counted_its_batch(void **state) {
    struct made_run made = DIVERGING;
    struct single diverged, before;
    (void)state;
    made.layers[1] = (struct made_layer){.kind = "batch_norm1d"};
    single_init(&diverged, &made);
    assert_int_equal(diverged.measurement.outcome, RUN_DIVERGED);
    assert_int_equal(diverged.measurement.divergence.step, 2);
    assert_int_equal(diverged.measurement.global_step, 1);
    assert_int_equal(diverged.measurement.batches, 2);
    made.steps = 1;
    single_init(&before, &made);
    assert_int_equal(before.measurement.batches, 1);
    const struct network *network = &before.whole->network;
    assert_int_equal(network->buffer_count, 2 * 40);
    assert_memory_equal(before.measurement.parameters,
                        diverged.measurement.parameters,
                        network->parameter_count * sizeof(float));
    assert_memory_not_equal(before.measurement.buffers,
                            diverged.measurement.buffers,
                            network->buffer_count * sizeof(float));
    single_release(&diverged);
    single_release(&before);
}

/* The digest's counters are 8 bytes in their place of state_dict: behind the
 * buffers of the one layer, before the next layer's weights. */
static void counters_are_digested(void **state) {
    struct made_run made = {.layers = {{"batch_norm1d"}, {"linear", 1}},
                            .loss = "mse",
                            .optimizer = "adam",
                            .batch_size = 8,
                            .steps = 3,
                            .every = 3,
                            .data = {{20, 0, 5}, 2, 1, 0, 1}};
    struct single single;
    char bytes[(4 + 4 + 3) * sizeof(float) + 8], hex[DIGEST_TEXT_SIZE];
    const int64_t three = 3;
    (void)state;
    single_init(&single, &made);
    const struct measurement *measurement = &single.measurement;
    memcpy(bytes, measurement->parameters, 16);
    memcpy(bytes + 16, measurement->buffers, 16);
    memcpy(bytes + 32, &three, 8);
    memcpy(bytes + 40, measurement->parameters + 4, 12);
    digest_of(bytes, sizeof bytes, hex);
    assert_string_equal(measurement->digest_weights, hex);
    assert_memory_equal(measurement->history[0].digest, hex, 16);
    single_release(&single);
}

static float feature(const struct dataset *data, size_t row, size_t column) {
    return data->features[column * data->rows + data->part[PART_TEST].row[row]];
}

/* Of rows of the test part, 256 and one more: the last is a chunk of its own.
 */
static void evaluation_takes_running_statistics(void **state) {
    struct made_run made = {.layers = {{"batch_norm1d"}, {"linear", 1}},
                            .loss = "mse",
                            .optimizer = "adam",
                            .optimizer_options = {{"lr", 0.1}},
                            .batch_size = 20,
                            .steps = 30,
                            .data = {{64, 0, 257}, 2, 1, 0, 3}};
    struct single single;
    (void)state;
    single_init(&single, &made);
    const float *weight = single.measurement.parameters, *bias = weight + 2;
    const float *linear = weight + 4, *mean = single.measurement.buffers;
    const float *variance = mean + 2;
    for (size_t row = 0; row < 257; row++) {
        double expected = (double)linear[2];
        for (size_t c = 0; c < 2; c++)
            expected +=
                (double)linear[c] *
                (((double)feature(single.data, row, c) - (double)mean[c]) /
                     sqrt((double)variance[c] + 1e-5) * (double)weight[c] +
                 (double)bias[c]);
        assert_true(fabs((double)single.measurement.test_outputs[row] -
                         expected) < 1e-6);
    }
    single_release(&single);
}

/* Without them a part is one batch: its normalized mean is 0, however many
 * chunks it would be. */
static void evaluation_without_them_takes_the_whole_part(void **state) {
    struct made_run made = {
        .layers = {{"batch_norm1d",
                    0,
                    {{"track_running_stats", 0}, {"affine", 0}}},
                   {"linear", 1}},
        .loss = "mse",
        .optimizer = "adam",
        .batch_size = 20,
        .steps = 5,
        .data = {{64, 0, 600}, 2, 1, 0, 3}};
    struct single single;
    double mean = 0;
    (void)state;
    single_init(&single, &made);
    for (size_t row = 0; row < 600; row++)
        mean += (double)single.measurement.test_outputs[row] / 600;
    assert_true(fabs(mean - (double)single.measurement.parameters[2]) < 1e-6);
    single_release(&single);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_diverged_run_has_counted_its_batch),
        cmocka_unit_test(counters_are_digested),
        cmocka_unit_test(evaluation_takes_running_statistics),
        cmocka_unit_test(evaluation_without_them_takes_the_whole_part),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
