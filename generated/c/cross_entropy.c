/* cross_entropy, generated; do not edit.
 *
 *     L_t = -log p_t
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   true-class-cancellation: p_t - 1 = -sum_{k != t} p_k: no digit is lost when p_t is near 1
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   sifting: sum_k delta_kj g_k = g_j
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit cross_entropy --target c
 */
#include "cross_entropy.h"

#include "lossmith_rows.h"

/* One row of L_t = -log p_t. */
LSM_CLONES static void lsm_cross_entropy_value_f32_row(size_t n, const float *restrict z, size_t t, float *restrict L_out)
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
    const double L = log_s - ((double)z[t] - m);
    *L_out = (float)L;
}

static int lsm_cross_entropy_value_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    float *L, double *L_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_value_f32_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), L + row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

int lsm_cross_entropy_value_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    float *L, double *L_sum)
{
    return lsm_cross_entropy_value_f32_rows(rows, n, z, z_row, lsm_labels_i32(t), L, L_sum);
}

int lsm_cross_entropy_value_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    float *L, double *L_sum)
{
    return lsm_cross_entropy_value_f32_rows(rows, n, z, z_row, lsm_labels_i64(t), L, L_sum);
}

/* One row of L_t = -log p_t
 * and grad_j = cotangent (p_j - δ_jt). */
LSM_CLONES static void lsm_cross_entropy_value_and_grad_f32_row(size_t n, const float *restrict z, size_t t, double cotangent, float *restrict L_out, float *restrict grad)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            grad[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)grad[k + lane];
        }
    for (; k < n; k++) {
        grad[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)grad[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - ((double)z[t] - m);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            grad[k + lane] = (float)((double)grad[k + lane] * ratio);
        }
    for (; k < n; k++) {
        grad[k] = (float)((double)grad[k] * ratio);
    }
    /* at t: true-class-cancellation */
    grad[t] = (float)(-(a == t ? rest : s - (double)exp_difference_f32(z[t], (float)m)) * cotangent / s);
    *L_out = (float)L;
}

static int lsm_cross_entropy_value_and_grad_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_value_and_grad_f32_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

int lsm_cross_entropy_value_and_grad_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    return lsm_cross_entropy_value_and_grad_f32_rows(rows, n, z, z_row, lsm_labels_i32(t), cotangent, cotangent_all, L, L_sum, grad, grad_row);
}

int lsm_cross_entropy_value_and_grad_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    return lsm_cross_entropy_value_and_grad_f32_rows(rows, n, z, z_row, lsm_labels_i64(t), cotangent, cotangent_all, L, L_sum, grad, grad_row);
}

/* One row of jvp = Σ_j p_j tangent_j - tangent_t. */
LSM_CLONES static void lsm_cross_entropy_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, size_t t, float *restrict jvp_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double e = (double)exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : e;
        }
    for (; k < n; k++) {
        const double e = (double)exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : e;
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_tangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double e = (double)exp_difference_f32(z[k + lane], (float)m);
            sum_tangent_z_lanes[lane] += e * (double)tangent[k + lane] / s;
        }
    for (; k < n; k++) {
        const double e = (double)exp_difference_f32(z[k], (float)m);
        sum_tangent_z_lanes[0] += e * (double)tangent[k] / s;
    }
    const double sum_tangent_z = total_of_lanes_f32(sum_tangent_z_lanes);
    const double jvp = sum_tangent_z - (double)tangent[t];
    *jvp_out = (float)jvp;
}

static int lsm_cross_entropy_jvp_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    float *jvp, double *jvp_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), jvp + row);
    *jvp_sum = lsm_sum_f32(rows, jvp);
    return 0;
}

int lsm_cross_entropy_jvp_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    float *jvp, double *jvp_sum)
{
    return lsm_cross_entropy_jvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), jvp, jvp_sum);
}

int lsm_cross_entropy_jvp_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    float *jvp, double *jvp_sum)
{
    return lsm_cross_entropy_jvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), jvp, jvp_sum);
}

/* One row of hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k). */
LSM_CLONES static void lsm_cross_entropy_hvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, size_t t, double cotangent, float *restrict hvp)
{
    size_t k;
    (void)t;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            hvp[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)hvp[k + lane];
        }
    for (; k < n; k++) {
        hvp[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)hvp[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    double sum_tangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            sum_tangent_z_lanes[lane] += (double)hvp[k + lane] * (double)tangent[k + lane] / s;
        }
    for (; k < n; k++) {
        sum_tangent_z_lanes[0] += (double)hvp[k] * (double)tangent[k] / s;
    }
    const double sum_tangent_z = total_of_lanes_f32(sum_tangent_z_lanes);
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            hvp[k + lane] = (float)((double)hvp[k + lane] * ((double)tangent[k + lane] - sum_tangent_z) * ratio);
        }
    for (; k < n; k++) {
        hvp[k] = (float)((double)hvp[k] * ((double)tangent[k] - sum_tangent_z) * ratio);
    }
}

static int lsm_cross_entropy_hvp_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    const float *cotangent, double cotangent_all,
    float *hvp, ptrdiff_t hvp_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_hvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, hvp + row * hvp_row);
    return 0;
}

int lsm_cross_entropy_hvp_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    float *hvp, ptrdiff_t hvp_row)
{
    return lsm_cross_entropy_hvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), cotangent, cotangent_all, hvp, hvp_row);
}

int lsm_cross_entropy_hvp_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    float *hvp, ptrdiff_t hvp_row)
{
    return lsm_cross_entropy_hvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), cotangent, cotangent_all, hvp, hvp_row);
}

