package clock

import (
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// readKernel asks the kernel whether something keeps its clock (adjtimex(2)).
func readKernel() (kernelState, error) {
	var t unix.Timex // with no modes, it only reads
	state, err := unix.Adjtimex(&t)
	if err != nil {
		return kernelState{}, fmt.Errorf("read the state of the clock: %w", err)
	}
	return kernelState{
		synchronised: state != unix.TIME_ERROR && t.Status&unix.STA_UNSYNC == 0,
		most:         time.Duration(t.Maxerror) * time.Microsecond,
	}, nil
}
