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
#include "binary_cross_entropy.h"

#include "lossmith_rows.h"

/* One row of L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i)). */
LSM_CLONES static void lsm_binary_cross_entropy_value_f32_row(size_t n, const float *restrict z, const float *restrict y, float *restrict L)
{
    size_t k;
    /* log_tail: log(1 + e^{-|x|}) (softplus-split) */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double log_tail = lsm_log1p(lsm_exp(-fabs((double)z[k + lane])));
            L[k + lane] = (float)(weigh(1.0 - (double)y[k + lane], log_tail + relu((double)z[k + lane])) + weigh((double)y[k + lane], log_tail + relu(-(double)z[k + lane])));
        }
    for (; k < n; k++) {
        const double log_tail = lsm_log1p(lsm_exp(-fabs((double)z[k])));
        L[k] = (float)(weigh(1.0 - (double)y[k], log_tail + relu((double)z[k])) + weigh((double)y[k], log_tail + relu(-(double)z[k])));
    }
}

int lsm_binary_cross_entropy_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    float *L, ptrdiff_t L_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_value_f32_row(n, z + row * z_row, y + row * y_row, L + row * L_row);
    return 0;
}

/* One row of L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
 * and grad_j = cotangent_j (σ(z_j) - y_j). */
LSM_CLONES static void lsm_binary_cross_entropy_value_and_grad_f32_row(size_t n, const float *restrict z, const float *restrict y, const float *restrict cotangent, float *restrict L, float *restrict grad)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    /* log_tail: log(1 + e^{-|x|}) (softplus-split) */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            const double log_tail = lsm_log1p(tail);
            L[k + lane] = (float)(weigh(1.0 - (double)y[k + lane], log_tail + relu((double)z[k + lane])) + weigh((double)y[k + lane], log_tail + relu(-(double)z[k + lane])));
            grad[k + lane] = (float)((weigh(1.0 - (double)y[k + lane], ((double)z[k + lane] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh((double)y[k + lane], ((-(double)z[k + lane]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * (double)cotangent[k + lane]);
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        const double log_tail = lsm_log1p(tail);
        L[k] = (float)(weigh(1.0 - (double)y[k], log_tail + relu((double)z[k])) + weigh((double)y[k], log_tail + relu(-(double)z[k])));
        grad[k] = (float)((weigh(1.0 - (double)y[k], ((double)z[k] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh((double)y[k], ((-(double)z[k]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * (double)cotangent[k]);
    }
}

int lsm_binary_cross_entropy_value_and_grad_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *L, ptrdiff_t L_row,
    float *grad, ptrdiff_t grad_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_value_and_grad_f32_row(n, z + row * z_row, y + row * y_row, cotangent + row * cotangent_row, L + row * L_row, grad + row * grad_row);
    return 0;
}

/* One row of jvp_j = tangent_j (σ(z_j) - y_j). */
LSM_CLONES static void lsm_binary_cross_entropy_jvp_f32_row(size_t n, const float *restrict z, const float *restrict y, const float *restrict tangent, float *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            jvp[k + lane] = (float)((weigh(1.0 - (double)y[k + lane], ((double)z[k + lane] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh((double)y[k + lane], ((-(double)z[k + lane]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * (double)tangent[k + lane]);
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        jvp[k] = (float)((weigh(1.0 - (double)y[k], ((double)z[k] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh((double)y[k], ((-(double)z[k]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * (double)tangent[k]);
    }
}

int lsm_binary_cross_entropy_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *y, ptrdiff_t y_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_jvp_f32_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* One row of hvp_j = cotangent_j tangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_binary_cross_entropy_hvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, const float *restrict cotangent, float *restrict hvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            hvp[k + lane] = (float)(((-(double)z[k + lane]) > 0 ? 1.0 : tail) * ((double)z[k + lane] > 0 ? 1.0 : tail) * (double)cotangent[k + lane] * (double)tangent[k + lane] / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        hvp[k] = (float)(((-(double)z[k]) > 0 ? 1.0 : tail) * ((double)z[k] > 0 ? 1.0 : tail) * (double)cotangent[k] * (double)tangent[k] / ((1.0 + tail) * (1.0 + tail)));
    }
}

int lsm_binary_cross_entropy_hvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *hvp, ptrdiff_t hvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_hvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, cotangent + row * cotangent_row, hvp + row * hvp_row);
    return 0;
}

/* One row of L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i)). */
LSM_CLONES static void lsm_binary_cross_entropy_value_f64_row(size_t n, const double *restrict z, const double *restrict y, double *restrict L)
{
    size_t k;
    /* log_tail: log(1 + e^{-|x|}) (softplus-split) */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double log_tail = lsm_log1p(lsm_exp(-fabs(z[k + lane])));
            L[k + lane] = weigh(1.0 - y[k + lane], log_tail + relu(z[k + lane])) + weigh(y[k + lane], log_tail + relu(-z[k + lane]));
        }
    for (; k < n; k++) {
        const double log_tail = lsm_log1p(lsm_exp(-fabs(z[k])));
        L[k] = weigh(1.0 - y[k], log_tail + relu(z[k])) + weigh(y[k], log_tail + relu(-z[k]));
    }
}

int lsm_binary_cross_entropy_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    double *L, ptrdiff_t L_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_value_f64_row(n, z + row * z_row, y + row * y_row, L + row * L_row);
    return 0;
}

/* One row of L_i = -y_i log(σ(z_i)) - (1 - y_i) log(1 - σ(z_i))
 * and grad_j = cotangent_j (σ(z_j) - y_j). */
LSM_CLONES static void lsm_binary_cross_entropy_value_and_grad_f64_row(size_t n, const double *restrict z, const double *restrict y, const double *restrict cotangent, double *restrict L, double *restrict grad)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    /* log_tail: log(1 + e^{-|x|}) (softplus-split) */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            const double log_tail = lsm_log1p(tail);
            L[k + lane] = weigh(1.0 - y[k + lane], log_tail + relu(z[k + lane])) + weigh(y[k + lane], log_tail + relu(-z[k + lane]));
            grad[k + lane] = (weigh(1.0 - y[k + lane], (z[k + lane] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh(y[k + lane], ((-z[k + lane]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * cotangent[k + lane];
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        const double log_tail = lsm_log1p(tail);
        L[k] = weigh(1.0 - y[k], log_tail + relu(z[k])) + weigh(y[k], log_tail + relu(-z[k]));
        grad[k] = (weigh(1.0 - y[k], (z[k] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh(y[k], ((-z[k]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * cotangent[k];
    }
}

int lsm_binary_cross_entropy_value_and_grad_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *L, ptrdiff_t L_row,
    double *grad, ptrdiff_t grad_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_value_and_grad_f64_row(n, z + row * z_row, y + row * y_row, cotangent + row * cotangent_row, L + row * L_row, grad + row * grad_row);
    return 0;
}

/* One row of jvp_j = tangent_j (σ(z_j) - y_j). */
LSM_CLONES static void lsm_binary_cross_entropy_jvp_f64_row(size_t n, const double *restrict z, const double *restrict y, const double *restrict tangent, double *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            jvp[k + lane] = (weigh(1.0 - y[k + lane], (z[k + lane] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh(y[k + lane], ((-z[k + lane]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * tangent[k + lane];
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        jvp[k] = (weigh(1.0 - y[k], (z[k] > 0 ? 1.0 : tail)) / (1.0 + tail) - weigh(y[k], ((-z[k]) > 0 ? 1.0 : tail)) / (1.0 + tail)) * tangent[k];
    }
}

int lsm_binary_cross_entropy_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *y, ptrdiff_t y_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_jvp_f64_row(n, z + row * z_row, y + row * y_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* One row of hvp_j = cotangent_j tangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_binary_cross_entropy_hvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, const double *restrict cotangent, double *restrict hvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            hvp[k + lane] = ((-z[k + lane]) > 0 ? 1.0 : tail) * (z[k + lane] > 0 ? 1.0 : tail) * cotangent[k + lane] * tangent[k + lane] / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        hvp[k] = ((-z[k]) > 0 ? 1.0 : tail) * (z[k] > 0 ? 1.0 : tail) * cotangent[k] * tangent[k] / ((1.0 + tail) * (1.0 + tail));
    }
}

int lsm_binary_cross_entropy_hvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *hvp, ptrdiff_t hvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_binary_cross_entropy_hvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, cotangent + row * cotangent_row, hvp + row * hvp_row);
    return 0;
}
