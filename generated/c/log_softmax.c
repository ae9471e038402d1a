/* log_softmax, generated; do not edit.
 *
 *     f_i = log p_i
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
 *   sifting: sum_k delta_kj g_k = g_j
 *   constant-factor: a factor that does not depend on the class stands before the sum
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit log_softmax --target c
 */
#include "log_softmax.h"

#include "lossmith_rows.h"

/* One row of f_i = log p_i. */
LSM_CLONES static void lsm_log_softmax_value_f32_row(size_t n, const float *restrict z, float *restrict f)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            rest_lanes[lane] += k + lane == a ? 0 : (double)exp_difference_f32(z[k + lane], (float)m);
        }
    for (; k < n; k++) {
        rest_lanes[0] += k == a ? 0 : (double)exp_difference_f32(z[k], (float)m);
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            f[k + lane] = (float)((double)z[k + lane] - m - log_s);
        }
    for (; k < n; k++) {
        f[k] = (float)((double)z[k] - m - log_s);
    }
}

int lsm_log_softmax_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *f, ptrdiff_t f_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_value_f32_row(n, z + row * z_row, f + row * f_row);
    return 0;
}

/* One row of vjp_j = cotangent_j - p_j Σ_i cotangent_i. */
LSM_CLONES static void lsm_log_softmax_vjp_f32_row(size_t n, const float *restrict z, const float *restrict cotangent, float *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where vjp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    double sum_cotangent_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            vjp[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)vjp[k + lane];
            sum_cotangent_lanes[lane] += (double)cotangent[k + lane];
        }
    for (; k < n; k++) {
        vjp[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)vjp[k];
        sum_cotangent_lanes[0] += (double)cotangent[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double sum_cotangent = total_of_lanes_f32(sum_cotangent_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            vjp[k + lane] = (float)((s - (double)vjp[k + lane]) * (double)cotangent[k + lane] / s - (double)vjp[k + lane] * (sum_cotangent - (double)cotangent[k + lane]) / s);
        }
    for (; k < n; k++) {
        vjp[k] = (float)((s - (double)vjp[k]) * (double)cotangent[k] / s - (double)vjp[k] * (sum_cotangent - (double)cotangent[k]) / s);
    }
    /* at a: all-but-one */
    vjp[a] = (float)(rest * (double)cotangent[a] / s - (sum_cotangent - (double)cotangent[a]) / s);
}

int lsm_log_softmax_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_vjp_f32_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_i = tangent_i - Σ_j p_j tangent_j. */
LSM_CLONES static void lsm_log_softmax_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where jvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            jvp[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)jvp[k + lane];
        }
    for (; k < n; k++) {
        jvp[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)jvp[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    double sum_tangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            sum_tangent_z_lanes[lane] += (double)jvp[k + lane] * (double)tangent[k + lane] / s;
        }
    for (; k < n; k++) {
        sum_tangent_z_lanes[0] += (double)jvp[k] * (double)tangent[k] / s;
    }
    const double sum_tangent_z = total_of_lanes_f32(sum_tangent_z_lanes);
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            jvp[k + lane] = (float)((double)tangent[k + lane] - sum_tangent_z);
        }
    for (; k < n; k++) {
        jvp[k] = (float)((double)tangent[k] - sum_tangent_z);
    }
}

int lsm_log_softmax_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* One row of f_i = log p_i. */
LSM_CLONES static void lsm_log_softmax_value_f64_row(size_t n, const double *restrict z, double *restrict f)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : exp_difference_f64(z[k + lane], m));
        }
    for (; k < n; k++) {
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : exp_difference_f64(z[k], m));
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            f[k + lane] = z[k + lane] - m - log_s;
        }
    for (; k < n; k++) {
        f[k] = z[k] - m - log_s;
    }
}

int lsm_log_softmax_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *f, ptrdiff_t f_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_value_f64_row(n, z + row * z_row, f + row * f_row);
    return 0;
}

/* One row of vjp_j = cotangent_j - p_j Σ_i cotangent_i. */
LSM_CLONES static void lsm_log_softmax_vjp_f64_row(size_t n, const double *restrict z, const double *restrict cotangent, double *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where vjp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    double sum_cotangent_lanes[8] = {0};
    double sum_cotangent_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            vjp[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : vjp[k + lane]);
            add_to(&sum_cotangent_lanes[lane], &sum_cotangent_lost[lane], cotangent[k + lane]);
        }
    for (; k < n; k++) {
        vjp[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : vjp[k]);
        add_to(&sum_cotangent_lanes[0], &sum_cotangent_lost[0], cotangent[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double sum_cotangent = total_of_lanes_f64(sum_cotangent_lanes, sum_cotangent_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            vjp[k + lane] = (s - vjp[k + lane]) * cotangent[k + lane] / s - vjp[k + lane] * (sum_cotangent - cotangent[k + lane]) / s;
        }
    for (; k < n; k++) {
        vjp[k] = (s - vjp[k]) * cotangent[k] / s - vjp[k] * (sum_cotangent - cotangent[k]) / s;
    }
    /* at a: all-but-one */
    vjp[a] = (rest * cotangent[a] / s - (sum_cotangent - cotangent[a]) / s);
}

int lsm_log_softmax_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_vjp_f64_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_i = tangent_i - Σ_j p_j tangent_j. */
LSM_CLONES static void lsm_log_softmax_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where jvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            jvp[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : jvp[k + lane]);
        }
    for (; k < n; k++) {
        jvp[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : jvp[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    double sum_tangent_z_lanes[8] = {0};
    double sum_tangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&sum_tangent_z_lanes[lane], &sum_tangent_z_lost[lane], jvp[k + lane] * tangent[k + lane] / s);
        }
    for (; k < n; k++) {
        add_to(&sum_tangent_z_lanes[0], &sum_tangent_z_lost[0], jvp[k] * tangent[k] / s);
    }
    const double sum_tangent_z = total_of_lanes_f64(sum_tangent_z_lanes, sum_tangent_z_lost);
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            jvp[k + lane] = tangent[k + lane] - sum_tangent_z;
        }
    for (; k < n; k++) {
        jvp[k] = tangent[k] - sum_tangent_z;
    }
}

int lsm_log_softmax_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_log_softmax_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}
