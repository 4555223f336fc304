package realkafka

import "syscall"

// childAttributes makes the broker end with its parent, however that ends, and
// keeps a Ctrl-C at the terminal from it: the parent stops it in order.
func childAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
