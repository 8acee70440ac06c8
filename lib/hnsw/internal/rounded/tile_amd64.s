#include "textflag.h"

// Register tiles of products of int16 pairs, accumulated in int32: see matrix.go for the layout.

#define ROW(offset, acc0, acc1, acc2) \
	VPBROADCASTD offset(SI)(AX*1), Z3 \
	VPDPWSSD     Z0, Z3, acc0 \
	VPDPWSSD     Z1, Z3, acc1 \
	VPDPWSSD     Z2, Z3, acc2

// ‖a‖² + ‖b‖² − 2a·b of 16 points b.
#define VALUE(norm, acc, offset) \
	VPSLLD    $1, acc, acc \
	VPADDD    Z3, norm, Z4 \
	VPSUBD    acc, Z4, Z4 \
	VCVTDQ2PS Z4, Z4 \
	VMOVUPS   Z4, offset(DX)

#define STORE(row, acc0, acc1, acc2) \
	VPBROADCASTD (4*row)(R10), Z3 \
	VALUE(Z0, acc0, 192*row) \
	VALUE(Z1, acc1, (192*row+64)) \
	VALUE(Z2, acc2, (192*row+128))

// func tileVNNI(a, b *int16, pairs int, normA, normB *int32, out *float32)
TEXT ·tileVNNI(SB), NOSPLIT, $0-48
	MOVQ a+0(FP), SI
	MOVQ b+8(FP), DI
	MOVQ pairs+16(FP), CX
	MOVQ normA+24(FP), R10
	MOVQ normB+32(FP), R11
	MOVQ out+40(FP), DX
	SHLQ $6, CX
	LEAQ (DI)(CX*1), R8
	LEAQ (DI)(CX*2), R9
	XORQ AX, AX
	VPXORQ Z8, Z8, Z8
	VPXORQ Z9, Z9, Z9
	VPXORQ Z10, Z10, Z10
	VPXORQ Z11, Z11, Z11
	VPXORQ Z12, Z12, Z12
	VPXORQ Z13, Z13, Z13
	VPXORQ Z14, Z14, Z14
	VPXORQ Z15, Z15, Z15
	VPXORQ Z16, Z16, Z16
	VPXORQ Z17, Z17, Z17
	VPXORQ Z18, Z18, Z18
	VPXORQ Z19, Z19, Z19
	VPXORQ Z20, Z20, Z20
	VPXORQ Z21, Z21, Z21
	VPXORQ Z22, Z22, Z22
	VPXORQ Z23, Z23, Z23
	VPXORQ Z24, Z24, Z24
	VPXORQ Z25, Z25, Z25
	VPXORQ Z26, Z26, Z26
	VPXORQ Z27, Z27, Z27
	VPXORQ Z28, Z28, Z28
	VPXORQ Z29, Z29, Z29
	VPXORQ Z30, Z30, Z30
	VPXORQ Z31, Z31, Z31

loop:
	VMOVDQU64 (DI)(AX*1), Z0
	VMOVDQU64 (R8)(AX*1), Z1
	VMOVDQU64 (R9)(AX*1), Z2
	ROW(0, Z8, Z9, Z10)
	ROW(4, Z11, Z12, Z13)
	ROW(8, Z14, Z15, Z16)
	ROW(12, Z17, Z18, Z19)
	ROW(16, Z20, Z21, Z22)
	ROW(20, Z23, Z24, Z25)
	ROW(24, Z26, Z27, Z28)
	ROW(28, Z29, Z30, Z31)
	ADDQ $64, AX
	CMPQ AX, CX
	JLT  loop

	VMOVDQU64 (R11), Z0
	VMOVDQU64 64(R11), Z1
	VMOVDQU64 128(R11), Z2
	STORE(0, Z8, Z9, Z10)
	STORE(1, Z11, Z12, Z13)
	STORE(2, Z14, Z15, Z16)
	STORE(3, Z17, Z18, Z19)
	STORE(4, Z20, Z21, Z22)
	STORE(5, Z23, Z24, Z25)
	STORE(6, Z26, Z27, Z28)
	STORE(7, Z29, Z30, Z31)
	VZEROUPPER
	RET

#define ROW2(offset, acc0, acc1) \
	VPBROADCASTD offset(SI)(AX*1), Y2 \
	VPMADDWD     Y0, Y2, Y3 \
	VPADDD       Y3, acc0, acc0 \
	VPMADDWD     Y1, Y2, Y3 \
	VPADDD       Y3, acc1, acc1

#define VALUE2(norm, acc, offset) \
	VPSLLD    $1, acc, acc \
	VPADDD    Y2, norm, Y3 \
	VPSUBD    acc, Y3, Y3 \
	VCVTDQ2PS Y3, Y3 \
	VMOVUPS   Y3, offset(DX)

#define STORE2(row, acc0, acc1) \
	VPBROADCASTD (4*row)(R10), Y2 \
	VALUE2(Y0, acc0, 192*row) \
	VALUE2(Y1, acc1, (192*row+32))

// func tileAVX2(a, b *int16, pairs int, normA, normB *int32, out *float32)
TEXT ·tileAVX2(SB), NOSPLIT, $0-48
	MOVQ  a+0(FP), SI
	MOVQ  b+8(FP), DI
	MOVQ  pairs+16(FP), CX
	MOVQ  normA+24(FP), R10
	MOVQ  normB+32(FP), R11
	MOVQ  out+40(FP), DX
	SHLQ  $6, CX
	XORQ  AX, AX
	VPXOR Y4, Y4, Y4
	VPXOR Y5, Y5, Y5
	VPXOR Y6, Y6, Y6
	VPXOR Y7, Y7, Y7
	VPXOR Y8, Y8, Y8
	VPXOR Y9, Y9, Y9
	VPXOR Y10, Y10, Y10
	VPXOR Y11, Y11, Y11

loop:
	VMOVDQU (DI)(AX*1), Y0
	VMOVDQU 32(DI)(AX*1), Y1
	ROW2(0, Y4, Y5)
	ROW2(4, Y6, Y7)
	ROW2(8, Y8, Y9)
	ROW2(12, Y10, Y11)
	ADDQ    $64, AX
	CMPQ    AX, CX
	JLT     loop

	VMOVDQU (R11), Y0
	VMOVDQU 32(R11), Y1
	STORE2(0, Y4, Y5)
	STORE2(1, Y6, Y7)
	STORE2(2, Y8, Y9)
	STORE2(3, Y10, Y11)
	VZEROUPPER
	RET
