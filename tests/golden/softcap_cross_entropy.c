/* softcap_cross_entropy, generated; do not edit.
 *
 *     L_t = -log p_t
 *     u_i = c tanh(z_i / c)
 *     p_i = e^(u_i) / (Σ_k e^(u_k))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   share-of-another-turned: (delta_jt - p_t) e^{f_j} / e^{f_t} = delta_jt - p_j: the same with the other sign
 *   true-class-cancellation: p_t - 1 = -sum_{k != t} p_k: no digit is lost when p_t is near 1
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   one-minus-tanh-squared: 1 - tanh^2 x = 4 e^{-2|x|} / (1 + e^{-2|x|})^2: nothing cancels where tanh is near 1
 *   sifting: sum_k delta_kj g_k = g_j
 *   constant-factor: a factor that does not depend on the class stands before the sum
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit softcap_cross_entropy --target c
 */
#include "softcap_cross_entropy.h"

#include "lossmith_rows.h"

/* One row of L_t = -log p_t. */
LSM_CLONES static void lsm_softcap_cross_entropy_value_f32_row(size_t n, const float *restrict z, size_t t, double c, float *restrict L_out)
{
    size_t k;
    const double u_t = lsm_tanh((double)z[t] / c) * c;
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh((double)z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh((double)z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh((double)z[a] / c) * c;
    /* u: u_i */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double u = lsm_tanh((double)z[k + lane] / c) * c;
            rest_lanes[lane] += k + lane == a ? 0 : (double)exp_parts_f32(u - u_a);
        }
    for (; k < n; k++) {
        const double u = lsm_tanh((double)z[k] / c) * c;
        rest_lanes[0] += k == a ? 0 : (double)exp_parts_f32(u - u_a);
    }
    const double rest = u_a - u_a + total_of_lanes_f32(rest_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - (u_t - u_a);
    *L_out = (float)L;
}

static int lsm_softcap_cross_entropy_value_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    double c,
    float *L, double *L_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_value_f32_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), c, L + row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

int lsm_softcap_cross_entropy_value_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    double c,
    float *L, double *L_sum)
{
    return lsm_softcap_cross_entropy_value_f32_rows(rows, n, z, z_row, lsm_labels_i32(t), c, L, L_sum);
}

int lsm_softcap_cross_entropy_value_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    double c,
    float *L, double *L_sum)
{
    return lsm_softcap_cross_entropy_value_f32_rows(rows, n, z, z_row, lsm_labels_i64(t), c, L, L_sum);
}

/* One row of L_t = -log p_t
 * and grad_j = cotangent p_j (u_j² / c² - 1) (δ_jt - p_t) / p_t. */
LSM_CLONES static void lsm_softcap_cross_entropy_value_and_grad_f32_row(size_t n, const float *restrict z, size_t t, double cotangent, double c, float *restrict L_out, float *restrict grad)
{
    size_t k;
    const double u_t = lsm_tanh((double)z[t] / c) * c;
    const double tail = lsm_exp(-2.0 * fabs((double)z[t] / c));  /* e^{-2|x|}, at most 1 */
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh((double)z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh((double)z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh((double)z[a] / c) * c;
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double u = lsm_tanh((double)z[k + lane] / c) * c;
            grad[k + lane] = exp_parts_f32(u - u_a);
            rest_lanes[lane] += k + lane == a ? 0 : (double)grad[k + lane];
        }
    for (; k < n; k++) {
        const double u = lsm_tanh((double)z[k] / c) * c;
        grad[k] = exp_parts_f32(u - u_a);
        rest_lanes[0] += k == a ? 0 : (double)grad[k];
    }
    const double rest = u_a - u_a + total_of_lanes_f32(rest_lanes);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - (u_t - u_a);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 * cotangent / s;
    /* tail2: e^{-2|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail2 = lsm_exp(-fabs((double)z[k + lane] / c) * 2.0);
            grad[k + lane] = (float)(tail2 * (double)grad[k + lane] * ratio / ((1.0 + tail2) * (1.0 + tail2)));
        }
    for (; k < n; k++) {
        const double tail2 = lsm_exp(-fabs((double)z[k] / c) * 2.0);
        grad[k] = (float)(tail2 * (double)grad[k] * ratio / ((1.0 + tail2) * (1.0 + tail2)));
    }
    /* at t: true-class-cancellation */
    grad[t] = (float)(-4.0 * (a == t ? rest : s - (double)exp_parts_f32(u_t - u_a)) * tail * cotangent / ((1.0 + tail) * (1.0 + tail) * s));
    *L_out = (float)L;
}

static int lsm_softcap_cross_entropy_value_and_grad_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    const float *cotangent, double cotangent_all,
    double c,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_value_and_grad_f32_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, c, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f32(rows, L);
    return 0;
}

