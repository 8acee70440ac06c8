#include "textflag.h"

// Each kernel computes the values of groups · 4 rows. Registers: SI query, R8 bytes of a row, DI rows, R9 IDs, R10 groups
// left, DX values, R11, R12, R13 and BX the rows of the group, AX bytes that the loop covers, CX offset.

#define ADDRESS(offset, row) \
	MOVL  offset(R9), row \
	IMULQ R8, row \
	ADDQ  DI, row

#define ROWS \
	ADDRESS(0, R11) \
	ADDRESS(4, R12) \
	ADDRESS(8, R13) \
	ADDRESS(12, BX)

#define CLEAR \
	VPXOR Y4, Y4, Y4 \
	VPXOR Y5, Y5, Y5 \
	VPXOR Y6, Y6, Y6 \
	VPXOR Y7, Y7, Y7

// R14 is the number of bytes of a row that are prefetched, at most 512: the processor itself prefetches the rest.
#define PREFETCHED \
	MOVQ    R8, R14 \
	CMPQ    R14, $512 \
	JLE     next \
	MOVQ    $512, R14

// The rows of the next group are prefetched while those of this one are read.
#define PREFETCH \
	CMPQ R10, $1 \
	JEQ  clear \
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

#define TOTALS \
	VHADDPS      Y5, Y4, Y4 \
	VHADDPS      Y7, Y6, Y6 \
	VHADDPS      Y6, Y4, Y4 \
	VEXTRACTF128 $1, Y4, X5 \
	VADDPS       X5, X4, X4

#define INTEGERS \
	VPHADDD      Y5, Y4, Y4 \
	VPHADDD      Y7, Y6, Y6 \
	VPHADDD      Y6, Y4, Y4 \
	VEXTRACTI128 $1, Y4, X5 \
	VPADDD       X5, X4, X4

#define SQUARE(row, sum, t) \
	VSUBPS (row)(CX*1), Y0, t \
	VMULPS t, t, t \
	VADDPS t, sum, sum

#define SQUARE_REST(row, sum, t) \
	VMASKMOVPS (row)(CX*1), Y15, t \
	VSUBPS     t, Y0, t \
	VMULPS     t, t, t \
	VADDPS     t, sum, sum

#define PRODUCT(row, sum, t) \
	VMULPS (row)(CX*1), Y0, t \
	VADDPS t, sum, sum

#define PRODUCT_REST(row, sum, t) \
	VMASKMOVPS (row)(CX*1), Y15, t \
	VMULPS     t, Y0, t \
	VADDPS     t, sum, sum

#define SQUARE_CODES(row, sum, t) \
	VPMOVSXBW (row)(CX*1), t \
	VPSUBW    t, Y0, t \
	VPMADDWD  t, t, t \
	VPADDD    t, sum, sum

#define PRODUCT_CODES(row, sum, t) \
	VPMOVSXBW (row)(CX*1), t \
	VPMADDWD  t, Y0, t \
	VPADDD    t, sum, sum

// func squaredAVX2(query *float32, d int, data *float32, ids *int32, groups int, out *float32, mask *int32)
TEXT ·squaredAVX2(SB), NOSPLIT, $0-56
	MOVQ    query+0(FP), SI
	MOVQ    d+8(FP), R8
	MOVQ    data+16(FP), DI
	MOVQ    ids+24(FP), R9
	MOVQ    groups+32(FP), R10
	MOVQ    out+40(FP), DX
	MOVQ    mask+48(FP), AX
	VMOVDQU (AX), Y15
	SHLQ    $2, R8
	MOVQ    R8, AX
	ANDQ    $~31, AX
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	CLEAR
	XORQ CX, CX
	CMPQ CX, AX
	JEQ  rest

loop:
	VMOVUPS (SI)(CX*1), Y0
	SQUARE(R11, Y4, Y8)
	SQUARE(R12, Y5, Y9)
	SQUARE(R13, Y6, Y10)
	SQUARE(BX, Y7, Y11)
	ADDQ $32, CX
	CMPQ CX, AX
	JLT  loop

rest:
	CMPQ CX, R8
	JEQ  store
	VMASKMOVPS (SI)(CX*1), Y15, Y0
	SQUARE_REST(R11, Y4, Y8)
	SQUARE_REST(R12, Y5, Y9)
	SQUARE_REST(R13, Y6, Y10)
	SQUARE_REST(BX, Y7, Y11)

