package console

import (
	"errors"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/blobs"
	"github.com/netra-id/netra/pipeline/capture"
	"github.com/netra-id/netra/pipeline/post"
)

// captureInput is a capture's form as it was filled in.
type captureInput struct {
	Link, Platform, Kind string
	// Account is what was written for the account, Key the one that was chosen for
	// it, and Searched what was written when there was that choice.
	Account, Key, Searched string
	Text, Quoted           string
	Seen, Posted           string
	Files                  []string
	Again                  bool
	Tip                    int64
	Do                     string
}

// dateTimeLocal is how browsers write the value of such an input.
const dateTimeLocal = "2006-01-02T15:04"

func inputOf(values url.Values) captureInput {
	in := captureInput{
		Link: strings.TrimSpace(values.Get("link")), Platform: values.Get("platform"), Kind: values.Get("kind"),
		Account: strings.TrimSpace(values.Get("account")), Key: values.Get("account_key"), Searched: values.Get("searched"),
		Text: values.Get("text"), Quoted: values.Get("quoted"), Seen: values.Get("seen_at"), Posted: values.Get("posted_at"),
		Files: values["file"], Again: values.Get("again") != "", Do: values.Get("do"),
	}
	in.Tip, _ = strconv.ParseInt(values.Get("tip"), 10, 64)
	if in.Account != in.Searched {
		in.Key = ""
	}
	return in
}

// fromLink reads what the bookmarklet sends.
func fromLink(query url.Values) captureInput {
	in := captureInput{
		Link: cutTo(query.Get("url"), capture.MaxLinkBytes), Text: cutTo(query.Get("text"), maxCaptureFieldBytes),
		Platform: query.Get("platform"), Kind: string(post.KindPost),
	}
	if in.Text == "" {
		in.Text = cutTo(query.Get("title"), maxCaptureFieldBytes)
	}
	in.Tip, _ = strconv.ParseInt(query.Get("tip"), 10, 64)
	return in
}

func cutTo(text string, most int) string {
	if len(text) > most {
		text = text[:most]
	}
	return strings.ToValidUTF8(text, "")
}

// refusedFile is a file that was not taken, and why.
type refusedFile struct{ Name, Why string }

// readCapture reads the form, keeps the files that come with it, and says which
// were refused.
func (c *Console) readCapture(r *http.Request) (captureInput, []refusedFile, error) {
	parts := partsOf(r)
	if parts == nil {
		return inputOf(r.PostForm), nil, nil
	}
	values := url.Values{}
	var files []string
	var refused []refusedFile
	for n := 0; ; n++ {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return captureInput{}, nil, badUpload(err)
		}
		if n > 200 {
			return captureInput{}, nil, failure{status: http.StatusBadRequest, cause: errors.New("a form of too many fields")}
		}
		if part.FormName() != "upload" {
			data, err := io.ReadAll(io.LimitReader(part, maxCaptureFieldBytes))
			if err != nil {
				return captureInput{}, nil, badUpload(err)
			}
			values.Add(part.FormName(), string(data))
			continue
		}
		if part.FileName() == "" {
			continue // no file was chosen
		}
		if len(files) >= c.capture.Configuration().MaxFiles {
			refused = append(refused, refusedFile{part.FileName(), "many"})
			continue
		}
		file, err := c.capture.Keep(r.Context(), of(r).viewer, part.FileName(), part)
		if why := endsUpload(err); why != nil {
			return captureInput{}, nil, why
		}
		if err != nil {
			refused = append(refused, refusedFile{short(part.FileName(), 80), fileProblem(err)})
			continue
		}
		files = append(files, file.SHA256)
	}
	in := inputOf(values)
	for _, sum := range files {
		if !slices.Contains(in.Files, sum) {
			in.Files = append(in.Files, sum)
		}
	}
	return in, refused, nil
}

// endsUpload is the error of a file that ends the whole request.
func endsUpload(err error) error {
	var tooLarge *http.MaxBytesError
	switch {
	case err == nil || fileProblem(err) != "" && !errors.As(err, &tooLarge):
		return nil
	case errors.As(err, &tooLarge) || errors.Is(err, io.ErrUnexpectedEOF):
		return badUpload(err)
	}
	return err
}

// fileProblem is the end of a key of words, empty where the file is not to blame.
func fileProblem(err error) string {
	switch {
	case errors.Is(err, blobs.ErrTooLarge):
		return "large"
	case errors.Is(err, blobs.ErrType):
		return "type"
	case errors.Is(err, blobs.ErrEmpty):
		return "empty"
	}
	return ""
}

// submission is what is handed to the desk; times that are none are problems.
func (c *Console) submission(in *captureInput) (capture.Submission, capture.Problems) {
	s := capture.Submission{
		Link: in.Link, Platform: in.Platform, Kind: post.Kind(in.Kind), Account: in.Key, Text: in.Text, Quoted: in.Quoted,
		Files: in.Files, Again: in.Again, Tip: in.Tip,
	}
	var problems capture.Problems
	for _, field := range []struct {
		name, value string
		to          *time.Time
	}{{"seen_at", in.Seen, &s.SeenAt}, {"posted_at", in.Posted, &s.PostedAt}} {
		if field.value == "" {
			continue
		}
		at, err := time.ParseInLocation(dateTimeLocal, field.value, c.zone)
		if err != nil {
			at, err = time.ParseInLocation("2006-01-02T15:04:05", field.value, c.zone)
		}
		if err != nil {
			problems = append(problems, capture.Problem{Field: field.name, Why: "date"})
		}
		*field.to = at
	}
	return s, problems
}
