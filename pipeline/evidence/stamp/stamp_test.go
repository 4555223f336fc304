package stamp_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/netra-id/netra/pipeline/evidence/stamp"
	"github.com/netra-id/netra/pipeline/evidence/stamp/stamptest"
)

var text = []byte("netra-evidence\n1\nroot\n")

func authority(t testing.TB, u stamptest.Usage) *stamptest.Authority {
	t.Helper()
	a, err := stamptest.NewWith(u)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func serve(t testing.TB, a http.Handler) string {
	t.Helper()
	s := httptest.NewServer(a)
	t.Cleanup(s.Close)
	return s.URL
}

func ask(t testing.TB, address string) ([]byte, *stamp.Stamp, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	return stamp.NewRequest(sha256.Sum256(text), nil).Ask(ctx, http.DefaultClient, address)
}

func TestAStampSaysWhatWasThereWhen(t *testing.T) {
	a := authority(t, stamptest.Usage{})
	at := time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)
	a.At(func() time.Time { return at })
	der, s, err := ask(t, serve(t, a))
	if err != nil {
		t.Fatal(err)
	}
	if !s.Time.Equal(at) || s.SHA256 != sha256.Sum256(text) || s.Accuracy != time.Second || s.Authority() != stamptest.Name {
		t.Errorf("stamp %+v", s)
	}
	roots := x509.NewCertPool()
	if err := s.Trusted(roots); !errors.Is(err, stamp.ErrUntrusted) {
		t.Errorf("without a root: %v", err)
	}
	roots.AddCert(a.Root)
	if err := s.Trusted(roots); err != nil {
		t.Error(err)
	}
	again, err := stamp.Open(der)
	if err != nil || !again.Time.Equal(at) {
		t.Errorf("opened again: %v", err)
	}
}

func TestAnAuthorityThatLiesIsNotBelieved(t *testing.T) {
	other := sha256.Sum256([]byte("other"))
	stranger := authority(t, stamptest.Usage{})
	tests := map[string]struct {
		twist func(*stamptest.Answer)
		why   string
	}{
		"of other bytes":        {func(a *stamptest.Answer) { a.Sum = other[:] }, "other bytes"},
		"an old answer":         {func(a *stamptest.Answer) { a.Nonce = big.NewInt(1) }, "nonce"},
		"without the nonce":     {func(a *stamptest.Answer) { a.Nonce = nil }, "nonce"},
		"refused":               {func(a *stamptest.Answer) { a.PKI = 2 }, "no time stamp"},
		"away":                  {func(a *stamptest.Answer) { a.HTTP = http.StatusServiceUnavailable }, "503"},
		"no time stamp at all":  {func(a *stamptest.Answer) { a.Raw = []byte("<html>") }, "response"},
		"without end":           {func(a *stamptest.Answer) { a.Raw = make([]byte, 1<<20) }, "more than"},
		"by another's key":      {func(a *stamptest.Answer) { a.Certificate = stranger.Root }, "does not hold"},
		"out of date":           {func(a *stamptest.Answer) { a.Time = time.Now().AddDate(20, 0, 0) }, "at that time"},
		"from before it was":    {func(a *stamptest.Answer) { a.Time = time.Now().AddDate(-20, 0, 0) }, "at that time"},
		"not of a SHA-256":      {func(a *stamptest.Answer) { a.Sum = other[:20] }, "SHA-256"},
		"with bytes behind it":  {nil, "behind its end"},
		"with one bit changed":  {nil, "time stamp"},
		"by policy not granted": {func(a *stamptest.Answer) { a.Policy = asn1.ObjectIdentifier{1, 2, 3} }, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			a := authority(t, stamptest.Usage{})
			a.Twist(test.twist)
			address := serve(t, a)
			if test.twist == nil {
				der, _, err := ask(t, address)
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(name, "behind") {
					der = append(der, 0)
				} else {
					der[len(der)-3] ^= 1
				}
				if _, err := stamp.Open(der); err == nil || !strings.Contains(err.Error(), test.why) {
					t.Errorf("got %v", err)
				}
				return
			}
			if _, _, err := ask(t, address); (err == nil) != (test.why == "") || err != nil && !strings.Contains(err.Error(), test.why) {
				t.Errorf("got %v, want an error that contains %q", err, test.why)
			}
		})
	}
}

