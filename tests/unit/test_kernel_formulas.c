/* Activations and losses of the scalar copy against their formulas in binary64,
 * derivatives against the formulas' central differences. (The other copies
 * equal the scalar one: test_kernels.c.) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "engine/kernel/kernel.h"

static const struct kernels *scalar(void) {
    return kernels_available()[0];
}

static struct cells one_row(size_t rows) {
    return (struct cells){rows, 1, kernels_stride(rows, 1, 1)};
}

/* --- Activations: |y - f(x)| <= 1e-6 (|f(x)| + |x|), where x counts because
 * ATen's gelu and softplus subtract; slopes within 2e-6 (1 + |f'|). */

typedef double formula(double x, const double *option);

static double sigmoid_of(double x, const double *option) {
    (void)option;
    return 1 / (1 + exp(-x));
}
static double tanh_of(double x, const double *option) {
    (void)option;
    return tanh(x);
}
static double relu_of(double x, const double *option) {
    (void)option;
    return x > 0 ? x : 0;
}
static double leaky_relu_of(double x, const double *option) {
    return x > 0 ? x : option[0] * x;
}
static double elu_of(double x, const double *option) {
    return x > 0 ? x : option[0] * expm1(x);
}
static double selu_of(double x, const double *option) {
    (void)option;
    return 1.0507009873554804934193349852946 *
           (x > 0 ? x : 1.6732632423543772848170429916717 * expm1(x));
}
static double gelu_of(double x, const double *option) {
    (void)option;
    return x / 2 * (1 + erf(x / sqrt(2)));
}
static double gelu_tanh_of(double x, const double *option) {
    (void)option;
    return x / 2 * (1 + tanh(sqrt(2 / acos(-1)) * (x + 0.044715 * x * x * x)));
}
static double silu_of(double x, const double *option) {
    (void)option;
    return x / (1 + exp(-x));
}
static double softplus_of(double x, const double *option) {
    return x * option[0] > option[1] ? x
                                     : log1p(exp(x * option[0])) / option[0];
}
static double softsign_of(double x, const double *option) {
    (void)option;
    return x / (1 + fabs(x));
}

static const struct {
    enum activation_kernel kernel;
    formula *value;
    double option[2];
} ACTIVATIONS[] = {
    {ACTIVATION_sigmoid, sigmoid_of, {0}},
    {ACTIVATION_tanh, tanh_of, {0}},
    {ACTIVATION_relu, relu_of, {0}},
    {ACTIVATION_leaky_relu, leaky_relu_of, {0.01}},
    {ACTIVATION_elu, elu_of, {1.5}},
    {ACTIVATION_selu, selu_of, {0}},
    {ACTIVATION_gelu, gelu_of, {0}},
    {ACTIVATION_gelu_tanh, gelu_tanh_of, {0}},
    {ACTIVATION_silu, silu_of, {0}},
    {ACTIVATION_softplus, softplus_of, {2, 20}},
    {ACTIVATION_softsign, softsign_of, {0}},
};
enum { ACTIVATION_COUNT = sizeof ACTIVATIONS / sizeof *ACTIVATIONS };

static void check_activation(int i, float x) {
    const float option[2] = {(float)ACTIVATIONS[i].option[0],
                             (float)ACTIVATIONS[i].option[1]};
    const double option64[2] = {(double)option[0], (double)option[1]};
    const float *const options[] = {&option[0], &option[1]};
    const float dy = 0.75f;
    float y, dx;
    const enum activation_kernel kernel = ACTIVATIONS[i].kernel;
    formula *const f = ACTIVATIONS[i].value;
    scalar()->activation[kernel].forward(1, one_row(1), options, &x, &y);
    scalar()->activation[kernel].backward(1, one_row(1), options, &x, &y, &dy,
                                          &dx);
    const double exact = f((double)x, option64), h = 1e-5;
    const double slope =
        (f((double)x + h, option64) - f((double)x - h, option64)) / (2 * h);
    if (fabs((double)y - exact) > 1e-6 * (fabs(exact) + fabs((double)x)))
        fail_msg("activation %d of %g is %g, not %g", kernel, (double)x,
                 (double)y, exact);
    if (fabs((double)dx - 0.75 * slope) > 2e-6 * (1 + fabs(slope)))
        fail_msg("slope %d at %g is %g, not %g", kernel, (double)x,
                 (double)dx / 0.75, slope);
}

