#include "textflag.h"

// Instructions that the assembler of Go lacks, with the result last. The operands are numbers of registers, and i is the number of
// an element.
#define SCVTF(n, d)        WORD $(0x4e21d800 | (n)<<5 | (d)) // SCVTF Vd.4S, Vn.4S
#define SMLAL(m, i, n, d)  WORD $(0x0f402000 | ((i)&1)<<20 | ((i)&2)<<20 | ((i)&4)<<9 | (m)<<16 | (n)<<5 | (d)) // SMLAL Vd.4S, Vn.4H, Vm.H[i]
#define SMLAL2(m, i, n, d) WORD $(0x4f402000 | ((i)&1)<<20 | ((i)&2)<<20 | ((i)&4)<<9 | (m)<<16 | (n)<<5 | (d)) // SMLAL2 Vd.4S, Vn.8H, Vm.H[i]

// The products of the pair of row i, in elements 2i and 2i+1 of V4, and the pairs of 16 points: V0 and V2 have the first numbers of
// the pairs, V1 and V3 the second. The sums are in the registers from sum on.
#define ROW(i, sum) \
	SMLAL(4, 2*i, 0, sum) \
	SMLAL2(4, 2*i, 0, sum+1) \
	SMLAL(4, 2*i, 2, sum+2) \
	SMLAL2(4, 2*i, 2, sum+3) \
	SMLAL(4, 2*i+1, 1, sum) \
	SMLAL2(4, 2*i+1, 1, sum+1) \
	SMLAL(4, 2*i+1, 3, sum+2) \
	SMLAL2(4, 2*i+1, 3, sum+3)

// ‖a‖² + ‖b‖² − 2a·b of 4 points b, with ‖a‖² in V4.
#define VALUE(norm, acc) \
	VADD acc.S4, acc.S4, acc.S4 \
	VADD V4.S4, norm.S4, V5.S4 \
	VSUB acc.S4, V5.S4, acc.S4

#define STORE(sum, acc0, acc1, acc2, acc3) \
	VLD1R.P 4(R3), [V4.S4] \
	VALUE(V0, acc0) \
	VALUE(V1, acc1) \
	VALUE(V2, acc2) \
	VALUE(V3, acc3) \
	SCVTF(sum, sum) \
	SCVTF(sum+1, sum+1) \
	SCVTF(sum+2, sum+2) \
	SCVTF(sum+3, sum+3) \
	VST1 [acc0.S4, acc1.S4, acc2.S4, acc3.S4], (R5) \
	ADD  $192, R5

// func tileNEON(a, b *int16, pairs int, normA, normB *int32, out *float32)
TEXT ·tileNEON(SB), NOSPLIT, $0-48
	MOVD a+0(FP), R0
	MOVD b+8(FP), R1
	MOVD pairs+16(FP), R2
	MOVD normA+24(FP), R3
	MOVD normB+32(FP), R4
	MOVD out+40(FP), R5
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16
	VEOR V18.B16, V18.B16, V18.B16
	VEOR V19.B16, V19.B16, V19.B16
	VEOR V20.B16, V20.B16, V20.B16
	VEOR V21.B16, V21.B16, V21.B16
	VEOR V22.B16, V22.B16, V22.B16
	VEOR V23.B16, V23.B16, V23.B16
	VEOR V24.B16, V24.B16, V24.B16
	VEOR V25.B16, V25.B16, V25.B16
	VEOR V26.B16, V26.B16, V26.B16
	VEOR V27.B16, V27.B16, V27.B16
	VEOR V28.B16, V28.B16, V28.B16
	VEOR V29.B16, V29.B16, V29.B16
	VEOR V30.B16, V30.B16, V30.B16
	VEOR V31.B16, V31.B16, V31.B16

loop:
	VLD1   (R0), [V4.H8]
	VLD2.P 32(R1), [V0.H8, V1.H8]
	VLD2.P 32(R1), [V2.H8, V3.H8]
	ADD    $64, R0
	ROW(0, 16)
	ROW(1, 20)
	ROW(2, 24)
	ROW(3, 28)
	SUBS   $1, R2
	BNE    loop

	VLD1 (R4), [V0.S4, V1.S4, V2.S4, V3.S4]
	STORE(16, V16, V17, V18, V19)
	STORE(20, V20, V21, V22, V23)
	STORE(24, V24, V25, V26, V27)
	STORE(28, V28, V29, V30, V31)
	RET