int lsm_softcap_cross_entropy_value_and_grad_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    double c,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    return lsm_softcap_cross_entropy_value_and_grad_f32_rows(rows, n, z, z_row, lsm_labels_i32(t), cotangent, cotangent_all, c, L, L_sum, grad, grad_row);
}

int lsm_softcap_cross_entropy_value_and_grad_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    double c,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row)
{
    return lsm_softcap_cross_entropy_value_and_grad_f32_rows(rows, n, z, z_row, lsm_labels_i64(t), cotangent, cotangent_all, c, L, L_sum, grad, grad_row);
}

/* One row of jvp = tangent_t u_t² / c² - tangent_t - Σ_j p_j tangent_j (u_j² / c² - 1). */
LSM_CLONES static void lsm_softcap_cross_entropy_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, size_t t, double c, float *restrict jvp_out)
{
    size_t k;
    const double part_t = lsm_tanh((double)z[t] / c);
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh((double)z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh((double)z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh((double)z[a] / c) * c;
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double u = lsm_tanh((double)z[k + lane] / c) * c;
            const double e = (double)exp_parts_f32(u - u_a);
            rest_lanes[lane] += k + lane == a ? 0 : e;
        }
    for (; k < n; k++) {
        const double u = lsm_tanh((double)z[k] / c) * c;
        const double e = (double)exp_parts_f32(u - u_a);
        rest_lanes[0] += k == a ? 0 : e;
    }
    const double rest = u_a - u_a + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 / s;
    /* u: u_i */
    /* tail: e^{-2|x|}, at most 1 */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_c_tangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double u = lsm_tanh((double)z[k + lane] / c) * c;
            const double tail = lsm_exp(-fabs((double)z[k + lane] / c) * 2.0);
            const double e = (double)exp_parts_f32(u - u_a);
            sum_c_tangent_z_lanes[lane] += -tail * e * (double)tangent[k + lane] * ratio / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double u = lsm_tanh((double)z[k] / c) * c;
        const double tail = lsm_exp(-fabs((double)z[k] / c) * 2.0);
        const double e = (double)exp_parts_f32(u - u_a);
        sum_c_tangent_z_lanes[0] += -tail * e * (double)tangent[k] * ratio / ((1.0 + tail) * (1.0 + tail));
    }
    const double sum_c_tangent_z = total_of_lanes_f32(sum_c_tangent_z_lanes);
    const double jvp = part_t * part_t * (double)tangent[t] - sum_c_tangent_z - (double)tangent[t];
    *jvp_out = (float)jvp;
}

static int lsm_softcap_cross_entropy_jvp_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    double c,
    float *jvp, double *jvp_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), c, jvp + row);
    *jvp_sum = lsm_sum_f32(rows, jvp);
    return 0;
}

int lsm_softcap_cross_entropy_jvp_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    double c,
    float *jvp, double *jvp_sum)
{
    return lsm_softcap_cross_entropy_jvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), c, jvp, jvp_sum);
}

int lsm_softcap_cross_entropy_jvp_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    double c,
    float *jvp, double *jvp_sum)
{
    return lsm_softcap_cross_entropy_jvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), c, jvp, jvp_sum);
}

