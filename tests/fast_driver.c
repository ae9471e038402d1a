/* Runs the fast functions on buffers of exactly the size they may touch, for AddressSanitizer and
 * UndefinedBehaviourSanitizer; every schedule, ragged shapes, strides, hard rows.  All schedules must agree with the plain one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cross_entropy_fast.h"

static float draw(unsigned *state)
{
    *state = *state * 1664525u + 1013904223u;
    return ((float)(*state >> 8) / 16777216.0f - 0.5f) * 20.0f;
}

static void fill(float *z, size_t rows, size_t n, size_t step, unsigned *state)
{
    const float hard[] = { 3e38f, -3e38f, INFINITY, -INFINITY, NAN, 1e8f, -2600.0f, 2601.0f, 0.0f };
    for (size_t r = 0; r < rows; r++)
        for (size_t k = 0; k < n; k++)
            z[r * step + k] = draw(state);
    for (size_t r = 0; r < rows; r += 3)
        z[r * step + r % n] = hard[r % 9];
}

/* Near enough, or both outside the normal numbers. */
static int same(float a, float b)
{
    const int strange = !isnormal(a) || !isnormal(b);
    return strange ? isnan(a) == isnan(b) && isinf(a) == isinf(b) && !(fabsf(a - b) > 2e-38f) : fabsf(a - b) <= 1e-6f * fabsf(a);
}

int main(void)
{
    static float plain_grad[70 * 1005], plain_value[70];
    const size_t columns[] = { 1, 2, 3, 15, 16, 17, 63, 64, 65, 255, 256, 257, 300, 511, 513, 1000 };
    unsigned state = 1;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        for (size_t rows = 1; rows < 70; rows += 11)
            for (size_t gap = 0; gap < 6; gap += 5)
                for (int schedule = LSM_PLAIN, start = (int)state; schedule <= LSM_SIDE_BY_SIDE; schedule++) {
                    const size_t n = columns[c], step = n + gap, size = (rows - 1) * step + n;
                    float *z = malloc(size * sizeof *z), *grad = malloc(size * sizeof *grad);
                    float *value = malloc(rows * sizeof *value), *factor = malloc(rows * sizeof *factor);
                    int32_t *t = malloc(rows * sizeof *t);
                    const size_t each = (n + 255) / 256 * 256 + 256;
                    float *work = malloc(2 * each * sizeof *work);
                    const lsm_plan plan = { schedule, 2, gap ? 3 : 0, gap ? 512 : 0, work, each };
                    double sum;
                    state = (unsigned)start;
                    fill(z, rows, n, step, &state);
                    for (size_t r = 0; r < rows; r++) {
                        t[r] = (int32_t)(r * 7 % n);
                        factor[r] = draw(&state);
                    }
                    if (lsm_cross_entropy_value_and_grad_f32_i32_fast(rows, n, z, (ptrdiff_t)step, t, gap ? factor : NULL,
                            0.5, value, &sum, grad, (ptrdiff_t)step, &plan)
                        || lsm_cross_entropy_value_f32_i32_fast(rows, n, z, (ptrdiff_t)step, t, value, &sum, &plan))
                        return 1;
                    for (size_t r = 0; r < rows; r++) {
                        float *row = grad + r * step, *right = plain_grad + r * 1005;
                        if (schedule == LSM_PLAIN) {
                            plain_value[r] = value[r];
                            memcpy(right, row, n * sizeof *row);
                        }
                        for (size_t k = 0; k < n; k++)
                            if (!same(right[k], row[k]) || !same(plain_value[r], value[r])) {
                                printf("schedule %d, row %zu of %zu, class %zu of %zu: %g is not %g\n", schedule, r, rows, k, n,
                                    (double)row[k], (double)right[k]);
                                return 3;
                            }
                    }
                    t[rows - 1] = (int32_t)n;
                    if (!lsm_cross_entropy_value_f32_i32_fast(rows, n, z, (ptrdiff_t)step, t, value, &sum, &plan))
                        return 2;
                    free(z), free(grad), free(value), free(factor), free(t), free(work);
                }
    puts("done");
    return 0;
}
