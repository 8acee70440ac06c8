#include "textflag.h"

// func squaredAVX2(x *float32, word *int8, step float32, n int, sums *[8]float32)
TEXT ·squaredAVX2(SB), NOSPLIT, $0-40
	MOVQ         x+0(FP), SI
	MOVQ         word+8(FP), DI
	VBROADCASTSS step+16(FP), Y1
	MOVQ         n+24(FP), CX
	MOVQ         sums+32(FP), DX
	VMOVUPS      (DX), Y0
	XORQ         AX, AX

loop:
	VPMOVSXBD (DI)(AX*1), Y2
	VCVTDQ2PS Y2, Y2
	VMULPS    Y1, Y2, Y2
	VMOVUPS   (SI)(AX*4), Y3
	VSUBPS    Y2, Y3, Y3
	VMULPS    Y3, Y3, Y3
	VADDPS    Y3, Y0, Y0
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       loop

	VMOVUPS Y0, (DX)
	VZEROUPPER
	RET
