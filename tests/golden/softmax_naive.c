/* softmax_naive, generated; do not edit.
 *
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit softmax_naive --target c
 */
#include "softmax_naive.h"

#include <math.h>

#include "lossmith_math.h"

/* Adds x to *sum; what the rounding lost goes to *lost (Knuth's two-sum). */
static inline void add_to(double *sum, double *lost, double x)
{
    const double s = *sum + x;
    const double v = s - *sum;
    *lost += (*sum - (s - v)) + (x - v);
    *sum = s;
}

/* e^(x - m): d = x - m rounded, r what the rounding lost (Knuth's two-sum), and e^(d + r).
 * Subnormal results are kept: many of them can make a normal sum. */
static inline float exp_difference_f32(float x, float m)
{
    const float d = x - m;
    const float v = d - x;
    const float r = (x - (d - v)) - (m + v);
    return lsm_expf_pair(d, r);
}

/* The place of a largest element: the first of equals; a NaN counts only in front. */
static size_t lsm_place_of_largest_f32(size_t n, const float *restrict x)
{
    float lane[16];
    size_t k = 0;
    for (size_t l = 0; l < 16; l++)
        lane[l] = x[0];
    for (; k + 16 <= n; k += 16)
        for (size_t l = 0; l < 16; l++)
            lane[l] = x[k + l] > lane[l] ? x[k + l] : lane[l];
    for (; k < n; k++)
        lane[0] = x[k] > lane[0] ? x[k] : lane[0];
    for (size_t l = 1; l < 16; l++)
        lane[0] = lane[l] > lane[0] ? lane[l] : lane[0];
    for (k = 0; k < n; k++)
        if (x[k] == lane[0])
            return k;
    return 0;
}

static inline double total_of_lanes_f32(double *lane)
{
    for (size_t l = 1; l < 16; l++)
        lane[0] += lane[l];
    return lane[0];
}

/* e^(x - m): d = x - m rounded, r what the rounding lost (Knuth's two-sum), and e^(d + r).
 * Subnormal results are kept: many of them can make a normal sum. */
static inline double exp_difference_f64(double x, double m)
{
    const double d = x - m;
    const double v = d - x;
    const double r = (x - (d - v)) - (m + v);
    return lsm_exp_pair(d, r);
}

/* The place of a largest element: the first of equals; a NaN counts only in front. */
static size_t lsm_place_of_largest_f64(size_t n, const double *restrict x)
{
    double lane[8];
    size_t k = 0;
    for (size_t l = 0; l < 8; l++)
        lane[l] = x[0];
    for (; k + 8 <= n; k += 8)
        for (size_t l = 0; l < 8; l++)
            lane[l] = x[k + l] > lane[l] ? x[k + l] : lane[l];
    for (; k < n; k++)
        lane[0] = x[k] > lane[0] ? x[k] : lane[0];
    for (size_t l = 1; l < 8; l++)
        lane[0] = lane[l] > lane[0] ? lane[l] : lane[0];
    for (k = 0; k < n; k++)
        if (x[k] == lane[0])
            return k;
    return 0;
}

static inline double total_of_lanes_f64(double *lane, const double *lost)
{
    double left = lost[0];
    for (size_t l = 1; l < 8; l++) {
        add_to(&lane[0], &left, lane[l]);
        left += lost[l];
    }
    return isfinite(lane[0]) ? lane[0] + left : lane[0];
}

/* p_i = e^(z_i) / (Σ_k e^(z_k)), for one row. */
static void lsm_softmax_naive_value_f32_row(size_t n, const float *restrict z, float *restrict p)
{
    size_t k;
    double sum_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            p[k + lane] = (float)(lsm_exp((double)z[k + lane]));
            sum_z_lanes[lane] += (double)p[k + lane];
        }
    for (; k < n; k++) {
        p[k] = (float)(lsm_exp((double)z[k]));
        sum_z_lanes[0] += (double)p[k];
    }
    const double sum_z = total_of_lanes_f32(sum_z_lanes);
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            p[k + lane] = (float)((double)p[k + lane] / sum_z);
        }
    for (; k < n; k++) {
        p[k] = (float)((double)p[k] / sum_z);
    }
}

int lsm_softmax_naive_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_naive_value_f32_row(n, z + row * z_row, p + row * p_row);
    return 0;
}

/* p_i = e^(z_i) / (Σ_k e^(z_k)), for one row. */
static void lsm_softmax_naive_value_f64_row(size_t n, const double *restrict z, double *restrict p)
{
    size_t k;
    double sum_z_lanes[8] = {0};
    double sum_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            p[k + lane] = lsm_exp(z[k + lane]);
            add_to(&sum_z_lanes[lane], &sum_z_lost[lane], p[k + lane]);
        }
    for (; k < n; k++) {
        p[k] = lsm_exp(z[k]);
        add_to(&sum_z_lanes[0], &sum_z_lost[0], p[k]);
    }
    const double sum_z = total_of_lanes_f64(sum_z_lanes, sum_z_lost);
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            p[k + lane] = p[k + lane] / sum_z;
        }
    for (; k < n; k++) {
        p[k] = p[k] / sum_z;
    }
}

int lsm_softmax_naive_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_naive_value_f64_row(n, z + row * z_row, p + row * p_row);
    return 0;
}

