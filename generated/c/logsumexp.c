/* logsumexp, generated; do not edit.
 *
 *     L = log Σ_k e^(z_k)
 *
 * facts used: none
 * rules used:
 *   shift-out-of-the-log: log sum_k e^{f_k} = f_a + log sum_k e^{f_k - f_a}
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   constant-factor: a factor that does not depend on the class stands before the sum
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit logsumexp --target c
 */
#include "logsumexp.h"

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

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_value_f32_row(size_t n, const float *restrict z, float *restrict L_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            rest_lanes[lane] += k + lane == a ? 0 : (double)exp_difference_f32(z[k + lane], (float)m);
        }
    for (; k < n; k++) {
        rest_lanes[0] += k == a ? 0 : (double)exp_difference_f32(z[k], (float)m);
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s + m;
    *L_out = (float)L;
}

int lsm_logsumexp_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_value_f32_row(n, z + row * z_row, L + row);
    double sum = 0, lost = 0;
    for (size_t row = 0; row < rows; row++)
        add_to(&sum, &lost, (double)L[row]);
    *L_sum = isfinite(sum) ? sum + lost : sum;
    return 0;
}

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_vjp_f32_row(size_t n, const float *restrict z, double cotangent, float *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            vjp[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)vjp[k + lane];
        }
    for (; k < n; k++) {
        vjp[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)vjp[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            vjp[k + lane] = (float)((double)vjp[k + lane] * ratio);
        }
    for (; k < n; k++) {
        vjp[k] = (float)((double)vjp[k] * ratio);
    }
}

int lsm_logsumexp_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, double cotangent_all,
    float *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_vjp_f32_row(n, z + row * z_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, vjp + row * vjp_row);
    return 0;
}

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp_out)
{
    size_t k;
    double sum_tangent_z_lanes[16] = {0};
    double sum_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        for (size_t lane = 0; lane < 16; lane++) {
            const double kept = lsm_exp((double)z[k + lane]);
            sum_tangent_z_lanes[lane] += kept * (double)tangent[k + lane];
            sum_z_lanes[lane] += kept;
        }
    for (; k < n; k++) {
        const double kept = lsm_exp((double)z[k]);
        sum_tangent_z_lanes[0] += kept * (double)tangent[k];
        sum_z_lanes[0] += kept;
    }
    const double sum_tangent_z = total_of_lanes_f32(sum_tangent_z_lanes);
    const double sum_z = total_of_lanes_f32(sum_z_lanes);
    const double jvp = sum_tangent_z / sum_z;
    *jvp_out = (float)jvp;
}

int lsm_logsumexp_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row);
    double sum = 0, lost = 0;
    for (size_t row = 0; row < rows; row++)
        add_to(&sum, &lost, (double)jvp[row]);
    *jvp_sum = isfinite(sum) ? sum + lost : sum;
    return 0;
}

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_value_f64_row(size_t n, const double *restrict z, double *restrict L_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : exp_difference_f64(z[k + lane], m));
        }
    for (; k < n; k++) {
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : exp_difference_f64(z[k], m));
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s + m;
    *L_out = (double)L;
}

int lsm_logsumexp_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_value_f64_row(n, z + row * z_row, L + row);
    double sum = 0, lost = 0;
    for (size_t row = 0; row < rows; row++)
        add_to(&sum, &lost, (double)L[row]);
    *L_sum = isfinite(sum) ? sum + lost : sum;
    return 0;
}

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_vjp_f64_row(size_t n, const double *restrict z, double cotangent, double *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            vjp[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : vjp[k + lane]);
        }
    for (; k < n; k++) {
        vjp[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : vjp[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            vjp[k + lane] = vjp[k + lane] * ratio;
        }
    for (; k < n; k++) {
        vjp[k] = vjp[k] * ratio;
    }
}

int lsm_logsumexp_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, double cotangent_all,
    double *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_vjp_f64_row(n, z + row * z_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, vjp + row * vjp_row);
    return 0;
}

/* L = log Σ_k e^(z_k), for one row. */
static void lsm_logsumexp_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp_out)
{
    size_t k;
    double sum_tangent_z_lanes[8] = {0};
    double sum_tangent_z_lost[8] = {0};
    double sum_z_lanes[8] = {0};
    double sum_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        for (size_t lane = 0; lane < 8; lane++) {
            const double kept = lsm_exp(z[k + lane]);
            add_to(&sum_tangent_z_lanes[lane], &sum_tangent_z_lost[lane], kept * tangent[k + lane]);
            add_to(&sum_z_lanes[lane], &sum_z_lost[lane], kept);
        }
    for (; k < n; k++) {
        const double kept = lsm_exp(z[k]);
        add_to(&sum_tangent_z_lanes[0], &sum_tangent_z_lost[0], kept * tangent[k]);
        add_to(&sum_z_lanes[0], &sum_z_lost[0], kept);
    }
    const double sum_tangent_z = total_of_lanes_f64(sum_tangent_z_lanes, sum_tangent_z_lost);
    const double sum_z = total_of_lanes_f64(sum_z_lanes, sum_z_lost);
    const double jvp = sum_tangent_z / sum_z;
    *jvp_out = (double)jvp;
}

int lsm_logsumexp_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > 16384)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row);
    double sum = 0, lost = 0;
    for (size_t row = 0; row < rows; row++)
        add_to(&sum, &lost, (double)jvp[row]);
    *jvp_sum = isfinite(sum) ? sum + lost : sum;
    return 0;
}

