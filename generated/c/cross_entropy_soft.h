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
#ifndef LSM_CROSS_ENTROPY_SOFT_H
#define LSM_CROSS_ENTROPY_SOFT_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function runs over `rows` rows of `n` classes and returns 0, or 1 when a label is not in
 * 0..n-1 (nothing is written then).  X_row is the distance between rows of X, in elements.
 * A cotangent c, one for each row, may be NULL; each is multiplied by c_all.  The sum of a per-row
 * result X over the rows goes to *X_sum; X itself may not be NULL.  Outputs overlap nothing. */

/* L = -Σ_k y_k log p_k */
int lsm_cross_entropy_soft_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    float *L, double *L_sum);

/* L = -Σ_k y_k log p_k
 * grad_j = cotangent (p_j Σ_k y_k - y_j) */
int lsm_cross_entropy_soft_value_and_grad_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row);

/* jvp = Σ_j tangent_j (p_j Σ_k y_k - y_j) */
int lsm_cross_entropy_soft_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, double *jvp_sum);

/* hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k) Σ_k y_k */
int lsm_cross_entropy_soft_hvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    const float *cotangent, double cotangent_all,
    float *hvp, ptrdiff_t hvp_row);

/* L = -Σ_k y_k log p_k */
int lsm_cross_entropy_soft_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    double *L, double *L_sum);

/* L = -Σ_k y_k log p_k
 * grad_j = cotangent (p_j Σ_k y_k - y_j) */
int lsm_cross_entropy_soft_value_and_grad_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *cotangent, double cotangent_all,
    double *L, double *L_sum,
    double *grad, ptrdiff_t grad_row);

/* jvp = Σ_j tangent_j (p_j Σ_k y_k - y_j) */
int lsm_cross_entropy_soft_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, double *jvp_sum);

/* hvp_j = cotangent p_j (tangent_j - Σ_k p_k tangent_k) Σ_k y_k */
int lsm_cross_entropy_soft_hvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    const double *cotangent, double cotangent_all,
    double *hvp, ptrdiff_t hvp_row);

#ifdef __cplusplus
}
#endif

#endif
