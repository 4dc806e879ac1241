/* The runs of places that kernels walk (window.h), against the definition. */

#include "engine/kernel/window.h"
#include "tests/unit/window_fixtures.h"

/* Every place in one run, with the taps that the definition says. */
static void check_runs(const struct window_axis *axis, enum window_side side) {
    const size_t places = side == WINDOW_OF_OUTPUTS ? axis->out : axis->in;
    size_t *met = memory_zeroed(places, sizeof *met);
    struct window_run run = {.count = 0};
    while (window_next_run(axis, side, &run))
        for (size_t i = 0; i < run.count; i++) {
            const size_t place = run.first + i * run.step;
            size_t taps = 0;
            assert_true(place < places);
            met[place]++;
            for (size_t k = 0; k < axis->kernel; k++)
                for (size_t o = 0; o < axis->out; o++) {
                    const ptrdiff_t in = seen(axis, o, k);
                    const ptrdiff_t other =
                        side == WINDOW_OF_OUTPUTS ? in : (ptrdiff_t)o;
                    if (in < 0 ||
                        place != (side == WINDOW_OF_OUTPUTS ? o : (size_t)in))
                        continue;
                    assert_int_equal(run.kernel + taps * run.kernel_step, k);
                    assert_int_equal(run.at + (ptrdiff_t)i * run.at_step +
                                         (ptrdiff_t)taps * run.tap_step,
                                     other);
                    taps++;
                }
            assert_int_equal(run.taps, taps);
        }
    for (size_t i = 0; i < places; i++)
        assert_int_equal(met[i], 1);
    free(met);
}

static void test_windows(void **state) {
    (void)state;
    for (size_t in = 1; in < 12; in++)
        for (size_t kernel = 1; kernel < 5; kernel++)
            for (size_t stride = 1; stride < 6; stride++)
                for (size_t dilation = 1; dilation < 5; dilation++)
                    for (size_t before = 0; before < 4; before++) {
                        const struct axis_case c = {in,       kernel, stride,
                                                    dilation, before, 0};
                        if (dilation * (kernel - 1) >= in + 2 * before)
                            continue;
                        const struct window_axis axis = axis_of(c);
                        check_runs(&axis, WINDOW_OF_OUTPUTS);
                        check_runs(&axis, WINDOW_OF_INPUTS);
                    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_windows)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
