/* clip, generated; do not edit.
 *
 *     L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N)
 *     S_rs = (1 / τ) Σ_c A_rc B_sc
 *     R_rs = e^(S_rs) / (Σ_q e^(S_rq))
 *     C_rs = e^(S_rs) / (Σ_q e^(S_qs))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   sum-of-terms: the sum of a sum is the sum of the sums
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   constant-factor: a factor that does not depend on the class stands before the sum
 *   sums-swap: two sums may change places: what does not depend on the inner index leaves the inner sum
 *   sifting: sum_k delta_kj g_k = g_j
 * template: c/grid.c.j2; parameters: none
 * made by: lossmith emit clip --target c
 */
#include "clip.h"

#include "lossmith_rows.h"

size_t lsm_clip_value_f32_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N + N + N * N + N + N;
}

/* L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_value_f32(size_t N, size_t d,
    const float *A,
    const float *B,
    double tau,
    double *work, size_t *places, float *L_out)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const log_s = work;
    work += N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const log_s2 = work;
    work += N;
    size_t *restrict const a = places;
    places += N;
    size_t *restrict const a2 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[16] = {0};
            size_t c = 0;
            for (; c + 16 <= d; c += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_A_B_lanes[lane] += (double)A[r * d + c + lane] * (double)B[s * d + c + lane];
            for (; c < d; c++)
                sum_A_B_lanes[0] += (double)A[r * d + c] * (double)B[s * d + c];
            sum_A_B[r * N + s] = total_of_lanes_f32(sum_A_B_lanes);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + r] > S[at * N + r])
                at = k;
        a[r] = at;
    }
    /* e[k][r]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t k = 0; k < N; k++)
        for (size_t r = 0; r < N; r++)
            e[k * N + r] = (double)exp_parts_f32(S[k * N + r] - S[a[r] * N + r]);
    /* rest[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest_lanes[lane] += k + lane == a[r] ? 0 : e[(k + lane) * N + r];
        for (; k < N; k++)
            rest_lanes[0] += k == a[r] ? 0 : e[k * N + r];
        rest[r] = S[a[r] * N + r] - S[a[r] * N + r] + total_of_lanes_f32(rest_lanes);
    }
    /* log_s[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s[r] = lsm_log1p(rest[r]);
    /* sum_S: a sum over r */
    double sum_S;
    {
        double sum_S_lanes[16] = {0};
        size_t r = 0;
        for (; r + 16 <= N; r += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_S_lanes[lane] += S[(r + lane) * N + r + lane] - S[a[r + lane] * N + r + lane] - log_s[r + lane];
        for (; r < N; r++)
            sum_S_lanes[0] += S[r * N + r] - S[a[r] * N + r] - log_s[r];
        sum_S = total_of_lanes_f32(sum_S_lanes);
    }
    /* a2[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[r * N + k] > S[r * N + at])
                at = k;
        a2[r] = at;
    }
    /* e2[r][k]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t k = 0; k < N; k++)
            e2[r * N + k] = (double)exp_parts_f32(S[r * N + k] - S[r * N + a2[r]]);
    /* rest2[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest2_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest2_lanes[lane] += k + lane == a2[r] ? 0 : e2[r * N + k + lane];
        for (; k < N; k++)
            rest2_lanes[0] += k == a2[r] ? 0 : e2[r * N + k];
        rest2[r] = S[r * N + a2[r]] - S[r * N + a2[r]] + total_of_lanes_f32(rest2_lanes);
    }
    /* log_s2[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s2[r] = lsm_log1p(rest2[r]);
    /* sum_S2: a sum over r */
    double sum_S2;
    {
        double sum_S2_lanes[16] = {0};
        size_t r = 0;
        for (; r + 16 <= N; r += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_S2_lanes[lane] += S[(r + lane) * N + r + lane] - S[(r + lane) * N + a2[r + lane]] - log_s2[r + lane];
        for (; r < N; r++)
            sum_S2_lanes[0] += S[r * N + r] - S[r * N + a2[r]] - log_s2[r];
        sum_S2 = total_of_lanes_f32(sum_S2_lanes);
    }
    /* L */
    const double L = -(sum_S + sum_S2) * (1.0 / 2.0) / (double)N;
    *L_out = (float)L;
}

size_t lsm_clip_value_and_grad_f32_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N + N + N * N + N + N + N + d * N + N + d * N;
}

