#include "textflag.h"

// Instructions that the assembler of Go lacks, with the result last. The operands are numbers of registers.
#define FADD(m, n, d)   WORD $(0x4e20d400 | (m)<<16 | (n)<<5 | (d)) // FADD Vd.4S, Vn.4S, Vm.4S
#define FSUB(m, n, d)   WORD $(0x4ea0d400 | (m)<<16 | (n)<<5 | (d)) // FSUB Vd.4S, Vn.4S, Vm.4S
#define FMUL(m, n, d)   WORD $(0x6e20dc00 | (m)<<16 | (n)<<5 | (d)) // FMUL Vd.4S, Vn.4S, Vm.4S
#define FMAX(m, n, d)   WORD $(0x4e20f400 | (m)<<16 | (n)<<5 | (d)) // FMAX Vd.4S, Vn.4S, Vm.4S
#define FMIN(m, n, d)   WORD $(0x4ea0f400 | (m)<<16 | (n)<<5 | (d)) // FMIN Vd.4S, Vn.4S, Vm.4S
#define FCMEQ(m, n, d)  WORD $(0x4e20e400 | (m)<<16 | (n)<<5 | (d)) // FCMEQ Vd.4S, Vn.4S, Vm.4S
#define UCVTF(n, d)     WORD $(0x6e21d800 | (n)<<5 | (d))           // UCVTF Vd.4S, Vn.4S
#define FCVTZU(n, d)    WORD $(0x6ea1b800 | (n)<<5 | (d))           // FCVTZU Vd.4S, Vn.4S
#define XTN4(n, d)      WORD $(0x0e612800 | (n)<<5 | (d))           // XTN Vd.4H, Vn.4S
#define XTN8(n, d)      WORD $(0x0e212800 | (n)<<5 | (d))           // XTN Vd.8B, Vn.8H
#define XTN2(n, d)      WORD $(0x4e612800 | (n)<<5 | (d))           // XTN2 Vd.8H, Vn.4S
#define UABD(m, n, d)   WORD $(0x6e207400 | (m)<<16 | (n)<<5 | (d)) // UABD Vd.16B, Vn.16B, Vm.16B
#define UMULL(m, n, d)  WORD $(0x2e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL Vd.8H, Vn.8B, Vm.8B
#define UMULL2(m, n, d) WORD $(0x6e20c000 | (m)<<16 | (n)<<5 | (d)) // UMULL2 Vd.8H, Vn.16B, Vm.16B
#define UADALP(n, d)    WORD $(0x6e606800 | (n)<<5 | (d))           // UADALP Vd.4S, Vn.8H

// func neon(squares *uint32, size int, packed *byte, at int, query *uint8, parts *part, n int)
TEXT ·neon(SB), NOSPLIT, $0-56
	MOVD squares+0(FP), R0
	MOVD size+8(FP), R1
	MOVD packed+16(FP), R2
	MOVD at+24(FP), R3

vector:
	MOVD query+32(FP), R4
	MOVD parts+40(FP), R5
	MOVD n+48(FP), R6
	VEOR V16.B16, V16.B16, V16.B16
	VEOR V17.B16, V17.B16, V17.B16

subspace:
	// R7: the code, then the address of its codeword
	LSR   $3, R3, R7
	MOVHU (R2)(R7), R7
	AND   $7, R3, R8
	LSR   R8, R7, R7
	MOVD  0(R5), R8
	ADD   R8, R3
	MOVD  $-1, R10
	LSL   R8, R10, R10
	BIC   R10, R7, R7
	MOVD  8(R5), R9
	MUL   R9, R7, R7
	MOVD  16(R5), R8
	ADD   R8, R7

