package stamp

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"time"
)

// Info is what an authority states.
type Info struct {
	// Status is 0 where the time stamp is granted.
	Status   int
	Sum      []byte
	Time     time.Time
	Accuracy time.Duration
	Nonce    *big.Int
	Policy   asn1.ObjectIdentifier
	Serial   *big.Int
}

// Sign makes an authority's response, signed by an ECDSA key. names is the
// SHA-256 of the certificate that the signature names. It is there for the test
// authority and the demonstration; a real authority is somebody else.
func Sign(info Info, certificate *x509.Certificate, key crypto.Signer, names [32]byte) ([]byte, error) {
	der, err := sign(info, certificate, key, names)
	if err != nil {
		return nil, fmt.Errorf("make a time stamp: %w", err)
	}
	return der, nil
}

var oidECDSAWithSHA256 = asn1.ObjectIdentifier{1, 2, 840, 10045, 4, 3, 2}

func sign(info Info, certificate *x509.Certificate, key crypto.Signer, names [32]byte) ([]byte, error) {
	bySHA256 := pkix.AlgorithmIdentifier{Algorithm: oidSHA256, Parameters: asn1.NullRawValue}
	if info.Status > 1 {
		return asn1.Marshal(struct{ Status struct{ Status int } }{struct{ Status int }{info.Status}})
	}
	content, err := asn1.Marshal(tstInfo{
		Version: 1, Policy: info.Policy, Imprint: messageImprint{bySHA256, info.Sum}, Serial: info.Serial, Time: info.Time.UTC(),
		Accuracy: accuracy{Seconds: int64(info.Accuracy / time.Second)}, Nonce: info.Nonce,
	})
	if err != nil {
		return nil, err
	}
	attributes, err := signedAttributes(content, names)
	if err != nil {
		return nil, err
	}
	digest := sha256.Sum256(attributes)
	signature, err := key.Sign(rand.Reader, digest[:], crypto.SHA256)
	if err != nil {
		return nil, err
	}
	signer, err := asn1.Marshal(issuerAndSerial{asn1.RawValue{FullBytes: certificate.RawIssuer}, certificate.SerialNumber})
	if err != nil {
		return nil, err
	}
	attributes[0] = 0xa0 // implicitly tagged, see attributesOf
	signed, err := asn1.Marshal(signedData{
		Version: 3, DigestAlgorithms: []pkix.AlgorithmIdentifier{bySHA256}, Content: encapsulated{oidTSTInfo, content},
		Certificates: asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: certificate.Raw},
		SignerInfos: []signerInfo{{
			Version: 1, Signer: asn1.RawValue{FullBytes: signer}, DigestAlgorithm: bySHA256, SignedAttributes: asn1.RawValue{FullBytes: attributes},
			SignatureAlgorithm: pkix.AlgorithmIdentifier{Algorithm: oidECDSAWithSHA256}, Signature: signature,
		}},
	})
	if err != nil {
		return nil, err
	}
	token, err := asn1.Marshal(contentInfo{oidSignedData, asn1.RawValue{Class: asn1.ClassContextSpecific, IsCompound: true, Bytes: signed}})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(timeStampResp{Status: statusInfo{Status: info.Status}, Token: asn1.RawValue{FullBytes: token}})
}

// signedAttributes are the type, the digest and the certificate, as a SET.
func signedAttributes(content []byte, names [32]byte) ([]byte, error) {
	digest := sha256.Sum256(content)
	values := []struct {
		of    asn1.ObjectIdentifier
		value any
	}{
		{oidContentType, oidTSTInfo}, {oidMessageDigest, digest[:]},
		{oidSigningCertificateV2, struct{ Certificates []struct{ Hash []byte } }{[]struct{ Hash []byte }{{names[:]}}}},
	}
	var all []asn1.RawValue
	for _, v := range values {
		value, err := asn1.Marshal(v.value)
		if err != nil {
			return nil, err
		}
		der, err := asn1.Marshal(struct {
			Type   asn1.ObjectIdentifier
			Values []asn1.RawValue `asn1:"set"`
		}{v.of, []asn1.RawValue{{FullBytes: value}}})
		if err != nil {
			return nil, err
		}
		all = append(all, asn1.RawValue{FullBytes: der})
	}
	return asn1.MarshalWithParams(all, "set")
}
