#include "textflag.h"

// func prefetchRows(data unsafe.Pointer, row int, ids *int32, n, bytes int)
TEXT ·prefetchRows(SB), NOSPLIT, $0-40
	MOVQ data+0(FP), DI
	MOVQ row+8(FP), R8
	MOVQ ids+16(FP), R9
	MOVQ n+24(FP), R10
	MOVQ bytes+32(FP), R11

next:
	MOVLQSX (R9), AX
	IMULQ   R8, AX
	ADDQ    DI, AX
	LEAQ    (AX)(R11*1), BX

line:
	PREFETCHT0 (AX)
	ADDQ       $64, AX
	CMPQ       AX, BX
	JLT        line
	ADDQ       $4, R9
	DECQ       R10
	JNE        next
	RET
