package backtest

import (
	"errors"
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// lowPriority is the nice value of a process that back-tests.
const lowPriority = 15

// StepBack gives the whole process a low priority, for good, so that the workers
// on the machine go before it. It is for a process that does nothing else: the
// console runs back-tests in a process of their own. (A single goroutine cannot
// step back: its thread would have to end with it, and with a thread end the
// child processes that it started.)
func StepBack() error {
	threads, err := os.ReadDir("/proc/self/task") // threads made later inherit it
	if err != nil {
		return err
	}
	var errs []error
	for _, thread := range threads {
		id, err := strconv.Atoi(thread.Name())
		if err != nil {
			continue
		}
		if err := unix.Setpriority(unix.PRIO_PROCESS, id, lowPriority); err != nil && !errors.Is(err, unix.ESRCH) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
