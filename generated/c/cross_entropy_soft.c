/* cross_entropy_soft, generated; do not edit.
 *
 *     L = -Σ_k y_k log p_k
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   cross-cancellation: p_j sum_k y_k - y_j = p_j sum_{k != j} y_k - y_j sum_{k != j} p_k: nothing cancels
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   all-but-one-by-difference: sum_{k != j} g_k = sum_k g_k - g_j, exact for a one-hot g
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit cross_entropy --target c
 */
#include "cross_entropy_soft.h"

#include "lossmith_rows.h"

/* One row of L = -Σ_k y_k log p_k. */
LSM_CLONES static void lsm_cross_entropy_soft_value_f32_row(size_t n, const float *restrict z, const float *restrict y, float *restrict L_out)
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
    double sum_y_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            sum_y_z_lanes[lane] += weigh((double)y[k + lane], (double)z[k + lane] - m - log_s);
        }
    for (; k < n; k++) {
        sum_y_z_lanes[0] += weigh((double)y[k], (double)z[k] - m - log_s);
    }
    const double sum_y_z = total_of_lanes_f32(sum_y_z_lanes);
    const double L = -sum_y_z;
    *L_out = (float)L;
}

int lsm_cross_entropy_soft_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    float *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_value_f32_row(n, z + row * z_row, y + row * y_row, L + row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

/* One row of L = -Σ_k y_k log p_k
 * and grad_j = cotangent (p_j Σ_k y_k - y_j). */
LSM_CLONES static void lsm_cross_entropy_soft_value_and_grad_f32_row(size_t n, const float *restrict z, const float *restrict y, double cotangent, float *restrict L_out, float *restrict grad)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    double sum_y_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            grad[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)grad[k + lane];
            sum_y_lanes[lane] += (double)y[k + lane];
        }
    for (; k < n; k++) {
        grad[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)grad[k];
        sum_y_lanes[0] += (double)y[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double sum_y = total_of_lanes_f32(sum_y_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double s = 1.0 + rest;  /* sum over k of e_k */
    double sum_y_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            sum_y_z_lanes[lane] += weigh((double)y[k + lane], (double)z[k + lane] - m - log_s);
            grad[k + lane] = (float)(((double)grad[k + lane] * (sum_y - (double)y[k + lane]) / s - (s - (double)grad[k + lane]) * (double)y[k + lane] / s) * cotangent);
        }
    for (; k < n; k++) {
        sum_y_z_lanes[0] += weigh((double)y[k], (double)z[k] - m - log_s);
        grad[k] = (float)(((double)grad[k] * (sum_y - (double)y[k]) / s - (s - (double)grad[k]) * (double)y[k] / s) * cotangent);
    }
    const double sum_y_z = total_of_lanes_f32(sum_y_z_lanes);
    /* at a: all-but-one */
    grad[a] = (float)(((sum_y - (double)y[a]) / s - rest * (double)y[a] / s) * cotangent);
    const double L = -sum_y_z;
    *L_out = (float)L;
}

int lsm_cross_entropy_soft_value_and_grad_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_value_and_grad_f32_row(n, z + row * z_row, y + row * y_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

/* One row of jvp = Σ_j tangent_j (p_j Σ_k y_k - y_j). */
LSM_CLONES static void lsm_cross_entropy_soft_jvp_f32_row(size_t n, const float *restrict z, const float *restrict y, const float *restrict tangent, float *restrict jvp_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double sum_y_lanes[16] = {0};
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double e = (double)exp_difference_f32(z[k + lane], (float)m);
            sum_y_lanes[lane] += (double)y[k + lane];
            rest_lanes[lane] += k + lane == a ? 0 : e;
        }
    for (; k < n; k++) {
        const double e = (double)exp_difference_f32(z[k], (float)m);
        sum_y_lanes[0] += (double)y[k];
        rest_lanes[0] += k == a ? 0 : e;
    }
    const double sum_y = total_of_lanes_f32(sum_y_lanes);
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_tangent_y_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double e = (double)exp_difference_f32(z[k + lane], (float)m);
            sum_tangent_y_z_lanes[lane] += (e * (sum_y - (double)y[k + lane]) / s - (k + lane == a ? rest : s - e) * (double)y[k + lane] / s) * (double)tangent[k + lane];
        }
    for (; k < n; k++) {
        const double e = (double)exp_difference_f32(z[k], (float)m);
        sum_tangent_y_z_lanes[0] += (e * (sum_y - (double)y[k]) / s - (k == a ? rest : s - e) * (double)y[k] / s) * (double)tangent[k];
    }
    const double sum_tangent_y_z = total_of_lanes_f32(sum_tangent_y_z_lanes);
    const double jvp = sum_tangent_y_z;
    *jvp_out = (float)jvp;
}