static void test_activations(void **state) {
    (void)state;
    assert_int_equal(ACTIVATION_COUNT, ACTIVATION_KERNELS);
    for (int i = 0; i < ACTIVATION_COUNT; i++)
        for (float x = -12.03f; x < 12; x += 0.125f)
            check_activation(i, x);
}

/* At the kink ATen takes the left slope: 0 for relu, negative_slope, alpha. */
static void test_kinks(void **state) {
    (void)state;
    static const struct {
        enum activation_kernel kernel;
        float slope;
    } kinks[] = {{ACTIVATION_relu, 0},
                 {ACTIVATION_leaky_relu, 0.25f},
                 {ACTIVATION_elu, 0.25f}};
    const float x = 0, dy = 1, quarter = 0.25f;
    const float *const options[] = {&quarter};
    for (size_t i = 0; i < sizeof kinks / sizeof *kinks; i++) {
        float y, dx;
        scalar()->activation[kinks[i].kernel].forward(1, one_row(1), options,
                                                      &x, &y);
        scalar()->activation[kinks[i].kernel].backward(1, one_row(1), options,
                                                       &x, &y, &dy, &dx);
        assert_true(y == 0 && dx == kinks[i].slope);
    }
}

/* --- Elementwise losses: the sum within 1e-6 relative, derivatives within
 * 2e-6 (1 + |exact|) of central differences. */

typedef double loss_formula(double y, double t, const double *option);

static double bce_of(double y, double t, const double *option) {
    return -option[0] * fmax(log(t == 1 ? y : 1 - y), -100);
}
static double bce_with_logits_of(double y, double t, const double *option) {
    const double p = 1 / (1 + exp(-y)), not_p = 1 / (1 + exp(y));
    return -option[0] * (option[1] * t * log(p) + (1 - t) * log(not_p));
}
static double mse_of(double y, double t, const double *option) {
    (void)option;
    return (y - t) * (y - t);
}
static double l1_of(double y, double t, const double *option) {
    (void)option;
    return fabs(y - t);
}
static double smooth_l1_of(double y, double t, const double *option) {
    const double z = fabs(y - t), beta = option[0];
    return z < beta ? z * z / (2 * beta) : z - beta / 2;
}
static double huber_of(double y, double t, const double *option) {
    const double z = fabs(y - t), delta = option[0];
    return z <= delta ? z * z / 2 : delta * (z - delta / 2);
}

static const struct {
    enum loss_kernel kernel;
    loss_formula *value;
    float option[2];
} LOSSES[] = {
    {LOSS_bce, bce_of, {1.5f}},
    {LOSS_bce_with_logits, bce_with_logits_of, {0.5f, 3}},
    {LOSS_mse, mse_of, {0}},
    {LOSS_l1, l1_of, {0}},
    {LOSS_smooth_l1, smooth_l1_of, {0.75f}},
    {LOSS_smooth_l1, smooth_l1_of, {0}},
    {LOSS_huber, huber_of, {1.25f}},
};

enum { LOSS_ROWS = 37 };

static void check_loss(size_t i) {
    const int is_probability = LOSSES[i].kernel == LOSS_bce;
    const int is_binary =
        is_probability || LOSSES[i].kernel == LOSS_bce_with_logits;
    const double option[2] = {(double)LOSSES[i].option[0],
                              (double)LOSSES[i].option[1]};
    const float *const options[] = {&LOSSES[i].option[0], &LOSSES[i].option[1]};
    float y[LOSS_ROWS], t[LOSS_ROWS], dy[LOSS_ROWS], sum;
    double total = 0;
    for (int row = 0; row < LOSS_ROWS; row++) {
        y[row] = is_probability ? (float)(row + 1) / (LOSS_ROWS + 1)
                                : (float)(row - 18) / 4 + 0.03f;
        t[row] = is_binary ? (float)(row % 2) : (float)(row % 5) / 2 - 1;
        total += LOSSES[i].value((double)y[row], (double)t[row], option);
    }
    const float scale = 0.5f;
    scalar()->loss[LOSSES[i].kernel](1, one_row(LOSS_ROWS), options, &scale, y,
                                     t, &sum, dy);
    assert_true(fabs((double)sum - total) <= 1e-6 * total);
    for (int row = 0; row < LOSS_ROWS; row++) {
        const double h = 1e-5, at = (double)y[row], target = (double)t[row];
        const double slope = (LOSSES[i].value(at + h, target, option) -
                              LOSSES[i].value(at - h, target, option)) /
                             (2 * h);
        if (fabs((double)dy[row] - slope / 2) > 2e-6 * (1 + fabs(slope)))
            fail_msg("loss %d at (%g, %g): slope %g, not %g", LOSSES[i].kernel,
                     at, target, 2 * (double)dy[row], slope);
    }
}

