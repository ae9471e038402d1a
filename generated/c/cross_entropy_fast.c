/* cross_entropy, generated; do not edit.
 *
 *     L_t = -log p_t
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   log-of-a-share: log p_i = (f_i - f_a) - log sum_k e^{f_k - f_a}: a vanishing share keeps its logarithm
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 *   true-class-cancellation: p_t - 1 = -sum_{k != t} p_k: no digit is lost when p_t is near 1
 *   shift-of-the-others: the same shift for the share of all classes but one
 *   all-but-one: leaving out the largest needs no subtraction; leaving out another subtracts at most half
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   sifting: sum_k delta_kj g_k = g_j
 * template: c/fast_source.c.j2; parameters: none
 * made by: lossmith emit cross_entropy --target c
 */
#if defined(_OPENMP) && !defined(LSM_SET)
#include <omp.h>
#endif

#include "lossmith_set.h"

#include "cross_entropy_fast.h"
#include "lossmith_rows.h"

typedef void lsm_cross_entropy_value_f32_part(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    float *L_rows,
    const lsm_plan *plan, float *work);
lsm_cross_entropy_value_f32_part lsm_cross_entropy_value_f32_own, lsm_cross_entropy_value_f32_avx512, lsm_cross_entropy_value_f32_avx2;

typedef void lsm_cross_entropy_value_and_grad_f32_part(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    const float *cotangent_rows, double cotangent_all,
    float *L_rows,
    float *grad_rows, ptrdiff_t grad_row,
    const lsm_plan *plan, float *work);
lsm_cross_entropy_value_and_grad_f32_part lsm_cross_entropy_value_and_grad_f32_own, lsm_cross_entropy_value_and_grad_f32_avx512, lsm_cross_entropy_value_and_grad_f32_avx2;
#ifdef LSM_WANTED

#include "lossmith_fast.h"

/* ---- lsm_cross_entropy_value_f32: L_t = -log p_t */

/* What the output of a row needs, once the row was read. */
typedef struct {
    size_t t;
    const float *z;
    float *out;
    lsm_edge *edge;
} lsm_cross_entropy_value_f32_ready;

/* The per-row numbers; *fits is 0 where a row needs the plain path. */
static inline void lsm_cross_entropy_value_f32_numbers(lsm_pair rest, lsm_pair unit, float *L_out, int *fits)
{
    /* The label is the place a: rest is the odds against it. */
    const lsm_pair log_s = lsm_log1p_pair(rest);  /* log of the sum over k of e_k */
    const lsm_pair L = log_s;
    *L_out = lsm_near_pair(L);
    (void)unit;
    *fits &= rest.high <= 0x1p64f;
}

/* One row by the plain function. */
static void lsm_cross_entropy_value_f32_plain(size_t n, const float *z, size_t t, float *L)
{
    const int64_t label = (int64_t)t;
    double L_sum;
    lsm_cross_entropy_value_f32_i64(1, n, z, 0, &label, L, &L_sum);
}

/* Row r of those that are worked out together is read.  On the way `before` (if any) is written. */
LSM_INLINE void lsm_cross_entropy_value_f32_read(lsm_group *seen_of, size_t r, size_t n, const float *restrict z, size_t t, float at, float guess,
    float *restrict e, const lsm_cross_entropy_value_f32_ready *before, size_t ahead, int fresh)
{
    (void)e;
    const lsm_scale_of_row scale = lsm_scale_for(at > guess ? at : guess);
    lsm_seen seen = lsm_nothing_seen();
    size_t k = 0;
    const size_t whole = n - n % LSM_STEP;
    for (size_t some; k < whole; k += some) {
        some = whole - k;
        if (ahead)
            lsm_read_block(&seen, &scale, some, z + k, NULL, ahead, fresh, NULL, LSM_ANCHORED, t - k);
        else
            lsm_read_block(&seen, &scale, some, z + k, NULL, 0, 0, NULL, LSM_ANCHORED, t - k);
    }
    (void)before;
    if (k < n)
        lsm_read_rest(&seen, &scale, n - k, z + k, NULL, LSM_ANCHORED, t - k);
    seen_of->m[r] = (double)at;
    seen_of->sum[r] = lsm_sum_of_others(&seen);
    seen_of->base[r] = scale.base;
    seen_of->fits[r] = scale.fits;
}

