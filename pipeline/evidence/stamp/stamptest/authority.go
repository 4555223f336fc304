// Package stamptest is a time stamping authority on this machine. Its certificate
// is made anew by every program and says that it is none that anybody should
// trust. Tests and the demonstration use it.
package stamptest

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"sync"
	"time"

	"github.com/netra-id/netra/pipeline/evidence/stamp"
)

// Name is that of the authority in its certificate.
const Name = "Netra contoh - BUKAN OTORITAS RESMI"

// Policy is what it stamps by where no other is asked for.
var Policy = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 32473, 1} // RFC 5612's example

// Authority answers requests for time stamps. It is safe for concurrent use.
type Authority struct {
	// Root leads to the certificate that signs.
	Root *x509.Certificate

	mu     sync.Mutex
	now    func() time.Time
	twist  func(*Answer)
	asked  int
	signer *x509.Certificate
	key    crypto.Signer
}

// Answer is what is about to be signed, for a Twist to change.
type Answer struct {
	// HTTP is the status of the answer, PKI that in it.
	HTTP, PKI   int
	Sum         []byte
	Time        time.Time
	Nonce       *big.Int
	Policy      asn1.ObjectIdentifier
	Certificate *x509.Certificate
	// Raw is sent instead, where it is set.
	Raw []byte
}

// Usage is what the certificate of an authority may be made with.
type Usage struct {
	NotBefore, NotAfter time.Time
	// Extended is the extended key usage; time stamping where there is none.
	Extended []asn1.ObjectIdentifier
	// NotCritical leaves the mark away that makes it binding.
	NotCritical bool
}

// New makes an authority with a root and a certificate of its own, valid for ten
// years around now.
func New() (*Authority, error) { return NewWith(Usage{}) }

var oidTimeStamping = asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 3, 8}

// NewWith is New with another certificate.
func NewWith(u Usage) (*Authority, error) {
	if u.NotBefore.IsZero() {
		u.NotBefore, u.NotAfter = time.Now().AddDate(-5, 0, 0), time.Now().AddDate(5, 0, 0)
	}
	if u.Extended == nil {
		u.Extended = []asn1.ObjectIdentifier{oidTimeStamping}
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	usage, err := asn1.Marshal(u.Extended)
	if err != nil {
		return nil, err
	}
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: Name + " (akar)"}, NotBefore: u.NotBefore, NotAfter: u.NotAfter,
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	a := &Authority{now: time.Now, key: key}
	if a.Root, err = issue(root, root, rootKey.Public(), rootKey); err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: Name}, NotBefore: u.NotBefore, NotAfter: u.NotAfter, KeyUsage: x509.KeyUsageDigitalSignature,
		ExtraExtensions: []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 37}, Critical: !u.NotCritical, Value: usage}},
	}
	a.signer, err = issue(leaf, a.Root, key.Public(), rootKey)
	return a, err
}

func issue(template, parent *x509.Certificate, public any, key crypto.Signer) (*x509.Certificate, error) {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for the test authority: %w", err)
	}
	return x509.ParseCertificate(der)
}

// RootPEM is the root as a file holds it.
func (a *Authority) RootPEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.Root.Raw})
}

// Twist has every answer changed before it is signed; nil changes none.
func (a *Authority) Twist(twist func(*Answer)) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.twist = twist
}

// At has the authority's clock read by now.
func (a *Authority) At(now func() time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = now
}

// Asked is how many requests came.
func (a *Authority) Asked() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.asked
}

// ServeHTTP answers a request as RFC 3161 says for HTTP.
func (a *Authority) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	der, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err == nil {
		var status int
		if der, status, err = a.answer(der); err == nil {
			w.Header().Set("Content-Type", "application/timestamp-reply")
			w.WriteHeader(status)
			_, _ = w.Write(der) // who asked may have gone
			return
		}
	}
	http.Error(w, err.Error(), http.StatusBadRequest)
}

// Answer answers a request in DER.
func (a *Authority) Answer(request []byte) ([]byte, error) {
	der, _, err := a.answer(request)
	return der, err
}

func (a *Authority) answer(request []byte) ([]byte, int, error) {
	q, err := stamp.ParseRequest(request)
	if err != nil {
		return nil, 0, err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked++
	t := &Answer{HTTP: http.StatusOK, Sum: q.SHA256[:], Time: a.now(), Nonce: q.Nonce, Policy: q.Policy, Certificate: a.signer}
	if len(t.Policy) == 0 {
		t.Policy = Policy
	}
	if a.twist != nil {
		a.twist(t)
	}
	if t.Raw != nil || t.HTTP != http.StatusOK {
		return t.Raw, t.HTTP, nil
	}
	der, err := t.signed(a.key, int64(a.asked))
	return der, t.HTTP, err
}

func (t *Answer) signed(key crypto.Signer, serial int64) ([]byte, error) {
	return stamp.Sign(stamp.Info{
		Status: t.PKI, Sum: t.Sum, Time: t.Time, Accuracy: time.Second, Nonce: t.Nonce, Policy: t.Policy, Serial: big.NewInt(serial),
	}, t.Certificate, key, sha256.Sum256(t.Certificate.Raw))
}
