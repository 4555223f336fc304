package console_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/pb33f/libopenapi"
	validator "github.com/pb33f/libopenapi-validator"
	"github.com/pb33f/libopenapi-validator/config"
)

// described asks the API and holds each request and answer against what the
// site's own openapi.json says.
type described struct {
	*site
	validator validator.Validator
	paths     []operation
	// asked are the operations that were answered as they should be.
	asked map[string]bool
}

// operation is one of the description, as a route's pattern is written.
type operation struct{ pattern, id string }

func newDescribed(t testing.TB, s *site) *described {
	t.Helper()
	got := s.visit().get("/api/v1/openapi.json")
	if got.status != http.StatusOK {
		t.Fatalf("the description: status %d", got.status)
	}
	document, err := libopenapi.NewDocument([]byte(got.body))
	if err != nil {
		t.Fatal(err)
	}
	d := &described{site: s, asked: map[string]bool{}}
	var errs []error
	if d.validator, errs = validator.NewValidator(document, config.WithFormatAssertions()); len(errs) > 0 {
		t.Fatal(errs)
	}
	if ok, problems := d.validator.ValidateDocument(); !ok {
		for _, p := range problems {
			t.Errorf("openapi.yaml: %s: %s", p.Message, p.Reason)
			for _, one := range p.SchemaValidationErrors {
				t.Errorf("  %s: %s", one.FieldPath, one.Reason)
			}
		}
	}
	model, err := document.BuildV3Model()
	if err != nil {
		t.Fatal(err)
	}
	for path, item := range model.Model.Paths.PathItems.FromOldest() {
		for method, one := range item.GetOperations().FromOldest() {
			d.paths = append(d.paths, operation{strings.ToUpper(method) + " " + path, one.OperationId})
		}
	}
	return d
}

// ask sends a request that is as described, and wants an answer of a status that
// is as described, too.
func (d *described) ask(want int, method, path, token, body string) answer {
	d.t.Helper()
	request := d.request(method, path, token, body)
	if ok, problems := d.validator.ValidateHttpRequest(request); !ok {
		for _, p := range problems {
			d.t.Errorf("%s %s: the request is not as described: %s: %s", method, path, p.Message, p.Reason)
		}
	}
	return d.send(want, method, path, token, body)
}

// send is ask with a request that may be anything.
func (d *described) send(want int, method, path, token, body string) answer {
	d.t.Helper()
	request := d.request(method, path, token, body)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	if response.StatusCode != want {
		d.t.Errorf("%s %s %s: status %d, want %d: %s", method, path, body, response.StatusCode, want, data)
	}
	response.Body = io.NopCloser(bytes.NewReader(data))
	if ok, problems := d.validator.ValidateHttpResponse(d.request(method, path, token, body), response); !ok {
		for _, p := range problems {
			d.t.Errorf("%s %s: the answer is not as described: %s: %s\n%s", method, path, p.Message, p.Reason, data)
			for _, one := range p.SchemaValidationErrors {
				d.t.Errorf("  %s: %s", one.FieldPath, one.Reason)
			}
		}
	}
	got := answer{status: response.StatusCode, body: string(data), header: response.Header}
	if kind := got.header.Get("Content-Type"); want >= 400 && kind != "application/problem+json" {
		d.t.Errorf("%s %s: a problem of the kind %q", method, path, kind)
	}
	return got
}

// op is ask for an operation by its id, which counts as asked then.
func (d *described) op(id string, want int, path, token, body string) answer {
	d.t.Helper()
	for _, known := range d.paths {
		if known.id == id {
			d.asked[id] = true
			return d.ask(want, strings.Split(known.pattern, " ")[0], path, token, body)
		}
	}
	d.t.Fatalf("no operation %s is described", id)
	return answer{}
}

func (d *described) request(method, path, token, body string) *http.Request {
	d.t.Helper()
	var reader io.Reader
	if body != "" {
		reader = strings.NewReader(body)
	}
	request, err := http.NewRequestWithContext(d.t.Context(), method, d.url+path, reader)
	if err != nil {
		d.t.Fatal(err)
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	return request
}

// read reads an answer into a value.
func read[T any](t testing.TB, got answer) T {
	t.Helper()
	var value T
	if err := json.Unmarshal([]byte(got.body), &value); err != nil {
		t.Fatalf("%s: %s", err, got.body)
	}
	return value
}

// tokenOf makes a person and returns a token of theirs.
func (s *site) tokenOf(name string) string {
	s.t.Helper()
	v := s.visit()
	if got := v.login(name, secret); got.status != http.StatusSeeOther {
		s.t.Fatalf("%s: log in: status %d", name, got.status)
	}
	return v.newToken("program")
}
