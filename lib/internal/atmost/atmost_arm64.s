#include "textflag.h"

// Instructions that the assembler of Go lacks, with the result last. The operands are numbers of registers.
#define FCMGE(m, n, d) WORD $(0x6e20e400 | (m)<<16 | (n)<<5 | (d)) // FCMGE Vd.4S, Vn.4S, Vm.4S
#define UMAXP(m, n, d) WORD $(0x6ea0a400 | (m)<<16 | (n)<<5 | (d)) // UMAXP Vd.4S, Vn.4S, Vm.4S

// func neon(values *float32, n int, limit float32) int
TEXT ·neon(SB), NOSPLIT, $0-32
	MOVD  values+0(FP), R0
	MOVD  n+8(FP), R1
	MOVWU limit+16(FP), R2
	VDUP  R2, V0.S4
	MOVD  $0, R3

loop:
	// limit ≥ value, false for NaN
	VLD1.P 64(R0), [V16.S4, V17.S4, V18.S4, V19.S4]
	VLD1.P 64(R0), [V20.S4, V21.S4, V22.S4, V23.S4]
	FCMGE(16, 0, 16)
	FCMGE(17, 0, 17)
	FCMGE(18, 0, 18)
	FCMGE(19, 0, 19)
	FCMGE(20, 0, 20)
	FCMGE(21, 0, 21)
	FCMGE(22, 0, 22)
	FCMGE(23, 0, 23)
	VORR   V17.B16, V16.B16, V16.B16
	VORR   V19.B16, V18.B16, V18.B16
	VORR   V21.B16, V20.B16, V20.B16
	VORR   V23.B16, V22.B16, V22.B16
	VORR   V18.B16, V16.B16, V16.B16
	VORR   V22.B16, V20.B16, V20.B16
	VORR   V20.B16, V16.B16, V16.B16
	UMAXP(16, 16, 16)
	VMOV   V16.D[0], R4
	CBNZ   R4, done
	ADD    $32, R3
	CMP    R1, R3
	BLT    loop

done:
	MOVD R3, ret+24(FP)
	RET
