/* logsumexp_fast.c for processors with AVX-512: see lossmith_set.h.
 *
 * Made by: lossmith build
 * Template: c/fast_unit.c.j2.  Do not edit.
 */
#define LSM_SET 512
#include "logsumexp_fast.c"