int lsm_cross_entropy_soft_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_jvp_f32_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, jvp + row);
    *jvp_sum = lsm_sum_f32(rows, jvp);
    return 0;
}

/* One row of hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k) Σ_k y_k. */
LSM_CLONES static void lsm_cross_entropy_soft_hvp_f32_row(size_t n, const float *restrict z, const float *restrict y, const float *restrict tangent, double cotangent, float *restrict hvp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f32(n, z);  /* the place of a largest one */
    const double m = (double)z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    double sum_y_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            hvp[k + lane] = exp_difference_f32(z[k + lane], (float)m);
            rest_lanes[lane] += k + lane == a ? 0 : (double)hvp[k + lane];
            sum_y_lanes[lane] += (double)y[k + lane];
        }
    for (; k < n; k++) {
        hvp[k] = exp_difference_f32(z[k], (float)m);
        rest_lanes[0] += k == a ? 0 : (double)hvp[k];
        sum_y_lanes[0] += (double)y[k];
    }
    const double rest = m - m + total_of_lanes_f32(rest_lanes);
    const double sum_y = total_of_lanes_f32(sum_y_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = sum_y * cotangent / s;
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

int lsm_cross_entropy_soft_hvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    const float *cotangent, double cotangent_all,
    float *hvp, ptrdiff_t hvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_hvp_f32_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, hvp + row * hvp_row);
    return 0;
}

/* One row of L = -Σ_k y_k log p_k. */
LSM_CLONES static void lsm_cross_entropy_soft_value_f64_row(size_t n, const double *restrict z, const double *restrict y, double *restrict L_out)
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
    double sum_y_z_lanes[8] = {0};
    double sum_y_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&sum_y_z_lanes[lane], &sum_y_z_lost[lane], weigh(y[k + lane], z[k + lane] - m - log_s));
        }
    for (; k < n; k++) {
        add_to(&sum_y_z_lanes[0], &sum_y_z_lost[0], weigh(y[k], z[k] - m - log_s));
    }
    const double sum_y_z = total_of_lanes_f64(sum_y_z_lanes, sum_y_z_lost);
    const double L = -sum_y_z;
    *L_out = (double)L;
}

