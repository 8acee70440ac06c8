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

// func floatsAVX2(a, b *float32, n int, sums *[4]float64)
TEXT ·floatsAVX2(SB), NOSPLIT, $0-32
	MOVQ   a+0(FP), SI
	MOVQ   b+8(FP), DI
	MOVQ   n+16(FP), CX
	MOVQ   sums+24(FP), DX
	XORQ   AX, AX
	VXORPD Y0, Y0, Y0

four:
	// without a fused multiplication, as in plain Go
	VCVTPS2PD (SI)(AX*4), Y1
	VCVTPS2PD (DI)(AX*4), Y2
	VSUBPD    Y2, Y1, Y1
	VMULPD    Y1, Y1, Y1
	VADDPD    Y1, Y0, Y0
	ADDQ      $4, AX
	CMPQ      AX, CX
	JLT       four
	VMOVUPD   Y0, (DX)
	VZEROUPPER
	RET