/* L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_value_and_grad_f32(size_t N, size_t d,
    const float *A,
    const float *B,
    double tau,
    double cotangent,
    double *work, size_t *places, float *L_out, float *grad)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const log_s = work;
    work += N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const log_s2 = work;
    work += N;
    double *restrict const s2 = work;
    work += N;
    double *restrict const sum_B_S = work;
    work += d * N;
    double *restrict const s3 = work;
    work += N;
    double *restrict const sum_B_S2 = work;
    work += d * N;
    size_t *restrict const a = places;
    places += N;
    size_t *restrict const a2 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[16] = {0};
            size_t c = 0;
            for (; c + 16 <= d; c += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_A_B_lanes[lane] += (double)A[r * d + c + lane] * (double)B[s * d + c + lane];
            for (; c < d; c++)
                sum_A_B_lanes[0] += (double)A[r * d + c] * (double)B[s * d + c];
            sum_A_B[r * N + s] = total_of_lanes_f32(sum_A_B_lanes);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + r] > S[at * N + r])
                at = k;
        a[r] = at;
    }
    /* e[k][r]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t k = 0; k < N; k++)
        for (size_t r = 0; r < N; r++)
            e[k * N + r] = (double)exp_parts_f32(S[k * N + r] - S[a[r] * N + r]);
    /* rest[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest_lanes[lane] += k + lane == a[r] ? 0 : e[(k + lane) * N + r];
        for (; k < N; k++)
            rest_lanes[0] += k == a[r] ? 0 : e[k * N + r];
        rest[r] = S[a[r] * N + r] - S[a[r] * N + r] + total_of_lanes_f32(rest_lanes);
    }
    /* log_s[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s[r] = lsm_log1p(rest[r]);
    /* sum_S: a sum over r */
    double sum_S;
    {
        double sum_S_lanes[16] = {0};
        size_t r = 0;
        for (; r + 16 <= N; r += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_S_lanes[lane] += S[(r + lane) * N + r + lane] - S[a[r + lane] * N + r + lane] - log_s[r + lane];
        for (; r < N; r++)
            sum_S_lanes[0] += S[r * N + r] - S[a[r] * N + r] - log_s[r];
        sum_S = total_of_lanes_f32(sum_S_lanes);
    }
    /* a2[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[r * N + k] > S[r * N + at])
                at = k;
        a2[r] = at;
    }
    /* e2[r][k]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t k = 0; k < N; k++)
            e2[r * N + k] = (double)exp_parts_f32(S[r * N + k] - S[r * N + a2[r]]);
    /* rest2[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest2_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest2_lanes[lane] += k + lane == a2[r] ? 0 : e2[r * N + k + lane];
        for (; k < N; k++)
            rest2_lanes[0] += k == a2[r] ? 0 : e2[r * N + k];
        rest2[r] = S[r * N + a2[r]] - S[r * N + a2[r]] + total_of_lanes_f32(rest2_lanes);
    }
    /* log_s2[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s2[r] = lsm_log1p(rest2[r]);
    /* sum_S2: a sum over r */
    double sum_S2;
    {
        double sum_S2_lanes[16] = {0};
        size_t r = 0;
        for (; r + 16 <= N; r += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_S2_lanes[lane] += S[(r + lane) * N + r + lane] - S[(r + lane) * N + a2[r + lane]] - log_s2[r + lane];
        for (; r < N; r++)
            sum_S2_lanes[0] += S[r * N + r] - S[r * N + a2[r]] - log_s2[r];
        sum_S2 = total_of_lanes_f32(sum_S2_lanes);
    }
    /* L */
    const double L = -(sum_S + sum_S2) * (1.0 / 2.0) / (double)N;
    /* s2[q]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        s2[q] = 1.0 + rest[q];
    /* sum_B_S[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S_lanes[lane] += (double)B[(q + lane) * d + b] * e[s * N + q + lane] / s2[q + lane];
            for (; q < N; q++)
                sum_B_S_lanes[0] += (double)B[q * d + b] * e[s * N + q] / s2[q];
            sum_B_S[b * N + s] = total_of_lanes_f32(sum_B_S_lanes);
        }
    /* s3[s]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        s3[s] = 1.0 + rest2[s];
    /* sum_B_S2[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S2_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S2_lanes[lane] += (double)B[(q + lane) * d + b] * e2[s * N + q + lane] / s3[s];
            for (; q < N; q++)
                sum_B_S2_lanes[0] += (double)B[q * d + b] * e2[s * N + q] / s3[s];
            sum_B_S2[b * N + s] = total_of_lanes_f32(sum_B_S2_lanes);
        }
    /* grad[s][b] */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t b = 0; b < d; b++)
            grad[s * d + b] = (float)((sum_B_S[b * N + s] + sum_B_S2[b * N + s] - 2.0 * (double)B[s * d + b]) * (1.0 / 2.0) * cotangent / ((double)N * tau));
    *L_out = (float)L;
}

size_t lsm_clip_hvp_f32_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N * N + N + N + d * N + N * N + N + N + d * N + N + d * N + d * N + N;
}

