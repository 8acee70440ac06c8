#include "textflag.h"

// SUM sets the first number of X0 to the sum of those of a and b.
#define SUM(a, b) \
	VPADDD        b, a, Z0       \
	VEXTRACTI64X4 $1, Z0, Y1     \
	VPADDD        Y1, Y0, Y0     \
	VEXTRACTI128  $1, Y0, X1     \
	VPADDD        X1, X0, X0     \
	VPSHUFD       $0x4E, X0, X1  \
	VPADDD        X1, X0, X0     \
	VPSHUFD       $0xB1, X0, X1  \
	VPADDD        X1, X0, X0

// SQUARES adds to Z10 and Z11 the squared differences of the bytes of Z6 and Z12, as 16 bits, in pairs of 32 bits. Z22 is 0.
#define SQUARES \
	VPSUBUSB   Z6, Z12, Z14  \
	VPSUBUSB   Z12, Z6, Z6   \
	VPORQ      Z14, Z6, Z6   \
	VPUNPCKLBW Z22, Z6, Z12  \
	VPUNPCKHBW Z22, Z6, Z13  \
	VPDPWSSD   Z12, Z12, Z10 \
	VPDPWSSD   Z13, Z13, Z11

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

	VMOVDQU64  (BX), Z12
	SQUARES
	ADDQ       $64, BX
	ADDQ       $256, R11
	DECQ       R12
	JNE        numbers

	SUM(Z10, Z11)
	VMOVD         X0, (DI)
	ADDQ          $4, DI
	ADDQ          R9, R8
	DECQ          SI
	JNE           vector
	VZEROUPPER
	RET

// func avx512Parts(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)
TEXT ·avx512Parts(SB), NOSPLIT, $0-56
	MOVQ   squares+0(FP), DI
	MOVQ   size+8(FP), SI
	MOVQ   packed+16(FP), DX
	MOVQ   at+24(FP), R8
	VPXORQ Z22, Z22, Z22

vector:
	MOVQ   query+32(FP), R9
	MOVQ   parts+40(FP), R11
	MOVQ   n+48(FP), R12
	VPXORQ Z10, Z10, Z10
	VPXORQ Z11, Z11, Z11

subspace:
	// AX: the code, then the address of its codeword of BX numbers
	MOVQ       R8, AX
	SHRQ       $3, AX
	MOVWLZX    (DX)(AX*1), AX
	MOVQ       R8, CX
	ANDQ       $7, CX
	SHRXQ      CX, AX, AX
	MOVQ       0(R11), BX
	ADDQ       BX, R8
	BZHIQ      BX, AX, AX
	MOVQ       8(R11), BX
	IMULQ      BX, AX
	ADDQ       16(R11), AX
	MOVQ       $-1, CX
	BZHIQ      BX, CX, CX
	KMOVQ      CX, K1
	VMOVDQU8.Z (AX), K1, Z6
	VMOVDQU8.Z (R9), K1, Z12
	SQUARES
	ADDQ       BX, R9
	ADDQ       $24, R11
	DECQ       R12
	JNE        subspace

	SUM(Z10, Z11)
	VMOVD X0, (DI)
	ADDQ  $4, DI
	DECQ  SI
	JNE   vector
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
