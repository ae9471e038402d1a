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
#ifndef LSM_SOFTMAX_H
#define LSM_SOFTMAX_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function runs over `rows` rows of `n` classes and returns 0, or 1 when a label is not in
 * 0..n-1 (nothing is written then).  X_row is the distance between rows of X, in elements.
 * A cotangent c, one for each row, may be NULL; each is multiplied by c_all.  The sum of a per-row
 * result X over the rows goes to *X_sum; X itself may not be NULL.  Outputs overlap nothing. */

/* p_i = e^(z_i) / (Σ_k e^(z_k)) */
int lsm_softmax_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row);

/* vjp_j = p_j (cotangent_j - p_vjp), p_vjp = Σ_i cotangent_i p_i */
int lsm_softmax_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row);

/* jvp_i = p_i tangent_i - p_i Σ_j p_j tangent_j */
int lsm_softmax_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row);

/* p_i = e^(z_i) / (Σ_k e^(z_k)) */
int lsm_softmax_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *p, ptrdiff_t p_row);

/* vjp_j = p_j (cotangent_j - p_vjp), p_vjp = Σ_i cotangent_i p_i */
int lsm_softmax_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row);

/* jvp_i = p_i tangent_i - p_i Σ_j p_j tangent_j */
int lsm_softmax_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row);

#ifdef __cplusplus
}
#endif

#endif
