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
#include "sigmoid.h"

#include "lossmith_rows.h"

/* One row of s_i = σ(z_i). */
LSM_CLONES static void lsm_sigmoid_value_f32_row(size_t n, const float *restrict z, float *restrict s)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            s[k + lane] = (float)(((double)z[k + lane] > 0 ? 1.0 : tail) / (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        s[k] = (float)(((double)z[k] > 0 ? 1.0 : tail) / (1.0 + tail));
    }
}

int lsm_sigmoid_value_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *s, ptrdiff_t s_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_value_f32_row(n, z + row * z_row, s + row * s_row);
    return 0;
}

/* One row of vjp_j = cotangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_sigmoid_vjp_f32_row(size_t n, const float *restrict z, const float *restrict cotangent, float *restrict vjp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            vjp[k + lane] = (float)(((-(double)z[k + lane]) > 0 ? 1.0 : tail) * ((double)z[k + lane] > 0 ? 1.0 : tail) * (double)cotangent[k + lane] / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        vjp[k] = (float)(((-(double)z[k]) > 0 ? 1.0 : tail) * ((double)z[k] > 0 ? 1.0 : tail) * (double)cotangent[k] / ((1.0 + tail) * (1.0 + tail)));
    }
}

int lsm_sigmoid_vjp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *cotangent, ptrdiff_t cotangent_row,
    float *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_vjp_f32_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_j = tangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_sigmoid_jvp_f32_row(size_t n, const float *restrict z, const float *restrict tangent, float *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 16 <= n; k += 16)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 16; lane++) {
            const double tail = lsm_exp(-fabs((double)z[k + lane]));
            jvp[k + lane] = (float)(((-(double)z[k + lane]) > 0 ? 1.0 : tail) * ((double)z[k + lane] > 0 ? 1.0 : tail) * (double)tangent[k + lane] / ((1.0 + tail) * (1.0 + tail)));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs((double)z[k]));
        jvp[k] = (float)(((-(double)z[k]) > 0 ? 1.0 : tail) * ((double)z[k] > 0 ? 1.0 : tail) * (double)tangent[k] / ((1.0 + tail) * (1.0 + tail)));
    }
}

int lsm_sigmoid_jvp_f32(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const float *tangent, ptrdiff_t tangent_row,
    float *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_jvp_f32_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}

/* One row of s_i = σ(z_i). */
LSM_CLONES static void lsm_sigmoid_value_f64_row(size_t n, const double *restrict z, double *restrict s)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            s[k + lane] = (z[k + lane] > 0 ? 1.0 : tail) / (1.0 + tail);
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        s[k] = (z[k] > 0 ? 1.0 : tail) / (1.0 + tail);
    }
}

int lsm_sigmoid_value_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    double *s, ptrdiff_t s_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_value_f64_row(n, z + row * z_row, s + row * s_row);
    return 0;
}

/* One row of vjp_j = cotangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_sigmoid_vjp_f64_row(size_t n, const double *restrict z, const double *restrict cotangent, double *restrict vjp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            vjp[k + lane] = ((-z[k + lane]) > 0 ? 1.0 : tail) * (z[k + lane] > 0 ? 1.0 : tail) * cotangent[k + lane] / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        vjp[k] = ((-z[k]) > 0 ? 1.0 : tail) * (z[k] > 0 ? 1.0 : tail) * cotangent[k] / ((1.0 + tail) * (1.0 + tail));
    }
}

int lsm_sigmoid_vjp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *cotangent, ptrdiff_t cotangent_row,
    double *vjp, ptrdiff_t vjp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_vjp_f64_row(n, z + row * z_row, cotangent + row * cotangent_row, vjp + row * vjp_row);
    return 0;
}

/* One row of jvp_j = tangent_j σ(z_j) (1 - σ(z_j)). */
LSM_CLONES static void lsm_sigmoid_jvp_f64_row(size_t n, const double *restrict z, const double *restrict tangent, double *restrict jvp)
{
    size_t k;
    /* tail: e^{-|x|}, at most 1 */
    k = 0;
    for (; k + 8 <= n; k += 8)
        LSM_LANEWISE
        for (size_t lane = 0; lane < 8; lane++) {
            const double tail = lsm_exp(-fabs(z[k + lane]));
            jvp[k + lane] = ((-z[k + lane]) > 0 ? 1.0 : tail) * (z[k + lane] > 0 ? 1.0 : tail) * tangent[k + lane] / ((1.0 + tail) * (1.0 + tail));
        }
    for (; k < n; k++) {
        const double tail = lsm_exp(-fabs(z[k]));
        jvp[k] = ((-z[k]) > 0 ? 1.0 : tail) * (z[k] > 0 ? 1.0 : tail) * tangent[k] / ((1.0 + tail) * (1.0 + tail));
    }
}

int lsm_sigmoid_jvp_f64(size_t rows, size_t n,
    const double *z, ptrdiff_t z_row,
    const double *tangent, ptrdiff_t tangent_row,
    double *jvp, ptrdiff_t jvp_row)
{
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (rows > 1 && rows * n > LSM_PARALLEL_FROM)
#endif
    for (ptrdiff_t row = 0; row < (ptrdiff_t)rows; row++)
        lsm_sigmoid_jvp_f64_row(n, z + row * z_row, tangent + row * tangent_row, jvp + row * jvp_row);
    return 0;
}