/* One row of hvp_j = cotangent p_j (1 - u_j² / c²) (tangent_j (2 u_j / c² + u_j² / c² - 1) (δ_jt - p_t) / p_t + Σ_k p_k tangent_k (u_k² / c² - 1) - δ_jt tangent_t (u_t² / c² - 1) / p_t). */
LSM_CLONES static void lsm_softcap_cross_entropy_hvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, size_t t, double cotangent, double c, float *restrict hvp)
{
    size_t k;
    const double ratio2 = 2.0 / c;
    const double part_t = lsm_tanh((double)z[t] / c);
    const double u_t = part_t * c;
    const double e3 = lsm_exp(u_t);
    const double tail = lsm_exp(-2.0 * fabs((double)z[t] / c));  /* e^{-2|x|}, at most 1 */
    /* u: u_i */
    /* s2: sum over k of e_k */
    double s2_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double kept = lsm_tanh((double)z[k + lane] / c);
            const double u = kept * c;
            s2_lanes[lane] += lsm_exp(u);
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh((double)z[k] / c);
        const double u = kept * c;
        s2_lanes[0] += lsm_exp(u);
    }
    const double s2 = total_of_lanes_f32(s2_lanes);
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh((double)z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh((double)z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double part_a = lsm_tanh((double)z[a] / c);
    const double u_a = part_a * c;
    const double e2 = (double)exp_parts_f32(u_t - u_a);
    const double tail2 = lsm_exp(-2.0 * fabs((double)z[a] / c));  /* e^{-2|x|}, at most 1 */
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double kept = lsm_tanh((double)z[k + lane] / c);
            const double u = kept * c;
            hvp[k + lane] = exp_parts_f32(u - u_a);
            rest_lanes[lane] += k + lane == a ? 0 : (double)hvp[k + lane];
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh((double)z[k] / c);
        const double u = kept * c;
        hvp[k] = exp_parts_f32(u - u_a);
        rest_lanes[0] += k == a ? 0 : (double)hvp[k];
    }
    const double rest = u_a - u_a + total_of_lanes_f32(rest_lanes);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 / s;
    const double ratio3 = e2 * s2 / (e3 * s);
    const double ratio4 = 4.0 * cotangent / s;
    /* tail3: e^{-2|x|}, at most 1 */
    double sum_c_tangent_z_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail3 = lsm_exp(-fabs((double)z[k + lane] / c) * 2.0);
            sum_c_tangent_z_lanes[lane] += -tail3 * (double)hvp[k + lane] * (double)tangent[k + lane] * ratio / ((1.0 + tail3) * (1.0 + tail3));
        }
    for (; k < n; k++) {
        const double tail3 = lsm_exp(-fabs((double)z[k] / c) * 2.0);
        sum_c_tangent_z_lanes[0] += -tail3 * (double)hvp[k] * (double)tangent[k] * ratio / ((1.0 + tail3) * (1.0 + tail3));
    }
    const double sum_c_tangent_z = total_of_lanes_f32(sum_c_tangent_z_lanes);
    /* tail3: e^{-2|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double kept = lsm_tanh((double)z[k + lane] / c);
            const double tail3 = lsm_exp(-fabs((double)z[k + lane] / c) * 2.0);
            hvp[k + lane] = (float)((sum_c_tangent_z - (kept * ratio2 - tail3 * 4.0 / ((1.0 + tail3) * (1.0 + tail3))) * (double)tangent[k + lane] * ratio3) * tail3 * (double)hvp[k + lane] * ratio4 / ((1.0 + tail3) * (1.0 + tail3)));
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh((double)z[k] / c);
        const double tail3 = lsm_exp(-fabs((double)z[k] / c) * 2.0);
        hvp[k] = (float)((sum_c_tangent_z - (kept * ratio2 - tail3 * 4.0 / ((1.0 + tail3) * (1.0 + tail3))) * (double)tangent[k] * ratio3) * tail3 * (double)hvp[k] * ratio4 / ((1.0 + tail3) * (1.0 + tail3)));
    }
    /* at a: all-but-one */
    hvp[a] = (float)((4.0 * (a == t) * tail * s2 * (double)tangent[t] / ((1.0 + tail) * (1.0 + tail) * e3) + sum_c_tangent_z - (2.0 * part_a / c - 4.0 * tail2 / ((1.0 + tail2) * (1.0 + tail2))) * (a == t ? -rest / s : e2 / s) * s2 * (double)tangent[a] / e3) * 4.0 * tail2 * cotangent / ((1.0 + tail2) * (1.0 + tail2) * s));
    /* at t: true-class-cancellation */
    hvp[t] = (float)(((2.0 * part_t / c - 4.0 * tail / ((1.0 + tail) * (1.0 + tail))) * (a == t ? rest : s - e2) * s2 * (double)tangent[t] / (e3 * s) + 4.0 * tail * s2 * (double)tangent[t] / ((1.0 + tail) * (1.0 + tail) * e3) + sum_c_tangent_z) * 4.0 * tail * e2 * cotangent / ((1.0 + tail) * (1.0 + tail) * s));
}