/* Row r again, where the guess of its largest was wrong: with the largest. */
static void lsm_cross_entropy_value_f32_read_again(lsm_group *seen, size_t r, size_t n, const float *z, size_t t, float at, float *e)
{
    const float largest = lsm_guess(n, z);
    lsm_cross_entropy_value_f32_read(seen, r, n, z, t, at, largest, e, NULL, 0, 0);
    lsm_end_group(seen, LSM_ANCHORED);
}

/* Some rows at a time: their numbers are worked out together. */
LSM_INLINE void lsm_cross_entropy_value_f32_rows(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    float *L_rows,
    const lsm_plan *plan, float *work)
{
    const size_t most = lsm_rows_together(n, LSM_GROUP);
    (void)work;
    for (size_t row, count; (count = lsm_take(turn, most, &row)) > 0;) {
        const float *z = z_rows + (ptrdiff_t)row * z_row;
        size_t t[LSM_GROUP] = { 0 };
        float at[LSM_GROUP] = { 0 }, guess[LSM_GROUP];
        lsm_group seen;
        lsm_begin_group(&seen);
        lsm_labels_from(t_rows, row, count, t);
        for (size_t r = 0; r < count; r++)
            at[r] = lsm_float(z[(ptrdiff_t)r * z_row + (ptrdiff_t)t[r]]);
        for (size_t next = turn->row; next < turn->last && next < turn->row + most; next++)
            lsm_fetch_now(z_rows + (ptrdiff_t)next * z_row + (ptrdiff_t)lsm_label(t_rows, next));
        for (size_t r = 0; r < count; r++)
            guess[r] = lsm_guess(n < 64 ? n : 64, z + (ptrdiff_t)r * z_row);
        for (size_t r = 0; r < count; r++)
            lsm_cross_entropy_value_f32_read(&seen, r, n, z + (ptrdiff_t)r * z_row, t[r], at[r], guess[r], NULL, NULL, plan->ahead, 0);
        if (!lsm_end_group(&seen, LSM_ANCHORED))
            for (size_t r = 0; r < count; r++)
                if (!seen.fits[r])
                    lsm_cross_entropy_value_f32_read_again(&seen, r, n, z + (ptrdiff_t)r * z_row, t[r], at[r], NULL);
        float L[LSM_GROUP];
        for (size_t r = 0; r < LSM_GROUP; r++) {
            const lsm_pair rest = lsm_pair_of(seen.rest[r]), unit = lsm_pair_of(seen.unit[r]);
            lsm_cross_entropy_value_f32_numbers(rest, unit, &L[r], &seen.fits[r]);
        }
        memcpy(L_rows + row, L, count * sizeof(float));

        for (size_t r = 0; r < count; r++) {
            if (!seen.fits[r]) {
                lsm_cross_entropy_value_f32_plain(n, z + (ptrdiff_t)r * z_row, t[r], L_rows + row + r);
            }
        }
    }
}

/* Short rows: one row in each lane. */
static void lsm_cross_entropy_value_f32_side_by_side(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    float *L_rows,
    const lsm_plan *plan, float *work)
{
    float z_turned[LSM_SIDE_MOST * LSM_SIDE];
    memset(z_turned, 0, n * LSM_SIDE * sizeof(float));
    (void)plan, (void)work;
    for (size_t row, count; (count = lsm_take(turn, LSM_SIDE, &row)) > 0;) {
        const float *restrict z = z_rows + (ptrdiff_t)row * z_row;
        lsm_beside seen;
        lsm_turn_in(count, n, z, z_row, z_turned);
        int32_t t[LSM_SIDE] = { 0 };
        lsm_labels_beside(t_rows, row, count, t);
        float labels[LSM_SIDE];
        for (size_t r = 0; r < LSM_SIDE; r++)
            labels[r] = (float)t[r];
        /* Where there are gaps between rows, what is near anyway is fetched. */
        const void *next = z_row == (ptrdiff_t)n ? (const void *)(z + LSM_SIDE * n) : z_turned;
        const void *to = z_turned;
        lsm_read_beside(&seen, n, z_turned, labels, NULL, next, to, n * sizeof *z, LSM_ANCHORED);
        float L[LSM_SIDE];
        for (size_t r = 0; r < LSM_SIDE; r++) {
            const lsm_pair unit = lsm_unit_pair_beside(&seen, r, LSM_ANCHORED), rest = lsm_times_pair(lsm_pair_at(&seen.others, r), unit);
            lsm_cross_entropy_value_f32_numbers(rest, unit, &L[r], &seen.fits[r]);
        }
        memcpy(L_rows + row, L, count * sizeof(float));

        int all = 1;
        for (size_t r = 0; r < LSM_SIDE; r++)
            all &= seen.fits[r];
        for (size_t r = 0; r < count && !all; r++)
            if (!seen.fits[r]) {
                lsm_cross_entropy_value_f32_plain(n, z + (ptrdiff_t)r * z_row, (size_t)t[r], L_rows + row + r);
            }
    }
}

