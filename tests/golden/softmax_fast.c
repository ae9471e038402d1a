/* softmax, generated; do not edit.
 *
 *     p_i = e^(z_i) / (Σ_k e^(z_k))
 *
 * facts used: none
 * rules used:
 *   shift-by-the-largest: e^{f_i} / sum_k e^{f_k} stays when f_a is taken from every f; nothing overflows
 *   one-plus-the-rest: sum_k e^{f_k - f_a} = 1 + sum_{k != a} e^{f_k - f_a}: log1p keeps a small loss
 * template: c/fast_source.c.j2; parameters: none
 * made by: lossmith emit softmax --target c
 */
#if defined(_OPENMP) && !defined(LSM_SET)
#include <omp.h>
#endif

#include "lossmith_set.h"

#include "softmax_fast.h"
#include "lossmith_rows.h"

typedef void lsm_softmax_value_f32_part(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    float *p_rows, ptrdiff_t p_row,
    const lsm_plan *plan, float *work);
lsm_softmax_value_f32_part lsm_softmax_value_f32_own, lsm_softmax_value_f32_avx512, lsm_softmax_value_f32_avx2;
#ifdef LSM_WANTED

#include "lossmith_fast.h"

/* ---- lsm_softmax_value_f32: p_i = e^(z_i) / (Σ_k e^(z_k)) */

/* What the output of a row needs, once the row was read. */
typedef struct {
    float factor; /* the output is e times this, for the scaled e */
    size_t unused;
    const float *z;
    float *out;
    lsm_edge *edge;
} lsm_softmax_value_f32_ready;

/* The per-row numbers; *fits is 0 where a row needs the plain path. */
static inline void lsm_softmax_value_f32_numbers(lsm_pair rest, lsm_pair unit, float *factor_of, int *fits)
{
    const lsm_pair s = lsm_one_and(rest);  /* sum over k of e_k */
    const float factor = lsm_near_product(unit, lsm_over(lsm_pair_of(1.0), s));
    *factor_of = factor;
    *fits &= fabsf(factor) <= 1; /* so that what e lost below 2^-126 stays below */
    *fits &= rest.high == rest.high;
}

/* Writes the output from column `from` to about `to`; the next column to be written. */
LSM_INLINE size_t lsm_softmax_value_f32_write(const lsm_softmax_value_f32_ready *ready, size_t from, size_t to, size_t n, const float *restrict e, int stream)
{
    float *out = ready->out;
    const lsm_patch patch = { SIZE_MAX, 0 };
    if (stream)
        return lsm_stream_out(from, to, n, e, ready->factor, patch, out, ready->edge);
    lsm_write_out(n, e, ready->factor, patch, out);
    return to;
}

/* One row by the plain function. */
static void lsm_softmax_value_f32_plain(size_t n, const float *z, size_t unused, float *p)
{
    (void)unused;
    lsm_softmax_value_f32(1, n, z, 0, p, 0);
}

/* Row r of those that are worked out together is read.  On the way `before` (if any) is written. */
LSM_INLINE void lsm_softmax_value_f32_read(lsm_group *seen_of, size_t r, size_t n, const float *restrict z, size_t unused, float at, float guess,
    float *restrict e, const lsm_softmax_value_f32_ready *before, size_t ahead, int fresh)
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
        if (before && ahead && lsm_are_lines(before->out, done, some, n, SIZE_MAX)) {
            const lsm_lines lines = { before->out + k, done - k, lsm_all(before->factor) };
            lsm_read_block(&seen, &scale, some, z + k, e + k, ahead, fresh, &lines, LSM_TRACKED, unused - k);
            done += some;
            continue;
        }
        if (before)
            done = lsm_softmax_value_f32_write(before, done, k + some, n, e, 1);
        if (ahead)
            lsm_read_block(&seen, &scale, some, z + k, e + k, ahead, fresh, NULL, LSM_TRACKED, unused - k);
        else
            lsm_read_block(&seen, &scale, some, z + k, e + k, 0, 0, NULL, LSM_TRACKED, unused - k);
    }
    if (before)
        lsm_softmax_value_f32_write(before, done, n, n, e, 1);
    if (k < n)
        lsm_read_rest(&seen, &scale, n - k, z + k, e + k, LSM_TRACKED, unused - k);
    seen_of->sum[r] = lsm_sum_beside_largest(&seen, &seen_of->m[r]);
    seen_of->base[r] = scale.base;
    seen_of->fits[r] = scale.fits;
}