wide:
	// 16 absolute differences, whose squares have 16 bits, added in pairs of 32 bits
	CMP    $16, R9
	BLT    narrow
	VLD1.P 16(R7), [V0.B16]
	VLD1.P 16(R4), [V1.B16]
	UABD(1, 0, 0)
	UMULL(0, 0, 2)
	UMULL2(0, 0, 3)
	UADALP(2, 16)
	UADALP(3, 17)
	SUB    $16, R9
	B      wide

narrow:
	// 8 numbers, if bit 3 is set, and 4, if bit 2 is set: the other elements of the registers are 0
	TBZ     $3, R9, last
	FMOVD.P 8(R7), F0
	FMOVD.P 8(R4), F1
	UABD(1, 0, 0)
	UMULL(0, 0, 2)
	UADALP(2, 16)

last:
	TBZ     $2, R9, next
	FMOVS   (R7), F0
	FMOVS.P 4(R4), F1
	UABD(1, 0, 0)
	UMULL(0, 0, 2)
	UADALP(2, 17)

next:
	ADD  $24, R5
	SUBS $1, R6
	BNE  subspace

	VADD    V17.S4, V16.S4, V16.S4
	VADDV   V16.S4, V16
	FMOVS.P F16, 4(R0)
	SUBS    $1, R1
	BNE     vector
	RET

// func restKernel(bytes *uint8, steps *float32, codes *uint8, parts *part, n int, ratio float32) uint32
TEXT ·restKernel(SB), NOSPLIT, $0-52
	MOVD  bytes+0(FP), R0
	MOVD  steps+8(FP), R1
	MOVD  codes+16(FP), R2
	MOVD  parts+24(FP), R3
	MOVD  n+32(FP), R4
	MOVWU ratio+40(FP), R5
	VDUP  R5, V28.S4
	MOVD  $0x43000000, R5 // 128
	VDUP  R5, V29.S4
	MOVD  $0xc3000000, R5 // −128
	VDUP  R5, V30.S4
	MOVD  $0x42fe0000, R5 // 127
	VDUP  R5, V31.S4
	MOVD  $0x3f000000, R5 // 0.5
	VDUP  R5, V27.S4
	MOVD  $-1, R5
	VDUP  R5, V16.D2      // all bits set until a number is beyond the range

part:
	// R7: the address of the codeword
	MOVBU.P 1(R2), R7
	MOVD    8(R3), R8
	MUL     R8, R7, R7
	MOVD    16(R3), R9
	ADD     R9, R7

block:
	FMOVD.P 8(R7), F0
	VUXTL   V0.B8, V0.H8
	VUXTL2  V0.H8, V1.S4
	VUXTL   V0.H4, V0.S4
	UCVTF(0, 0)
	UCVTF(1, 1)
	FSUB(29, 0, 0)
	FSUB(29, 1, 1)
	FMUL(28, 0, 0)
	FMUL(28, 1, 1)
	VLD1.P  32(R1), [V2.S4, V3.S4]
	FSUB(0, 2, 2)
	FSUB(1, 3, 3)
	FMAX(30, 2, 4)
	FMAX(30, 3, 5)
	FMIN(31, 4, 4)
	FMIN(31, 5, 5)
	FCMEQ(4, 2, 2)
	FCMEQ(5, 3, 3)
	VAND    V2.B16, V16.B16, V16.B16
	VAND    V3.B16, V16.B16, V16.B16
	FADD(29, 4, 4)
	FADD(29, 5, 5)
	FADD(27, 4, 4)
	FADD(27, 5, 5)
	FCVTZU(4, 4)
	FCVTZU(5, 5)
	XTN4(4, 4)
	XTN2(5, 4)
	XTN8(4, 4)
	FMOVD.P F4, 8(R0)
	SUBS    $8, R8
	BNE     block
	ADD     $24, R3
	SUBS    $1, R4
	BNE     part
	VMOV    V16.D[0], R5
	VMOV    V16.D[1], R6
	AND     R6, R5
	MVN     R5, R5
	ORR     R5>>32, R5, R5
	MOVW    R5, ret+48(FP)
	RET
