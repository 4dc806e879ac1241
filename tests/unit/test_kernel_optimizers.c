/* Optimizer kernels of the scalar copy against torch.optim 1.13's
 * _single_tensor functions in binary64: ten updates of one parameter, within
 * 2e-6. (The other copies equal the scalar one: test_kernels.c.) */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include <math.h>

#include "engine/kernel/kernel.h"

enum { UPDATES = 10, COEFFICIENT_LIMIT = 12, STATE_LIMIT = 4 };

static const double LR = 0.05, DECAY = 0.02, BETA1 = 0.9, BETA2 = 0.99,
                    EPS = 1e-3, MOMENTUM = 0.8, DAMPENING = 0.3;

/* A parameter with torch's state, in the kernel's order. */
struct exact {
    double p, state[STATE_LIMIT];
};

/* One update: torch's step on `exact` with gradient g, and the numbers that the
 * kernel wants for it. */
typedef void step_function(struct exact *exact, double g, int step,
                           double c[COEFFICIENT_LIMIT]);

static void sgd(struct exact *exact, double g, int step, double *c) {
    (void)step;
    c[COEFFICIENT_sgd_sign] = -1; /* maximize */
    c[COEFFICIENT_sgd_weight_decay] = DECAY;
    c[COEFFICIENT_sgd_lr] = LR;
    g = -g + DECAY * exact->p;
    exact->p -= LR * g;
}

static double momentum_buffer(struct exact *exact, double g, int step) {
    double *buffer = &exact->state[0];
    *buffer = step == 1 ? g : MOMENTUM * *buffer + (1 - DAMPENING) * g;
    return *buffer;
}

static void sgd_momentum(struct exact *exact, double g, int step, double *c) {
    c[COEFFICIENT_sgd_momentum_sign] = 1;
    c[COEFFICIENT_sgd_momentum_weight_decay] = DECAY;
    c[COEFFICIENT_sgd_momentum_lr] = LR;
    c[COEFFICIENT_sgd_momentum_momentum] = MOMENTUM;
    c[COEFFICIENT_sgd_momentum_gradient_factor] = step == 1 ? 1 : 1 - DAMPENING;
    g += DECAY * exact->p;
    exact->p -= LR * momentum_buffer(exact, g, step);
}

static void sgd_nesterov(struct exact *exact, double g, int step, double *c) {
    c[COEFFICIENT_sgd_nesterov_sign] = 1;
    c[COEFFICIENT_sgd_nesterov_weight_decay] = DECAY;
    c[COEFFICIENT_sgd_nesterov_lr] = LR;
    c[COEFFICIENT_sgd_nesterov_momentum] = MOMENTUM;
    c[COEFFICIENT_sgd_nesterov_gradient_factor] = step == 1 ? 1 : 1 - DAMPENING;
    g += DECAY * exact->p;
    exact->p -= LR * (g + MOMENTUM * momentum_buffer(exact, g, step));
}

static void adagrad(struct exact *exact, double g, int step, double *c) {
    const double clr = LR / (1 + (step - 1) * 0.1);
    c[COEFFICIENT_adagrad_sign] = 1;
    c[COEFFICIENT_adagrad_weight_decay] = DECAY;
    c[COEFFICIENT_adagrad_clr] = clr;
    c[COEFFICIENT_adagrad_eps] = EPS;
    g += DECAY * exact->p;
    exact->state[0] += g * g;
    exact->p -= clr * g / (sqrt(exact->state[0]) + EPS);
}

/* states: square_avg, [momentum_buffer], [grad_avg] */
static void rmsprop_step(struct exact *exact, double g, int momentum,
                         int centered) {
    double *mean = &exact->state[momentum ? 2 : 1];
    g += DECAY * exact->p;
    exact->state[0] = BETA2 * exact->state[0] + (1 - BETA2) * g * g;
    double square = exact->state[0];
    if (centered) {
        *mean = BETA2 * *mean + (1 - BETA2) * g;
        square -= *mean * *mean;
    }
    double change = g / (sqrt(square) + EPS);
    if (momentum)
        change = exact->state[1] = MOMENTUM * exact->state[1] + change;
    exact->p -= LR * change;
}

