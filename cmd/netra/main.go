// Command netra watches the public posts of civil servants for breaches of
// election neutrality. It is one binary: a file here is a subcommand, and all
// that is here is wiring; what the parts do is in pipeline and classifiers.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/netra-id/netra/pipeline/embedded"
)

// Exit codes.
const (
	exitDone  = 0
	exitFails = 1 // what was checked does not hold, or what was begun failed
	exitUsage = 2 // usage or configuration
)

func main() {
	embedded.RunChild()
	os.Exit(run(context.Background(), os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run executes one command line and returns its exit code.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) int {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	root := newRoot(&app{in: in, out: out, errOut: errOut})
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	err := root.ExecuteContext(ctx)
	var coded *exitError
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &coded):
		if coded.err != nil {
			_, _ = fmt.Fprintf(errOut, "netra: %v\n", coded.err)
		}
		return coded.code
	default:
		_, _ = fmt.Fprintf(errOut, "netra: %v\n", err)
		return exitFails
	}
}

// exitError is an error with its exit code. Without err nothing is printed.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string {
	if e.err == nil {
		return fmt.Sprintf("exit code %d", e.code)
	}
	return e.err.Error()
}

func (e *exitError) Unwrap() error { return e.err }

// usage marks an error as one of usage or configuration.
func usage(err error) error {
	if err == nil {
		return nil
	}
	return &exitError{code: exitUsage, err: err}
}

// fails marks that what was checked does not hold; it was told already.
func fails() error { return &exitError{code: exitFails} }
