/* SPDX-License-Identifier: MIT */
/* Built under TSan only. The library of Lua is built with checked jumps, which
 * TSan does not know: each error and each yield would leave its frames in
 * TSan's shadow of the stack, until that overflows. */
#undef _FORTIFY_SOURCE
#include <setjmp.h>

_Noreturn void __longjmp_chk(jmp_buf to, int value);

_Noreturn void __longjmp_chk(jmp_buf to, int value)
{
    longjmp(to, value); /* TSan does not know _longjmp either */
}