/* Row r again, where the guess of its largest was wrong: with the largest. */
static void lsm_softmax_value_f32_read_again(lsm_group *seen, size_t r, size_t n, const float *z, size_t unused, float at, float *e)
{
    const float largest = (float)seen->m[r];
    lsm_softmax_value_f32_read(seen, r, n, z, unused, at, largest, e, NULL, 0, 0);
    lsm_end_group(seen, LSM_TRACKED);
}

/* Some rows at a time: what is made of a row stays in the caches until its numbers are there.  Where `stream`, it is
 * written past the caches while the row that takes its place is read. */
LSM_INLINE void lsm_softmax_value_f32_rows(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    float *p_rows, ptrdiff_t p_row,
    const lsm_plan *plan, float *work, int stream)
{
    const size_t slot = lsm_slot(n), most = lsm_rows_together(n, stream ? plan->work_each / slot : LSM_GROUP);
    lsm_softmax_value_f32_ready ready[LSM_GROUP];
    int waits[LSM_GROUP] = { 0 };
    lsm_edge edge = { .count = 0 };
    for (size_t row, count; (count = lsm_take(turn, most, &row)) > 0;) {
        const float *z = z_rows + (ptrdiff_t)row * z_row;
        float *p = p_rows + (ptrdiff_t)row * p_row;
        size_t unused[LSM_GROUP] = { 0 };
        float at[LSM_GROUP] = { 0 }, guess[LSM_GROUP];
        lsm_group seen;
        lsm_begin_group(&seen);
        for (size_t r = 0; r < count; r++)
            at[r] = -INFINITY;
        for (size_t r = 0; r < count; r++)
            guess[r] = lsm_guess(n < 64 ? n : 64, z + (ptrdiff_t)r * z_row);
        for (size_t r = 0; r < count; r++)
            lsm_softmax_value_f32_read(&seen, r, n, z + (ptrdiff_t)r * z_row, unused[r], at[r], guess[r], stream ? work + r * slot : p + (ptrdiff_t)r * p_row, stream && waits[r] ? &ready[r] : NULL, plan->ahead, !stream);
        if (!lsm_end_group(&seen, LSM_TRACKED))
            for (size_t r = 0; r < count; r++)
                if (!seen.fits[r])
                    lsm_softmax_value_f32_read_again(&seen, r, n, z + (ptrdiff_t)r * z_row, unused[r], at[r], stream ? work + r * slot : p + (ptrdiff_t)r * p_row);
        float factor[LSM_GROUP];
        for (size_t r = 0; r < LSM_GROUP; r++) {
            const lsm_pair rest = lsm_pair_of(seen.rest[r]), unit = lsm_pair_of(seen.unit[r]);
            lsm_softmax_value_f32_numbers(rest, unit, &factor[r], &seen.fits[r]);
            seen.fits[r] &= lsm_is_whole(factor[r], FLT_MIN); /* normal, however far the largest is above the guess */
        }

        for (size_t r = 0; r < count; r++) {
            waits[r] = stream && seen.fits[r];
            if (!seen.fits[r]) {
                lsm_softmax_value_f32_plain(n, z + (ptrdiff_t)r * z_row, unused[r], p + (ptrdiff_t)r * p_row);
                continue;
            }
            ready[r] = (lsm_softmax_value_f32_ready) {
                .unused = unused[r], .z = z + (ptrdiff_t)r * z_row, .out = p + (ptrdiff_t)r * p_row, .edge = &edge,
                .factor = factor[r],
            };
            if (!stream)
                lsm_softmax_value_f32_write(&ready[r], 0, n, n, stream ? work + r * slot : p + (ptrdiff_t)r * p_row, 0);
        }
    }
    if (!stream)
        return;
    for (size_t r = 0; r < most; r++)
        if (waits[r])
            lsm_softmax_value_f32_write(&ready[r], 0, n, n, work + r * slot, 1);
    lsm_edge_out(&edge);
    lsm_streamed();
}