func TestThePolicyIsTheOneThatWasAskedFor(t *testing.T) {
	a := authority(t, stamptest.Usage{})
	q := stamp.NewRequest(sha256.Sum256(text), asn1.ObjectIdentifier{1, 2, 3})
	if _, s, err := q.Ask(t.Context(), http.DefaultClient, serve(t, a)); err != nil || !s.Policy.Equal(q.Policy) {
		t.Errorf("got %v", err)
	}
	a.Twist(func(a *stamptest.Answer) { a.Policy = stamptest.Policy })
	if _, _, err := q.Ask(t.Context(), http.DefaultClient, serve(t, a)); err == nil || !strings.Contains(err.Error(), "policy") {
		t.Errorf("got %v", err)
	}
}

func TestOnlyACertificateForTimeStampsSignsOne(t *testing.T) {
	server := asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 1}
	for name, u := range map[string]stamptest.Usage{
		"for servers":         {Extended: []asn1.ObjectIdentifier{server}},
		"for servers as well": {Extended: []asn1.ObjectIdentifier{server, {1, 3, 6, 1, 5, 5, 7, 3, 8}}},
		"not marked critical": {NotCritical: true},
		"over":                {NotBefore: time.Now().AddDate(-2, 0, 0), NotAfter: time.Now().AddDate(-1, 0, 0)},
	} {
		if _, _, err := ask(t, serve(t, authority(t, u))); !errors.Is(err, stamp.ErrCertificate) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func openssl(t testing.TB) string {
	t.Helper()
	path, err := exec.LookPath("openssl")
	if err != nil {
		t.Fatal("openssl is not installed: apt-get install openssl")
	}
	return path
}

// TestOpenSSLVerifiesTheTestAuthority has the stamps of the test authority
// judged by another implementation.
func TestOpenSSLVerifiesTheTestAuthority(t *testing.T) {
	a := authority(t, stamptest.Usage{})
	der, _, err := ask(t, serve(t, a))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for name, data := range map[string][]byte{"root.pem": a.RootPEM(), "reply.tsr": der, "data": text} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), openssl(t), "ts", "-verify", "-data", "data", "-in", "reply.tsr", "-CAfile", "root.pem")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("Verification: OK")) {
		t.Errorf("%v: %s", err, out)
	}
}

// TestAStampOfOpenSSLIsRead has another implementation be the authority.
func TestAStampOfOpenSSLIsRead(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), openssl(t), args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("openssl %s: %v: %s", strings.Join(args, " "), err, out)
		}
	}
	write := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, key := range []string{"rsa:2048", "ec -pkeyopt ec_paramgen_curve:P-256"} {
		for _, digest := range []string{"sha256", "sha512"} {
			write("tsa.cnf", []byte(`[req]
distinguished_name = dn
x509_extensions = ext
[dn]
[ext]
extendedKeyUsage = critical,timeStamping
[tsa]
default_tsa = it
[it]
serial = serial
default_policy = 1.2.3.4.1
digests = sha256
signer_digest = `+digest+`
accuracy = secs:1, millisecs:500
ess_cert_id_chain = no
ess_cert_id_alg = sha256
`))
			run(append(append([]string{"req", "-x509", "-newkey"}, strings.Fields(key)...), "-keyout", "key.pem", "-out", "cert.pem", "-nodes", "-subj", "/CN=openssl", "-days", "2", "-config", "tsa.cnf")...)
			write("serial", []byte("01\n"))
			q := stamp.NewRequest(sha256.Sum256(text), nil)
			der, err := q.DER()
			if err != nil {
				t.Fatal(err)
			}
			write("q.tsq", der)
			run("ts", "-reply", "-config", "tsa.cnf", "-section", "it", "-queryfile", "q.tsq", "-signer", "cert.pem", "-inkey", "key.pem", "-out", "r.tsr")
			reply, err := os.ReadFile(filepath.Join(dir, "r.tsr"))
			if err != nil {
				t.Fatal(err)
			}
			s, err := stamp.Open(reply)
			if err != nil {
				t.Errorf("%s with %s: %v", key, digest, err)
				continue
			}
			roots := x509.NewCertPool()
			roots.AddCert(s.Signer)
			if err := errors.Join(q.Answers(s), s.Trusted(roots)); err != nil || s.Accuracy != 1500*time.Millisecond || time.Since(s.Time).Abs() > time.Hour {
				t.Errorf("%s with %s: %+v, %v", key, digest, s, err)
			}
		}
	}
}

func FuzzOpen(f *testing.F) {
	a := authority(f, stamptest.Usage{})
	der, err := stamp.NewRequest(sha256.Sum256(text), nil).DER()
	if err != nil {
		f.Fatal(err)
	}
	reply, err := a.Answer(der)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(reply)
	f.Add(der)
	sum := sha256.Sum256(text)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := stamp.Open(data)
		if err == nil && s.SHA256 != sum && bytes.Contains(data, a.Root.RawSubject) {
			t.Error("a time stamp of other bytes holds")
		}
	})
}
