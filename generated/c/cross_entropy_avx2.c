/* cross_entropy_fast.c for processors with AVX2: see lossmith_set.h.
 *
 * Made by: lossmith build
 * Template: c/fast_unit.c.j2.  Do not edit.
 */
#define LSM_SET 256
#include "cross_entropy_fast.c"
