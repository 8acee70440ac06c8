#include "textflag.h"

// func avx2(a, b *uint8, n int) uint32
TEXT ·avx2(SB), NOSPLIT, $0-28
	MOVQ  a+0(FP), SI
	MOVQ  b+8(FP), DI
	MOVQ  n+16(FP), CX
	XORQ  AX, AX
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1

loop:
	// 2 × 16 differences of 16 bits, squared and added in pairs of 32 bits
	VPMOVZXBW (SI)(AX*1), Y2
	VPMOVZXBW (DI)(AX*1), Y3
	VPMOVZXBW 16(SI)(AX*1), Y4
	VPMOVZXBW 16(DI)(AX*1), Y5
	VPSUBW    Y3, Y2, Y2
	VPSUBW    Y5, Y4, Y4
	VPMADDWD  Y2, Y2, Y2
	VPMADDWD  Y4, Y4, Y4
	VPADDD    Y2, Y0, Y0
	VPADDD    Y4, Y1, Y1
	ADDQ      $32, AX
	CMPQ      AX, CX
	JLT       loop

	// the sum of 16 numbers
	VPADDD       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4E, X0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0xB1, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, AX
	VZEROUPPER
	MOVL         AX, ret+24(FP)
	RET
