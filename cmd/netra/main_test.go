package main

import (
	"bytes"
	"context"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/embedded"
	"github.com/netra-id/netra/pipeline/embedded/embeddedtest"
)

// asNetra turns this test binary into netra itself, so that tests can signal
// and kill it, and so that chaos finds a program to start workers of.
const asNetra = "NETRA_TEST_AS_NETRA"

func TestMain(m *testing.M) {
	embedded.RunChild()
	if os.Getenv(asNetra) != "" {
		main()
	}
	for _, entry := range os.Environ() {
		name, _, _ := strings.Cut(entry, "=")
		if strings.HasPrefix(name, "NETRA_") && name != embedded.LibraryVariable && !strings.HasPrefix(name, "NETRA_TEST_") {
			_ = os.Unsetenv(name)
		}
	}
	embeddedtest.Main(m)
}

// result is what one command line came to.
type result struct {
	code        int
	out, errOut string
}

// netra runs a command line in this process.
func netra(t *testing.T, in io.Reader, args ...string) result {
	t.Helper()
	return netraWithin(t.Context(), in, args...)
}

func netraWithin(ctx context.Context, in io.Reader, args ...string) result {
	var out, errOut bytes.Buffer
	code := run(ctx, args, in, &out, &errOut)
	return result{code: code, out: out.String(), errOut: errOut.String()}
}

// expect fails the test where code or output is another.
func (r result) expect(t *testing.T, code int, contains ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d\nout: %s\nerr: %s", r.code, code, tail(r.out), tail(r.errOut))
	}
	for _, want := range contains {
		if !strings.Contains(r.out+r.errOut, want) {
			t.Errorf("the output does not contain %q\nout: %s\nerr: %s", want, tail(r.out), tail(r.errOut))
		}
	}
}

func tail(s string) string { return s[max(len(s)-3000, 0):] }

// process is a netra in a process of its own.
type process struct {
	t       *testing.T
	command *exec.Cmd
	log     string
	ended   chan struct{}
}

// start starts netra; what is left of it is killed when the test ends.
func start(t *testing.T, environment []string, args ...string) *process {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "netra-*.log")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(executable, args...) //nolint:noctx // it is ended by signals
	command.Env = append(append(os.Environ(), asNetra+"=1"), environment...)
	command.Stdin, command.Stdout, command.Stderr = os.Stdin, log, log
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p := &process{t: t, command: command, log: log.Name(), ended: make(chan struct{})}
	go func() {
		_ = command.Wait() // the exit code is looked at in stop
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = command.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%s said:\n%s", strings.Join(args, " "), tail(p.said()))
		}
	})
	return p
}

func (p *process) said() string {
	data, err := os.ReadFile(p.log)
	if err != nil {
		p.t.Error(err)
	}
	return string(data)
}

// stop ends it by a signal and returns its exit code.
func (p *process) stop(signal syscall.Signal) int {
	p.t.Helper()
	if err := p.command.Process.Signal(signal); err != nil {
		p.t.Fatalf("signal: %v\n%s", err, tail(p.said()))
	}
	return p.wait(time.Minute)
}

func (p *process) wait(within time.Duration) int {
	p.t.Helper()
	select {
	case <-p.ended:
	case <-time.After(within):
		p.t.Fatalf("it did not end within %s\n%s", within, tail(p.said()))
	}
	return p.command.ProcessState.ExitCode()
}

// eventually asks until the answer is true, and fails the test where the
// process ends or a minute and a half passes.
func (p *process) eventually(what string, ask func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(90 * time.Second); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if ask() {
			return
		}
		select {
		case <-p.ended:
			p.t.Fatalf("it ended before %s\n%s", what, tail(p.said()))
		default:
		}
	}
	p.t.Fatalf("waited in vain until %s\n%s", what, tail(p.said()))
}

// write writes a file into a folder and returns its path.
func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// sampleFile lays a sample file into a folder and returns its path.
func sampleFile(t *testing.T, dir, name string) string {
	t.Helper()
	data, err := sample.Files.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return write(t, dir, name, string(data))
}
