// Package stamp asks a time stamping authority for time stamps (RFC 3161) and
// verifies them: who says that some bytes were there at a time. It reads DER
// only, takes no hash weaker than SHA-256, and holds an authority's certificate
// to what the RFC asks of it. It keeps nothing. It is called by the sealed log,
// which stamps its checkpoints, and by the verifier of evidence packs.
package stamp

import (
	"bytes"
	"crypto/sha1" //nolint:gosec // only where RFC 2634's older form names a certificate by it
	"crypto/sha256"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// Stamp is a time stamp whose signature holds.
type Stamp struct {
	// Time is when the authority says that it was asked.
	Time time.Time
	// Accuracy is how far the authority's clock may be off, 0 where it does not
	// say.
	Accuracy time.Duration
	// SHA256 is the hash of what was stamped.
	SHA256 [sha256.Size]byte
	Serial *big.Int
	Policy asn1.ObjectIdentifier
	// Nonce is what the one who asked had sent, or nil.
	Nonce *big.Int
	// Signer is the authority's certificate. It is not known yet whether anybody
	// trusts that: see Trusted.
	Signer *x509.Certificate
	others []*x509.Certificate
}

// Authority names who signed.
func (s *Stamp) Authority() string {
	if name := s.Signer.Subject.CommonName; name != "" {
		return name
	}
	return s.Signer.Subject.String()
}

// Errors of time stamps.
var (
	// ErrRefused says that the authority gave no time stamp.
	ErrRefused = errors.New("the authority gave no time stamp")
	// ErrSignature says that a time stamp is not what an authority signed.
	ErrSignature = errors.New("the time stamp's signature does not hold")
	// ErrCertificate says that the certificate may not sign time stamps.
	ErrCertificate = errors.New("the time stamp's certificate is not one of a time stamping authority")
	// ErrUntrusted says that the certificate does not lead to a trusted one.
	ErrUntrusted = errors.New("the time stamp's certificate does not lead to a trusted one")
)

// Open reads an authority's response (TimeStampResp in DER) and verifies its
// signature by the certificate that it brings.
func Open(der []byte) (*Stamp, error) {
	token, err := tokenOf(der)
	if err != nil {
		return nil, err
	}
	signed, content, err := signedDataOf(token)
	if err != nil {
		return nil, err
	}
	s, err := infoOf(content)
	if err != nil {
		return nil, err
	}
	certificates, err := x509.ParseCertificates(signed.Certificates.Bytes)
	if err != nil || len(certificates) == 0 {
		return nil, fmt.Errorf("time stamp: it brings no certificate that can be read: %w", errors.Join(err, ErrCertificate))
	}
	if err := s.signedBy(signed.SignerInfos[0], content, certificates); err != nil {
		return nil, err
	}
	return s, nil
}

// signedBy finds the signer's certificate and verifies what it signed.
func (s *Stamp) signedBy(info signerInfo, content []byte, certificates []*x509.Certificate) error {
	for _, c := range certificates {
		if s.Signer == nil && info.names(c) {
			s.Signer = c
		} else {
			s.others = append(s.others, c)
		}
	}
	if s.Signer == nil {
		return fmt.Errorf("time stamp: the signer's certificate is missing: %w", ErrCertificate)
	}
	attributes, err := attributesOf(info)
	if err != nil {
		return err
	}
	digest, err := digestOf(info.DigestAlgorithm.Algorithm, content)
	if err != nil {
		return err
	}
	if !bytes.Equal(attributes.digest, digest) {
		return fmt.Errorf("%w: its content is another one", ErrSignature)
	}
	if !attributes.namesCertificate(s.Signer) {
		return fmt.Errorf("%w: it names another certificate", ErrSignature)
	}
	algorithm, err := signatureAlgorithm(info, s.Signer)
	if err != nil {
		return err
	}
	if err := s.Signer.CheckSignature(algorithm, attributes.signed, info.Signature); err != nil {
		return fmt.Errorf("%w: %w", ErrSignature, err)
	}
	return mayStamp(s.Signer, s.Time)
}

// namesCertificate says whether the signing certificate attribute (RFC 2634,
// RFC 5035), which ties a signature to its certificate, names this one.
func (a *attributes) namesCertificate(c *x509.Certificate) bool {
	sum := sha256.Sum256(c.Raw)
	if a.certificateSum != nil {
		return bytes.Equal(a.certificateSum, sum[:])
	}
	old := sha1.Sum(c.Raw) //nolint:gosec // see the import
	return bytes.Equal(a.certificateSHA1, old[:])
}

// mayStamp holds a certificate to section 2.3 of RFC 3161: its one extended key
// usage is time stamping, marked critical, and it was valid at the time.
func mayStamp(c *x509.Certificate, at time.Time) error {
	critical := false
	for _, e := range c.Extensions {
		if e.Id.Equal(oidExtendedKeyUsage) {
			critical = e.Critical
		}
	}
	switch {
	case !critical || len(c.ExtKeyUsage) != 1 || c.ExtKeyUsage[0] != x509.ExtKeyUsageTimeStamping || len(c.UnknownExtKeyUsage) != 0:
		return fmt.Errorf("%w: %s", ErrCertificate, c.Subject)
	case at.Before(c.NotBefore) || at.After(c.NotAfter):
		return fmt.Errorf("%w at that time: %s is valid from %s to %s", ErrCertificate, c.Subject, c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339))
	}
	return nil
}

// Trusted says whether the authority's certificate leads to one of the roots at
// the time of the stamp. Whether it was revoked is not asked.
func (s *Stamp) Trusted(roots *x509.CertPool) error {
	between := x509.NewCertPool()
	for _, c := range s.others {
		between.AddCert(c)
	}
	_, err := s.Signer.Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: between, CurrentTime: s.Time, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping},
	})
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUntrusted, err)
	}
	return nil
}