static int lsm_softcap_cross_entropy_hvp_f32_rows(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    const float *cotangent, double cotangent_all,
    double c,
    float *hvp, ptrdiff_t hvp_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_hvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, c, hvp + row * hvp_row);
    return 0;
}

int lsm_softcap_cross_entropy_hvp_f32_i32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    double c,
    float *hvp, ptrdiff_t hvp_row)
{
    return lsm_softcap_cross_entropy_hvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), cotangent, cotangent_all, c, hvp, hvp_row);
}

int lsm_softcap_cross_entropy_hvp_f32_i64(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    double c,
    float *hvp, ptrdiff_t hvp_row)
{
    return lsm_softcap_cross_entropy_hvp_f32_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), cotangent, cotangent_all, c, hvp, hvp_row);
}

/* One row of L_t = -log p_t. */
LSM_CLONES static void lsm_softcap_cross_entropy_value_f64_row(size_t n, const double *restrict z, size_t t, double c, double *restrict L_out)
{
    size_t k;
    const double u_t = lsm_tanh(z[t] / c) * c;
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh(z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh(z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh(z[a] / c) * c;
    /* u: u_i */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double u = lsm_tanh(z[k + lane] / c) * c;
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : exp_difference_f64(u, u_a));
        }
    for (; k < n; k++) {
        const double u = lsm_tanh(z[k] / c) * c;
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : exp_difference_f64(u, u_a));
    }
    const double rest = u_a - u_a + total_of_lanes_f64(rest_lanes, rest_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - (u_t - u_a);
    *L_out = (double)L;
}

static int lsm_softcap_cross_entropy_value_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    lsm_labels t,
    double c,
    double *L, double *L_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_value_f64_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), c, L + row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

int lsm_softcap_cross_entropy_value_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int32_t *t,
    double c,
    double *L, double *L_sum)
{
    return lsm_softcap_cross_entropy_value_f64_rows(rows, n, z, z_row, lsm_labels_i32(t), c, L, L_sum);
}

int lsm_softcap_cross_entropy_value_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int64_t *t,
    double c,
    double *L, double *L_sum)
{
    return lsm_softcap_cross_entropy_value_f64_rows(rows, n, z, z_row, lsm_labels_i64(t), c, L, L_sum);
}

/* One row of L_t = -log p_t
 * and grad_j = cotangent p_j (u_j² / c² - 1) (δ_jt - p_t) / p_t. */
