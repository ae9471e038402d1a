/* Fuzzed calls of the C library on buffers of exactly the size they may touch, for AddressSanitizer
 * and UndefinedBehaviourSanitizer: shapes, strides, labels, ignored rows, hard logits, both types.
 * Each strided call must give the bits of the contiguous one. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lossmith.h"

static uint32_t state = 1;

static uint32_t draw(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 8) % below;
}

/* How an array lies in memory: all of `size` elements are touched, and no other. */
typedef struct {
    int64_t row, class_, first, size;
} layout;

static layout lay(int64_t rows, int64_t n)
{
    const int64_t gap = draw(3), by_class = draw(2), back = draw(2);
    layout l;
    l.class_ = by_class ? rows + gap : 1 + (int64_t)draw(2);
    l.row = by_class ? 1 : l.class_ * (n - 1) + 1 + gap;
    l.size = (rows - 1) * l.row + (n - 1) * l.class_ + 1;
    l.first = back ? l.size - 1 : 0;
    l.row = back ? -l.row : l.row;
    l.class_ = back ? -l.class_ : l.class_;
    return l;
}

#define SAME(T, a, b) (memcmp(&(a), &(b), sizeof(T)) == 0 || ((a) != (a) && (b) != (b)))

#define FUZZ(T, S)                                                                                   \
    static int fuzz_##S(int64_t rows, int64_t n)                                                     \
    {                                                                                                \
        const T hard[] = { (T)3e38, (T)-3e38, INFINITY, -INFINITY, NAN, (T)1e8, -2600, 2601, 0 };    \
        const layout in = lay(rows, n), out = lay(rows, n);                                          \
        const size_t all = (size_t)(rows * n), count = (size_t)rows;                                 \
        T *z = malloc(all * sizeof(T)), *far = malloc((size_t)in.size * sizeof(T));                  \
        T *grad = malloc(all * sizeof(T)), *far_grad = malloc((size_t)out.size * sizeof(T));         \
        T *loss = malloc(count * sizeof(T)), *other = malloc(count * sizeof(T));                     \
        T *factor = malloc(count * sizeof(T));                                                       \
        int64_t *t = malloc(count * sizeof *t);                                                      \
        int32_t *narrow = malloc(count * sizeof *narrow);                                            \
        double sum, other_sum;                                                                       \
        for (int64_t r = 0; r < rows; r++) {                                                         \
            for (int64_t k = 0; k < n; k++)                                                          \
                z[r * n + k] = ((T)draw(20000) - 10000) / 500;                                       \
            z[r * n + draw((uint32_t)n)] = hard[draw(9)];                                            \
            for (int64_t k = 0; k < n; k++)                                                          \
                far[in.first + r * in.row + k * in.class_] = z[r * n + k];                           \
            factor[r] = ((T)draw(200) - 100) / 10;                                                   \
            t[r] = draw(5) ? (int64_t)draw((uint32_t)n) : -100;                                      \
            narrow[r] = (int32_t)t[r];                                                               \
        }                                                                                            \
        const int64_t bytes = lossmith_workspace(n, 2, sizeof(T));                                   \
        void *workspace = malloc((size_t)bytes);                                                     \
        const T *each = draw(2) ? factor : NULL;                                                     \
        int bad = lossmith_cross_entropy_value_and_grad_##S(rows, n, z, n, 1,                        \
            lossmith_labels_i64(t, 1, -100), each, 1, 0.5, loss, 1, &sum, grad, n, 1, NULL, 0);      \
        bad |= lossmith_cross_entropy_value_and_grad_##S(rows, n, far + in.first, in.row, in.class_, \
            lossmith_labels_i32(narrow, 1, -100), each, 1, 0.5, other, 1, &other_sum,                \
            far_grad + out.first, out.row, out.class_, workspace, bytes);                            \
        bad |= !SAME(double, sum, other_sum);                                                        \
        for (int64_t r = 0; r < rows; r++) {                                                         \
            bad |= !SAME(T, loss[r], other[r]);                                                      \
            for (int64_t k = 0; k < n; k++)                                                          \
                bad |= !SAME(T, grad[r * n + k], far_grad[out.first + r * out.row + k * out.class_]); \
        }                                                                                            \
        bad |= lossmith_softmax_value_##S(rows, n, far + in.first, in.row, in.class_,                \
            far_grad + out.first, out.row, out.class_, workspace, bytes);                            \
        t[draw((uint32_t)rows)] = n;                                                                 \
        bad |= lossmith_cross_entropy_value_##S(rows, n, z, n, 1, lossmith_labels_i64(t, 1, -100),   \
                   loss, 1, &sum, NULL, 0)                                                           \
            != LOSSMITH_BAD_LABEL;                                                                   \
        free(z), free(far), free(grad), free(far_grad), free(loss), free(other), free(factor);      \
        free(t), free(narrow), free(workspace);                                                      \
        return bad;                                                                                  \
    }

FUZZ(float, f32)
FUZZ(double, f64)

int main(void)
{
    const int64_t columns[] = { 1, 2, 3, 15, 16, 17, 63, 64, 65, 255, 257, 511, 1000, 5000 };
    for (int turn = 0; turn < 12; turn++)
        for (size_t c = 0; c < sizeof columns / sizeof *columns; c++) {
            const int64_t rows = 1 + draw(columns[c] > 300 ? 9 : 300);
            if (fuzz_f32(rows, columns[c]) || fuzz_f64(rows, columns[c])) {
                printf("differs: %d rows of %d\n", (int)rows, (int)columns[c]);
                return 1;
            }
        }
    puts("done");
    return 0;
}
