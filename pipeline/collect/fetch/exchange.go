package fetch

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net/http"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/evidence/clock"
)

// ExchangeOf tells how an answer came. The address and who asked are the
// caller's to fill in: only it knows what of the address may be told.
func ExchangeOf(response *http.Response) *collect.Exchange {
	at, checked := clock.Now()
	e := &collect.Exchange{Status: response.StatusCode, Headers: collect.KeptHeaders(response.Header), FetchedAt: at.Round(0), Clock: checked}
	if response.TLS == nil || len(response.TLS.PeerCertificates) == 0 {
		return e
	}
	shown := response.TLS.PeerCertificates[0]
	sum := sha256.Sum256(shown.Raw)
	e.TLS = &collect.TLSExchange{
		Version: tls.VersionName(response.TLS.Version), Certificate: hex.EncodeToString(sum[:]),
		Subject: shown.Subject.String(), Issuer: shown.Issuer.String(), NotAfter: shown.NotAfter.UTC(),
	}
	return e
}
