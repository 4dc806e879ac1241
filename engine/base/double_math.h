#ifndef ENGINE_BASE_DOUBLE_MATH_H
#define ENGINE_BASE_DOUBLE_MATH_H

/* Elementary functions in binary64, within 1 ulp of the exact value, the same
 * bits on every machine and build: no libm result reaches a record, because
 * libm's bits change with the CPU. sqrt(), fma() and fmaf() are exact by
 * definition and stay libm's.
 *
 * Special cases follow C's Annex F. Subnormal results are exact to 1 ulp too.
 */

double double_exp(double x);
double double_expm1(double x);
double double_log(double x);
double double_log1p(double x);
double double_sin(double x); /* any finite x */
double double_cos(double x);
double double_tanh(double x);
double double_erf(double x);

/* base^exponent = exp(exponent * log base) for base > 0, with log in extended
 * precision: within 2 ulp for results in [1e-300, 1e300]. */
double double_pow(double base, double exponent);

#endif