/* Short rows: one row in each lane. */
static void lsm_softmax_value_f32_side_by_side(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    float *p_rows, ptrdiff_t p_row,
    const lsm_plan *plan, float *work)
{
    float z_turned[LSM_SIDE_MOST * LSM_SIDE], e[LSM_SIDE_MOST * LSM_SIDE];
    memset(z_turned, 0, n * LSM_SIDE * sizeof(float));
    (void)plan, (void)work;
    for (size_t row, count; (count = lsm_take(turn, LSM_SIDE, &row)) > 0;) {
        const float *restrict z = z_rows + (ptrdiff_t)row * z_row;
        lsm_beside seen;
        float *restrict p = p_rows + (ptrdiff_t)row * p_row;
        lsm_turn_in(count, n, z, z_row, z_turned);
        /* Where there are gaps between rows, what is near anyway is fetched. */
        const void *next = z_row == (ptrdiff_t)n ? (const void *)(z + LSM_SIDE * n) : z_turned;
        const void *to = p_row == (ptrdiff_t)n ? (const void *)p : z_turned;
        lsm_read_beside(&seen, n, z_turned, NULL, e, next, to, n * sizeof *z, LSM_TRACKED);
        float factor[LSM_SIDE];
        for (size_t r = 0; r < LSM_SIDE; r++) {
            const lsm_pair unit = lsm_unit_pair_beside(&seen, r, LSM_TRACKED), rest = lsm_times_pair(lsm_pair_at(&seen.others, r), unit);
            lsm_softmax_value_f32_numbers(rest, unit, &factor[r], &seen.fits[r]);
        }

        float *made = e;
        lsm_turn_out(count, n, made, factor, p, p_row);
        int all = 1;
        for (size_t r = 0; r < LSM_SIDE; r++)
            all &= seen.fits[r];
        for (size_t r = 0; r < count && !all; r++)
            if (!seen.fits[r]) {
                lsm_softmax_value_f32_plain(n, z + (ptrdiff_t)r * z_row, 0, p + (ptrdiff_t)r * p_row);
            }
    }
}

void LSM_OF_SET(lsm_softmax_value_f32)(lsm_turn *turn, size_t n,
    const float *z_rows, ptrdiff_t z_row,
    float *p_rows, ptrdiff_t p_row,
    const lsm_plan *plan, float *work)
{
    if (plan->schedule == LSM_SIDE_BY_SIDE && n <= LSM_SIDE_MOST)
        lsm_softmax_value_f32_side_by_side(turn, n, z_rows, z_row, p_rows, p_row, plan, work);
    else if (plan->schedule == LSM_STREAMED)
        lsm_softmax_value_f32_rows(turn, n, z_rows, z_row, p_rows, p_row, plan, work, 1);
    else
        lsm_softmax_value_f32_rows(turn, n, z_rows, z_row, p_rows, p_row, plan, work, 0);
}
#endif
#ifndef LSM_SET

/* What runs the rows on this processor. */
static lsm_softmax_value_f32_part *lsm_softmax_value_f32_chosen(void)
{
#ifdef LSM_ASKS_AVX512
    if (lsm_has_avx512())
        return lsm_softmax_value_f32_avx512;
#endif
#ifdef LSM_ASKS_AVX2
    if (lsm_has_avx2())
        return lsm_softmax_value_f32_avx2;
#endif
    return lsm_softmax_value_f32_own;
}

static int lsm_softmax_value_f32_planned(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row,
    const lsm_plan *plan)
{
    lsm_softmax_value_f32_part *run = lsm_softmax_value_f32_chosen();
#ifdef _OPENMP
    if (plan->threads > 1) {
        lsm_shares shares;
#pragma omp parallel num_threads(lsm_team(plan->threads, &shares))
        {
            const size_t team = (size_t)omp_get_num_threads(), mine = (size_t)omp_get_thread_num();
            float *work = plan->work ? plan->work + mine * plan->work_each : NULL;
            lsm_turn turn = lsm_turn_of(mine, team, rows, plan, &shares);
            run(&turn, n, z, z_row, p, p_row, plan, work);
        }
    } else
#endif
    { /* one thread, without the cost of a team */
        lsm_turn turn = { .last = rows };
        run(&turn, n, z, z_row, p, p_row, plan, plan->work);
    }
    return 0;
}

int lsm_softmax_value_f32_fast(size_t rows, size_t n,
    const float *z, ptrdiff_t z_row,
    float *p, ptrdiff_t p_row,
    const lsm_plan *plan)
{
    if (plan->schedule == LSM_PLAIN)
        return lsm_softmax_value_f32(rows, n, z, z_row, p, p_row);
    return lsm_softmax_value_f32_planned(rows, n, z, z_row, p, p_row, plan);
}
#endif

LSM_END_OF_SET
