package capture_test

import (
	"errors"
	"io"
	"testing"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
)

func TestAFileIsGivenToWhoeverKeepsEvidence(t *testing.T) {
	each(t, nil, func(t *testing.T, o *office) {
		at := o.now()
		sum := o.keep(sari, png+"satu")
		if _, err := o.Capture(t.Context(), sari, capture.Submission{Link: "https://www.instagram.com/p/Cx_9/", Account: "instagram:1784", Text: "coblos", SeenAt: at, Files: []string{sum}}); err != nil {
			t.Fatal(err)
		}
		file, err := o.Handed(t.Context(), sum)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = file.Close() }()
		content, err := io.ReadAll(file)
		if err != nil || string(content) != png+"satu" || file.By != "sari" || file.Name != "layar.png" || !file.At.Equal(at) {
			t.Errorf("%q by %s at %v, %v", content, file.By, file.At, err)
		}
		if _, err := o.Handed(t.Context(), "ab"+sum[2:]); !errors.Is(err, blobs.ErrNotFound) {
			t.Error(err)
		}
	})
}
