#include "textflag.h"

// SI and DI point to the coordinates of the queries and of the vectors, R8, R9 and R10 to the norms of the queries, those of the
// vectors and the limits, R11 to the values and R12 to the bits; R13 and DX of words512 to the units of the queries and of the vectors.

#define LOAD \
	MOVQ arguments+0(FP), AX \
	MOVQ 0(AX), SI \
	MOVQ 8(AX), DI \
	MOVQ 16(AX), CX \
	MOVQ 24(AX), R8 \
	MOVQ 32(AX), R9 \
	MOVQ 40(AX), R10 \
	MOVQ 48(AX), R11 \
	MOVQ 56(AX), R12

// ADD512 adds the products of one coordinate of a query. Z24 and Z25 hold those of the vectors.
#define ADD512(row, temp, low, high) \
	VBROADCASTSS (4*row)(SI), temp \
	VFMADD231PS Z24, temp, low \
	VFMADD231PS Z25, temp, high

// END512 completes the values of a query, stores them and compares them. Z24 and Z25 hold the norms of the vectors.
#define END512(row, low, high) \
	VBROADCASTSS (4*row)(R8), Z26 \
	VADDPS Z24, Z26, Z27 \
	VADDPS Z25, Z26, Z28 \
	VADDPS low, Z27, low \
	VADDPS high, Z28, high \
	VMOVUPS low, (128*row)(R11) \
	VMOVUPS high, (128*row+64)(R11) \
	VBROADCASTSS (4*row)(R10), Z26 \
	VCMPPS $18, Z26, low, K1 \
	VCMPPS $18, Z26, high, K2 \
	KMOVW K1, AX \
	KMOVW K2, BX \
	SHLL $16, BX \
	ORL  BX, AX \
	MOVL AX, (4*row)(R12)

#define ZERO512(low, high) \
	VPXORD low, low, low \
	VPXORD high, high, high

// ZEROS512 clears the sums of all queries.
#define ZEROS512 \
	ZERO512(Z0, Z1) \
	ZERO512(Z2, Z3) \
	ZERO512(Z4, Z5) \
	ZERO512(Z6, Z7) \
	ZERO512(Z8, Z9) \
	ZERO512(Z10, Z11) \
	ZERO512(Z12, Z13) \
	ZERO512(Z14, Z15) \
	ZERO512(Z16, Z17) \
	ZERO512(Z18, Z19) \
	ZERO512(Z20, Z21) \
	ZERO512(Z22, Z23)

// func avx512(*arguments)
TEXT ·avx512(SB), NOSPLIT, $0-8
	LOAD
	ZEROS512

dimension:
	VMOVUPS (DI), Z24
	VMOVUPS 64(DI), Z25
	ADD512(0, Z26, Z0, Z1)
	ADD512(1, Z27, Z2, Z3)
	ADD512(2, Z28, Z4, Z5)
	ADD512(3, Z29, Z6, Z7)
	ADD512(4, Z30, Z8, Z9)
	ADD512(5, Z31, Z10, Z11)
	ADD512(6, Z26, Z12, Z13)
	ADD512(7, Z27, Z14, Z15)
	ADD512(8, Z28, Z16, Z17)
	ADD512(9, Z29, Z18, Z19)
	ADD512(10, Z30, Z20, Z21)
	ADD512(11, Z31, Z22, Z23)
	ADDQ $48, SI
	ADDQ $128, DI
	DECQ CX
	JNZ  dimension
	VMOVUPS (R9), Z24
	VMOVUPS 64(R9), Z25
	END512(0, Z0, Z1)
	END512(1, Z2, Z3)
	END512(2, Z4, Z5)
	END512(3, Z6, Z7)
	END512(4, Z8, Z9)
	END512(5, Z10, Z11)
	END512(6, Z12, Z13)
	END512(7, Z14, Z15)
	END512(8, Z16, Z17)
	END512(9, Z18, Z19)
	END512(10, Z20, Z21)
	END512(11, Z22, Z23)
	VZEROUPPER
	RET

// ADDWORDS adds the products of one pair of coordinates of a query. Z24 and Z25 hold those of the vectors.
#define ADDWORDS(row, temp, low, high) \
	VPBROADCASTD (4*row)(SI), temp \
	VPDPWSSD Z24, temp, low \
	VPDPWSSD Z25, temp, high