#define RMSPROP(name)                                                          \
    c[COEFFICIENT_##name##_sign] = 1;                                          \
    c[COEFFICIENT_##name##_weight_decay] = DECAY;                              \
    c[COEFFICIENT_##name##_lr] = LR;                                           \
    c[COEFFICIENT_##name##_alpha] = BETA2;                                     \
    c[COEFFICIENT_##name##_one_minus_alpha] = 1 - BETA2;                       \
    c[COEFFICIENT_##name##_eps] = EPS

static void rmsprop(struct exact *exact, double g, int step, double *c) {
    (void)step;
    RMSPROP(rmsprop);
    rmsprop_step(exact, g, 0, 0);
}

static void rmsprop_momentum(struct exact *exact, double g, int step,
                             double *c) {
    (void)step;
    RMSPROP(rmsprop_momentum);
    c[COEFFICIENT_rmsprop_momentum_momentum] = MOMENTUM;
    rmsprop_step(exact, g, 1, 0);
}

static void rmsprop_centered(struct exact *exact, double g, int step,
                             double *c) {
    (void)step;
    RMSPROP(rmsprop_centered);
    rmsprop_step(exact, g, 0, 1);
}

static void rmsprop_centered_momentum(struct exact *exact, double g, int step,
                                      double *c) {
    (void)step;
    RMSPROP(rmsprop_centered_momentum);
    c[COEFFICIENT_rmsprop_centered_momentum_momentum] = MOMENTUM;
    rmsprop_step(exact, g, 1, 1);
}

static void adadelta(struct exact *exact, double g, int step, double *c) {
    (void)step;
    c[COEFFICIENT_adadelta_sign] = 1;
    c[COEFFICIENT_adadelta_weight_decay] = DECAY;
    c[COEFFICIENT_adadelta_lr] = LR;
    c[COEFFICIENT_adadelta_rho] = BETA1;
    c[COEFFICIENT_adadelta_one_minus_rho] = 1 - BETA1;
    c[COEFFICIENT_adadelta_eps] = EPS;
    g += DECAY * exact->p;
    exact->state[0] = BETA1 * exact->state[0] + (1 - BETA1) * g * g;
    const double delta =
        sqrt(exact->state[1] + EPS) / sqrt(exact->state[0] + EPS) * g;
    exact->state[1] = BETA1 * exact->state[1] + (1 - BETA1) * delta * delta;
    exact->p -= LR * delta;
}

static void moments(struct exact *exact, double g) {
    exact->state[0] = BETA1 * exact->state[0] + (1 - BETA1) * g;
    exact->state[1] = BETA2 * exact->state[1] + (1 - BETA2) * g * g;
}

static void adam_step(struct exact *exact, double g, int step, int amsgrad) {
    moments(exact, g);
    double square = exact->state[1];
    if (amsgrad)
        square = exact->state[2] = fmax(exact->state[2], square);
    exact->p -= LR / (1 - pow(BETA1, step)) * exact->state[0] /
                (sqrt(square) / sqrt(1 - pow(BETA2, step)) + EPS);
}

#define BETAS(name)                                                            \
    c[COEFFICIENT_##name##_sign] = 1;                                          \
    c[COEFFICIENT_##name##_beta1] = BETA1;                                     \
    c[COEFFICIENT_##name##_one_minus_beta1] = 1 - BETA1;                       \
    c[COEFFICIENT_##name##_beta2] = BETA2;                                     \
    c[COEFFICIENT_##name##_eps] = EPS
#define ADAM(name)                                                             \
    BETAS(name);                                                               \
    c[COEFFICIENT_##name##_one_minus_beta2] = 1 - BETA2;                       \
    c[COEFFICIENT_##name##_step_size] = LR / (1 - pow(BETA1, step));           \
    c[COEFFICIENT_##name##_inverse_sqrt_bias_correction2] =                    \
        1 / sqrt(1 - pow(BETA2, step))

static void adam(struct exact *exact, double g, int step, double *c) {
    ADAM(adam);
    c[COEFFICIENT_adam_weight_decay] = DECAY;
    adam_step(exact, g + DECAY * exact->p, step, 0);
}

static void adam_amsgrad(struct exact *exact, double g, int step, double *c) {
    ADAM(adam_amsgrad);
    c[COEFFICIENT_adam_amsgrad_weight_decay] = DECAY;
    adam_step(exact, g + DECAY * exact->p, step, 1);
}

static void adamw(struct exact *exact, double g, int step, double *c) {
    ADAM(adamw);
    c[COEFFICIENT_adamw_decay_factor] = 1 - LR * DECAY;
    exact->p *= 1 - LR * DECAY;
    adam_step(exact, g, step, 0);
}

static void adamw_amsgrad(struct exact *exact, double g, int step, double *c) {
    ADAM(adamw_amsgrad);
    c[COEFFICIENT_adamw_amsgrad_decay_factor] = 1 - LR * DECAY;
    exact->p *= 1 - LR * DECAY;
    adam_step(exact, g, step, 1);
}

static void adamax(struct exact *exact, double g, int step, double *c) {
    const double clr = LR / (1 - pow(BETA1, step));
    BETAS(adamax);
    c[COEFFICIENT_adamax_weight_decay] = DECAY;
    c[COEFFICIENT_adamax_clr] = clr;
    g += DECAY * exact->p;
    exact->state[0] = BETA1 * exact->state[0] + (1 - BETA1) * g;
    exact->state[1] = fmax(BETA2 * exact->state[1], fabs(g) + EPS);
    exact->p -= clr * exact->state[0] / exact->state[1];
}

static double nadam_mu(int step) {
    return BETA1 * (1 - 0.5 * pow(0.96, step * 0.004));
}

static void nadam(struct exact *exact, double g, int step, double *c) {
    double product = 1;
    for (int i = 1; i <= step; i++)
        product *= nadam_mu(i);
    const double correction2 = 1 - pow(BETA2, step), mu = nadam_mu(step);
    const double next = nadam_mu(step + 1);
    BETAS(nadam);
    c[COEFFICIENT_nadam_one_minus_beta2] = 1 - BETA2;
    c[COEFFICIENT_nadam_weight_decay] = DECAY;
    c[COEFFICIENT_nadam_inverse_bias_correction2] = 1 / correction2;
    c[COEFFICIENT_nadam_gradient_step] = LR * (1 - mu) / (1 - product);
    c[COEFFICIENT_nadam_average_step] = LR * next / (1 - product * next);
    g += DECAY * exact->p;
    moments(exact, g);
    const double divisor = sqrt(exact->state[1] / correction2) + EPS;
    exact->p -= LR * (1 - mu) / (1 - product) * g / divisor;
    exact->p -= LR * next / (1 - product * next) * exact->state[0] / divisor;
}

/* rho_t passes 5 at the sixth update. */
static void radam(struct exact *exact, double g, int step, double *c) {
    const double power2 = pow(BETA2, step), correction2 = 1 - power2;
    const double lr = LR / (1 - pow(BETA1, step));
    const double rho_inf = 2 / (1 - BETA2) - 1;
    const double rho = rho_inf - 2 * step * power2 / correction2;
    const double rect = sqrt((rho - 4) * (rho - 2) * rho_inf /
                             ((rho_inf - 4) * (rho_inf - 2) * rho));
    BETAS(radam);
    c[COEFFICIENT_radam_one_minus_beta2] = 1 - BETA2;
    c[COEFFICIENT_radam_weight_decay] = DECAY;
    c[COEFFICIENT_radam_rectified_step] =
        rho > 5 ? lr * sqrt(correction2) * rect : 0;
    c[COEFFICIENT_radam_plain_step] = rho > 5 ? 0 : lr;
    moments(exact, g + DECAY * exact->p);
    if (rho > 5)
        exact->p -= lr * exact->state[0] * sqrt(correction2) /
                    (sqrt(exact->state[1]) + EPS) * rect;
    else
        exact->p -= lr * exact->state[0];
}

static step_function *const STEPS[] = {
#define OPTIMIZER(name, ...) [OPTIMIZER_##name] = name,
#include "engine/kernel/optimizer.def"
#undef OPTIMIZER
};

static void check_optimizer(int kernel, double initial_state) {
    struct exact exact = {.p = 0.7};
    float p = 0.7f, state_value[STATE_LIMIT] = {(float)initial_state};
    float *state[STATE_LIMIT];
    exact.state[0] = initial_state;
    for (int i = 0; i < STATE_LIMIT; i++)
        state[i] = &state_value[i];
    for (int step = 1; step <= UPDATES; step++) {
        double c[COEFFICIENT_LIMIT] = {0};
        float rounded[COEFFICIENT_LIMIT];
        const float *coefficients[COEFFICIENT_LIMIT];
        const float g = (float)(step * 7 % 5) / 3 - 0.4f;
        STEPS[kernel](&exact, (double)g, step, c);
        for (int i = 0; i < COEFFICIENT_LIMIT; i++) {
            rounded[i] = (float)c[i];
            coefficients[i] = &rounded[i];
        }
        kernels_available()[0]->update[kernel](1, coefficients, state, &g, &p);
        if (!(fabs((double)p - exact.p) <= 2e-6))
            fail_msg("optimizer %d, update %d: %.9g, not %.9g", kernel, step,
                     (double)p, exact.p);
    }
}

static void test_optimizers(void **state) {
    (void)state;
    for (int kernel = 0; kernel < OPTIMIZER_KERNELS; kernel++)
        check_optimizer(kernel, kernel == OPTIMIZER_adagrad ? 0.1 : 0);
}

/* eps 0 and a gradient of 0 before radam rectifies: no NaN of 0 / 0. */
static void test_radam_without_eps(void **state) {
    (void)state;
    float numbers[COEFFICIENTS_radam] = {0};
    const float *coefficients[COEFFICIENTS_radam];
    float mean = 0, square = 0, p = 0.5f;
    float *states[] = {&mean, &square};
    const float g = 0;
    numbers[COEFFICIENT_radam_sign] = 1;
    numbers[COEFFICIENT_radam_plain_step] = 0.1f;
    for (int i = 0; i < COEFFICIENTS_radam; i++)
        coefficients[i] = &numbers[i];
    kernels_available()[0]->update[OPTIMIZER_radam](1, coefficients, states, &g,
                                                    &p);
    assert_true(p == 0.5f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_optimizers),
        cmocka_unit_test(test_radam_without_eps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
