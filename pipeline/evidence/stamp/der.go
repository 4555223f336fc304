package stamp

import (
	"bytes"
	"crypto"
	_ "crypto/sha256" // the hashes that are taken
	_ "crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"
	"time"
)

// What is read of RFC 3161 and RFC 5652 (CMS).
type (
	timeStampResp struct {
		Status statusInfo
		Token  asn1.RawValue `asn1:"optional"`
	}
	statusInfo struct {
		Status   int
		Text     []asn1.RawValue `asn1:"optional"`
		FailInfo asn1.BitString  `asn1:"optional"`
	}
	contentInfo struct {
		Type    asn1.ObjectIdentifier
		Content asn1.RawValue `asn1:"tag:0"`
	}
	signedData struct {
		Version          int
		DigestAlgorithms []pkix.AlgorithmIdentifier `asn1:"set"`
		Content          encapsulated
		Certificates     asn1.RawValue `asn1:"optional,tag:0"`
		CRLs             asn1.RawValue `asn1:"optional,tag:1"`
		SignerInfos      []signerInfo  `asn1:"set"`
	}
	encapsulated struct {
		Type    asn1.ObjectIdentifier
		Content []byte `asn1:"explicit,tag:0"`
	}
	signerInfo struct {
		Version            int
		Signer             asn1.RawValue
		DigestAlgorithm    pkix.AlgorithmIdentifier
		SignedAttributes   asn1.RawValue `asn1:"optional,tag:0"`
		SignatureAlgorithm pkix.AlgorithmIdentifier
		Signature          []byte
		UnsignedAttributes asn1.RawValue `asn1:"optional,tag:1"`
	}
	issuerAndSerial struct {
		Issuer asn1.RawValue
		Serial *big.Int
	}
	attribute struct {
		Type   asn1.ObjectIdentifier
		Values asn1.RawValue `asn1:"set"`
	}
	tstInfo struct {
		Version    int
		Policy     asn1.ObjectIdentifier
		Imprint    messageImprint
		Serial     *big.Int
		Time       time.Time        `asn1:"generalized"`
		Accuracy   accuracy         `asn1:"optional"`
		Ordering   bool             `asn1:"optional"`
		Nonce      *big.Int         `asn1:"optional"`
		Authority  asn1.RawValue    `asn1:"optional,tag:0"`
		Extensions []pkix.Extension `asn1:"optional,tag:1"`
	}
	messageImprint struct {
		Algorithm pkix.AlgorithmIdentifier
		Hash      []byte
	}
	accuracy struct {
		Seconds int64 `asn1:"optional"`
		Millis  int64 `asn1:"optional,tag:0"`
		Micros  int64 `asn1:"optional,tag:1"`
	}
	signingCertificate struct { // version 1 and, with Hash by an algorithm, 2
		Certificates []essCertID
		Policies     asn1.RawValue `asn1:"optional"`
	}
	essCertID struct {
		Algorithm pkix.AlgorithmIdentifier `asn1:"optional"`
		Hash      []byte
		Issuer    asn1.RawValue `asn1:"optional"`
	}
)

var (
	oidSignedData           = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	oidTSTInfo              = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 1, 4}
	oidContentType          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 3}
	oidMessageDigest        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 4}
	oidSigningCertificate   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 12}
	oidSigningCertificateV2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 16, 2, 47}
	oidExtendedKeyUsage     = asn1.ObjectIdentifier{2, 5, 29, 37}
	oidSHA256               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}
	oidSHA384               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}
	oidSHA512               = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}
	oidRSAPSS               = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
)

// whole reads DER that is one value to its end.
func whole(der []byte, into any, what string) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = fmt.Errorf("%d bytes behind its end", len(rest))
	}
	if err != nil {
		return fmt.Errorf("time stamp: %s: %w", what, err)
	}
	return nil
}