void LSM_OF_SET(lsm_cross_entropy_value_f32)(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    float *L_rows,
    const lsm_plan *plan, float *work)
{
    if (plan->schedule == LSM_SIDE_BY_SIDE && n <= LSM_SIDE_MOST)
        lsm_cross_entropy_value_f32_side_by_side(turn, n, z_rows, z_row, t_rows, L_rows, plan, work);
    else
        lsm_cross_entropy_value_f32_rows(turn, n, z_rows, z_row, t_rows, L_rows, plan, work);
}

/* ---- lsm_cross_entropy_value_and_grad_f32: L_t = -log p_t */

/* What the output of a row needs, once the row was read. */
typedef struct {
    float factor; /* the output is e times this, for the scaled e */
    float at_t;
    size_t t;
    const float *z;
    float *out;
    lsm_edge *edge;
} lsm_cross_entropy_value_and_grad_f32_ready;

/* The per-row numbers; *fits is 0 where a row needs the plain path. */
static inline void lsm_cross_entropy_value_and_grad_f32_numbers(lsm_pair cotangent, lsm_pair rest, lsm_pair unit, float *L_out, float *factor_of, float *at_t, int *fits)
{
    /* The label is the place a: rest is the odds against it. */
    const lsm_pair log_s = lsm_log1p_pair(rest);  /* log of the sum over k of e_k */
    const lsm_pair L = log_s;
    const lsm_pair s = lsm_one_and(rest);  /* sum over k of e_k */
    const lsm_pair ratio = lsm_over(cotangent, s);
    *L_out = lsm_near_pair(L);
    *at_t = -lsm_near_product(rest, ratio);
    const float factor = lsm_near_product(unit, ratio);
    *factor_of = factor;
    *fits &= fabsf(factor) <= 1; /* so that what e lost below 2^-126 stays below */
    *fits &= rest.high <= 0x1p64f;
}

/* Writes the output from column `from` to about `to`; the next column to be written. */
LSM_INLINE size_t lsm_cross_entropy_value_and_grad_f32_write(const lsm_cross_entropy_value_and_grad_f32_ready *ready, size_t from, size_t to, size_t n, const float *restrict e, int stream)
{
    float *out = ready->out;
    const lsm_patch patch = { ready->t, ready->at_t };
    if (stream)
        return lsm_stream_out(from, to, n, e, ready->factor, patch, out, ready->edge);
    lsm_write_out(n, e, ready->factor, patch, out);
    return to;
}

/* One row by the plain function. */
static void lsm_cross_entropy_value_and_grad_f32_plain(size_t n, const float *z, size_t t, double cotangent, float *L, float *grad)
{
    const int64_t label = (int64_t)t;
    double L_sum;
    lsm_cross_entropy_value_and_grad_f32_i64(1, n, z, 0, &label, NULL, cotangent, L, &L_sum, grad, 0);
}

