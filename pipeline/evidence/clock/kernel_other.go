//go:build !linux

package clock

import "errors"

func readKernel() (kernelState, error) {
	return kernelState{}, errors.New("the state of the clock is known on Linux only")
}
