#include "textflag.h"

// Each kernel computes the values of groups · 4 rows. Registers: R0 query, R1 bytes of a row, R2 rows, R3 IDs, R4 groups left,
// R5 values, R7, R8, R9 and R10 the rows of the group, R11 the query, R12 bytes left. The sums of row i are in V(16+2i) and V(17+2i).

// Instructions that the assembler of Go lacks, with their operands in its order: the result is last. The operands are numbers of
// registers.
#define FADD(m, n, d)   WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d)) // FADD Vd.4S, Vn.4S, Vm.4S
#define FSUB(m, n, d)   WORD $(0x4ea0d400 | (m)<<16 | (n)<<5 | (d)) // FSUB Vd.4S, Vn.4S, Vm.4S
#define FMUL(m, n, d)   WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d)) // FMUL Vd.4S, Vn.4S, Vm.4S
#define FADDP(m, n, d)  WORD $(0x6e20d400 | (m)<<16 | (n)<<5 | (d)) // FADDP Vd.4S, Vn.4S, Vm.4S
#define FNEG(n, d)      WORD $(0x6ea0f800 | (n)<<5 | (d))           // FNEG Vd.4S, Vn.4S
#define NEG(n, d)       WORD $(0x6ea0b800 | (n)<<5 | (d))           // NEG Vd.4S, Vn.4S
#define SCVTF(n, d)     WORD $(0x4e21d800 | (n)<<5 | (d))           // SCVTF Vd.4S, Vn.4S
#define SABD(m, n, d)   WORD $(0x4e207400 | (m)<<16 | (n)<<5 | (d)) // SABD Vd.16B, Vn.16B, Vm.16B
#define UMULL(m, n, d)  WORD $(0x2e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL Vd.8H, Vn.8B, Vm.8B
#define UMULL2(m, n, d) WORD $(0x6e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL2 Vd.8H, Vn.16B, Vm.16B
#define SMULL(m, n, d)  WORD $(0x0e20c000 | (m)<<16 | (n)<<5 | (d)) // SMULL Vd.8H, Vn.8B, Vm.8B
#define SMULL2(m, n, d) WORD $(0x4e20c000 | (m)<<16 | (n)<<5 | (d)) // SMULL2 Vd.8H, Vn.16B, Vm.16B
#define UADALP(n, d)    WORD $(0x6e606800 | (n)<<5 | (d))           // UADALP Vd.4S, Vn.8H
#define SADALP(n, d)    WORD $(0x4e606800 | (n)<<5 | (d))           // SADALP Vd.4S, Vn.8H

#define ARGUMENTS \
	MOVD query+0(FP), R0 \
	MOVD d+8(FP), R1 \
	MOVD data+16(FP), R2 \
	MOVD ids+24(FP), R3 \
	MOVD groups+32(FP), R4 \
	MOVD out+40(FP), R5

// R13 is what is added to the address of the last numbers of a row, fewer than 8, for that of its last 8 numbers.
#define REST \
	MOVD rest+48(FP), R6 \
	VLD1 (R6), [V2.B16, V3.B16] \
	LSL  $2, R1 \
	AND  $28, R1, R13 \
	SUB  $32, R13

#define ADDRESS(offset, row) \
	MOVW offset(R3), row \
	MADD R1, R2, row, row

#define ROWS \
	ADDRESS(0, R7) \
	ADDRESS(4, R8) \
	ADDRESS(8, R9) \
	ADDRESS(12, R10) \
	MOVD R0, R11 \
	VEOR V16.B16, V16.B16, V16.B16 \
	VEOR V17.B16, V17.B16, V17.B16 \
	VEOR V18.B16, V18.B16, V18.B16 \
	VEOR V19.B16, V19.B16, V19.B16 \
	VEOR V20.B16, V20.B16, V20.B16 \
	VEOR V21.B16, V21.B16, V21.B16 \
	VEOR V22.B16, V22.B16, V22.B16 \
	VEOR V23.B16, V23.B16, V23.B16

// R14 is the number of bytes of a row that are prefetched, at most 512: the processor itself prefetches the rest.
#define PREFETCHED \
	MOVD $512, R14 \
	CMP  R14, R1 \
	CSEL LT, R1, R14, R14

// The rows of the next group are prefetched while those of this one are read.
#define PREFETCH \
	CMP $1, R4 \
	BEQ clear \
	ADDRESS(16, R7) \
	ADDRESS(20, R8) \
	ADDRESS(24, R9) \
	ADDRESS(28, R10) \
	MOVD R14, R12

#define PREFETCH_LINES \
	PRFM (R7), PLDL1KEEP \
	PRFM (R8), PLDL1KEEP \
	PRFM (R9), PLDL1KEEP \
	PRFM (R10), PLDL1KEEP \
	ADD  $64, R7 \
	ADD  $64, R8 \
	ADD  $64, R9 \
	ADD  $64, R10 \
	SUBS $64, R12 \
	BGT  lines

#define READ \
	VLD1.P 32(R11), [V0.S4, V1.S4] \
	VLD1.P 32(R7), [V4.S4, V5.S4] \
	VLD1.P 32(R8), [V6.S4, V7.S4] \
	VLD1.P 32(R9), [V24.S4, V25.S4] \
	VLD1.P 32(R10), [V26.S4, V27.S4]

