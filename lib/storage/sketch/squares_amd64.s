#include "textflag.h"

// func avx2(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)
TEXT ·avx2(SB), NOSPLIT, $0-56
	MOVQ squares+0(FP), DI
	MOVQ size+8(FP), SI
	MOVQ packed+16(FP), DX
	MOVQ at+24(FP), R8

vector:
	MOVQ  query+32(FP), R9
	MOVQ  parts+40(FP), R11
	MOVQ  n+48(FP), R12
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1

subspace:
	// AX: the code, then the address of its codeword
	MOVQ    R8, AX
	SHRQ    $3, AX
	MOVWLZX (DX)(AX*1), AX
	MOVQ    R8, CX
	ANDQ    $7, CX
	SHRXQ   CX, AX, AX
	MOVQ    0(R11), BX
	ADDQ    BX, R8
	BZHIQ   BX, AX, AX
	MOVQ    8(R11), BX
	IMULQ   BX, AX
	ADDQ    16(R11), AX

wide:
	// 16 differences of 16 bits, squared and added in pairs of 32 bits
	CMPQ      BX, $16
	JLT       narrow
	VPMOVZXBW (AX), Y2
	VPMOVZXBW (R9), Y3
	VPSUBW    Y3, Y2, Y2
	VPMADDWD  Y2, Y2, Y2
	VPADDD    Y2, Y0, Y0
	ADDQ      $16, AX
	ADDQ      $16, R9
	SUBQ      $16, BX
	JMP       wide

narrow:
	CMPQ      BX, $8
	JLT       last
	VPMOVZXBW (AX), X2
	VPMOVZXBW (R9), X3
	VPSUBW    X3, X2, X2
	VPMADDWD  X2, X2, X2
	VPADDD    Y2, Y1, Y1
	ADDQ      $8, AX
	ADDQ      $8, R9
	SUBQ      $8, BX

last:
	TESTQ     BX, BX
	JEQ       next
	VMOVD     (AX), X2
	VMOVD     (R9), X3
	VPMOVZXBW X2, X2
	VPMOVZXBW X3, X3
	VPSUBW    X3, X2, X2
	VPMADDWD  X2, X2, X2
	VPADDD    Y2, Y1, Y1
	ADDQ      $4, R9

next:
	ADDQ $24, R11
	DECQ R12
	JNE  subspace

	// the sum of 16 numbers
	VPADDD       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4E, X0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0xB1, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, (DI)
	ADDQ         $4, DI
	DECQ         SI
	JNE          vector
	VZEROUPPER
	RET

// func restKernel(bytes *uint8, steps *float32, codes *uint8, parts *part, n int, ratio float32) uint32
TEXT ·restKernel(SB), NOSPLIT, $0-52
	MOVQ         bytes+0(FP), DI
	MOVQ         steps+8(FP), SI
	MOVQ         codes+16(FP), DX
	MOVQ         parts+24(FP), R11
	MOVQ         n+32(FP), R12
	VBROADCASTSS ratio+40(FP), Y8
	MOVL         $0x43000000, AX // 128
	VMOVD        AX, X9
	VBROADCASTSS X9, Y9
	MOVL         $0xc3000000, AX // −128
	VMOVD        AX, X10
	VBROADCASTSS X10, Y10
	MOVL         $0x42fe0000, AX // 127
	VMOVD        AX, X11
	VBROADCASTSS X11, Y11
	MOVL         $0x3f000000, AX // 0.5
	VMOVD        AX, X12
	VBROADCASTSS X12, Y12
	VPXOR        Y7, Y7, Y7

part:
	// AX: the address of the codeword
	MOVBLZX (DX), AX
	MOVQ    8(R11), BX
	IMULQ   BX, AX
	ADDQ    16(R11), AX

block:
	VPMOVZXBD    (AX), Y2
	VCVTDQ2PS    Y2, Y2
	VSUBPS       Y9, Y2, Y2
	VMULPS       Y8, Y2, Y2
	VMOVUPS      (SI), Y3
	VSUBPS       Y2, Y3, Y3
	VMAXPS       Y10, Y3, Y4
	VMINPS       Y11, Y4, Y4
	VCMPPS       $4, Y4, Y3, Y5    // not equal
	VPOR         Y5, Y7, Y7
	VADDPS       Y9, Y4, Y4
	VADDPS       Y12, Y4, Y4
	VCVTTPS2DQ   Y4, Y4
	VEXTRACTI128 $1, Y4, X5
	VPACKUSDW    X5, X4, X4
	VPACKUSWB    X4, X4, X4
	VMOVQ        X4, (DI)
	ADDQ         $8, AX
	ADDQ         $32, SI
	ADDQ         $8, DI
	SUBQ         $8, BX
	JNE          block
	INCQ         DX
	ADDQ         $24, R11
	DECQ         R12
	JNE          part
	VMOVMSKPS    Y7, AX
	VZEROUPPER
	MOVL         AX, ret+48(FP)
	RET
