/* binary_cross_entropy, generated; do not edit.
 *
 *     L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
 *
 * facts used: none
 * rules used:
 *   log-of-one-minus-sigmoid: log(1 - sigma(x)) = -softplus(x)
 *   log-of-sigmoid: log sigma(x) = -softplus(-x)
 *   softplus-split: softplus(x) = relu(x) + log1p(e^{-|x|}): the exponential never overflows
 *   even-absolute-value: |-x| = |x|
 *   sigmoid-shares: sigma(x) - q = (1 - q) sigma(x) - q sigma(-x): for q in {0, 1} nothing cancels
 *   sigmoid-two-branches: sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})
 *   one-minus-sigmoid: 1 - sigma(x) = sigma(-x)
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit binary_cross_entropy --target c
 */
#ifndef LSM_BINARY_CROSS_ENTROPY_H
#define LSM_BINARY_CROSS_ENTROPY_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function runs over `rows` rows of `n` classes and returns 0, or 1 when a label is not in
 * 0..n-1 (nothing is written then).  X_row is the distance between rows of X, in elements.
 * A cotangent c, one for each row, may be NULL; each is multiplied by c_all.  The sum of a per-row
 * result X over the rows goes to *X_sum; X itself may not be NULL.  Outputs overlap nothing. */

/* L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i)) */
int lsm_binary_cross_entropy_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    float *L, ptrdiff_t L_row);

/* L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
 * grad_j = cotangent_j (σ(z_j) - y_j) */
int lsm_binary_cross_entropy_value_and_grad_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *L, ptrdiff_t L_row,
    float *grad, ptrdiff_t grad_row);

/* jvp_j = tangent_j (σ(z_j) - y_j) */
int lsm_binary_cross_entropy_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row);

/* hvp_j = cotangent_j tangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_binary_cross_entropy_hvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *hvp, ptrdiff_t hvp_row);

/* L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i)) */
int lsm_binary_cross_entropy_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    double *L, ptrdiff_t L_row);

/* L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
 * grad_j = cotangent_j (σ(z_j) - y_j) */
int lsm_binary_cross_entropy_value_and_grad_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *L, ptrdiff_t L_row,
    double *grad, ptrdiff_t grad_row);

/* jvp_j = tangent_j (σ(z_j) - y_j) */
int lsm_binary_cross_entropy_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row);

/* hvp_j = cotangent_j tangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_binary_cross_entropy_hvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *hvp, ptrdiff_t hvp_row);

#ifdef __cplusplus
}
#endif

#endif
