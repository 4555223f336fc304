package blobs_test

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// fakeS3 answers PUT, GET and HEAD of objects as the S3 REST API's reference says,
// and refuses requests whose Signature Version 4 is not made with its key.
type fakeS3 struct {
	id, key string
	mu      sync.Mutex
	objects map[string][]byte
	refused int
	url     string
}

func newFakeS3(t *testing.T, id, key string) *fakeS3 {
	t.Helper()
	f := &fakeS3{id: id, key: key, objects: map[string][]byte{}}
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fakeS3) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.signed(r) {
		f.refused++
		s3Error(w, r, http.StatusForbidden, "SignatureDoesNotMatch")
		return
	}
	if !strings.HasPrefix(r.URL.Path, "/bukti/") {
		s3Error(w, r, http.StatusNotFound, "NoSuchBucket")
		return
	}
	switch r.Method {
	case http.MethodPut:
		data, err := payload(r)
		if err != nil {
			s3Error(w, r, http.StatusBadRequest, "IncompleteBody")
			return
		}
		f.objects[r.URL.Path] = data
		w.Header().Set("ETag", `"etag"`)
	case http.MethodGet, http.MethodHead:
		data, ok := f.objects[r.URL.Path]
		if !ok {
			s3Error(w, r, http.StatusNotFound, "NoSuchKey")
			return
		}
		w.Header().Set("ETag", `"etag"`)
		http.ServeContent(w, r, "", time.Unix(1_700_000_000, 0), bytes.NewReader(data))
	default:
		s3Error(w, r, http.StatusMethodNotAllowed, "MethodNotAllowed")
	}
}

func s3Error(w http.ResponseWriter, r *http.Request, status int, code string) {
	w.Header().Set("Content-Type", "application/xml")
	w.WriteHeader(status)
	if r.Method != http.MethodHead {
		_, _ = fmt.Fprintf(w, "<Error><Code>%s</Code><Message>%s</Message></Error>", code, code)
	}
}

// signed computes the signature of the request anew: "Authenticating Requests:
// Using the Authorization Header (AWS Signature Version 4)".
func (f *fakeS3) signed(r *http.Request) bool {
	parts := map[string]string{}
	for part := range strings.SplitSeq(strings.TrimPrefix(r.Header.Get("Authorization"), "AWS4-HMAC-SHA256 "), ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		parts[name] = value
	}
	scope := strings.SplitN(parts["Credential"], "/", 2)
	if len(scope) != 2 || scope[0] != f.id {
		return false
	}
	names := strings.Split(parts["SignedHeaders"], ";")
	var headers strings.Builder
	for _, name := range names {
		value := strings.Join(r.Header.Values(name), ",")
		switch name {
		case "host":
			value = r.Host
		case "content-length":
			value = strconv.FormatInt(r.ContentLength, 10)
		}
		headers.WriteString(name + ":" + strings.TrimSpace(value) + "\n")
	}
	if !slices.Contains(names, "x-amz-content-sha256") || !slices.Contains(names, "host") {
		return false
	}
	query := strings.ReplaceAll(r.URL.Query().Encode(), "+", "%20")
	canonical := strings.Join([]string{r.Method, r.URL.EscapedPath(), query, headers.String(), parts["SignedHeaders"], r.Header.Get("X-Amz-Content-Sha256")}, "\n")
	digest := sha256.Sum256([]byte(canonical))
	text := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope[1], hex.EncodeToString(digest[:])}, "\n")
	key := []byte("AWS4" + f.key)
	for step := range strings.SplitSeq(scope[1], "/") {
		key = keyed(key, step)
	}
	return hmac.Equal([]byte(hex.EncodeToString(keyed(key, text))), []byte(parts["Signature"]))
}

func keyed(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// payload reads a body, also one in signed chunks.
func payload(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("X-Amz-Content-Sha256"), "STREAMING-") {
		return io.ReadAll(r.Body)
	}
	var data []byte
	body := bufio.NewReader(r.Body)
	for {
		head, err := body.ReadString('\n')
		if err != nil {
			return nil, err
		}
		size, _, _ := strings.Cut(strings.TrimSpace(head), ";")
		n, err := strconv.ParseInt(size, 16, 64)
		if err != nil || n == 0 {
			return data, err
		}
		chunk := make([]byte, n+2)
		if _, err := io.ReadFull(body, chunk); err != nil {
			return nil, err
		}
		data = append(data, chunk[:n]...)
	}
}