// The last numbers of two registers become the first, followed by zeros.
#define FIRST(lo, hi) \
	VTBL V2.B16, [lo.B16, hi.B16], V28.B16 \
	VTBL V3.B16, [lo.B16, hi.B16], hi.B16 \
	VMOV V28.B16, lo.B16

#define READ_REST \
	ADD R13, R11 \
	ADD R13, R7 \
	ADD R13, R8 \
	ADD R13, R9 \
	ADD R13, R10 \
	READ \
	FIRST(V0, V1) \
	FIRST(V4, V5) \
	FIRST(V6, V7) \
	FIRST(V24, V25) \
	FIRST(V26, V27)

#define SQUARE(t, sum) \
	FSUB(t, 0, t) \
	FSUB(t+1, 1, t+1) \
	FMUL(t, t, t) \
	FMUL(t+1, t+1, t+1) \
	FADD(t, sum, sum) \
	FADD(t+1, sum+1, sum+1)

#define PRODUCT(t, sum) \
	FMUL(t, 0, t) \
	FMUL(t+1, 1, t+1) \
	FADD(t, sum, sum) \
	FADD(t+1, sum+1, sum+1)

#define EACH(operation) \
	operation(4, 16) \
	operation(6, 18) \
	operation(24, 20) \
	operation(26, 22)

#define TOTALS \
	FADDP(18, 16, 16) \
	FADDP(22, 20, 20) \
	FADDP(20, 16, 16) \
	FADDP(19, 17, 17) \
	FADDP(23, 21, 21) \
	FADDP(21, 17, 17) \
	FADD(17, 16, 16)

#define READ_CODES \
	VLD1.P 16(R11), [V0.B16] \
	VLD1.P 16(R7), [V4.B16] \
	VLD1.P 16(R8), [V5.B16] \
	VLD1.P 16(R9), [V6.B16] \
	VLD1.P 16(R10), [V7.B16]

// Absolute differences are at most 255, and their squares less than 2¹⁶.
#define SQUARE_CODES(t, sum) \
	SABD(0, t, t) \
	UMULL(t, t, 24) \
	UMULL2(t, t, 25) \
	UADALP(24, sum) \
	UADALP(25, sum+1)

#define PRODUCT_CODES(t, sum) \
	SMULL(0, t, 24) \
	SMULL2(0, t, 25) \
	SADALP(24, sum) \
	SADALP(25, sum+1)

#define INTEGERS \
	VADD  V17.S4, V16.S4, V16.S4 \
	VADD  V19.S4, V18.S4, V18.S4 \
	VADD  V21.S4, V20.S4, V20.S4 \
	VADD  V23.S4, V22.S4, V22.S4 \
	VADDP V18.S4, V16.S4, V16.S4 \
	VADDP V22.S4, V20.S4, V20.S4 \
	VADDP V20.S4, V16.S4, V16.S4

#define STORE \
	VST1.P [V16.S4], 16(R5) \
	ADD    $16, R3 \
	SUBS   $1, R4 \
	BNE    next

// func squaredNEON(query *float32, d int, data *float32, ids *int32, groups int, out *float32, rest *uint8)
TEXT ·squaredNEON(SB), NOSPLIT, $0-56
	ARGUMENTS
	REST
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	AND $~31, R1, R12

loop:
	READ
	EACH(SQUARE)
	SUBS $32, R12
	BGT  loop

	CMP $-32, R13
	BEQ store
	READ_REST
	EACH(SQUARE)

store:
	TOTALS
	STORE
	RET

// func productNEON(query *float32, d int, data *float32, ids *int32, groups int, out *float32, rest *uint8)
TEXT ·productNEON(SB), NOSPLIT, $0-56
	ARGUMENTS
	REST
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	AND $~31, R1, R12

loop:
	READ
	EACH(PRODUCT)
	SUBS $32, R12
	BGT  loop

	CMP $-32, R13
	BEQ store
	READ_REST
	EACH(PRODUCT)

store:
	TOTALS
	FNEG(16, 16)
	STORE
	RET

// func squaredCodesNEON(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·squaredCodesNEON(SB), NOSPLIT, $0-48
	ARGUMENTS
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	MOVD R1, R12

loop:
	READ_CODES
	SQUARE_CODES(4, 16)
	SQUARE_CODES(5, 18)
	SQUARE_CODES(6, 20)
	SQUARE_CODES(7, 22)
	SUBS $16, R12
	BGT  loop

	INTEGERS
	SCVTF(16, 16)
	STORE
	RET

// func productCodesNEON(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·productCodesNEON(SB), NOSPLIT, $0-48
	ARGUMENTS
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	MOVD R1, R12

loop:
	READ_CODES
	PRODUCT_CODES(4, 16)
	PRODUCT_CODES(5, 18)
	PRODUCT_CODES(6, 20)
	PRODUCT_CODES(7, 22)
	SUBS $16, R12
	BGT  loop

	INTEGERS
	NEG(16, 16)
	SCVTF(16, 16)
	STORE
	RET

// func prefetch(numbers *int32)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVD numbers+0(FP), R0
	PRFM (R0), PLDL1KEEP
	PRFM 64(R0), PLDL1KEEP
	RET
