/* sigmoid, generated; do not edit.
 *
 *     s_i = σ(z_i)
 *
 * facts used: none
 * rules used:
 *   sigmoid-two-branches: sigma(x) = 1 / (1 + e^{-|x|}) for x > 0, else e^{-|x|} / (1 + e^{-|x|})
 *   one-minus-sigmoid: 1 - sigma(x) = sigma(-x)
 *   even-absolute-value: |-x| = |x|
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit sigmoid --target c
 */
#ifndef LSM_SIGMOID_H
#define LSM_SIGMOID_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Each function runs over `rows` rows of `n` classes and returns 0, or 1 when a label is not in
 * 0..n-1 (nothing is written then).  X_row is the distance between rows of X, in elements.
 * A cotangent c, one for each row, may be NULL; each is multiplied by c_all.  The sum of a per-row
 * result X over the rows goes to *X_sum; X itself may not be NULL.  Outputs overlap nothing. */

/* s_i = σ(z_i) */
int lsm_sigmoid_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *s, ptrdiff_t s_row);

/* vjp_j = cotangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_sigmoid_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row);

/* jvp_j = tangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_sigmoid_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row);

/* s_i = σ(z_i) */
int lsm_sigmoid_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *s, ptrdiff_t s_row);

/* vjp_j = cotangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_sigmoid_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row);

/* jvp_j = tangent_j σ(z_j) (1 - σ(z_j)) */
int lsm_sigmoid_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row);

#ifdef __cplusplus
}
#endif

#endif
