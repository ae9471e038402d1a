/* sigmoid, generated; do not edit.
 *
 *     s_i = σ(z_i)
 *
 * facts used: none
 * rules used:
 *   sigmoid-two-branches: sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})
 *   one-minus-sigmoid: 1 - sigma(x) = sigma(-x)
 *   even-absolute-value: |-x| = |x|
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit sigmoid --target c
 */
#include "sigmoid.h"

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

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_value_f32_row(size_t n, const float *restrict z, float *restrict s)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            s[k + lane] = (float)(((double)z[k + lane] > 0 ? 1.0 : tail) / (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        s[k] = (float)(((double)z[k] > 0 ? 1.0 : tail) / (1.0 + tail));
    }
}

int lsm_sigmoid_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *s, ptrdiff_t s_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_value_f32_row(n, z + row * z_row, s + row * s_row);
    return 0;
}

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_vjp_f32_row(size_t n, const float *restrict z, const float *restrict cotangent, float *restrict vjp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            vjp[k + lane] = (float)(((-(double)z[k + lane]) > 0 ? 1.0 : tail) * ((double)z[k + lane] > 0 ? 1.0 : tail) * (double)cotangent[k + lane] / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        vjp[k] = (float)(((-(double)z[k]) > 0 ? 1.0 : tail) * ((double)z[k] > 0 ? 1.0 : tail) * (double)cotangent[k] / ((1.0 + tail) * (1.0 + tail)));
    }
}

int lsm_sigmoid_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_vjp_f32_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            jvp[k + lane] = (float)(((-(double)z[k + lane]) > 0 ? 1.0 : tail) * ((double)z[k + lane] > 0 ? 1.0 : tail) * (double)tangent[k + lane] / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        jvp[k] = (float)(((-(double)z[k]) > 0 ? 1.0 : tail) * ((double)z[k] > 0 ? 1.0 : tail) * (double)tangent[k] / ((1.0 + tail) * (1.0 + tail)));
    }
}

int lsm_sigmoid_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_value_f64_row(size_t n, const double *restrict z, double *restrict s)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            s[k + lane] = (z[k + lane] > 0 ? 1.0 : tail) / (1.0 + tail);
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        s[k] = (z[k] > 0 ? 1.0 : tail) / (1.0 + tail);
    }
}

int lsm_sigmoid_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *s, ptrdiff_t s_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_value_f64_row(n, z + row * z_row, s + row * s_row);
    return 0;
}

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_vjp_f64_row(size_t n, const double *restrict z, const double *restrict cotangent, double *restrict vjp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            vjp[k + lane] = ((-z[k + lane]) > 0 ? 1.0 : tail) * (z[k + lane] > 0 ? 1.0 : tail) * cotangent[k + lane] / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        vjp[k] = ((-z[k]) > 0 ? 1.0 : tail) * (z[k] > 0 ? 1.0 : tail) * cotangent[k] / ((1.0 + tail) * (1.0 + tail));
    }
}

int lsm_sigmoid_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_vjp_f64_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* s_i = σ(z_i), for one row. */
static void lsm_sigmoid_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            jvp[k + lane] = ((-z[k + lane]) > 0 ? 1.0 : tail) * (z[k + lane] > 0 ? 1.0 : tail) * tangent[k + lane] / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        jvp[k] = ((-z[k]) > 0 ? 1.0 : tail) * (z[k] > 0 ? 1.0 : tail) * tangent[k] / ((1.0 + tail) * (1.0 + tail));
    }
}

int lsm_sigmoid_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

