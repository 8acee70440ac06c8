#include "textflag.h"

// Instructions that the assembler of Go lacks, with the result last. The operands are numbers of registers.
#define UABD(m, n, d)   WORD $(0x6e207400 | (m)<<16 | (n)<<5 | (d)) // UABD Vd.16B, Vn.16B, Vm.16B
#define UMULL(m, n, d)  WORD $(0x2e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL Vd.8H, Vn.8B, Vm.8B
#define UMULL2(m, n, d) WORD $(0x6e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL2 Vd.8H, Vn.16B, Vm.16B
#define UADALP(n, d)    WORD $(0x6e606800 | (n)<<5 | (d))           // UADALP Vd.4S, Vn.8H

// func neon(a, b *uint8, n int) uint32
TEXT ·neon(SB), NOSPLIT, $0-28
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	MOVD n+16(FP), R2
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16

loop:
	// 2 × 16 absolute differences, whose squares have 16 bits, added in pairs of 32 bits
	VLD1.P 32(R0), [V0.B16, V1.B16]
	VLD1.P 32(R1), [V2.B16, V3.B16]
	UABD(2, 0, 0)
	UABD(3, 1, 1)
	UMULL(0, 0, 4)
	UMULL2(0, 0, 5)
	UMULL(1, 1, 6)
	UMULL2(1, 1, 7)
	UADALP(4, 16)
	UADALP(5, 17)
	UADALP(6, 18)
	UADALP(7, 19)
	SUBS $32, R2
	BGT  loop

	// the sum of 16 numbers
	VADD  V17.S4, V16.S4, V16.S4
	VADD  V19.S4, V18.S4, V18.S4
	VADD  V18.S4, V16.S4, V16.S4
	VADDV V16.S4, V16
	VMOV  V16.S[0], R0
	MOVW  R0, ret+24(FP)
	RET