/* Row r of those that are worked out together is read.  On the way `before` (if any) is written. */
LSM_INLINE void lsm_cross_entropy_value_and_grad_f32_read(lsm_group *seen_of, size_t r, size_t n, const float *restrict z, size_t t, float at, float guess,
    float *restrict e, const lsm_cross_entropy_value_and_grad_f32_ready *before, size_t ahead, int fresh)
{
    LSM_GIVEN(e);
    const lsm_scale_of_row scale = lsm_scale_for(at > guess ? at : guess);
    lsm_seen seen = lsm_nothing_seen();
    size_t k = 0, done = 0;
    const size_t whole = n - n % LSM_STEP;
    for (size_t some; k < whole; k += some) {
        some = whole - k;
        if (before && some > LSM_LONG_BLOCK)
            some = LSM_LONG_BLOCK;
        if (before && ahead && lsm_are_lines(before->out, done, some, n, before->t)) {
            const lsm_lines lines = { before->out + k, done - k, lsm_all(before->factor) };
            lsm_read_block(&seen, &scale, some, z + k, e + k, ahead, fresh, &lines, LSM_ANCHORED, t - k);
            done += some;
            continue;
        }
        if (before)
            done = lsm_cross_entropy_value_and_grad_f32_write(before, done, k + some, n, e, 1);
        if (ahead)
            lsm_read_block(&seen, &scale, some, z + k, e + k, ahead, fresh, NULL, LSM_ANCHORED, t - k);
        else
            lsm_read_block(&seen, &scale, some, z + k, e + k, 0, 0, NULL, LSM_ANCHORED, t - k);
    }
    if (before)
        lsm_cross_entropy_value_and_grad_f32_write(before, done, n, n, e, 1);
    if (k < n)
        lsm_read_rest(&seen, &scale, n - k, z + k, e + k, LSM_ANCHORED, t - k);
    seen_of->m[r] = (double)at;
    seen_of->sum[r] = lsm_sum_of_others(&seen);
    seen_of->base[r] = scale.base;
    seen_of->fits[r] = scale.fits;
}

/* Row r again, where the guess of its largest was wrong: with the largest. */
static void lsm_cross_entropy_value_and_grad_f32_read_again(lsm_group *seen, size_t r, size_t n, const float *z, size_t t, float at, float *e)
{
    const float largest = lsm_guess(n, z);
    lsm_cross_entropy_value_and_grad_f32_read(seen, r, n, z, t, at, largest, e, NULL, 0, 0);
    lsm_end_group(seen, LSM_ANCHORED);
}

/* Some rows at a time: what is made of a row stays in the caches until its numbers are there.  Where `stream`, it is
 * written past the caches while the row that takes its place is read. */
LSM_INLINE void lsm_cross_entropy_value_and_grad_f32_rows(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    const float *cotangent_rows, double cotangent_all,
    float *L_rows,
    float *grad_rows, ptrdiff_t grad_row,
    const lsm_plan *plan, float *work, int stream)
{
    const size_t slot = lsm_slot(n), most = lsm_rows_together(n, stream ? plan->work_each / slot : LSM_GROUP);
    lsm_cross_entropy_value_and_grad_f32_ready ready[LSM_GROUP];
    int waits[LSM_GROUP] = { 0 };
    lsm_edge edge = { .count = 0 };
    for (size_t row, count; (count = lsm_take(turn, most, &row)) > 0;) {
        const float *z = z_rows + (ptrdiff_t)row * z_row;
        float *grad = grad_rows + (ptrdiff_t)row * grad_row;
        size_t t[LSM_GROUP] = { 0 };
        float at[LSM_GROUP] = { 0 }, guess[LSM_GROUP];
        lsm_group seen;
        lsm_begin_group(&seen);
        lsm_labels_from(t_rows, row, count, t);
        for (size_t r = 0; r < count; r++)
            at[r] = lsm_float(z[(ptrdiff_t)r * z_row + (ptrdiff_t)t[r]]);
        for (size_t next = turn->row; next < turn->last && next < turn->row + most; next++)
            lsm_fetch_now(z_rows + (ptrdiff_t)next * z_row + (ptrdiff_t)lsm_label(t_rows, next));
        for (size_t r = 0; r < count; r++)
            guess[r] = lsm_guess(n < 64 ? n : 64, z + (ptrdiff_t)r * z_row);
        for (size_t r = 0; r < count; r++)
            lsm_cross_entropy_value_and_grad_f32_read(&seen, r, n, z + (ptrdiff_t)r * z_row, t[r], at[r], guess[r], stream ? work + r * slot : grad + (ptrdiff_t)r * grad_row, stream && waits[r] ? &ready[r] : NULL, plan->ahead, !stream);
        if (!lsm_end_group(&seen, LSM_ANCHORED))
            for (size_t r = 0; r < count; r++)
                if (!seen.fits[r])
                    lsm_cross_entropy_value_and_grad_f32_read_again(&seen, r, n, z + (ptrdiff_t)r * z_row, t[r], at[r], stream ? work + r * slot : grad + (ptrdiff_t)r * grad_row);
        lsm_pairs cotangent_of;
        lsm_pairs_of(LSM_GROUP, row, count, cotangent_all, cotangent_rows, &cotangent_of);
        float L[LSM_GROUP];
        float factor[LSM_GROUP];
        float at_t[LSM_GROUP];
        for (size_t r = 0; r < LSM_GROUP; r++) {
            const lsm_pair rest = lsm_pair_of(seen.rest[r]), unit = lsm_pair_of(seen.unit[r]);
            lsm_cross_entropy_value_and_grad_f32_numbers(lsm_pair_at(&cotangent_of, r), rest, unit, &L[r], &factor[r], &at_t[r], &seen.fits[r]);
            seen.fits[r] &= lsm_is_whole(factor[r], FLT_MIN); /* normal, however far the largest is above the guess */
        }
        memcpy(L_rows + row, L, count * sizeof(float));

        for (size_t r = 0; r < count; r++) {
            waits[r] = stream && seen.fits[r];
            if (!seen.fits[r]) {
                lsm_cross_entropy_value_and_grad_f32_plain(n, z + (ptrdiff_t)r * z_row, t[r], lsm_number_of(cotangent_all, cotangent_rows, row + r), L_rows + row + r, grad + (ptrdiff_t)r * grad_row);
                continue;
            }
            ready[r] = (lsm_cross_entropy_value_and_grad_f32_ready) {
                .t = t[r], .z = z + (ptrdiff_t)r * z_row, .out = grad + (ptrdiff_t)r * grad_row, .edge = &edge,
                .factor = factor[r],
                .at_t = at_t[r],
            };
            if (!stream)
                lsm_cross_entropy_value_and_grad_f32_write(&ready[r], 0, n, n, stream ? work + r * slot : grad + (ptrdiff_t)r * grad_row, 0);
        }
    }
    if (!stream)
        return;
    for (size_t r = 0; r < most; r++)
        if (waits[r])
            lsm_cross_entropy_value_and_grad_f32_write(&ready[r], 0, n, n, work + r * slot, 1);
    lsm_edge_out(&edge);
    lsm_streamed();
}