/* One row of L_t = -log p_t. */
LSM_CLONES static void lsm_cross_entropy_value_f64_row(size_t n, const double *restrict z, size_t t, double *restrict L_out)
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
    const double L = log_s - (z[t] - m);
    *L_out = (double)L;
}

static int lsm_cross_entropy_value_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    lsm_labels t,
    double *L, double *L_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_value_f64_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), L + row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

int lsm_cross_entropy_value_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int32_t *t,
    double *L, double *L_sum)
{
    return lsm_cross_entropy_value_f64_rows(rows, n, z, z_row, lsm_labels_i32(t), L, L_sum);
}

int lsm_cross_entropy_value_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int64_t *t,
    double *L, double *L_sum)
{
    return lsm_cross_entropy_value_f64_rows(rows, n, z, z_row, lsm_labels_i64(t), L, L_sum);
}

/* One row of L_t = -log p_t
 * and grad_j = cotangent (p_j - δ_jt). */
LSM_CLONES static void lsm_cross_entropy_value_and_grad_f64_row(size_t n, const double *restrict z, size_t t, double cotangent, double *restrict L_out, double *restrict grad)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            grad[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : grad[k + lane]);
        }
    for (; k < n; k++) {
        grad[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : grad[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - (z[t] - m);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            grad[k + lane] = grad[k + lane] * ratio;
        }
    for (; k < n; k++) {
        grad[k] = grad[k] * ratio;
    }
    /* at t: true-class-cancellation */
    grad[t] = (-(a == t ? rest : s - exp_difference_f64(z[t], m)) * cotangent / s);
    *L_out = (double)L;
}

static int lsm_cross_entropy_value_and_grad_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    lsm_labels t,
    const double *cotangent, double cotangent_all,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_value_and_grad_f64_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

int lsm_cross_entropy_value_and_grad_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int32_t *t,
    const double *cotangent, double cotangent_all,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    return lsm_cross_entropy_value_and_grad_f64_rows(rows, n, z, z_row, lsm_labels_i32(t), cotangent, cotangent_all, L, L_sum, grad, grad_row);
}

int lsm_cross_entropy_value_and_grad_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int64_t *t,
    const double *cotangent, double cotangent_all,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    return lsm_cross_entropy_value_and_grad_f64_rows(rows, n, z, z_row, lsm_labels_i64(t), cotangent, cotangent_all, L, L_sum, grad, grad_row);
}

/* One row of jvp = Σ_j p_j tangent_j - tangent_t. */
LSM_CLONES static void lsm_cross_entropy_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, size_t t, double *restrict jvp_out)
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
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double e = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : e);
        }
    for (; k < n; k++) {
        const double e = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : e);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_tangent_z_lanes[8] = {0};
    double sum_tangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double e = exp_difference_f64(z[k + lane], m);
            add_to(&sum_tangent_z_lanes[lane], &sum_tangent_z_lost[lane], e * tangent[k + lane] / s);
        }
    for (; k < n; k++) {
        const double e = exp_difference_f64(z[k], m);
        add_to(&sum_tangent_z_lanes[0], &sum_tangent_z_lost[0], e * tangent[k] / s);
    }
    const double sum_tangent_z = total_of_lanes_f64(sum_tangent_z_lanes, sum_tangent_z_lost);
    const double jvp = sum_tangent_z - tangent[t];
    *jvp_out = (double)jvp;
}

static int lsm_cross_entropy_jvp_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    double *jvp, double *jvp_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), jvp + row);
    *jvp_sum = lsm_sum_f64(rows, jvp);
    return 0;
}

int lsm_cross_entropy_jvp_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    double *jvp, double *jvp_sum)
{
    return lsm_cross_entropy_jvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), jvp, jvp_sum);
}

int lsm_cross_entropy_jvp_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    double *jvp, double *jvp_sum)
{
    return lsm_cross_entropy_jvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), jvp, jvp_sum);
}

/* One row of hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k). */
LSM_CLONES static void lsm_cross_entropy_hvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, size_t t, double cotangent, double *restrict hvp)
{
    size_t k;
    (void)t;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            hvp[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : hvp[k + lane]);
        }
    for (; k < n; k++) {
        hvp[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : hvp[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = cotangent / s;
    double sum_tangent_z_lanes[8] = {0};
    double sum_tangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&sum_tangent_z_lanes[lane], &sum_tangent_z_lost[lane], hvp[k + lane] * tangent[k + lane] / s);
        }
    for (; k < n; k++) {
        add_to(&sum_tangent_z_lanes[0], &sum_tangent_z_lost[0], hvp[k] * tangent[k] / s);
    }
    const double sum_tangent_z = total_of_lanes_f64(sum_tangent_z_lanes, sum_tangent_z_lost);
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            hvp[k + lane] = hvp[k + lane] * (tangent[k + lane] - sum_tangent_z) * ratio;
        }
    for (; k < n; k++) {
        hvp[k] = hvp[k] * (tangent[k] - sum_tangent_z) * ratio;
    }
}

static int lsm_cross_entropy_hvp_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    const double *cotangent, double cotangent_all,
    double *hvp, ptrdiff_t hvp_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_hvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, hvp + row * hvp_row);
    return 0;
}

int lsm_cross_entropy_hvp_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    const double *cotangent, double cotangent_all,
    double *hvp, ptrdiff_t hvp_row)
{
    return lsm_cross_entropy_hvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), cotangent, cotangent_all, hvp, hvp_row);
}

int lsm_cross_entropy_hvp_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    const double *cotangent, double cotangent_all,
    double *hvp, ptrdiff_t hvp_row)
{
    return lsm_cross_entropy_hvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), cotangent, cotangent_all, hvp, hvp_row);
}
