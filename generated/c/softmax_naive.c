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

#include "lossmith_rows.h"

/* One row of p_i = e^(z_i) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_softmax_naive_value_f32_row(size_t n, const float *restrict z, float *restrict p)
{
    size_t k;
    /* e: e_k = e^{z_k}; kept where p is written later */
    /* s: sum over k of e_k */
    double s_lanes[16] = {0};
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            p[k + lane] = (float)(lsm_exp((double)z[k + lane]));
            s_lanes[lane] += (double)p[k + lane];
        }
    for (; k < n; k++) {
        p[k] = (float)(lsm_exp((double)z[k]));
        s_lanes[0] += (double)p[k];
    }
    const double s = total_of_lanes_f32(s_lanes);
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

int lsm_softmax_naive_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_naive_value_f32_row(n, z + row * z_row, p + row * p_row);
    return 0;
}

/* One row of p_i = e^(z_i) / (Σ_k e^(z_k)). */
LSM_CLONES static void lsm_softmax_naive_value_f64_row(size_t n, const double *restrict z, double *restrict p)
{
    size_t k;
    /* e: e_k = e^{z_k}; kept where p is written later */
    /* s: sum over k of e_k */
    double s_lanes[8] = {0};
    double s_lost[8] = {0};
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            p[k + lane] = lsm_exp(z[k + lane]);
            add_to(&s_lanes[lane], &s_lost[lane], p[k + lane]);
        }
    for (; k < n; k++) {
        p[k] = lsm_exp(z[k]);
        add_to(&s_lanes[0], &s_lost[0], p[k]);
    }
    const double s = total_of_lanes_f64(s_lanes, s_lost);
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

int lsm_softmax_naive_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *p, ptrdiff_t p_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_softmax_naive_value_f64_row(n, z + row * z_row, p + row * p_row);
    return 0;
}
