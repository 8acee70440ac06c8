#include "textflag.h"

// The kernels of rows_amd64.s for codes, with 32 codes of a row at a time. Registers as there.

#define ADDRESS(offset, row) \
	MOVL  offset(R9), row \
	IMULQ R8, row \
	ADDQ  DI, row

#define LOAD \
	MOVQ query+0(FP), SI \
	MOVQ d+8(FP), R8 \
	MOVQ data+16(FP), DI \
	MOVQ ids+24(FP), R9 \
	MOVQ groups+32(FP), R10 \
	MOVQ out+40(FP), DX \
	MOVQ $512, R14 \
	CMPQ R8, R14 \
	CMOVQLT R8, R14

#define NEXT_ROWS \
	ADDRESS(16, R11) \
	ADDRESS(20, R12) \
	ADDRESS(24, R13) \
	ADDRESS(28, BX) \
	XORQ CX, CX

#define PREFETCH_LINES \
	PREFETCHT0 (R11)(CX*1) \
	PREFETCHT0 (R12)(CX*1) \
	PREFETCHT0 (R13)(CX*1) \
	PREFETCHT0 (BX)(CX*1) \
	ADDQ $64, CX \
	CMPQ CX, R14 \
	JLT  lines

#define START \
	ADDRESS(0, R11) \
	ADDRESS(4, R12) \
	ADDRESS(8, R13) \
	ADDRESS(12, BX) \
	VPXORD Z4, Z4, Z4 \
	VPXORD Z5, Z5, Z5 \
	VPXORD Z6, Z6, Z6 \
	VPXORD Z7, Z7, Z7 \
	XORQ CX, CX

#define SQUARE(row, sum, t) \
	VPMOVSXBW (row)(CX*1), t \
	VPSUBW    t, Z0, t \
	VPMADDWD  t, t, t \
	VPADDD    t, sum, sum

#define PRODUCT(row, sum, t) \
	VPMOVSXBW (row)(CX*1), t \
	VPMADDWD  t, Z0, t \
	VPADDD    t, sum, sum

#define HALVE(sum, half, t) \
	VEXTRACTI64X4 $1, sum, t \
	VPADDD        t, half, half

#define TOTALS \
	HALVE(Z4, Y4, Y8) \
	HALVE(Z5, Y5, Y9) \
	HALVE(Z6, Y6, Y10) \
	HALVE(Z7, Y7, Y11) \
	VPHADDD      Y5, Y4, Y4 \
	VPHADDD      Y7, Y6, Y6 \
	VPHADDD      Y6, Y4, Y4 \
	VEXTRACTI128 $1, Y4, X5 \
	VPADDD       X5, X4, X4

#define STORE \
	VCVTDQ2PS X4, X4 \
	VMOVUPS X4, (DX) \
	ADDQ $16, DX \
	ADDQ $16, R9 \
	DECQ R10 \
	JNE  next

// func squaredCodes512(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·squaredCodes512(SB), NOSPLIT, $0-48
	LOAD

next:
	CMPQ R10, $1
	JEQ  rows
	NEXT_ROWS

lines:
	PREFETCH_LINES

rows:
	START

loop:
	VPMOVSXBW (SI)(CX*1), Z0
	SQUARE(R11, Z4, Z8)
	SQUARE(R12, Z5, Z9)
	SQUARE(R13, Z6, Z10)
	SQUARE(BX, Z7, Z11)
	ADDQ $32, CX
	CMPQ CX, R8
	JLT  loop
	TOTALS
	STORE
	VZEROUPPER
	RET

// func productCodes512(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·productCodes512(SB), NOSPLIT, $0-48
	LOAD

next:
	CMPQ R10, $1
	JEQ  rows
	NEXT_ROWS

lines:
	PREFETCH_LINES

rows:
	START

loop:
	VPMOVSXBW (SI)(CX*1), Z0
	PRODUCT(R11, Z4, Z8)
	PRODUCT(R12, Z5, Z9)
	PRODUCT(R13, Z6, Z10)
	PRODUCT(BX, Z7, Z11)
	ADDQ $32, CX
	CMPQ CX, R8
	JLT  loop
	TOTALS
	VPXOR  X0, X0, X0
	VPSUBD X4, X0, X4
	STORE
	VZEROUPPER
	RET
