/* What the fuzzed calls of the C library share; clib_fuzz.py writes a function for each of its
 * functions behind this.  Buffers have exactly the size that a call may touch. */
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

/* How an array lies in memory: `size` elements are touched, and no other. */
typedef struct {
    int64_t row, class_, first, size;
} layout;

/* By rows or by classes, with gaps, backwards; what is only read may stand still or overlap itself. */
static layout lay(int64_t rows, int64_t n, int read)
{
    const int64_t gap = draw(3), step = 1 + (int64_t)draw(2);
    layout l = { 0, 0, 0, 0 };
    switch (draw(read ? 5 : 2)) {
    case 0: l.class_ = step, l.row = step * (n - 1) + 1 + gap; break;
    case 1: l.class_ = rows + gap, l.row = 1; break;
    case 2: l.class_ = 1; break;                    /* one row for all */
    case 3: l.row = 1; break;                       /* one number for each row */
    case 4: l.class_ = l.row = 1; break;            /* rows begin one class apart */
    }
    l.size = (rows - 1) * l.row + (n - 1) * l.class_ + 1;
    if (draw(2))
        l.first += (rows - 1) * l.row, l.row = -l.row;
    if (draw(2))
        l.first += (n - 1) * l.class_, l.class_ = -l.class_;
    return l;
}

static void *room(int64_t count, size_t element) { return malloc((size_t)count * element); }

static void *copied(const void *from, int64_t count, size_t element)
{
    return memcpy(room(count, element), from, (size_t)count * element);
}

/* Labels of every kind; the last are wrong on purpose. */
static void drawn_labels(int64_t *t, int32_t *narrow, layout at, int64_t rows, int64_t n)
{
    for (int64_t r = 0; r < rows; r++) {
        t[r] = draw(5) ? (int64_t)draw((uint32_t)n) : -100;
        narrow[at.first + r * at.row] = (int32_t)t[r];
    }
}

#define FOR(T, S)                                                                                    \
    static T *drawn_##S(int64_t count)                                                               \
    {                                                                                                \
        const T hard[] = { (T)3e38, (T)-3e38, INFINITY, -INFINITY, NAN, (T)1e8, -2600, 2601, 0, 1 }; \
        T *made = room(count, sizeof(T));                                                            \
        for (int64_t k = 0; k < count; k++)                                                          \
            made[k] = draw(50) ? ((T)draw(20000) - 10000) / 500 : hard[draw(10)];                    \
        return made;                                                                                 \
    }                                                                                                \
    static T *flat_##S(const T *x, layout l, int64_t rows, int64_t n)                                \
    {                                                                                                \
        T *made = room(rows * n, sizeof(T));                                                         \
        for (int64_t r = 0; r < rows; r++)                                                           \
            for (int64_t k = 0; k < n; k++)                                                          \
                made[r * n + k] = x[l.first + r * l.row + k * l.class_];                             \
        return made;                                                                                 \
    }                                                                                                \
    static int differs_##S(const T *flat, const T *x, layout l, int64_t rows, int64_t n)             \
    {                                                                                                \
        for (int64_t r = 0; r < rows; r++)                                                           \
            for (int64_t k = 0; k < n; k++) {                                                        \
                const T a = flat[r * n + k], b = x[l.first + r * l.row + k * l.class_];              \
                if (memcmp(&a, &b, sizeof a) != 0 && (a == a || b == b))                             \
                    return 1;                                                                        \
            }                                                                                        \
        return 0;                                                                                    \
    }

FOR(float, f32)
FOR(double, f64)