static void test_losses(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof LOSSES / sizeof *LOSSES; i++)
        check_loss(i);
}

static void evaluate_one(enum loss_kernel kernel, float option, float y,
                         float t, float *sum, float *dy) {
    const float one = 1;
    const float *const options[] = {&option, &one};
    scalar()->loss[kernel](1, one_row(1), options, &one, &y, &t, sum, dy);
}

/* PyTorch's log at least -100 and divisor at least 1e-12; 0 at l1's kink. */
static void test_loss_edges(void **state) {
    (void)state;
    float sum, dy;
    evaluate_one(LOSS_bce, 1, 0, 1, &sum, &dy);
    assert_true(sum == 100 && dy == -1 / 1e-12f);
    evaluate_one(LOSS_bce, 1, 1, 0, &sum, &dy);
    assert_true(sum == 100 && dy == 1 / 1e-12f);
    evaluate_one(LOSS_bce, 1, 1, 1, &sum, &dy);
    assert_true(sum == 0 && dy == 0);
    evaluate_one(LOSS_bce, 1, 1e-40f, 1, &sum, &dy);
    assert_true(fabs((double)sum + log((double)1e-40f)) < 1e-5);
    evaluate_one(LOSS_bce_with_logits, 1, 1000, 0, &sum, &dy);
    assert_true(sum == 1000 && dy == 1);
    evaluate_one(LOSS_bce_with_logits, 1, -1000, 0, &sum, &dy);
    assert_true(sum == 0 && dy == 0);
    evaluate_one(LOSS_l1, 1, 3, 3, &sum, &dy);
    assert_true(sum == 0 && dy == 0);
    evaluate_one(LOSS_smooth_l1, 0, 3, 3, &sum, &dy);
    assert_true(sum == 0 && dy == 0);
    evaluate_one(LOSS_mse, 1, NAN, 3, &sum, &dy);
    assert_true(isnan(sum) && isnan(dy));
}

/* --- Classes: PyTorch's cross_entropy, label_smoothing and class weights
 * included, in binary64: with reduction mean both parts are divided by the sum
 * of the labels' weights. */

enum { CLASSES = 3, CLASS_ROWS = 21 };

static double cross_entropy_of(const double *logits, const float *t,
                               const float *class_weight, double smoothing,
                               int ignored, double *weight) {
    double total = 0;
    *weight = 0;
    for (int row = 0; row < CLASS_ROWS; row++) {
        const int label = (int)t[row];
        if (label == ignored)
            continue;
        double sum = 0, smooth = 0;
        for (int c = 0; c < CLASSES; c++)
            sum += exp(logits[c * CLASS_ROWS + row]);
        for (int c = 0; c < CLASSES; c++)
            smooth -= (double)class_weight[c] *
                      (logits[c * CLASS_ROWS + row] - log(sum));
        const double nll = -(double)class_weight[label] *
                           (logits[label * CLASS_ROWS + row] - log(sum));
        total += (1 - smoothing) * nll + smoothing / CLASSES * smooth;
        *weight += (double)class_weight[label];
    }
    return total;
}

