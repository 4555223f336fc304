package stamp

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net/http"
	"strconv"
	"strings"
)

type timeStampReq struct {
	Version int
	Imprint messageImprint
	Policy  asn1.ObjectIdentifier `asn1:"optional"`
	Nonce   *big.Int              `asn1:"optional"`
	CertReq bool                  `asn1:"optional"`
}

// Request is a question to an authority.
type Request struct {
	SHA256 [32]byte
	// Policy is the one that is asked for, or nil.
	Policy asn1.ObjectIdentifier
	Nonce  *big.Int
}

// NewRequest asks for a time stamp of bytes by their SHA-256, with a fresh nonce.
func NewRequest(sum [32]byte, policy asn1.ObjectIdentifier) Request {
	nonce, _ := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127)) // never fails
	return Request{SHA256: sum, Policy: policy, Nonce: nonce}
}

// DER is the request as it is sent.
func (r Request) DER() ([]byte, error) {
	der, err := asn1.Marshal(timeStampReq{
		Version: 1, Policy: r.Policy, Nonce: r.Nonce, CertReq: true,
		Imprint: messageImprint{Algorithm: pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}, Hash: r.SHA256[:]},
	})
	if err != nil {
		return nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	return der, nil
}

// ParseRequest reads a request, for authorities.
func ParseRequest(der []byte) (Request, error) {
	var q timeStampReq
	if err := whole(der, &q, "request"); err != nil {
		return Request{}, err
	}
	if q.Version != 1 || !q.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || len(q.Imprint.Hash) != 32 {
		return Request{}, errors.New("time stamp: the request is not of a SHA-256")
	}
	return Request{SHA256: [32]byte(q.Imprint.Hash), Policy: q.Policy, Nonce: q.Nonce}, nil
}

// Answers says whether a stamp is the answer to the request.
func (r Request) Answers(s *Stamp) error {
	switch {
	case s.SHA256 != r.SHA256:
		return errors.New("time stamp: it is of other bytes than were sent")
	case r.Nonce != nil && (s.Nonce == nil || s.Nonce.Cmp(r.Nonce) != 0):
		return errors.New("time stamp: it is not the answer to this request: its nonce is another one")
	case len(r.Policy) > 0 && !s.Policy.Equal(r.Policy):
		return fmt.Errorf("time stamp: it is by the policy %s, not by %s", s.Policy, r.Policy)
	}
	return nil
}

// mostResponse bounds what is read from an authority.
const mostResponse = 256 << 10

// Ask asks the authority at an address and returns its response, verified as an
// answer to the request, and what it says.
func (r Request) Ask(ctx context.Context, client *http.Client, address string) ([]byte, *Stamp, error) {
	der, err := r.DER()
	if err != nil {
		return nil, nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address, bytes.NewReader(der))
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	request.Header.Set("Content-Type", "application/timestamp-query")
	request.Header.Set("Accept", "application/timestamp-reply")
	response, err := client.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("ask for a time stamp: %w", err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(io.LimitReader(response.Body, mostResponse+1))
	switch {
	case err != nil:
		return nil, nil, fmt.Errorf("ask for a time stamp: %w", err)
	case response.StatusCode != http.StatusOK:
		return nil, nil, fmt.Errorf("ask for a time stamp: %w: HTTP %s", ErrRefused, response.Status)
	case len(data) > mostResponse:
		return nil, nil, fmt.Errorf("ask for a time stamp: the answer has more than %d bytes", mostResponse)
	}
	s, err := Open(data)
	if err == nil {
		err = r.Answers(s)
	}
	return data, s, err
}

// ParsePolicy reads an OID in dots; an empty one is none.
func ParsePolicy(text string) (asn1.ObjectIdentifier, error) {
	if text == "" {
		return nil, nil
	}
	var oid asn1.ObjectIdentifier
	for part := range strings.SplitSeq(text, ".") {
		n, err := strconv.ParseUint(part, 10, 31)
		if err != nil {
			return nil, fmt.Errorf("policy %q; allowed: an OID such as 1.2.3.4.1", text)
		}
		oid = append(oid, int(n))
	}
	return oid, nil
}