/* Short rows: one row in each lane. */
static void lsm_cross_entropy_value_and_grad_f32_side_by_side(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    const float *cotangent_rows, double cotangent_all,
    float *L_rows,
    float *grad_rows, ptrdiff_t grad_row,
    const lsm_plan *plan, float *work)
{
    float z_turned[LSM_SIDE_MOST * LSM_SIDE], e[LSM_SIDE_MOST * LSM_SIDE];
    memset(z_turned, 0, n * LSM_SIDE * sizeof(float));
    (void)plan, (void)work;
    for (size_t row, count; (count = lsm_take(turn, LSM_SIDE, &row)) > 0;) {
        const float *restrict z = z_rows + (ptrdiff_t)row * z_row;
        lsm_beside seen;
        float *restrict grad = grad_rows + (ptrdiff_t)row * grad_row;
        lsm_turn_in(count, n, z, z_row, z_turned);
        int32_t t[LSM_SIDE] = { 0 };
        lsm_labels_beside(t_rows, row, count, t);
        float labels[LSM_SIDE];
        for (size_t r = 0; r < LSM_SIDE; r++)
            labels[r] = (float)t[r];
        /* Where there are gaps between rows, what is near anyway is fetched. */
        const void *next = z_row == (ptrdiff_t)n ? (const void *)(z + LSM_SIDE * n) : z_turned;
        const void *to = grad_row == (ptrdiff_t)n ? (const void *)grad : z_turned;
        lsm_read_beside(&seen, n, z_turned, labels, e, next, to, n * sizeof *z, LSM_ANCHORED);
        lsm_pairs cotangent_of;
        lsm_pairs_of(LSM_SIDE, row, count, cotangent_all, cotangent_rows, &cotangent_of);
        float L[LSM_SIDE];
        float factor[LSM_SIDE];
        float at_t[LSM_SIDE];
        for (size_t r = 0; r < LSM_SIDE; r++) {
            const lsm_pair unit = lsm_unit_pair_beside(&seen, r, LSM_ANCHORED), rest = lsm_times_pair(lsm_pair_at(&seen.others, r), unit);
            lsm_cross_entropy_value_and_grad_f32_numbers(lsm_pair_at(&cotangent_of, r), rest, unit, &L[r], &factor[r], &at_t[r], &seen.fits[r]);
        }
        memcpy(L_rows + row, L, count * sizeof(float));

        float *made = e;
        lsm_turn_out(count, n, made, factor, grad, grad_row);
        lsm_patch_beside(count, t, at_t, grad, grad_row);
        int all = 1;
        for (size_t r = 0; r < LSM_SIDE; r++)
            all &= seen.fits[r];
        for (size_t r = 0; r < count && !all; r++)
            if (!seen.fits[r]) {
                lsm_cross_entropy_value_and_grad_f32_plain(n, z + (ptrdiff_t)r * z_row, (size_t)t[r], lsm_number_of(cotangent_all, cotangent_rows, row + r), L_rows + row + r, grad + (ptrdiff_t)r * grad_row);
            }
    }
}

