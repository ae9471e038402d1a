/* softmax_naive, generated; do not edit.
 *
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 * template: c/source.c.j2; parameters: none
 * made by: lossmith emit softmax_naive --target c
 */
#ifndef LSM_SOFTMAX_NAIVE_H
#define LSM_SOFTMAX_NAIVE_H

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
int lsm_softmax_naive_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row);

/* p_i = e^(z_i) / (Σ_k e^(z_k)) */
int lsm_softmax_naive_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *p, ptrdiff_t p_row);

#ifdef __cplusplus
}
#endif

#endif
