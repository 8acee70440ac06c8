#include "textflag.h"

// Products are not fused with sums, as in plain Go.

// func dotAVX2(a, b *float32, n int, sums *[4]float64)
TEXT ·dotAVX2(SB), NOSPLIT, $0-32
	MOVQ    a+0(FP), SI
	MOVQ    b+8(FP), DI
	MOVQ    n+16(FP), CX
	MOVQ    sums+24(FP), DX
	XORQ    AX, AX
	VMOVUPD (DX), Y0

products:
	VCVTPS2PD (SI)(AX*4), Y1
	VCVTPS2PD (DI)(AX*4), Y2
	VCVTPS2PD 16(SI)(AX*4), Y3
	VCVTPS2PD 16(DI)(AX*4), Y4
	VMULPD    Y2, Y1, Y1
	VMULPD    Y4, Y3, Y3
	VADDPD    Y1, Y0, Y0
	VADDPD    Y3, Y0, Y0
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       products
	VMOVUPD   Y0, (DX)
	VZEROUPPER
	RET

// func squaredL2AVX2(a, b *float32, n int, sums *[4]float64)
TEXT ·squaredL2AVX2(SB), NOSPLIT, $0-32
	MOVQ    a+0(FP), SI
	MOVQ    b+8(FP), DI
	MOVQ    n+16(FP), CX
	MOVQ    sums+24(FP), DX
	XORQ    AX, AX
	VMOVUPD (DX), Y0

squares:
	VCVTPS2PD (SI)(AX*4), Y1
	VCVTPS2PD (DI)(AX*4), Y2
	VCVTPS2PD 16(SI)(AX*4), Y3
	VCVTPS2PD 16(DI)(AX*4), Y4
	VSUBPD    Y2, Y1, Y1
	VSUBPD    Y4, Y3, Y3
	VMULPD    Y1, Y1, Y1
	VMULPD    Y3, Y3, Y3
	VADDPD    Y1, Y0, Y0
	VADDPD    Y3, Y0, Y0
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       squares
	VMOVUPD   Y0, (DX)
	VZEROUPPER
	RET

// func widenAVX2(to *float32, x *uint8, n int)
TEXT ·widenAVX2(SB), NOSPLIT, $0-24
	MOVQ to+0(FP), DI
	MOVQ x+8(FP), SI
	MOVQ n+16(FP), CX
	XORQ AX, AX

bytes:
	VPMOVZXBD (SI)(AX*1), Y0
	VCVTDQ2PS Y0, Y0
	VMOVUPS   Y0, (DI)(AX*4)
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       bytes
	VZEROUPPER
	RET

// func addScaledAVX2(sum *float64, x *float32, n int, factor float64)
TEXT ·addScaledAVX2(SB), NOSPLIT, $0-32
	MOVQ         sum+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSD factor+24(FP), Y0
	XORQ         AX, AX

terms:
	VCVTPS2PD (SI)(AX*4), Y1
	VCVTPS2PD 16(SI)(AX*4), Y2
	VMULPD    Y0, Y1, Y1
	VMULPD    Y0, Y2, Y2
	VADDPD    (DI)(AX*8), Y1, Y1
	VADDPD    32(DI)(AX*8), Y2, Y2
	VMOVUPD   Y1, (DI)(AX*8)
	VMOVUPD   Y2, 32(DI)(AX*8)
	ADDQ      $8, AX
	CMPQ      AX, CX
	JLT       terms
	VZEROUPPER
	RET

// func centerAVX2(to, x *float32, n int, factor float64, centre *float64, scale float64)
TEXT ·centerAVX2(SB), NOSPLIT, $0-48
	MOVQ         to+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSD factor+24(FP), Y0
	MOVQ         centre+32(FP), DX
	VBROADCASTSD scale+40(FP), Y1
	XORQ         AX, AX

differences:
	VCVTPS2PD  (SI)(AX*4), Y2
	VCVTPS2PD  16(SI)(AX*4), Y3
	VMULPD     Y0, Y2, Y2
	VMULPD     Y0, Y3, Y3
	VSUBPD     (DX)(AX*8), Y2, Y2
	VSUBPD     32(DX)(AX*8), Y3, Y3
	VMULPD     Y1, Y2, Y2
	VMULPD     Y1, Y3, Y3
	VCVTPD2PSY Y2, X2
	VCVTPD2PSY Y3, X3
	VMOVUPS    X2, (DI)(AX*4)
	VMOVUPS    X3, 16(DI)(AX*4)
	ADDQ       $8, AX
	CMPQ       AX, CX
	JLT        differences
	VZEROUPPER
	RET

// func roundAVX2(pairs *int32, x *float32, n int, factor float32)
TEXT ·roundAVX2(SB), NOSPLIT, $0-28
	MOVQ         pairs+0(FP), DI
	MOVQ         x+8(FP), SI
	MOVQ         n+16(FP), CX
	VBROADCASTSS factor+24(FP), Y0
	XORQ         AX, AX

words:
	VMULPS       (SI)(AX*4), Y0, Y1
	VCVTPS2DQ    Y1, Y1
	VEXTRACTI128 $1, Y1, X2
	VPACKSSDW    X2, X1, X1
	VMOVDQU      X1, (DI)(AX*2)
	ADDQ         $8, AX
	CMPQ         AX, CX
	JLT          words
	VZEROUPPER
	RET