/* the Hessian times the tangent, of L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_hvp_f32(size_t N, size_t d,
    const float *A,
    const float *B,
    const float *tangent,
    double tau,
    double cotangent,
    double *work, size_t *places, float *hvp)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const sum_B_tangent = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const s2 = work;
    work += N;
    double *restrict const sum_B_S_tangent = work;
    work += d * N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const s3 = work;
    work += N;
    double *restrict const sum_B_S_tangent2 = work;
    work += d * N;
    double *restrict const sum_B_S_tangent3 = work;
    work += N;
    double *restrict const sum_B_S_tangent4 = work;
    work += d * N;
    double *restrict const sum_B_S = work;
    work += d * N;
    double *restrict const sum_B_S_tangent5 = work;
    work += N;
    size_t *restrict const a2 = places;
    places += N;
    size_t *restrict const a3 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[16] = {0};
            size_t c = 0;
            for (; c + 16 <= d; c += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_A_B_lanes[lane] += (double)A[r * d + c + lane] * (double)B[s * d + c + lane];
            for (; c < d; c++)
                sum_A_B_lanes[0] += (double)A[r * d + c] * (double)B[s * d + c];
            sum_A_B[r * N + s] = total_of_lanes_f32(sum_A_B_lanes);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a2[q]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + q] > S[at * N + q])
                at = k;
        a2[q] = at;
    }
    /* e[s][q]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t q = 0; q < N; q++)
            e[s * N + q] = (double)exp_parts_f32(S[s * N + q] - S[a2[q] * N + q]);
    /* sum_B_tangent[q][s]: a sum over a */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_tangent_lanes[16] = {0};
            size_t a = 0;
            for (; a + 16 <= d; a += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_tangent_lanes[lane] += (double)B[q * d + a + lane] * (double)tangent[s * d + a + lane];
            for (; a < d; a++)
                sum_B_tangent_lanes[0] += (double)B[q * d + a] * (double)tangent[s * d + a];
            sum_B_tangent[q * N + s] = total_of_lanes_f32(sum_B_tangent_lanes);
        }
    /* rest[q]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        double rest_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest_lanes[lane] += k + lane == a2[q] ? 0 : e[(k + lane) * N + q];
        for (; k < N; k++)
            rest_lanes[0] += k == a2[q] ? 0 : e[k * N + q];
        rest[q] = S[a2[q] * N + q] - S[a2[q] * N + q] + total_of_lanes_f32(rest_lanes);
    }
    /* s2[q]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        s2[q] = 1.0 + rest[q];
    /* sum_B_S_tangent[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S_tangent_lanes[lane] += (double)B[(q + lane) * d + b] * e[s * N + q + lane] * sum_B_tangent[(q + lane) * N + s] / s2[q + lane];
            for (; q < N; q++)
                sum_B_S_tangent_lanes[0] += (double)B[q * d + b] * e[s * N + q] * sum_B_tangent[q * N + s] / s2[q];
            sum_B_S_tangent[b * N + s] = total_of_lanes_f32(sum_B_S_tangent_lanes);
        }
    /* a3[s]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[s * N + k] > S[s * N + at])
                at = k;
        a3[s] = at;
    }
    /* e2[s][q]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t q = 0; q < N; q++)
            e2[s * N + q] = (double)exp_parts_f32(S[s * N + q] - S[s * N + a3[s]]);
    /* rest2[s]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        double rest2_lanes[16] = {0};
        size_t k = 0;
        for (; k + 16 <= N; k += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                rest2_lanes[lane] += k + lane == a3[s] ? 0 : e2[s * N + k + lane];
        for (; k < N; k++)
            rest2_lanes[0] += k == a3[s] ? 0 : e2[s * N + k];
        rest2[s] = S[s * N + a3[s]] - S[s * N + a3[s]] + total_of_lanes_f32(rest2_lanes);
    }
    /* s3[s]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        s3[s] = 1.0 + rest2[s];
    /* sum_B_S_tangent2[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent2_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S_tangent2_lanes[lane] += (double)B[(q + lane) * d + b] * e2[s * N + q + lane] * sum_B_tangent[(q + lane) * N + s] / s3[s];
            for (; q < N; q++)
                sum_B_S_tangent2_lanes[0] += (double)B[q * d + b] * e2[s * N + q] * sum_B_tangent[q * N + s] / s3[s];
            sum_B_S_tangent2[b * N + s] = total_of_lanes_f32(sum_B_S_tangent2_lanes);
        }
    /* sum_B_S_tangent3[q]: a sum over r */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        double sum_B_S_tangent3_lanes[16] = {0};
        size_t r = 0;
        for (; r + 16 <= N; r += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_B_S_tangent3_lanes[lane] += e[(r + lane) * N + q] * sum_B_tangent[q * N + r + lane] / s2[q];
        for (; r < N; r++)
            sum_B_S_tangent3_lanes[0] += e[r * N + q] * sum_B_tangent[q * N + r] / s2[q];
        sum_B_S_tangent3[q] = total_of_lanes_f32(sum_B_S_tangent3_lanes);
    }
    /* sum_B_S_tangent4[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent4_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S_tangent4_lanes[lane] += (double)B[(q + lane) * d + b] * e[s * N + q + lane] * sum_B_S_tangent3[q + lane] / s2[q + lane];
            for (; q < N; q++)
                sum_B_S_tangent4_lanes[0] += (double)B[q * d + b] * e[s * N + q] * sum_B_S_tangent3[q] / s2[q];
            sum_B_S_tangent4[b * N + s] = total_of_lanes_f32(sum_B_S_tangent4_lanes);
        }
    /* sum_B_S[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_lanes[16] = {0};
            size_t q = 0;
            for (; q + 16 <= N; q += 16)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 16; lane++)
                    sum_B_S_lanes[lane] += (double)B[(q + lane) * d + b] * e2[s * N + q + lane] / s3[s];
            for (; q < N; q++)
                sum_B_S_lanes[0] += (double)B[q * d + b] * e2[s * N + q] / s3[s];
            sum_B_S[b * N + s] = total_of_lanes_f32(sum_B_S_lanes);
        }
    /* sum_B_S_tangent5[s]: a sum over a */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        double sum_B_S_tangent5_lanes[16] = {0};
        size_t a = 0;
        for (; a + 16 <= d; a += 16)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 16; lane++)
                sum_B_S_tangent5_lanes[lane] += sum_B_S[(a + lane) * N + s] * (double)tangent[s * d + a + lane];
        for (; a < d; a++)
            sum_B_S_tangent5_lanes[0] += sum_B_S[a * N + s] * (double)tangent[s * d + a];
        sum_B_S_tangent5[s] = total_of_lanes_f32(sum_B_S_tangent5_lanes);
    }
    /* hvp[s][b] */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t b = 0; b < d; b++)
            hvp[s * d + b] = (float)((sum_B_S_tangent[b * N + s] + sum_B_S_tangent2[b * N + s] - sum_B_S_tangent4[b * N + s] - sum_B_S[b * N + s] * sum_B_S_tangent5[s]) * (1.0 / 2.0) * cotangent / ((double)N * tau * tau));
}

