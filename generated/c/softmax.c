/* softmax, generated; do not edit.
 *
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   sifting: sum_k delta_kj g_k = g_j
 *   constant-factor: a factor that does not depend on the class stands before the sum
 *   cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
 *   all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit softmax --target c
 */
#include "softmax.h"

#include "lossmith_rows.h"

/* One row of p_i = e^(z_i) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_softmax_value_f32_row(size_t n, const float *restrict z, float *restrict p)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where p is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            p[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)p[k + lane];
        }
    for (; k < n; k++) {
        p[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)p[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            p[k + lane] = (float)((double)p[k + lane] / s);
        }
    for (; k < n; k++) {
        p[k] = (float)((double)p[k] / s);
    }
}

int lsm_softmax_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_value_f32_row(n, z + row * z_row, p + row * p_row);
    return 0;
}

/* One row of vjp_j = p_j (cotangent_j - p_vjp), p_vjp = Σ_i cotangent_i p_i. */
LSM_CLONES static void lsm_softmax_vjp_f32_row(size_t n, const float *restrict z, const float *restrict cotangent, float *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where vjp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
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
    double sum_cotangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            sum_cotangent_z_lanes[lane] += (double)vjp[k + lane] * (double)cotangent[k + lane] / s;
        }
    for (; k < n; k++) {
        sum_cotangent_z_lanes[0] += (double)vjp[k] * (double)cotangent[k] / s;
    }
    const double sum_cotangent_z = total_of_lanes_f32(sum_cotangent_z_lanes);
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            vjp[k + lane] = (float)((double)vjp[k + lane] * ((double)cotangent[k + lane] - sum_cotangent_z) / s);
        }
    for (; k < n; k++) {
        vjp[k] = (float)((double)vjp[k] * ((double)cotangent[k] - sum_cotangent_z) / s);
    }
}

int lsm_softmax_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_vjp_f32_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_i = p_i tangent_i - p_i Σ_j p_j tangent_j. */
LSM_CLONES static void lsm_softmax_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp)
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
    const double ratio = s * s;
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
            jvp[k + lane] = (float)((s - (double)jvp[k + lane]) * (double)jvp[k + lane] * (double)tangent[k + lane] / ratio - (double)jvp[k + lane] * (sum_tangent_z - (double)jvp[k + lane] * (double)tangent[k + lane] / s) / s);
        }
    for (; k < n; k++) {
        jvp[k] = (float)((s - (double)jvp[k]) * (double)jvp[k] * (double)tangent[k] / ratio - (double)jvp[k] * (sum_tangent_z - (double)jvp[k] * (double)tangent[k] / s) / s);
    }
    /* at a: all-but-one */
    jvp[a] = (float)(rest * (double)tangent[a] / (s * s) - (sum_tangent_z - (double)tangent[a] / s) / s);
}

int lsm_softmax_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* One row of p_i = e^(z_i) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_softmax_value_f64_row(size_t n, const double *restrict z, double *restrict p)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where p is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            p[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : p[k + lane]);
        }
    for (; k < n; k++) {
        p[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : p[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            p[k + lane] = p[k + lane] / s;
        }
    for (; k < n; k++) {
        p[k] = p[k] / s;
    }
}

int lsm_softmax_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_value_f64_row(n, z + row * z_row, p + row * p_row);
    return 0;
}

/* One row of vjp_j = p_j (cotangent_j - p_vjp), p_vjp = Σ_i cotangent_i p_i. */
LSM_CLONES static void lsm_softmax_vjp_f64_row(size_t n, const double *restrict z, const double *restrict cotangent, double *restrict vjp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where vjp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
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
    double sum_cotangent_z_lanes[8] = {0};
    double sum_cotangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&sum_cotangent_z_lanes[lane], &sum_cotangent_z_lost[lane], vjp[k + lane] * cotangent[k + lane] / s);
        }
    for (; k < n; k++) {
        add_to(&sum_cotangent_z_lanes[0], &sum_cotangent_z_lost[0], vjp[k] * cotangent[k] / s);
    }
    const double sum_cotangent_z = total_of_lanes_f64(sum_cotangent_z_lanes, sum_cotangent_z_lost);
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            vjp[k + lane] = vjp[k + lane] * (cotangent[k + lane] - sum_cotangent_z) / s;
        }
    for (; k < n; k++) {
        vjp[k] = vjp[k] * (cotangent[k] - sum_cotangent_z) / s;
    }
}

int lsm_softmax_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_vjp_f64_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_i = p_i tangent_i - p_i Σ_j p_j tangent_j. */
LSM_CLONES static void lsm_softmax_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp)
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
    const double ratio = s * s;
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
            jvp[k + lane] = (s - jvp[k + lane]) * jvp[k + lane] * tangent[k + lane] / ratio - jvp[k + lane] * (sum_tangent_z - jvp[k + lane] * tangent[k + lane] / s) / s;
        }
    for (; k < n; k++) {
        jvp[k] = (s - jvp[k]) * jvp[k] * tangent[k] / ratio - jvp[k] * (sum_tangent_z - jvp[k] * tangent[k] / s) / s;
    }
    /* at a: all-but-one */
    jvp[a] = (rest * tangent[a] / (s * s) - (sum_tangent_z - tangent[a] / s) / s);
}

int lsm_softmax_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}
