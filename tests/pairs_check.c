/* What the pairs of floats of lossmith_fast.h lose, beside doubles: prints what is beyond its bound. */
#include <math.h>
#include <stdio.h>

#include "lossmith_fast.h"

/* A pair with 46 bits and an exponent from -span to span. */
static lsm_pair draw(unsigned *state, int span)
{
    *state = *state * 1664525u + 1013904223u;
    const double high = 1 + (double)(*state >> 8) / 16777216.0;
    *state = *state * 1664525u + 1013904223u;
    const double low = (double)(*state >> 8) / 16777216.0 * 0x1p-24;
    *state = *state * 1664525u + 1013904223u;
    const double x = ldexp(high + low, (int)(*state >> 8) % (2 * span + 1) - span);
    const lsm_pair made = { (float)x, (float)(x - (double)(float)x) };
    return made;
}

static int beyond(const char *what, lsm_pair found, double exact, double bound)
{
    const double error = fabs(lsm_wide(found) - exact) / fabs(exact);
    if (error <= bound)
        return 0;
    printf("%s: %a of %a\n", what, error, exact);
    return 1;
}

int main(void)
{
    unsigned state = 1;
    int wrong = 0;
    for (int i = 0; i < 1000000 && wrong < 5; i++) {
        const lsm_pair x = draw(&state, 30), y = draw(&state, 30);
        const double wide = lsm_wide(x);
        wrong += beyond("x y", lsm_times_pair(x, y), wide * lsm_wide(y), 0x1p-44);
        wrong += beyond("x/y", lsm_over(x, y), wide / lsm_wide(y), 0x1p-44);
        const lsm_pair product = { lsm_near_product(x, y), 0 };
        wrong += beyond("x y as a float", product, wide * lsm_wide(y), 0x1.0001p-24);
        wrong += beyond("1/x", lsm_one_over(x.high), 1 / (double)x.high, 0x1p-44);
        wrong += beyond("1 + x", lsm_one_and(x), 1 + wide, 0x1p-45);
        wrong += beyond("log(1 + x)", lsm_log1p_pair(x), log1p(wide), 0x1p-23);
        wrong += beyond("x as a double", lsm_pair_of(wide), wide, 0);
    }
    return wrong;
}
