/* logsumexp, generated; do not edit.
 *
 *     L = log Σ_k e^(z_k)
 *
 * facts used: none
 * rules used:
 *   shift-out-of-the-log: log sum_k e^{f_k} = f_a + log sum_k e^{f_k - f_a}
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   log-near-one: log s = log(1 + (s - 1)): where s is near 1, the excess s - 1 is summed with more digits
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   constant-factor: a factor that does not depend on the class stands before the sum
 *   shift-of-a-mean: the same shift for sum_k g_k p_k
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit logsumexp --target c
 */
#include "logsumexp.h"

#include "lossmith_rows.h"

/* One row of L = log Σ_k e^(z_k). */
LSM_CLONES static void lsm_logsumexp_value_f32_row(size_t n, const float *restrict z, float *restrict L_out)
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
    const double L = log_sum_f32(m, log_s, n, z);
    *L_out = (float)L;
}

int lsm_logsumexp_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_value_f32_row(n, z + row * z_row, L + row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

/* One row of vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_logsumexp_vjp_f32_row(size_t n, const float *restrict z, double cotangent, float *restrict vjp)
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
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
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
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_vjp_f32_row(n, z + row * z_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp = (1 / (Σ_k e^(z_k))) Σ_j tangent_j e^(z_j). */
LSM_CLONES static void lsm_logsumexp_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double sum_tangent_z_lanes[16] = {0};
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double e = (double)exp_difference_f32(z[k + lane], (float)m);
            sum_tangent_z_lanes[lane] += e * (double)tangent[k + lane];
            rest_lanes[lane] += k + lane == a ? 0 : e;
        }
    for (; k < n; k++) {
        const double e = (double)exp_difference_f32(z[k], (float)m);
        sum_tangent_z_lanes[0] += e * (double)tangent[k];
        rest_lanes[0] += k == a ? 0 : e;
    }
    const double sum_tangent_z = total_of_lanes_f32(sum_tangent_z_lanes);
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double jvp = sum_tangent_z / s;
    *jvp_out = (float)jvp;
}

int lsm_logsumexp_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row);
    *jvp_sum = lsm_sum_f32(rows, jvp);
    return 0;
}

/* One row of L = log Σ_k e^(z_k). */
LSM_CLONES static void lsm_logsumexp_value_f64_row(size_t n, const double *restrict z, double *restrict L_out)
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
    const double L = log_sum_f64(m, log_s, n, z);
    *L_out = (double)L;
}

int lsm_logsumexp_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_value_f64_row(n, z + row * z_row, L + row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

/* One row of vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_logsumexp_vjp_f64_row(size_t n, const double *restrict z, double cotangent, double *restrict vjp)
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
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
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
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_vjp_f64_row(n, z + row * z_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp = (1 / (Σ_k e^(z_k))) Σ_j tangent_j e^(z_j). */
LSM_CLONES static void lsm_logsumexp_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double sum_tangent_z_lanes[8] = {0};
    double sum_tangent_z_lost[8] = {0};
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double e = exp_difference_f64(z[k + lane], m);
            add_to(&sum_tangent_z_lanes[lane], &sum_tangent_z_lost[lane], e * tangent[k + lane]);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : e);
        }
    for (; k < n; k++) {
        const double e = exp_difference_f64(z[k], m);
        add_to(&sum_tangent_z_lanes[0], &sum_tangent_z_lost[0], e * tangent[k]);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : e);
    }
    const double sum_tangent_z = total_of_lanes_f64(sum_tangent_z_lanes, sum_tangent_z_lost);
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double jvp = sum_tangent_z / s;
    *jvp_out = (double)jvp;
}

int lsm_logsumexp_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_logsumexp_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row);
    *jvp_sum = lsm_sum_f64(rows, jvp);
    return 0;
}