store:
	TOTALS
	VMOVUPS X4, (DX)
	ADDQ $16, DX
	ADDQ $16, R9
	DECQ R10
	JNE  next
	VZEROUPPER
	RET

// func productAVX2(query *float32, d int, data *float32, ids *int32, groups int, out *float32, mask *int32)
TEXT ·productAVX2(SB), NOSPLIT, $0-56
	MOVQ    query+0(FP), SI
	MOVQ    d+8(FP), R8
	MOVQ    data+16(FP), DI
	MOVQ    ids+24(FP), R9
	MOVQ    groups+32(FP), R10
	MOVQ    out+40(FP), DX
	MOVQ    mask+48(FP), AX
	VMOVDQU (AX), Y15
	SHLQ    $2, R8
	MOVQ    R8, AX
	ANDQ    $~31, AX
	VPCMPEQD Y14, Y14, Y14
	VPSLLD   $31, Y14, Y14 // the sign
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	CLEAR
	XORQ CX, CX
	CMPQ CX, AX
	JEQ  rest

loop:
	VMOVUPS (SI)(CX*1), Y0
	PRODUCT(R11, Y4, Y8)
	PRODUCT(R12, Y5, Y9)
	PRODUCT(R13, Y6, Y10)
	PRODUCT(BX, Y7, Y11)
	ADDQ $32, CX
	CMPQ CX, AX
	JLT  loop

rest:
	CMPQ CX, R8
	JEQ  store
	VMASKMOVPS (SI)(CX*1), Y15, Y0
	PRODUCT_REST(R11, Y4, Y8)
	PRODUCT_REST(R12, Y5, Y9)
	PRODUCT_REST(R13, Y6, Y10)
	PRODUCT_REST(BX, Y7, Y11)

store:
	TOTALS
	VXORPS  X14, X4, X4
	VMOVUPS X4, (DX)
	ADDQ $16, DX
	ADDQ $16, R9
	DECQ R10
	JNE  next
	VZEROUPPER
	RET

// func squaredCodesAVX2(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·squaredCodesAVX2(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), SI
	MOVQ d+8(FP), R8
	MOVQ data+16(FP), DI
	MOVQ ids+24(FP), R9
	MOVQ groups+32(FP), R10
	MOVQ out+40(FP), DX
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	CLEAR
	XORQ CX, CX

loop:
	VPMOVSXBW (SI)(CX*1), Y0
	SQUARE_CODES(R11, Y4, Y8)
	SQUARE_CODES(R12, Y5, Y9)
	SQUARE_CODES(R13, Y6, Y10)
	SQUARE_CODES(BX, Y7, Y11)
	ADDQ $16, CX
	CMPQ CX, R8
	JLT  loop

	INTEGERS
	VCVTDQ2PS X4, X4
	VMOVUPS X4, (DX)
	ADDQ $16, DX
	ADDQ $16, R9
	DECQ R10
	JNE  next
	VZEROUPPER
	RET

// func productCodesAVX2(query *int8, d int, data *int8, ids *int32, groups int, out *float32)
TEXT ·productCodesAVX2(SB), NOSPLIT, $0-48
	MOVQ query+0(FP), SI
	MOVQ d+8(FP), R8
	MOVQ data+16(FP), DI
	MOVQ ids+24(FP), R9
	MOVQ groups+32(FP), R10
	MOVQ out+40(FP), DX
	PREFETCHED

next:
	PREFETCH

lines:
	PREFETCH_LINES

clear:
	ROWS
	CLEAR
	XORQ CX, CX

loop:
	VPMOVSXBW (SI)(CX*1), Y0
	PRODUCT_CODES(R11, Y4, Y8)
	PRODUCT_CODES(R12, Y5, Y9)
	PRODUCT_CODES(R13, Y6, Y10)
	PRODUCT_CODES(BX, Y7, Y11)
	ADDQ $16, CX
	CMPQ CX, R8
	JLT  loop

	INTEGERS
	VPXOR  X0, X0, X0
	VPSUBD X4, X0, X4
	VCVTDQ2PS X4, X4
	VMOVUPS X4, (DX)
	ADDQ $16, DX
	ADDQ $16, R9
	DECQ R10
	JNE  next
	VZEROUPPER
	RET

// func prefetch(numbers *int32)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVQ       numbers+0(FP), AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	RET
