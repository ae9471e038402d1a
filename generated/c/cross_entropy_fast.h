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
 * template: c/fast_source.c.j2; parameters: none
 * made by: lossmith emit cross_entropy --target c
 */
#ifndef LSM_CROSS_ENTROPY_FAST_H
#define LSM_CROSS_ENTROPY_FAST_H

#include "cross_entropy.h"
#include "lossmith_plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the functions without _fast in cross_entropy.h, run as the plan says. */

/* L_t = -log p_t */
int lsm_cross_entropy_value_f32_i32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    float *L, double *L_sum,
    const lsm_plan *plan);

/* L_t = -log p_t */
int lsm_cross_entropy_value_f32_i64_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    float *L, double *L_sum,
    const lsm_plan *plan);

/* L_t = -log p_t
 * grad_j = cotangent (p_j - δ_jt) */
int lsm_cross_entropy_value_and_grad_f32_i32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row,
    const lsm_plan *plan);

/* L_t = -log p_t
 * grad_j = cotangent (p_j - δ_jt) */
int lsm_cross_entropy_value_and_grad_f32_i64_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row,
    const lsm_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