void LSM_OF_SET(lsm_cross_entropy_value_and_grad_f32)(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    lsm_labels t_rows,
    const float *cotangent_rows, double cotangent_all,
    float *L_rows,
    float *grad_rows, ptrdiff_t grad_row,
    const lsm_plan *plan, float *work)
{
    if (plan->schedule == LSM_SIDE_BY_SIDE && n <= LSM_SIDE_MOST)
        lsm_cross_entropy_value_and_grad_f32_side_by_side(turn, n, z_rows, z_row, t_rows, cotangent_rows, cotangent_all, L_rows, grad_rows, grad_row, plan, work);
    else if (plan->schedule == LSM_STREAMED)
        lsm_cross_entropy_value_and_grad_f32_rows(turn, n, z_rows, z_row, t_rows, cotangent_rows, cotangent_all, L_rows, grad_rows, grad_row, plan, work, 1);
    else
        lsm_cross_entropy_value_and_grad_f32_rows(turn, n, z_rows, z_row, t_rows, cotangent_rows, cotangent_all, L_rows, grad_rows, grad_row, plan, work, 0);
}
#endif
#ifndef LSM_SET

/* What runs the rows on this processor. */
static lsm_cross_entropy_value_f32_part *lsm_cross_entropy_value_f32_chosen(void)
{
#ifdef LSM_ASKS_AVX512
    if (lsm_has_avx512())
        return lsm_cross_entropy_value_f32_avx512;
#endif
#ifdef LSM_ASKS_AVX2
    if (lsm_has_avx2())
        return lsm_cross_entropy_value_f32_avx2;
#endif
    return lsm_cross_entropy_value_f32_own;
}

static int lsm_cross_entropy_value_f32_planned(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    float *L, double *L_sum,
    const lsm_plan *plan)
{
    lsm_cross_entropy_value_f32_part *run = lsm_cross_entropy_value_f32_chosen();
#ifdef _OPENMP
    if (plan->threads > 1) {
        double L_parts[LSM_PARTS] = { 0 };
        int fit = rows >= LSM_TOGETHER_FROM || lsm_labels_fit(t, 0, rows, n);
        lsm_shares shares;
#pragma omp parallel num_threads(lsm_team(plan->threads, &shares))
        {
            const size_t team = (size_t)omp_get_num_threads(), mine = (size_t)omp_get_thread_num();
            float *work = plan->work ? plan->work + mine * plan->work_each : NULL;
            lsm_turn turn = lsm_turn_of(mine, team, rows, plan, &shares);
            if (rows >= LSM_TOGETHER_FROM) {
                if (!lsm_labels_fit(t, rows * mine / team, rows * (mine + 1) / team, n)) {
#pragma omp atomic write
                    fit = 0;
                }
#pragma omp barrier
            }
            if (fit)
                run(&turn, n, z, z_row, t, L, plan, work);
            if (fit && rows >= LSM_TOGETHER_FROM) {
#pragma omp barrier
                for (size_t part = mine; part < LSM_PARTS; part += team) {
                    L_parts[part] = lsm_part_of_total(part, rows, L);
                }
            }
        }
        if (!fit)
            return 1;
        *L_sum = lsm_total(rows, L, L_parts);
    } else
#endif
    { /* one thread, without the cost of a team */
        if (!lsm_labels_fit(t, 0, rows, n))
            return 1;
        lsm_turn turn = { .last = rows };
        run(&turn, n, z, z_row, t, L, plan, plan->work);
        *L_sum = lsm_total(rows, L, NULL);
    }
    return 0;
}

int lsm_cross_entropy_value_f32_i32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    float *L, double *L_sum,
    const lsm_plan *plan)
{
    if (plan->schedule == LSM_PLAIN)
        return lsm_cross_entropy_value_f32_i32(rows, n, z, z_row, t, L, L_sum);
    return lsm_cross_entropy_value_f32_planned(rows, n, z, z_row, lsm_labels_i32(t), L, L_sum, plan);
}

