#include "textflag.h"

// func avx512(squares *uint32, size int, packed *byte, at, bits int, query *uint8, words *uint8, lanes *lanes, n int)
TEXT ·avx512(SB), NOSPLIT, $0-72
	MOVQ         squares+0(FP), DI
	MOVQ         size+8(FP), SI
	MOVQ         packed+16(FP), DX
	MOVQ         at+24(FP), R8
	MOVQ         bits+32(FP), R9
	MOVQ         words+48(FP), R10
	MOVL         $7, AX
	VPBROADCASTD AX, Z20
	MOVL         $0x100, AX
	VPBROADCASTD AX, Z21
	VPXORQ       Z22, Z22, Z22

vector:
	MOVQ         query+40(FP), BX
	MOVQ         lanes+56(FP), R11
	MOVQ         n+64(FP), R12
	MOVQ         R8, AX
	SHRQ         $3, AX
	VMOVDQU64    (DX)(AX*1), Z1   // the code begins at bit R8&7
	MOVQ         R8, AX
	ANDQ         $7, AX
	VPBROADCASTD AX, Z2
	VPXORQ       Z10, Z10, Z10
	VPXORQ       Z11, Z11, Z11

numbers:
	// Z5: 16 codes, each from the 2 bytes in which it begins
	VPADDD  0(R11), Z2, Z3
	VPSRLD  $3, Z3, Z4
	VPSLLD  $8, Z4, Z5
	VPORD   Z5, Z4, Z4
	VPADDD  Z21, Z4, Z4
	VPERMB  Z1, Z4, Z5
	VPANDD  Z20, Z3, Z3
	VPSRLVD Z3, Z5, Z5
	VPANDD  64(R11), Z5, Z5

	// Z6: 64 numbers of the codewords
	VPMULLD    128(R11), Z5, Z5
	VPADDD     192(R11), Z5, Z5
	VPXORQ     Z6, Z6, Z6
	KXNORW     K1, K1, K1
	VPGATHERDD (R10)(Z5*4), K1, Z6

	// absolute differences, as 16 bits, squared and added in pairs of 32 bits
	VMOVDQU64  (BX), Z12
	VPSUBUSB   Z6, Z12, Z14
	VPSUBUSB   Z12, Z6, Z6
	VPORQ      Z14, Z6, Z6
	VPUNPCKLBW Z22, Z6, Z12
	VPUNPCKHBW Z22, Z6, Z13
	VPDPWSSD   Z12, Z12, Z10
	VPDPWSSD   Z13, Z13, Z11
	ADDQ       $64, BX
	ADDQ       $256, R11
	DECQ       R12
	JNE        numbers

	// the sum of 32 numbers
	VPADDD        Z11, Z10, Z0
	VEXTRACTI64X4 $1, Z0, Y1
	VPADDD        Y1, Y0, Y0
	VEXTRACTI128  $1, Y0, X1
	VPADDD        X1, X0, X0
	VPSHUFD       $0x4E, X0, X1
	VPADDD        X1, X0, X0
	VPSHUFD       $0xB1, X0, X1
	VPADDD        X1, X0, X0
	VMOVD         X0, (DI)
	ADDQ          $4, DI
	ADDQ          R9, R8
	DECQ          SI
	JNE           vector
	VZEROUPPER
	RET

// func prefetch(from *byte, size int)
TEXT ·prefetch(SB), NOSPLIT, $0-16
	MOVQ from+0(FP), AX
	MOVQ size+8(FP), CX

line:
	PREFETCHT0 (AX)
	ADDQ       $64, AX
	SUBQ       $64, CX
	JGT        line
	RET