size_t lsm_clip_value_f64_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N + N + N * N + N + N;
}

/* L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_value_f64(size_t N, size_t d,
    const double *A,
    const double *B,
    double tau,
    double *work, size_t *places, double *L_out)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const log_s = work;
    work += N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const log_s2 = work;
    work += N;
    size_t *restrict const a = places;
    places += N;
    size_t *restrict const a2 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[8] = {0};
            double sum_A_B_lost[8] = {0};
            size_t c = 0;
            for (; c + 8 <= d; c += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_A_B_lanes[lane], &sum_A_B_lost[lane], A[r * d + c + lane] * B[s * d + c + lane]);
            for (; c < d; c++)
                add_to(&sum_A_B_lanes[0], &sum_A_B_lost[0], A[r * d + c] * B[s * d + c]);
            sum_A_B[r * N + s] = total_of_lanes_f64(sum_A_B_lanes, sum_A_B_lost);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + r] > S[at * N + r])
                at = k;
        a[r] = at;
    }
    /* e[k][r]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t k = 0; k < N; k++)
        for (size_t r = 0; r < N; r++)
            e[k * N + r] = exp_difference_f64(S[k * N + r], S[a[r] * N + r]);
    /* rest[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest_lanes[8] = {0};
        double rest_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a[r] ? 0 : e[(k + lane) * N + r]);
        for (; k < N; k++)
            add_to(&rest_lanes[0], &rest_lost[0], k == a[r] ? 0 : e[k * N + r]);
        rest[r] = S[a[r] * N + r] - S[a[r] * N + r] + total_of_lanes_f64(rest_lanes, rest_lost);
    }
    /* log_s[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s[r] = lsm_log1p(rest[r]);
    /* sum_S: a sum over r */
    double sum_S;
    {
        double sum_S_lanes[8] = {0};
        double sum_S_lost[8] = {0};
        size_t r = 0;
        for (; r + 8 <= N; r += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_S_lanes[lane], &sum_S_lost[lane], S[(r + lane) * N + r + lane] - S[a[r + lane] * N + r + lane] - log_s[r + lane]);
        for (; r < N; r++)
            add_to(&sum_S_lanes[0], &sum_S_lost[0], S[r * N + r] - S[a[r] * N + r] - log_s[r]);
        sum_S = total_of_lanes_f64(sum_S_lanes, sum_S_lost);
    }
    /* a2[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[r * N + k] > S[r * N + at])
                at = k;
        a2[r] = at;
    }
    /* e2[r][k]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t k = 0; k < N; k++)
            e2[r * N + k] = exp_difference_f64(S[r * N + k], S[r * N + a2[r]]);
    /* rest2[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest2_lanes[8] = {0};
        double rest2_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest2_lanes[lane], &rest2_lost[lane], k + lane == a2[r] ? 0 : e2[r * N + k + lane]);
        for (; k < N; k++)
            add_to(&rest2_lanes[0], &rest2_lost[0], k == a2[r] ? 0 : e2[r * N + k]);
        rest2[r] = S[r * N + a2[r]] - S[r * N + a2[r]] + total_of_lanes_f64(rest2_lanes, rest2_lost);
    }
    /* log_s2[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s2[r] = lsm_log1p(rest2[r]);
    /* sum_S2: a sum over r */
    double sum_S2;
    {
        double sum_S2_lanes[8] = {0};
        double sum_S2_lost[8] = {0};
        size_t r = 0;
        for (; r + 8 <= N; r += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_S2_lanes[lane], &sum_S2_lost[lane], S[(r + lane) * N + r + lane] - S[(r + lane) * N + a2[r + lane]] - log_s2[r + lane]);
        for (; r < N; r++)
            add_to(&sum_S2_lanes[0], &sum_S2_lost[0], S[r * N + r] - S[r * N + a2[r]] - log_s2[r]);
        sum_S2 = total_of_lanes_f64(sum_S2_lanes, sum_S2_lost);
    }
    /* L */
    const double L = -(sum_S + sum_S2) * (1.0 / 2.0) / (double)N;
    *L_out = (double)L;
}

