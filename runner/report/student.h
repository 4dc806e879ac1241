#ifndef RUNNER_REPORT_STUDENT_H
#define RUNNER_REPORT_STUDENT_H

/* Student's t distribution and the functions under it, in binary64 with
 * engine/base/double_math.h alone: the same bits on every machine. Relative
 * errors stay below 1e-12 for degrees of freedom from 1 to 1e6. */

/* log Gamma(x) for x > 0, Stirling's series after shifting x to 16 or more
 * (NIST DLMF 5.11.1); an absolute error of 1e-14 around its zeros 1 and 2. */
double log_gamma(double x);

/* The regularised incomplete beta function I_x(a, b) for a, b > 0, by its
 * continued fraction (DLMF 8.17.22). `y` is 1 - x: whoever knows it better than
 * a subtraction would give it says so. */
double incomplete_beta(double a, double b, double x, double y);

/* P(|T| >= |t|) and P(T <= t) for T with `df` > 0 degrees of freedom, which
 * need not be a whole number. t may be infinite. */
double student_two_sided(double t, double df);
double student_cdf(double t, double df);

/* The t with P(T <= t) = p, for 0 < p < 1 and df >= 1. */
double student_quantile(double p, double df);

#endif
