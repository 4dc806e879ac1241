#ifndef RUNNER_AUDIT_ULP_H
#define RUNNER_AUDIT_ULP_H

/* How far two numbers are apart: in units in the last place, which is how many
 * numbers of their type lie between them, and one. */

#include <stdint.h>

#include "engine/base/text.h"

/* 0 for equal ones, -0 and 0 among them; UINT64_MAX where one of them is not
 * finite. */
uint64_t ulp_double(double a, double b);
uint64_t ulp_float(float a, float b);

/* "A, run again B: N ulp apart"; `middle` is what stands between the two. */
void ulp_write_doubles(double a, const char *middle, double b,
                       struct text *out);
void ulp_write_floats(float a, const char *middle, float b, struct text *out);

#endif