size_t lsm_clip_value_and_grad_f64_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N + N + N * N + N + N + N + d * N + N + d * N;
}

/* L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_value_and_grad_f64(size_t N, size_t d,
    const double *A,
    const double *B,
    double tau,
    double cotangent,
    double *work, size_t *places, double *L_out, double *grad)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const log_s = work;
    work += N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const log_s2 = work;
    work += N;
    double *restrict const s2 = work;
    work += N;
    double *restrict const sum_B_S = work;
    work += d * N;
    double *restrict const s3 = work;
    work += N;
    double *restrict const sum_B_S2 = work;
    work += d * N;
    size_t *restrict const a = places;
    places += N;
    size_t *restrict const a2 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[8] = {0};
            double sum_A_B_lost[8] = {0};
            size_t c = 0;
            for (; c + 8 <= d; c += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_A_B_lanes[lane], &sum_A_B_lost[lane], A[r * d + c + lane] * B[s * d + c + lane]);
            for (; c < d; c++)
                add_to(&sum_A_B_lanes[0], &sum_A_B_lost[0], A[r * d + c] * B[s * d + c]);
            sum_A_B[r * N + s] = total_of_lanes_f64(sum_A_B_lanes, sum_A_B_lost);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + r] > S[at * N + r])
                at = k;
        a[r] = at;
    }
    /* e[k][r]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t k = 0; k < N; k++)
        for (size_t r = 0; r < N; r++)
            e[k * N + r] = exp_difference_f64(S[k * N + r], S[a[r] * N + r]);
    /* rest[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest_lanes[8] = {0};
        double rest_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a[r] ? 0 : e[(k + lane) * N + r]);
        for (; k < N; k++)
            add_to(&rest_lanes[0], &rest_lost[0], k == a[r] ? 0 : e[k * N + r]);
        rest[r] = S[a[r] * N + r] - S[a[r] * N + r] + total_of_lanes_f64(rest_lanes, rest_lost);
    }
    /* log_s[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s[r] = lsm_log1p(rest[r]);
    /* sum_S: a sum over r */
    double sum_S;
    {
        double sum_S_lanes[8] = {0};
        double sum_S_lost[8] = {0};
        size_t r = 0;
        for (; r + 8 <= N; r += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_S_lanes[lane], &sum_S_lost[lane], S[(r + lane) * N + r + lane] - S[a[r + lane] * N + r + lane] - log_s[r + lane]);
        for (; r < N; r++)
            add_to(&sum_S_lanes[0], &sum_S_lost[0], S[r * N + r] - S[a[r] * N + r] - log_s[r]);
        sum_S = total_of_lanes_f64(sum_S_lanes, sum_S_lost);
    }
    /* a2[r]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[r * N + k] > S[r * N + at])
                at = k;
        a2[r] = at;
    }
    /* e2[r][k]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t k = 0; k < N; k++)
            e2[r * N + k] = exp_difference_f64(S[r * N + k], S[r * N + a2[r]]);
    /* rest2[r]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++) {
        double rest2_lanes[8] = {0};
        double rest2_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest2_lanes[lane], &rest2_lost[lane], k + lane == a2[r] ? 0 : e2[r * N + k + lane]);
        for (; k < N; k++)
            add_to(&rest2_lanes[0], &rest2_lost[0], k == a2[r] ? 0 : e2[r * N + k]);
        rest2[r] = S[r * N + a2[r]] - S[r * N + a2[r]] + total_of_lanes_f64(rest2_lanes, rest2_lost);
    }
    /* log_s2[r]: log of the sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        log_s2[r] = lsm_log1p(rest2[r]);
    /* sum_S2: a sum over r */
    double sum_S2;
    {
        double sum_S2_lanes[8] = {0};
        double sum_S2_lost[8] = {0};
        size_t r = 0;
        for (; r + 8 <= N; r += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_S2_lanes[lane], &sum_S2_lost[lane], S[(r + lane) * N + r + lane] - S[(r + lane) * N + a2[r + lane]] - log_s2[r + lane]);
        for (; r < N; r++)
            add_to(&sum_S2_lanes[0], &sum_S2_lost[0], S[r * N + r] - S[r * N + a2[r]] - log_s2[r]);
        sum_S2 = total_of_lanes_f64(sum_S2_lanes, sum_S2_lost);
    }
    /* L */
    const double L = -(sum_S + sum_S2) * (1.0 / 2.0) / (double)N;
    /* s2[q]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        s2[q] = 1.0 + rest[q];
    /* sum_B_S[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_lanes[8] = {0};
            double sum_B_S_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S_lanes[lane], &sum_B_S_lost[lane], B[(q + lane) * d + b] * e[s * N + q + lane] / s2[q + lane]);
            for (; q < N; q++)
                add_to(&sum_B_S_lanes[0], &sum_B_S_lost[0], B[q * d + b] * e[s * N + q] / s2[q]);
            sum_B_S[b * N + s] = total_of_lanes_f64(sum_B_S_lanes, sum_B_S_lost);
        }
    /* s3[s]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        s3[s] = 1.0 + rest2[s];
    /* sum_B_S2[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S2_lanes[8] = {0};
            double sum_B_S2_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S2_lanes[lane], &sum_B_S2_lost[lane], B[(q + lane) * d + b] * e2[s * N + q + lane] / s3[s]);
            for (; q < N; q++)
                add_to(&sum_B_S2_lanes[0], &sum_B_S2_lost[0], B[q * d + b] * e2[s * N + q] / s3[s]);
            sum_B_S2[b * N + s] = total_of_lanes_f64(sum_B_S2_lanes, sum_B_S2_lost);
        }
    /* grad[s][b] */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t b = 0; b < d; b++)
            grad[s * d + b] = (double)((sum_B_S[b * N + s] + sum_B_S2[b * N + s] - 2.0 * B[s * d + b]) * (1.0 / 2.0) * cotangent / ((double)N * tau));
    *L_out = (double)L;
}

