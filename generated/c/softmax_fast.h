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
 * template: c/fast_source.c.j2; parameters: none
 * made by: lossmith emit softmax --target c
 */
#ifndef LSM_SOFTMAX_FAST_H
#define LSM_SOFTMAX_FAST_H

#include "softmax.h"
#include "lossmith_plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* As the functions without _fast in softmax.h, run as the plan says. */

/* p_i = e^(z_i) / (Σ_k e^(z_k)) */
int lsm_softmax_value_f32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row,
    const lsm_plan *plan);

#ifdef __cplusplus
}
#endif

#endif