// tokenOf returns the token of a response that grants one.
func tokenOf(der []byte) ([]byte, error) {
	var response timeStampResp
	if err := whole(der, &response, "response"); err != nil {
		return nil, err
	}
	const granted, grantedWithMods = 0, 1
	if s := response.Status.Status; s != granted && s != grantedWithMods || len(response.Token.FullBytes) == 0 {
		return nil, fmt.Errorf("%w: status %d, %s", ErrRefused, s, reasonOf(response.Status))
	}
	return response.Token.FullBytes, nil
}

func reasonOf(s statusInfo) string {
	for bit, text := range map[int]string{
		0: "it does not know the algorithm", 2: "the request was bad", 5: "the data was bad", 14: "its clock is not available",
		15: "it does not accept the policy", 16: "it does not accept an extension", 17: "it cannot give what was asked for", 25: "it failed",
	} {
		if s.FailInfo.At(bit) != 0 {
			return text
		}
	}
	return "without a reason"
}

// signedDataOf reads a token with one signature, and returns what is signed.
func signedDataOf(token []byte) (*signedData, []byte, error) {
	var info contentInfo
	if err := whole(token, &info, "token"); err != nil {
		return nil, nil, err
	}
	if !info.Type.Equal(oidSignedData) {
		return nil, nil, errors.New("time stamp: the token is not signed data")
	}
	var signed signedData
	if err := whole(info.Content.Bytes, &signed, "signed data"); err != nil {
		return nil, nil, err
	}
	if !signed.Content.Type.Equal(oidTSTInfo) || len(signed.SignerInfos) != 1 {
		return nil, nil, errors.New("time stamp: the token is not a time stamp with one signature")
	}
	return &signed, signed.Content.Content, nil
}

func infoOf(content []byte) (*Stamp, error) {
	var info tstInfo
	if err := whole(content, &info, "content"); err != nil {
		return nil, err
	}
	if info.Version != 1 || !info.Imprint.Algorithm.Algorithm.Equal(oidSHA256) || len(info.Imprint.Hash) != 32 {
		return nil, errors.New("time stamp: it is not of a SHA-256")
	}
	for _, e := range info.Extensions {
		if e.Critical {
			return nil, fmt.Errorf("time stamp: it has an extension that is not known: %s", e.Id)
		}
	}
	a := info.Accuracy
	return &Stamp{
		Time: info.Time.UTC(), SHA256: [32]byte(info.Imprint.Hash), Serial: info.Serial, Policy: info.Policy, Nonce: info.Nonce,
		Accuracy: time.Duration(a.Seconds)*time.Second + time.Duration(a.Millis)*time.Millisecond + time.Duration(a.Micros)*time.Microsecond,
	}, nil
}

// names says whether the signer is the one with this certificate.
func (s signerInfo) names(c *x509.Certificate) bool {
	if s.Signer.Class == asn1.ClassContextSpecific && s.Signer.Tag == 0 {
		return len(c.SubjectKeyId) > 0 && bytes.Equal(s.Signer.Bytes, c.SubjectKeyId)
	}
	var id issuerAndSerial
	if whole(s.Signer.FullBytes, &id, "signer") != nil || id.Serial == nil {
		return false
	}
	return bytes.Equal(id.Issuer.FullBytes, c.RawIssuer) && id.Serial.Cmp(c.SerialNumber) == 0
}

// attributes are the signed ones that matter.
type attributes struct {
	// signed is what the signature is of.
	signed         []byte
	digest         []byte
	certificateSum []byte
	// certificateSHA1 is set where the token has the older form.
	certificateSHA1 []byte
}

func attributesOf(info signerInfo) (*attributes, error) {
	if len(info.SignedAttributes.FullBytes) == 0 {
		return nil, fmt.Errorf("%w: it has no signed attributes", ErrSignature)
	}
	a := &attributes{signed: bytes.Clone(info.SignedAttributes.FullBytes)}
	a.signed[0] = 0x31 // they are signed as a SET, section 5.4 of RFC 5652
	var typed bool
	seen := map[string]bool{}
	for rest := info.SignedAttributes.Bytes; len(rest) > 0; {
		var next attribute
		var err error
		if rest, err = asn1.Unmarshal(rest, &next); err != nil {
			return nil, fmt.Errorf("time stamp: signed attributes: %w", err)
		}
		if seen[next.Type.String()] {
			return nil, fmt.Errorf("%w: it has an attribute twice", ErrSignature)
		}
		seen[next.Type.String()] = true
		if err := a.read(next, &typed); err != nil {
			return nil, err
		}
	}
	if !typed || a.digest == nil || a.certificateSum == nil && a.certificateSHA1 == nil {
		return nil, fmt.Errorf("%w: it does not sign its type, its content and its certificate", ErrSignature)
	}
	return a, nil
}