LSM_CLONES static void lsm_softcap_cross_entropy_value_and_grad_f64_row(size_t n, const double *restrict z, size_t t, double cotangent, double c, double *restrict L_out, double *restrict grad)
{
    size_t k;
    const double u_t = lsm_tanh(z[t] / c) * c;
    const double tail = lsm_exp(-2.0 * fabs(z[t] / c));  /* e^{-2|x|}, at most 1 */
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh(z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh(z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh(z[a] / c) * c;
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where grad is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double u = lsm_tanh(z[k + lane] / c) * c;
            grad[k + lane] = exp_difference_f64(u, u_a);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : grad[k + lane]);
        }
    for (; k < n; k++) {
        const double u = lsm_tanh(z[k] / c) * c;
        grad[k] = exp_difference_f64(u, u_a);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : grad[k]);
    }
    const double rest = u_a - u_a + total_of_lanes_f64(rest_lanes, rest_lost);
    const double log_s = lsm_log1p(rest);  /* log of the sum over k of e_k */
    const double L = log_s - (u_t - u_a);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 * cotangent / s;
    /* tail2: e^{-2|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail2 = lsm_exp(-fabs(z[k + lane] / c) * 2.0);
            grad[k + lane] = tail2 * grad[k + lane] * ratio / ((1.0 + tail2) * (1.0 + tail2));
        }
    for (; k < n; k++) {
        const double tail2 = lsm_exp(-fabs(z[k] / c) * 2.0);
        grad[k] = tail2 * grad[k] * ratio / ((1.0 + tail2) * (1.0 + tail2));
    }
    /* at t: true-class-cancellation */
    grad[t] = (-4.0 * (a == t ? rest : s - exp_difference_f64(u_t, u_a)) * tail * cotangent / ((1.0 + tail) * (1.0 + tail) * s));
    *L_out = (double)L;
}

static int lsm_softcap_cross_entropy_value_and_grad_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    lsm_labels t,
    const double *cotangent, double cotangent_all,
    double c,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_value_and_grad_f64_row(n, z + row * z_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, c, L + row, grad + row * grad_row);
    *L_sum = lsm_sum_f64(rows, L);
    return 0;
}

int lsm_softcap_cross_entropy_value_and_grad_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int32_t *t,
    const double *cotangent, double cotangent_all,
    double c,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    return lsm_softcap_cross_entropy_value_and_grad_f64_rows(rows, n, z, z_row, lsm_labels_i32(t), cotangent, cotangent_all, c, L, L_sum, grad, grad_row);
}

int lsm_softcap_cross_entropy_value_and_grad_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const int64_t *t,
    const double *cotangent, double cotangent_all,
    double c,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row)
{
    return lsm_softcap_cross_entropy_value_and_grad_f64_rows(rows, n, z, z_row, lsm_labels_i64(t), cotangent, cotangent_all, c, L, L_sum, grad, grad_row);
}

/* One row of jvp = tangent_t u_t² / c² - tangent_t - Σ_j p_j tangent_j (u_j² / c² - 1). */
LSM_CLONES static void lsm_softcap_cross_entropy_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, size_t t, double c, double *restrict jvp_out)
{
    size_t k;
    const double part_t = lsm_tanh(z[t] / c);
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh(z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh(z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double u_a = lsm_tanh(z[a] / c) * c;
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double u = lsm_tanh(z[k + lane] / c) * c;
            const double e = exp_difference_f64(u, u_a);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : e);
        }
    for (; k < n; k++) {
        const double u = lsm_tanh(z[k] / c) * c;
        const double e = exp_difference_f64(u, u_a);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : e);
    }
    const double rest = u_a - u_a + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 / s;
    /* u: u_i */
    /* tail: e^{-2|x|}, at most 1 */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest) */
    double sum_c_tangent_z_lanes[8] = {0};
    double sum_c_tangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double u = lsm_tanh(z[k + lane] / c) * c;
            const double tail = lsm_exp(-fabs(z[k + lane] / c) * 2.0);
            const double e = exp_difference_f64(u, u_a);
            add_to(&sum_c_tangent_z_lanes[lane], &sum_c_tangent_z_lost[lane], -tail * e * tangent[k + lane] * ratio / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double u = lsm_tanh(z[k] / c) * c;
        const double tail = lsm_exp(-fabs(z[k] / c) * 2.0);
        const double e = exp_difference_f64(u, u_a);
        add_to(&sum_c_tangent_z_lanes[0], &sum_c_tangent_z_lost[0], -tail * e * tangent[k] * ratio / ((1.0 + tail) * (1.0 + tail)));
    }
    const double sum_c_tangent_z = total_of_lanes_f64(sum_c_tangent_z_lanes, sum_c_tangent_z_lost);
    const double jvp = part_t * part_t * tangent[t] - sum_c_tangent_z - tangent[t];
    *jvp_out = (double)jvp;
}

