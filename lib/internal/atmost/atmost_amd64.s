#include "textflag.h"

// func avx2(values *float32, n int, limit float32) int
TEXT ·avx2(SB), NOSPLIT, $0-32
	MOVQ         values+0(FP), SI
	MOVQ         n+8(FP), CX
	VBROADCASTSS limit+16(FP), Y0
	XORQ         AX, AX

loop:
	// limit ≥ value, false for NaN
	VCMPPS    $0x1D, (SI)(AX*4), Y0, Y1
	VCMPPS    $0x1D, 32(SI)(AX*4), Y0, Y2
	VCMPPS    $0x1D, 64(SI)(AX*4), Y0, Y3
	VCMPPS    $0x1D, 96(SI)(AX*4), Y0, Y4
	VORPS     Y2, Y1, Y1
	VORPS     Y4, Y3, Y3
	VORPS     Y3, Y1, Y1
	VMOVMSKPS Y1, DX
	TESTL     DX, DX
	JNZ       done
	ADDQ      $32, AX
	CMPQ      AX, CX
	JLT       loop

done:
	VZEROUPPER
	MOVQ AX, ret+24(FP)
	RET