// ENDWORDS makes numbers of the sums of a query, in the unit of the query and of each vector, and completes them. Z30 and Z31 hold the
// units of the vectors.
#define ENDWORDS(row, low, high) \
	VCVTDQ2PS low, low \
	VCVTDQ2PS high, high \
	VBROADCASTSS (4*row)(R13), Z26 \
	VMULPS Z30, Z26, Z27 \
	VMULPS Z31, Z26, Z28 \
	VMULPS Z27, low, low \
	VMULPS Z28, high, high \
	END512(row, low, high)

// func words512(*arguments)
TEXT ·words512(SB), NOSPLIT, $0-8
	LOAD
	MOVQ 64(AX), R13
	MOVQ 72(AX), DX
	ZEROS512

pair:
	VMOVDQU32 (DI), Z24
	VMOVDQU32 64(DI), Z25
	ADDWORDS(0, Z26, Z0, Z1)
	ADDWORDS(1, Z27, Z2, Z3)
	ADDWORDS(2, Z28, Z4, Z5)
	ADDWORDS(3, Z29, Z6, Z7)
	ADDWORDS(4, Z30, Z8, Z9)
	ADDWORDS(5, Z31, Z10, Z11)
	ADDWORDS(6, Z26, Z12, Z13)
	ADDWORDS(7, Z27, Z14, Z15)
	ADDWORDS(8, Z28, Z16, Z17)
	ADDWORDS(9, Z29, Z18, Z19)
	ADDWORDS(10, Z30, Z20, Z21)
	ADDWORDS(11, Z31, Z22, Z23)
	ADDQ $48, SI
	ADDQ $128, DI
	DECQ CX
	JNZ  pair
	VMOVUPS (R9), Z24
	VMOVUPS 64(R9), Z25
	VMOVUPS (DX), Z30
	VMOVUPS 64(DX), Z31
	ENDWORDS(0, Z0, Z1)
	ENDWORDS(1, Z2, Z3)
	ENDWORDS(2, Z4, Z5)
	ENDWORDS(3, Z6, Z7)
	ENDWORDS(4, Z8, Z9)
	ENDWORDS(5, Z10, Z11)
	ENDWORDS(6, Z12, Z13)
	ENDWORDS(7, Z14, Z15)
	ENDWORDS(8, Z16, Z17)
	ENDWORDS(9, Z18, Z19)
	ENDWORDS(10, Z20, Z21)
	ENDWORDS(11, Z22, Z23)
	VZEROUPPER
	RET

// ADD256 and END256 do the same. Y12 and Y13 hold the coordinates or the norms of the vectors.
#define ADD256(row, temp, low, high) \
	VBROADCASTSS (4*row)(SI), temp \
	VFMADD231PS Y12, temp, low \
	VFMADD231PS Y13, temp, high

#define END256(row, low, high) \
	VBROADCASTSS (4*row)(R8), Y14 \
	VADDPS Y12, Y14, Y15 \
	VADDPS Y13, Y14, Y14 \
	VADDPS low, Y15, low \
	VADDPS high, Y14, high \
	VMOVUPS low, (64*row)(R11) \
	VMOVUPS high, (64*row+32)(R11) \
	VBROADCASTSS (4*row)(R10), Y14 \
	VCMPPS $18, Y14, low, low \
	VCMPPS $18, Y14, high, high \
	VMOVMSKPS low, AX \
	VMOVMSKPS high, BX \
	SHLL $8, BX \
	ORL  BX, AX \
	MOVL AX, (4*row)(R12)

#define ZERO256(low, high) \
	VXORPS low, low, low \
	VXORPS high, high, high

// func avx2(*arguments)
TEXT ·avx2(SB), NOSPLIT, $0-8
	LOAD
	ZERO256(Y0, Y1)
	ZERO256(Y2, Y3)
	ZERO256(Y4, Y5)
	ZERO256(Y6, Y7)
	ZERO256(Y8, Y9)
	ZERO256(Y10, Y11)

dimension:
	VMOVUPS (DI), Y12
	VMOVUPS 32(DI), Y13
	ADD256(0, Y14, Y0, Y1)
	ADD256(1, Y15, Y2, Y3)
	ADD256(2, Y14, Y4, Y5)
	ADD256(3, Y15, Y6, Y7)
	ADD256(4, Y14, Y8, Y9)
	ADD256(5, Y15, Y10, Y11)
	ADDQ $24, SI
	ADDQ $64, DI
	DECQ CX
	JNZ  dimension
	VMOVUPS (R9), Y12
	VMOVUPS 32(R9), Y13
	END256(0, Y0, Y1)
	END256(1, Y2, Y3)
	END256(2, Y4, Y5)
	END256(3, Y6, Y7)
	END256(4, Y8, Y9)
	END256(5, Y10, Y11)
	VZEROUPPER
	RET