static int lsm_softcap_cross_entropy_jvp_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    double c,
    double *jvp, double *jvp_sum)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), c, jvp + row);
    *jvp_sum = lsm_sum_f64(rows, jvp);
    return 0;
}

int lsm_softcap_cross_entropy_jvp_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    double c,
    double *jvp, double *jvp_sum)
{
    return lsm_softcap_cross_entropy_jvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), c, jvp, jvp_sum);
}

int lsm_softcap_cross_entropy_jvp_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    double c,
    double *jvp, double *jvp_sum)
{
    return lsm_softcap_cross_entropy_jvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), c, jvp, jvp_sum);
}

/* One row of hvp_j = cotangent p_j (1 - u_j² / c²) (tangent_j (2 u_j / c² + u_j² / c² - 1) (δ_jt - p_t) / p_t + Σ_k p_k tangent_k (u_k² / c² - 1) - δ_jt tangent_t (u_t² / c² - 1) / p_t). */
LSM_CLONES static void lsm_softcap_cross_entropy_hvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, size_t t, double cotangent, double c, double *restrict hvp)
{
    size_t k;
    const double ratio2 = 2.0 / c;
    const double part_t = lsm_tanh(z[t] / c);
    const double u_t = part_t * c;
    const double e3 = lsm_exp(u_t);
    const double tail = lsm_exp(-2.0 * fabs(z[t] / c));  /* e^{-2|x|}, at most 1 */
    /* u: u_i */
    /* s2: sum over k of e_k */
    double s2_lanes[8] = {0};
    double s2_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double kept = lsm_tanh(z[k + lane] / c);
            const double u = kept * c;
            add_to(&s2_lanes[lane], &s2_lost[lane], lsm_exp(u));
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh(z[k] / c);
        const double u = kept * c;
        add_to(&s2_lanes[0], &s2_lost[0], lsm_exp(u));
    }
    const double s2 = total_of_lanes_f64(s2_lanes, s2_lost);
    size_t a = 0;  /* the place of a largest one */
    double at_a = lsm_tanh(z[0] / c) * c;
    for (k = 1; k < n; k++) {
        const double here = lsm_tanh(z[k] / c) * c;
        a = here > at_a ? k : a;
        at_a = here > at_a ? here : at_a;
    }
    const double part_a = lsm_tanh(z[a] / c);
    const double u_a = part_a * c;
    const double e2 = exp_difference_f64(u_t, u_a);
    const double tail2 = lsm_exp(-2.0 * fabs(z[a] / c));  /* e^{-2|x|}, at most 1 */
    /* u: u_i */
    /* e: e_k = e^{z_k - m}, at most 1 (shift-by-the-largest); kept where hvp is written later */
    /* rest: sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
    double rest_lanes[8] = {0};
    double rest_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double kept = lsm_tanh(z[k + lane] / c);
            const double u = kept * c;
            hvp[k + lane] = exp_difference_f64(u, u_a);
            add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a ? 0 : hvp[k + lane]);
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh(z[k] / c);
        const double u = kept * c;
        hvp[k] = exp_difference_f64(u, u_a);
        add_to(&rest_lanes[0], &rest_lost[0], k == a ? 0 : hvp[k]);
    }
    const double rest = u_a - u_a + total_of_lanes_f64(rest_lanes, rest_lost);
    const double s = 1.0 + rest;  /* sum over k of e_k */
    const double ratio = 4.0 / s;
    const double ratio3 = e2 * s2 / (e3 * s);
    const double ratio4 = 4.0 * cotangent / s;
    /* tail3: e^{-2|x|}, at most 1 */
    double sum_c_tangent_z_lanes[8] = {0};
    double sum_c_tangent_z_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail3 = lsm_exp(-fabs(z[k + lane] / c) * 2.0);
            add_to(&sum_c_tangent_z_lanes[lane], &sum_c_tangent_z_lost[lane], -tail3 * hvp[k + lane] * tangent[k + lane] * ratio / ((1.0 + tail3) * (1.0 + tail3)));
        }
    for (; k < n; k++) {
        const double tail3 = lsm_exp(-fabs(z[k] / c) * 2.0);
        add_to(&sum_c_tangent_z_lanes[0], &sum_c_tangent_z_lost[0], -tail3 * hvp[k] * tangent[k] * ratio / ((1.0 + tail3) * (1.0 + tail3)));
    }
    const double sum_c_tangent_z = total_of_lanes_f64(sum_c_tangent_z_lanes, sum_c_tangent_z_lost);
    /* tail3: e^{-2|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double kept = lsm_tanh(z[k + lane] / c);
            const double tail3 = lsm_exp(-fabs(z[k + lane] / c) * 2.0);
            hvp[k + lane] = (sum_c_tangent_z - (kept * ratio2 - tail3 * 4.0 / ((1.0 + tail3) * (1.0 + tail3))) * tangent[k + lane] * ratio3) * tail3 * hvp[k + lane] * ratio4 / ((1.0 + tail3) * (1.0 + tail3));
        }
    for (; k < n; k++) {
        const double kept = lsm_tanh(z[k] / c);
        const double tail3 = lsm_exp(-fabs(z[k] / c) * 2.0);
        hvp[k] = (sum_c_tangent_z - (kept * ratio2 - tail3 * 4.0 / ((1.0 + tail3) * (1.0 + tail3))) * tangent[k] * ratio3) * tail3 * hvp[k] * ratio4 / ((1.0 + tail3) * (1.0 + tail3));
    }
    /* at a: all-but-one */
    hvp[a] = ((4.0 * (a == t) * tail * s2 * tangent[t] / ((1.0 + tail) * (1.0 + tail) * e3) + sum_c_tangent_z - (2.0 * part_a / c - 4.0 * tail2 / ((1.0 + tail2) * (1.0 + tail2))) * (a == t ? -rest / s : e2 / s) * s2 * tangent[a] / e3) * 4.0 * tail2 * cotangent / ((1.0 + tail2) * (1.0 + tail2) * s));
    /* at t: true-class-cancellation */
    hvp[t] = (((2.0 * part_t / c - 4.0 * tail / ((1.0 + tail) * (1.0 + tail))) * (a == t ? rest : s - e2) * s2 * tangent[t] / (e3 * s) + 4.0 * tail * s2 * tangent[t] / ((1.0 + tail) * (1.0 + tail) * e3) + sum_c_tangent_z) * 4.0 * tail * e2 * cotangent / ((1.0 + tail) * (1.0 + tail) * s));
}

static int lsm_softcap_cross_entropy_hvp_f64_rows(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    lsm_labels t,
    const double *cotangent, double cotangent_all,
    double c,
    double *hvp, ptrdiff_t hvp_row)
{
    if (!lsm_labels_fit(t, 0, rows, n))
        return 1;
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softcap_cross_entropy_hvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, (size_t)lsm_label(t, (size_t)row), cotangent ? cotangent_all * (double)cotangent[row] : cotangent_all, c, hvp + row * hvp_row);
    return 0;
}

int lsm_softcap_cross_entropy_hvp_f64_i32(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int32_t *t,
    const double *cotangent, double cotangent_all,
    double c,
    double *hvp, ptrdiff_t hvp_row)
{
    return lsm_softcap_cross_entropy_hvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i32(t), cotangent, cotangent_all, c, hvp, hvp_row);
}

int lsm_softcap_cross_entropy_hvp_f64_i64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const int64_t *t,
    const double *cotangent, double cotangent_all,
    double c,
    double *hvp, ptrdiff_t hvp_row)
{
    return lsm_softcap_cross_entropy_hvp_f64_rows(rows, n, z, z_row, tangent, tangent_row, lsm_labels_i64(t), cotangent, cotangent_all, c, hvp, hvp_row);
}
