package databasetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/netra-id/netra/pipeline/database"
)

// server is a PostgreSQL of Debian's on a free loopback port.
type server struct {
	directory string
	port      int
	process   *exec.Cmd
	done      chan struct{}
}

// password is the superuser's; the server listens on loopback for this process.
const password = "test-only"

// start makes a cluster in a temporary directory and starts it.
func start() (_ *server, err error) {
	binaries, err := binaries()
	if err != nil {
		return nil, err
	}
	s := &server{done: make(chan struct{})}
	if s.directory, err = os.MkdirTemp("", "netra-postgres-"); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(s.directory))
		}
	}()
	owner, err := s.own()
	if err != nil {
		return nil, err
	}
	if err := s.initialise(binaries, owner); err != nil {
		return nil, err
	}
	if s.port, err = freePort(); err != nil {
		return nil, err
	}
	s.process = exec.Command(filepath.Join(binaries, "postgres"), "-D", s.data(), "-p", strconv.Itoa(s.port), //nolint:noctx // stop ends it
		"-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories=", "-c", "fsync=off", "-c", "max_connections=200", "-c", "logging_collector=off")
	s.process.Dir = s.directory
	s.process.SysProcAttr = &syscall.SysProcAttr{Credential: owner, Pdeathsig: syscall.SIGQUIT}
	s.process.Stderr, err = os.Create(filepath.Join(s.directory, "log"))
	if err != nil {
		return nil, err
	}
	if err := s.run(); err != nil {
		return nil, err
	}
	return s, s.untilReady()
}

func (s *server) data() string { return filepath.Join(s.directory, "data") }

// run starts the process on a thread of its own: the process gets its
// Pdeathsig when the thread ends that started it.
func (s *server) run() error {
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		err := s.process.Start()
		started <- err
		if err == nil {
			_ = s.process.Wait() // its log says why it ended
			close(s.done)
		}
	}()
	return <-started
}

func (s *server) stop() {
	_ = s.process.Process.Signal(syscall.SIGINT) // fast shutdown
	select {
	case <-s.done:
	case <-time.After(10 * time.Second):
		_ = s.process.Process.Kill()
		<-s.done
	}
	_ = os.RemoveAll(s.directory)
}

func (s *server) address(name string) string {
	return fmt.Sprintf("postgres://postgres:%s@127.0.0.1:%d/%s?sslmode=disable", password, s.port, name)
}

// own gives the directory to the user postgres where this is root: PostgreSQL
// refuses to run as root.
func (s *server) own() (*syscall.Credential, error) {
	if os.Getuid() != 0 {
		return nil, nil
	}
	account, err := user.Lookup("postgres")
	if err != nil {
		return nil, err
	}
	uid, err := strconv.ParseUint(account.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(account.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, os.Chown(s.directory, int(uid), int(gid))
}

func (s *server) initialise(binaries string, owner *syscall.Credential) error {
	secret := filepath.Join(s.directory, "password")
	if err := os.WriteFile(secret, []byte(password), 0o644); err != nil {
		return err
	}
	command := exec.Command(filepath.Join(binaries, "initdb"), "-D", s.data(), "-U", "postgres", "--auth=scram-sha-256", //nolint:noctx // it ends by itself
		"--pwfile="+secret, "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
	command.Dir = s.directory
	command.SysProcAttr = &syscall.SysProcAttr{Credential: owner}
	if out, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("make a PostgreSQL for the tests: %w: %s", err, out)
	}
	return nil
}

func (s *server) untilReady() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		db, err := database.Open(ctx, s.address("postgres"))
		if err == nil {
			return db.Close()
		}
		select {
		case <-s.done:
			log, _ := os.ReadFile(filepath.Join(s.directory, "log"))
			return fmt.Errorf("the tests' PostgreSQL ended: %s", log)
		case <-ctx.Done():
			s.stop()
			return fmt.Errorf("the tests' PostgreSQL does not answer: %w", err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // on loopback, at once
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// binaries finds PostgreSQL's programs: the newest of Debian's, or what is on
// the path.
func binaries() (string, error) {
	found, err := filepath.Glob("/usr/lib/postgresql/*/bin/postgres")
	if err != nil {
		return "", err
	}
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	path, err := exec.LookPath("postgres")
	if err != nil {
		return "", errors.New("the tests need PostgreSQL: deploy/install-test-tools.sh installs it (Debian: apt-get install postgresql)")
	}
	return filepath.Dir(path), nil
}