size_t lsm_clip_hvp_f64_work(size_t N, size_t d, size_t *places)
{
    (void)N;
    (void)d;
    *places = 0 + N + N;
    return 0 + N * N + N * N + N * N + N * N + N + N + d * N + N * N + N + N + d * N + N + d * N + d * N + N;
}

/* the Hessian times the tangent, of L = (-Σ_r log C_rr - Σ_r log R_rr) / (2 N) */
void lsm_clip_hvp_f64(size_t N, size_t d,
    const double *A,
    const double *B,
    const double *tangent,
    double tau,
    double cotangent,
    double *work, size_t *places, double *hvp)
{
    double *restrict const sum_A_B = work;
    work += N * N;
    double *restrict const S = work;
    work += N * N;
    double *restrict const e = work;
    work += N * N;
    double *restrict const sum_B_tangent = work;
    work += N * N;
    double *restrict const rest = work;
    work += N;
    double *restrict const s2 = work;
    work += N;
    double *restrict const sum_B_S_tangent = work;
    work += d * N;
    double *restrict const e2 = work;
    work += N * N;
    double *restrict const rest2 = work;
    work += N;
    double *restrict const s3 = work;
    work += N;
    double *restrict const sum_B_S_tangent2 = work;
    work += d * N;
    double *restrict const sum_B_S_tangent3 = work;
    work += N;
    double *restrict const sum_B_S_tangent4 = work;
    work += d * N;
    double *restrict const sum_B_S = work;
    work += d * N;
    double *restrict const sum_B_S_tangent5 = work;
    work += N;
    size_t *restrict const a2 = places;
    places += N;
    size_t *restrict const a3 = places;
    places += N;
    (void)work;
    (void)places;
    /* sum_A_B[r][s]: a sum over c */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++) {
            double sum_A_B_lanes[8] = {0};
            double sum_A_B_lost[8] = {0};
            size_t c = 0;
            for (; c + 8 <= d; c += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_A_B_lanes[lane], &sum_A_B_lost[lane], A[r * d + c + lane] * B[s * d + c + lane]);
            for (; c < d; c++)
                add_to(&sum_A_B_lanes[0], &sum_A_B_lost[0], A[r * d + c] * B[s * d + c]);
            sum_A_B[r * N + s] = total_of_lanes_f64(sum_A_B_lanes, sum_A_B_lost);
        }
    /* S[r][s]: S_rs */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t r = 0; r < N; r++)
        for (size_t s = 0; s < N; s++)
            S[r * N + s] = sum_A_B[r * N + s] / tau;
    /* a2[q]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[k * N + q] > S[at * N + q])
                at = k;
        a2[q] = at;
    }
    /* e[s][q]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t q = 0; q < N; q++)
            e[s * N + q] = exp_difference_f64(S[s * N + q], S[a2[q] * N + q]);
    /* sum_B_tangent[q][s]: a sum over a */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_tangent_lanes[8] = {0};
            double sum_B_tangent_lost[8] = {0};
            size_t a = 0;
            for (; a + 8 <= d; a += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_tangent_lanes[lane], &sum_B_tangent_lost[lane], B[q * d + a + lane] * tangent[s * d + a + lane]);
            for (; a < d; a++)
                add_to(&sum_B_tangent_lanes[0], &sum_B_tangent_lost[0], B[q * d + a] * tangent[s * d + a]);
            sum_B_tangent[q * N + s] = total_of_lanes_f64(sum_B_tangent_lanes, sum_B_tangent_lost);
        }
    /* rest[q]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        double rest_lanes[8] = {0};
        double rest_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest_lanes[lane], &rest_lost[lane], k + lane == a2[q] ? 0 : e[(k + lane) * N + q]);
        for (; k < N; k++)
            add_to(&rest_lanes[0], &rest_lost[0], k == a2[q] ? 0 : e[k * N + q]);
        rest[q] = S[a2[q] * N + q] - S[a2[q] * N + q] + total_of_lanes_f64(rest_lanes, rest_lost);
    }
    /* s2[q]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++)
        s2[q] = 1.0 + rest[q];
    /* sum_B_S_tangent[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent_lanes[8] = {0};
            double sum_B_S_tangent_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S_tangent_lanes[lane], &sum_B_S_tangent_lost[lane], B[(q + lane) * d + b] * e[s * N + q + lane] * sum_B_tangent[(q + lane) * N + s] / s2[q + lane]);
            for (; q < N; q++)
                add_to(&sum_B_S_tangent_lanes[0], &sum_B_S_tangent_lost[0], B[q * d + b] * e[s * N + q] * sum_B_tangent[q * N + s] / s2[q]);
            sum_B_S_tangent[b * N + s] = total_of_lanes_f64(sum_B_S_tangent_lanes, sum_B_S_tangent_lost);
        }
    /* a3[s]: over k, the place of a largest one */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        size_t at = 0;
        for (size_t k = 1; k < N; k++)
            if (S[s * N + k] > S[s * N + at])
                at = k;
        a3[s] = at;
    }
    /* e2[s][q]: at most 1 (the shift) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t q = 0; q < N; q++)
            e2[s * N + q] = exp_difference_f64(S[s * N + q], S[s * N + a3[s]]);
    /* rest2[s]: a sum over k, sum over k != a of e_k; NaN where no maximum is finite (one-plus-the-rest) */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        double rest2_lanes[8] = {0};
        double rest2_lost[8] = {0};
        size_t k = 0;
        for (; k + 8 <= N; k += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&rest2_lanes[lane], &rest2_lost[lane], k + lane == a3[s] ? 0 : e2[s * N + k + lane]);
        for (; k < N; k++)
            add_to(&rest2_lanes[0], &rest2_lost[0], k == a3[s] ? 0 : e2[s * N + k]);
        rest2[s] = S[s * N + a3[s]] - S[s * N + a3[s]] + total_of_lanes_f64(rest2_lanes, rest2_lost);
    }
    /* s3[s]: sum over k of e_k */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        s3[s] = 1.0 + rest2[s];
    /* sum_B_S_tangent2[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent2_lanes[8] = {0};
            double sum_B_S_tangent2_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S_tangent2_lanes[lane], &sum_B_S_tangent2_lost[lane], B[(q + lane) * d + b] * e2[s * N + q + lane] * sum_B_tangent[(q + lane) * N + s] / s3[s]);
            for (; q < N; q++)
                add_to(&sum_B_S_tangent2_lanes[0], &sum_B_S_tangent2_lost[0], B[q * d + b] * e2[s * N + q] * sum_B_tangent[q * N + s] / s3[s]);
            sum_B_S_tangent2[b * N + s] = total_of_lanes_f64(sum_B_S_tangent2_lanes, sum_B_S_tangent2_lost);
        }
    /* sum_B_S_tangent3[q]: a sum over r */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t q = 0; q < N; q++) {
        double sum_B_S_tangent3_lanes[8] = {0};
        double sum_B_S_tangent3_lost[8] = {0};
        size_t r = 0;
        for (; r + 8 <= N; r += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_B_S_tangent3_lanes[lane], &sum_B_S_tangent3_lost[lane], e[(r + lane) * N + q] * sum_B_tangent[q * N + r + lane] / s2[q]);
        for (; r < N; r++)
            add_to(&sum_B_S_tangent3_lanes[0], &sum_B_S_tangent3_lost[0], e[r * N + q] * sum_B_tangent[q * N + r] / s2[q]);
        sum_B_S_tangent3[q] = total_of_lanes_f64(sum_B_S_tangent3_lanes, sum_B_S_tangent3_lost);
    }
    /* sum_B_S_tangent4[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_tangent4_lanes[8] = {0};
            double sum_B_S_tangent4_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S_tangent4_lanes[lane], &sum_B_S_tangent4_lost[lane], B[(q + lane) * d + b] * e[s * N + q + lane] * sum_B_S_tangent3[q + lane] / s2[q + lane]);
            for (; q < N; q++)
                add_to(&sum_B_S_tangent4_lanes[0], &sum_B_S_tangent4_lost[0], B[q * d + b] * e[s * N + q] * sum_B_S_tangent3[q] / s2[q]);
            sum_B_S_tangent4[b * N + s] = total_of_lanes_f64(sum_B_S_tangent4_lanes, sum_B_S_tangent4_lost);
        }
    /* sum_B_S[b][s]: a sum over q */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (d * N * N > LSM_PARALLEL_FROM)