func (a *attributes) read(next attribute, typed *bool) error {
	value := next.Values.Bytes
	switch {
	case next.Type.Equal(oidContentType):
		var of asn1.ObjectIdentifier
		if err := whole(value, &of, "content type"); err != nil {
			return err
		}
		*typed = of.Equal(oidTSTInfo)
	case next.Type.Equal(oidMessageDigest):
		return whole(value, &a.digest, "message digest")
	case next.Type.Equal(oidSigningCertificateV2), next.Type.Equal(oidSigningCertificate):
		var named signingCertificate
		if err := whole(value, &named, "signing certificate"); err != nil {
			return err
		}
		if len(named.Certificates) == 0 {
			return fmt.Errorf("%w: it names no certificate", ErrSignature)
		}
		first := named.Certificates[0]
		if next.Type.Equal(oidSigningCertificate) {
			a.certificateSHA1 = first.Hash
			return nil
		}
		if algorithm := first.Algorithm.Algorithm; len(algorithm) != 0 && !algorithm.Equal(oidSHA256) {
			return fmt.Errorf("time stamp: it names its certificate by the hash %s; SHA-256 is known", algorithm)
		}
		a.certificateSum = first.Hash
	}
	return nil
}

var hashes = map[string]crypto.Hash{oidSHA256.String(): crypto.SHA256, oidSHA384.String(): crypto.SHA384, oidSHA512.String(): crypto.SHA512}

func digestOf(algorithm asn1.ObjectIdentifier, content []byte) ([]byte, error) {
	hash, ok := hashes[algorithm.String()]
	if !ok {
		return nil, fmt.Errorf("time stamp: hash %s; allowed: SHA-256, SHA-384, SHA-512", algorithm)
	}
	h := hash.New()
	h.Write(content)
	return h.Sum(nil), nil
}

// signatureAlgorithm is found by the kind of the signer's key and the digest, as
// authorities name it in more than one way.
func signatureAlgorithm(info signerInfo, signer *x509.Certificate) (x509.SignatureAlgorithm, error) {
	hash := hashes[info.DigestAlgorithm.Algorithm.String()]
	table := map[x509.PublicKeyAlgorithm]map[crypto.Hash]x509.SignatureAlgorithm{
		x509.RSA:   {crypto.SHA256: x509.SHA256WithRSA, crypto.SHA384: x509.SHA384WithRSA, crypto.SHA512: x509.SHA512WithRSA},
		x509.ECDSA: {crypto.SHA256: x509.ECDSAWithSHA256, crypto.SHA384: x509.ECDSAWithSHA384, crypto.SHA512: x509.ECDSAWithSHA512},
		x509.Ed25519: {
			crypto.SHA512: x509.PureEd25519, crypto.SHA256: x509.PureEd25519,
		},
	}
	algorithm, ok := table[signer.PublicKeyAlgorithm][hash]
	if info.SignatureAlgorithm.Algorithm.Equal(oidRSAPSS) {
		algorithm, ok = map[crypto.Hash]x509.SignatureAlgorithm{
			crypto.SHA256: x509.SHA256WithRSAPSS, crypto.SHA384: x509.SHA384WithRSAPSS, crypto.SHA512: x509.SHA512WithRSAPSS,
		}[hash]
	}
	if !ok {
		return 0, fmt.Errorf("time stamp: a signature by %s with %s is not known", signer.PublicKeyAlgorithm, info.SignatureAlgorithm.Algorithm)
	}
	return algorithm, nil
}