int lsm_cross_entropy_soft_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    double *L, double *L_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_value_f64_row(n, z + row * z_row, y + row * y_row, L + row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

/* One row of L = -Σ_k y_k log p_k
 * and grad_j = cotangent (p_j Σ_k y_k - y_j). */
LSM_CLONES static void lsm_cross_entropy_soft_value_and_grad_f64_row(size_t n, const double *restrict z, const double *restrict y, double cotangent, double *restrict L_out, double *restrict grad)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    double sum_y_lanes[8] = {0};
    double sum_y_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            grad[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : grad[k + lane]);
            add_to(&sum_y_lanes[lane], &sum_y_lost[lane], y[k + lane]);
        }
    for (; k < n; k++) {
        grad[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : grad[k]);
        add_to(&sum_y_lanes[0], &sum_y_lost[0], y[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double sum_y = total_of_lanes_f64(sum_y_lanes, sum_y_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double s = 1.0 + rest;  /* sum over k of e_k */
    double sum_y_z_lanes[8] = {0};
    double sum_y_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            add_to(&sum_y_z_lanes[lane], &sum_y_z_lost[lane], weigh(y[k + lane], z[k + lane] - m - log_s));
            grad[k + lane] = (grad[k + lane] * (sum_y - y[k + lane]) / s - (s - grad[k + lane]) * y[k + lane] / s) * cotangent;
        }
    for (; k < n; k++) {
        add_to(&sum_y_z_lanes[0], &sum_y_z_lost[0], weigh(y[k], z[k] - m - log_s));
        grad[k] = (grad[k] * (sum_y - y[k]) / s - (s - grad[k]) * y[k] / s) * cotangent;
    }
    const double sum_y_z = total_of_lanes_f64(sum_y_z_lanes, sum_y_z_lost);
    /* at a: all-but-one */
    grad[a] = (((sum_y - y[a]) / s - rest * y[a] / s) * cotangent);
    const double L = -sum_y_z;
    *L_out = (double)L;
}

int lsm_cross_entropy_soft_value_and_grad_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *cotangent, double cotangent_all,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_value_and_grad_f64_row(n, z + row * z_row, y + row * y_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

/* One row of jvp = Σ_j tangent_j (p_j Σ_k y_k - y_j). */
LSM_CLONES static void lsm_cross_entropy_soft_jvp_f64_row(size_t n, const double *restrict z, const double *restrict y, const double *restrict tangent, double *restrict jvp_out)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double sum_y_lanes[8] = {0};
    double sum_y_lost[8] = {0};
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double e = exp_difference_f64(z[k + lane], m);
            add_to(&sum_y_lanes[lane], &sum_y_lost[lane], y[k + lane]);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : e);
        }
    for (; k < n; k++) {
        const double e = exp_difference_f64(z[k], m);
        add_to(&sum_y_lanes[0], &sum_y_lost[0], y[k]);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : e);
    }
    const double sum_y = total_of_lanes_f64(sum_y_lanes, sum_y_lost);
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_tangent_y_z_lanes[8] = {0};
    double sum_tangent_y_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double e = exp_difference_f64(z[k + lane], m);
            add_to(&sum_tangent_y_z_lanes[lane], &sum_tangent_y_z_lost[lane], (e * (sum_y - y[k + lane]) / s - (k + lane == a ? rest : s - e) * y[k + lane] / s) * tangent[k + lane]);
        }
    for (; k < n; k++) {
        const double e = exp_difference_f64(z[k], m);
        add_to(&sum_tangent_y_z_lanes[0], &sum_tangent_y_z_lost[0], (e * (sum_y - y[k]) / s - (k == a ? rest : s - e) * y[k] / s) * tangent[k]);
    }
    const double sum_tangent_y_z = total_of_lanes_f64(sum_tangent_y_z_lanes, sum_tangent_y_z_lost);
    const double jvp = sum_tangent_y_z;
    *jvp_out = (double)jvp;
}

int lsm_cross_entropy_soft_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, double *jvp_sum)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_jvp_f64_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, jvp + row);
    *jvp_sum = lsm_sum_f64(rows, jvp);
    return 0;
}

/* One row of hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k) Σ_k y_k. */
LSM_CLONES static void lsm_cross_entropy_soft_hvp_f64_row(size_t n, const double *restrict z, const double *restrict y, const double *restrict tangent, double cotangent, double *restrict hvp)
{
    size_t k;
    const size_t a = lsm_place_of_largest_f64(n, z);  /* the place of a largest one */
    const double m = z[a];
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    double sum_y_lanes[8] = {0};
    double sum_y_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            hvp[k + lane] = exp_difference_f64(z[k + lane], m);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : hvp[k + lane]);
            add_to(&sum_y_lanes[lane], &sum_y_lost[lane], y[k + lane]);
        }
    for (; k < n; k++) {
        hvp[k] = exp_difference_f64(z[k], m);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : hvp[k]);
        add_to(&sum_y_lanes[0], &sum_y_lost[0], y[k]);
    }
    const double rest = m - m + total_of_lanes_f64(rest_lanes, rest_lost);
    const double sum_y = total_of_lanes_f64(sum_y_lanes, sum_y_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = sum_y * cotangent / s;
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

int lsm_cross_entropy_soft_hvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    const double *cotangent, double cotangent_all,
    double *hvp, ptrdiff_t hvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_cross_entropy_soft_hvp_f64_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, hvp + row * hvp_row);
    return 0;
}