static void check_cross_entropy(float smoothing, int ignored) {
    const struct cells cells = one_row(CLASS_ROWS);
    static const float class_weight[CLASSES] = {0.5f, 2, 1.25f};
    float y[CLASSES * 64] = {0}, dy[CLASSES * 64], t[CLASS_ROWS], sum, weight;
    double logits[CLASSES * CLASS_ROWS], exact_weight, ignore;
    for (int row = 0; row < CLASS_ROWS; row++)
        t[row] = (float)(row % CLASSES);
    for (int c = 0; c < CLASSES; c++)
        for (int row = 0; row < CLASS_ROWS; row++) {
            const float logit = (float)((c * 7 + row * 5) % 11) / 2 - 2;
            y[(size_t)c * cells.stride + (size_t)row] = logit;
            logits[c * CLASS_ROWS + row] = (double)logit;
        }
    scalar()->cross_entropy(CLASSES, cells, class_weight, ignored, &smoothing,
                            1, y, t, &sum, &weight, dy);
    const double s = (double)smoothing;
    const double exact =
        cross_entropy_of(logits, t, class_weight, s, ignored, &exact_weight);
    assert_true(fabs((double)sum - exact) <= 1e-6 * exact);
    assert_true(fabs((double)weight - exact_weight) <= 1e-6 * exact_weight);
    for (int i = 0; i < CLASSES * CLASS_ROWS; i++) {
        const double h = 1e-5, logit = logits[i];
        logits[i] = logit + h;
        double slope =
            cross_entropy_of(logits, t, class_weight, s, ignored, &ignore);
        logits[i] = logit - h;
        slope -= cross_entropy_of(logits, t, class_weight, s, ignored, &ignore);
        logits[i] = logit;
        slope /= 2 * h * exact_weight;
        const size_t at =
            (size_t)(i / CLASS_ROWS) * cells.stride + (size_t)(i % CLASS_ROWS);
        assert_true(fabs((double)dy[at] - slope) <= 1e-6);
    }
}

static void test_cross_entropy(void **state) {
    (void)state;
    check_cross_entropy(0, -100);
    check_cross_entropy(0.1f, -100);
    check_cross_entropy(0.25f, 1);
}

/* nll of log_softmax is cross_entropy. */
static void test_nll(void **state) {
    (void)state;
    const struct cells cells = one_row(CLASS_ROWS);
    static const float class_weight[CLASSES] = {0.5f, 2, 1.25f};
    float x[CLASSES * 64], y[CLASSES * 64], dy[CLASSES * 64];
    float dx[CLASSES * 64], expected[CLASSES * 64], t[CLASS_ROWS];
    float sum[2], weight[2];
    for (int i = 0; i < CLASSES * 64; i++)
        x[i] = (float)(i * 5 % 11) / 2 - 2;
    for (int row = 0; row < CLASS_ROWS; row++)
        t[row] = (float)(row % CLASSES);
    scalar()->log_softmax_forward(CLASSES, cells, x, y);
    scalar()->nll(CLASSES, cells, class_weight, 2, 1, y, t, &sum[0], &weight[0],
                  dy);
    scalar()->log_softmax_backward(CLASSES, cells, y, dy, dx);
    scalar()->cross_entropy(CLASSES, cells, class_weight, 2, NULL, 1, x, t,
                            &sum[1], &weight[1], expected);
    assert_true(sum[0] == sum[1] && weight[0] == weight[1]);
    for (size_t c = 0; c < CLASSES; c++)
        for (size_t row = 0; row < CLASS_ROWS; row++) {
            const size_t at = c * cells.stride + row;
            assert_true(fabs((double)dx[at] - (double)expected[at]) < 1e-7);
        }
}

static void test_softmax(void **state) {
    (void)state;
    const struct cells cells = one_row(2);
    const float x[CLASSES * 16] = {1, -500, [16] = 2, 500, [32] = -1, 499};
    float y[CLASSES * 16], log_y[CLASSES * 16];
    scalar()->softmax_forward(CLASSES, cells, x, y);
    scalar()->log_softmax_forward(CLASSES, cells, x, log_y);
    for (size_t row = 0; row < 2; row++)
        for (size_t c = 0; c < CLASSES; c++) {
            double sum = 0;
            for (size_t d = 0; d < CLASSES; d++)
                sum += exp((double)x[d * 16 + row] - (double)x[16 + row]);
            const double logit = (double)x[c * 16 + row] - (double)x[16 + row];
            const double exact = exp(logit) / sum;
            assert_true(fabs((double)y[c * 16 + row] - exact) < 1e-7);
            assert_true(fabs((double)log_y[c * 16 + row] - (logit - log(sum))) <
                        1e-6 * (1 + fabs(logit)));
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_activations),   cmocka_unit_test(test_kinks),
        cmocka_unit_test(test_losses),        cmocka_unit_test(test_loss_edges),
        cmocka_unit_test(test_cross_entropy), cmocka_unit_test(test_nll),
        cmocka_unit_test(test_softmax),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