int lsm_cross_entropy_value_f32_i64_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    float *L, double *L_sum,
    const lsm_plan *plan)
{
    if (plan->schedule == LSM_PLAIN)
        return lsm_cross_entropy_value_f32_i64(rows, n, z, z_row, t, L, L_sum);
    return lsm_cross_entropy_value_f32_planned(rows, n, z, z_row, lsm_labels_i64(t), L, L_sum, plan);
}

/* What runs the rows on this processor. */
static lsm_cross_entropy_value_and_grad_f32_part *lsm_cross_entropy_value_and_grad_f32_chosen(void)
{
#ifdef LSM_ASKS_AVX512
    if (lsm_has_avx512())
        return lsm_cross_entropy_value_and_grad_f32_avx512;
#endif
#ifdef LSM_ASKS_AVX2
    if (lsm_has_avx2())
        return lsm_cross_entropy_value_and_grad_f32_avx2;
#endif
    return lsm_cross_entropy_value_and_grad_f32_own;
}

static int lsm_cross_entropy_value_and_grad_f32_planned(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    lsm_labels t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row,
    const lsm_plan *plan)
{
    lsm_cross_entropy_value_and_grad_f32_part *run = lsm_cross_entropy_value_and_grad_f32_chosen();
#ifdef _OPENMP
    if (plan->threads > 1) {
        double L_parts[LSM_PARTS] = { 0 };
        int fit = rows >= LSM_TOGETHER_FROM || lsm_labels_fit(t, 0, rows, n);
        lsm_shares shares;
#pragma omp parallel num_threads(lsm_team(plan->threads, &shares))
        {
            const size_t team = (size_t)omp_get_num_threads(), mine = (size_t)omp_get_thread_num();
            float *work = plan->work ? plan->work + mine * plan->work_each : NULL;
            lsm_turn turn = lsm_turn_of(mine, team, rows, plan, &shares);
            if (rows >= LSM_TOGETHER_FROM) {
                if (!lsm_labels_fit(t, rows * mine / team, rows * (mine + 1) / team, n)) {
#pragma omp atomic write
                    fit = 0;
                }
#pragma omp barrier
            }
            if (fit)
                run(&turn, n, z, z_row, t, cotangent, cotangent_all, L, grad, grad_row, plan, work);
            if (fit && rows >= LSM_TOGETHER_FROM) {
#pragma omp barrier
                for (size_t part = mine; part < LSM_PARTS; part += team) {
                    L_parts[part] = lsm_part_of_total(part, rows, L);
                }
            }
        }
        if (!fit)
            return 1;
        *L_sum = lsm_total(rows, L, L_parts);
    } else
#endif
    { /* one thread, without the cost of a team */
        if (!lsm_labels_fit(t, 0, rows, n))
            return 1;
        lsm_turn turn = { .last = rows };
        run(&turn, n, z, z_row, t, cotangent, cotangent_all, L, grad, grad_row, plan, plan->work);
        *L_sum = lsm_total(rows, L, NULL);
    }
    return 0;
}

int lsm_cross_entropy_value_and_grad_f32_i32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int32_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row,
    const lsm_plan *plan)
{
    if (plan->schedule == LSM_PLAIN)
        return lsm_cross_entropy_value_and_grad_f32_i32(rows, n, z, z_row, t, cotangent, cotangent_all, L, L_sum, grad, grad_row);
    return lsm_cross_entropy_value_and_grad_f32_planned(rows, n, z, z_row, lsm_labels_i32(t), cotangent, cotangent_all, L, L_sum, grad, grad_row, plan);
}

int lsm_cross_entropy_value_and_grad_f32_i64_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    const int64_t *t,
    const float *cotangent, double cotangent_all,
    float *L, double *L_sum,
    float *grad, ptrdiff_t grad_row,
    const lsm_plan *plan)
{
    if (plan->schedule == LSM_PLAIN)
        return lsm_cross_entropy_value_and_grad_f32_i64(rows, n, z, z_row, t, cotangent, cotangent_all, L, L_sum, grad, grad_row);
    return lsm_cross_entropy_value_and_grad_f32_planned(rows, n, z, z_row, lsm_labels_i64(t), cotangent, cotangent_all, L, L_sum, grad, grad_row, plan);
}
#endif

LSM_END_OF_SET
