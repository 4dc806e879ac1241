/* Binary64 arithmetic of whole arrays. */

#include "engine/base/double_log.h"
#include "engine/kernel/lanes.h"

void LANES(double_logs)(size_t count, const double *x, double *y) {
    for (size_t i = 0; i < count; i++)
        y[i] = double_log_of_normal(x[i]);
}
