#include "textflag.h"

// R0 and R1 point to the coordinates of the queries and of the vectors, R8, R9 and R10 to the norms of the queries, those of the vectors
// and the limits, R11 to the values and R12 to the bits.

// Instructions that the assembler of Go lacks, with the result last. The operands are numbers of registers.
#define FMLA(i, m, n, d) WORD $(0x4f801000 | ((i)&1)<<21 | (m)<<16 | ((i)>>1)<<11 | (n)<<5 | (d)) // FMLA Vd.4S, Vn.4S, Vm.S[i]
#define FADD(m, n, d)    WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d))                              // FADD Vd.4S, Vn.4S, Vm.4S
#define FCMGE(m, n, d)   WORD $(0x6e20e400 | (m)<<16 | (n)<<5 | (d))                              // FCMGE Vd.4S, Vn.4S, Vm.4S

// places holds 2⁰ … 2¹⁵.
DATA places<>+0(SB)/8, $0x0000000200000001
DATA places<>+8(SB)/8, $0x0000000800000004
DATA places<>+16(SB)/8, $0x0000002000000010
DATA places<>+24(SB)/8, $0x0000008000000040
DATA places<>+32(SB)/8, $0x0000020000000100
DATA places<>+40(SB)/8, $0x0000080000000400
DATA places<>+48(SB)/8, $0x0000200000001000
DATA places<>+56(SB)/8, $0x0000800000004000
GLOBL places<>(SB), RODATA|NOPTR, $64

#define ZERO(a, b, c, d) \
	VEOR a.B16, a.B16, a.B16 \
	VEOR b.B16, b.B16, b.B16 \
	VEOR c.B16, c.B16, c.B16 \
	VEOR d.B16, d.B16, d.B16

// ADD adds the products of one coordinate of a query, which is at place i of register m, to four registers from sum on. V24 … V27 hold
// those of the vectors.
#define ADD(i, m, sum) \
	FMLA(i, m, 24, sum) \
	FMLA(i, m, 25, (sum+1)) \
	FMLA(i, m, 26, (sum+2)) \
	FMLA(i, m, 27, (sum+3))

// END completes the values of a query, stores them and compares them. V24 … V27 hold the norms of the vectors.
#define END(sum, a, b, c, d) \
	VLD1R.P 4(R8), [V28.S4] \
	FADD(24, 28, 29) \
	FADD(25, 28, 30) \
	FADD(26, 28, 31) \
	FADD(27, 28, 28) \
	FADD(29, sum, sum) \
	FADD(30, (sum+1), (sum+1)) \
	FADD(31, (sum+2), (sum+2)) \
	FADD(28, (sum+3), (sum+3)) \
	VST1.P [a.S4, b.S4, c.S4, d.S4], 64(R11) \
	VLD1R.P 4(R10), [V28.S4] \
	FCMGE(sum, 28, sum) \
	FCMGE((sum+1), 28, (sum+1)) \
	FCMGE((sum+2), 28, (sum+2)) \
	FCMGE((sum+3), 28, (sum+3)) \
	VLD1 (R14), [V28.S4, V29.S4, V30.S4, V31.S4] \
	VAND V28.B16, a.B16, a.B16 \
	VAND V29.B16, b.B16, b.B16 \
	VAND V30.B16, c.B16, c.B16 \
	VAND V31.B16, d.B16, d.B16 \
	VORR b.B16, a.B16, a.B16 \
	VORR d.B16, c.B16, c.B16 \
	VORR c.B16, a.B16, a.B16 \
	VADDV a.S4, V28 \
	VMOV V28.S[0], R15 \
	MOVW.P R15, 4(R12)

// func neon(*arguments)
TEXT ·neon(SB), NOSPLIT, $0-8
	MOVD arg+0(FP), R3
	MOVD 0(R3), R0
	MOVD 8(R3), R1
	MOVD 16(R3), R2
	MOVD 24(R3), R8
	MOVD 32(R3), R9
	MOVD 40(R3), R10
	MOVD 48(R3), R11
	MOVD 56(R3), R12
	MOVD $places<>(SB), R14
	ZERO(V0, V1, V2, V3)
	ZERO(V4, V5, V6, V7)
	ZERO(V8, V9, V10, V11)
	ZERO(V12, V13, V14, V15)
	ZERO(V16, V17, V18, V19)
	ZERO(V20, V21, V22, V23)

dimension:
	VLD1.P 64(R1), [V24.S4, V25.S4, V26.S4, V27.S4]
	VLD1.P 16(R0), [V28.S4]
	VLD1.P 8(R0), [V29.S2]
	ADD(0, 28, 0)
	ADD(1, 28, 4)
	ADD(2, 28, 8)
	ADD(3, 28, 12)
	ADD(0, 29, 16)
	ADD(1, 29, 20)
	SUBS $1, R2
	BNE  dimension
	VLD1 (R9), [V24.S4, V25.S4, V26.S4, V27.S4]
	END(0, V0, V1, V2, V3)
	END(4, V4, V5, V6, V7)
	END(8, V8, V9, V10, V11)
	END(12, V12, V13, V14, V15)
	END(16, V16, V17, V18, V19)
	END(20, V20, V21, V22, V23)
	RET
