#include "textflag.h"

// func prefetch(note *Note)
TEXT ·prefetch(SB), NOSPLIT, $0-8
	MOVQ note+0(FP), AX
	PREFETCHT0 (AX)
	PREFETCHT0 64(AX)
	PREFETCHT0 128(AX)
	RET
