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
#ifndef LSM_LOGSUMEXP_H
#define LSM_LOGSUMEXP_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function runs over `rows` rows of `n` classes and returns 0, or 1 when a label is not in
 * 0..n-1 (nothing is written then).  X_row is the distance between rows of X, in elements.
 * A cotangent c, one for each row, may be NULL; each is multiplied by c_all.  The sum of a per-row
 * result X over the rows goes to *X_sum; X itself may not be NULL.  Outputs overlap nothing. */

/* L = log Σ_k e^(z_k) */
int lsm_logsumexp_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *L, double *L_sum);

/* vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k)) */
int lsm_logsumexp_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, double cotangent_all,
    float *vjp, ptrdiff_t vjp_row);

/* jvp = (1 / (Σ_k e^(z_k))) Σ_j tangent_j e^(z_j) */
int lsm_logsumexp_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, double *jvp_sum);

/* L = log Σ_k e^(z_k) */
int lsm_logsumexp_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *L, double *L_sum);

/* vjp_j = cotangent e^(z_j) / (Σ_k e^(z_k)) */
int lsm_logsumexp_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, double cotangent_all,
    double *vjp, ptrdiff_t vjp_row);

/* jvp = (1 / (Σ_k e^(z_k))) Σ_j tangent_j e^(z_j) */
int lsm_logsumexp_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, double *jvp_sum);

#ifdef __cplusplus
}
#endif

#endif