#endif
    for (size_t b = 0; b < d; b++)
        for (size_t s = 0; s < N; s++) {
            double sum_B_S_lanes[8] = {0};
            double sum_B_S_lost[8] = {0};
            size_t q = 0;
            for (; q + 8 <= N; q += 8)
                LSM_LANEWISE
                for (size_t lane = 0; lane < 8; lane++)
                    add_to(&sum_B_S_lanes[lane], &sum_B_S_lost[lane], B[(q + lane) * d + b] * e2[s * N + q + lane] / s3[s]);
            for (; q < N; q++)
                add_to(&sum_B_S_lanes[0], &sum_B_S_lost[0], B[q * d + b] * e2[s * N + q] / s3[s]);
            sum_B_S[b * N + s] = total_of_lanes_f64(sum_B_S_lanes, sum_B_S_lost);
        }
    /* sum_B_S_tangent5[s]: a sum over a */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++) {
        double sum_B_S_tangent5_lanes[8] = {0};
        double sum_B_S_tangent5_lost[8] = {0};
        size_t a = 0;
        for (; a + 8 <= d; a += 8)
            LSM_LANEWISE
            for (size_t lane = 0; lane < 8; lane++)
                add_to(&sum_B_S_tangent5_lanes[lane], &sum_B_S_tangent5_lost[lane], sum_B_S[(a + lane) * N + s] * tangent[s * d + a + lane]);
        for (; a < d; a++)
            add_to(&sum_B_S_tangent5_lanes[0], &sum_B_S_tangent5_lost[0], sum_B_S[a * N + s] * tangent[s * d + a]);
        sum_B_S_tangent5[s] = total_of_lanes_f64(sum_B_S_tangent5_lanes, sum_B_S_tangent5_lost);
    }
    /* hvp[s][b] */
#ifdef _OPENMP
#pragma omp parallel for schedule(static) if (N * d > LSM_PARALLEL_FROM)
#endif
    for (size_t s = 0; s < N; s++)
        for (size_t b = 0; b < d; b++)
            hvp[s * d + b] = (double)((sum_B_S_tangent[b * N + s] + sum_B_S_tangent2[b * N + s] - sum_B_S_tangent4[b * N + s] - sum_B_S[b * N + s] * sum_B_S_tangent5[s]) * (1.0 / 2.0) * cotangent / ((double)N * tau * tau));
}
