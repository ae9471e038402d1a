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
 * template: c/fast_source.c.j2; parameters: none
 * made by: lossmith emit logsumexp --target c
 */
#ifndef LSM_LOGSUMEXP_FAST_H
#define LSM_LOGSUMEXP_FAST_H

#include "logsumexp.h"
#include "lossmith_plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the functions without _fast in logsumexp.h, run as the plan says. */

/* L = log Σ_k e^(z_k) */
int lsm_logsumexp_value_f32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *L, double *L_sum,
    const lsm_plan *plan);

/* vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k)) */
int lsm_logsumexp_vjp_f32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, double cotangent_all,
    float *vjp, ptrdiff_t vjp_row,
    const lsm_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
