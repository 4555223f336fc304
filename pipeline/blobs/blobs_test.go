package blobs_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/iotest"

	"github.com/netra-id/netra/pipeline/blobs"
)

const (
	png  = "\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR"
	jpeg = "\xff\xd8\xff\xe0\x00\x10JFIF"
	webp = "RIFF\x24\x00\x00\x00WEBPVP8 "
	gif  = "GIF89a\x01\x00\x01\x00"
	mp4  = "\x00\x00\x00\x18ftypisom\x00\x00\x02\x00isommp41"
	mov  = "\x00\x00\x00\x14ftypqt  \x00\x00\x02\x00qt  "
	webm = "\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x84webm"
	pdf  = "%PDF-1.7\n"
)

// stores are all kinds of stores, empty; damage changes the bytes that are kept.
type kept struct {
	*blobs.Store
	damage func(sum string)
	count  func() int
}

func each(t *testing.T, test func(t *testing.T, s kept)) {
	t.Helper()
	t.Run("folder", func(t *testing.T) {
		dir := t.TempDir()
		s, err := blobs.New(blobs.Configuration{Dir: dir})
		if err != nil {
			t.Fatal(err)
		}
		path := func(sum string) string { return filepath.Join(dir, sum[:2], sum[2:4], sum) }
		test(t, kept{s, func(sum string) {
			if err := os.Chmod(path(sum), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path(sum), []byte(png+"others"), 0o600); err != nil {
				t.Fatal(err)
			}
		}, func() int { return files(t, dir) }})
	})
	t.Run("s3", func(t *testing.T) {
		fake := newFakeS3(t, "netra", "rahasia-sekali")
		s := overS3(t, fake, "rahasia-sekali")
		test(t, kept{s, func(sum string) {
			fake.mu.Lock()
			defer fake.mu.Unlock()
			for name := range fake.objects {
				if strings.HasSuffix(name, sum) {
					fake.objects[name] = []byte(png + "others")
				}
			}
		}, func() int {
			fake.mu.Lock()
			defer fake.mu.Unlock()
			return len(fake.objects)
		}})
	})
}

func overS3(t *testing.T, fake *fakeS3, key string) *blobs.Store {
	t.Helper()
	cfg := blobs.DefaultConfiguration()
	t.Setenv("NETRA_TEST_ACCESS_KEY", key)
	cfg.S3.Endpoint, cfg.S3.Bucket, cfg.S3.Prefix = fake.url, "bukti", "netra/"
	cfg.S3.AccessKeyID, cfg.S3.AccessKeyEnv = "netra", "NETRA_TEST_ACCESS_KEY"
	s, err := blobs.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func files(t *testing.T, dir string) (n int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			n++
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestWhatIsPutIsGiven(t *testing.T) {
	each(t, func(t *testing.T, s kept) {
		for kind, head := range map[string]string{
			"image/png": png, "image/jpeg": jpeg, "image/webp": webp, "image/gif": gif, "video/mp4": mp4, "video/webm": webm, "application/pdf": pdf,
		} {
			content := head + strings.Repeat(kind, 20_000)
			hash := sha256.Sum256([]byte(content))
			ref, err := s.Put(t.Context(), iotest.OneByteReader(strings.NewReader(content)), blobs.Limits{MaxBytes: int64(len(content))})
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			if want := (blobs.Ref{SHA256: hex.EncodeToString(hash[:]), Size: int64(len(content)), Type: kind}); ref != want {
				t.Errorf("got %+v, want %+v", ref, want)
			}
			blob, err := s.Open(t.Context(), ref.SHA256)
			if err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
			data, err := io.ReadAll(blob)
			if err != nil || string(data) != content || blob.Ref != ref {
				t.Errorf("%s: %d bytes of %+v, %v", kind, len(data), blob.Ref, err)
			}
			if err := blob.Close(); err != nil {
				t.Error(err)
			}
		}
	})
}

func TestTheSameBytesAreKeptOnce(t *testing.T) {
	each(t, func(t *testing.T, s kept) {
		var all sync.WaitGroup
		for range 8 {
			all.Go(func() {
				if _, err := s.Put(t.Context(), strings.NewReader(png+"same"), blobs.Limits{}); err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if n := s.count(); n != 1 {
			t.Errorf("%d files, want 1", n)
		}
	})
}

func TestWhatIsNotTakenLeavesNothing(t *testing.T) {
	each(t, func(t *testing.T, s kept) {
		broken := errors.New("the sender went away")
		for name, test := range map[string]struct {
			content io.Reader
			limits  blobs.Limits
			want    error
		}{
			"too large":      {strings.NewReader(png + strings.Repeat("x", 100)), blobs.Limits{MaxBytes: 100}, blobs.ErrTooLarge},
			"without end":    {io.MultiReader(strings.NewReader(png), endless{}), blobs.Limits{MaxBytes: 1 << 20}, blobs.ErrTooLarge},
			"empty":          {strings.NewReader(""), blobs.Limits{}, blobs.ErrEmpty},
			"HTML":           {strings.NewReader("<!DOCTYPE html><script>alert(1)</script>"), blobs.Limits{}, blobs.ErrType},
			"SVG":            {strings.NewReader(`<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>`), blobs.Limits{}, blobs.ErrType},
			"program":        {strings.NewReader("\x7fELF\x02\x01\x01"), blobs.Limits{}, blobs.ErrType},
			"other Matroska": {strings.NewReader("\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\x82\x88matroska"), blobs.Limits{}, blobs.ErrType},
			"HEIC":           {strings.NewReader("\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic"), blobs.Limits{}, blobs.ErrType},
			"not this time":  {strings.NewReader(pdf), blobs.Limits{Types: []string{"image/png"}}, blobs.ErrType},
			"broken off":     {io.MultiReader(strings.NewReader(png), iotest.ErrReader(broken)), blobs.Limits{}, broken},
		} {
			if _, err := s.Put(t.Context(), test.content, test.limits); !errors.Is(err, test.want) {
				t.Errorf("%s: %v, want %v", name, err, test.want)
			}
		}
		if n := s.count(); n != 0 {
			t.Errorf("%d files are left", n)
		}
		if _, err := s.Put(t.Context(), strings.NewReader(mov), blobs.Limits{}); err != nil {
			t.Errorf("a recording of an iPhone: %v", err)
		}
	})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }

func TestADamagedFileIsNotGiven(t *testing.T) {
	each(t, func(t *testing.T, s kept) {
		ref, err := s.Put(t.Context(), strings.NewReader(png+"own"), blobs.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		s.damage(ref.SHA256)
		if _, err := s.Open(t.Context(), ref.SHA256); !errors.Is(err, blobs.ErrDamaged) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAHashThatIsNone(t *testing.T) {
	each(t, func(t *testing.T, s kept) {
		missing := strings.Repeat("ab", 32)
		if _, err := s.Open(t.Context(), missing); !errors.Is(err, blobs.ErrNotFound) {
			t.Errorf("missing: %v", err)
		}
		if has, err := s.Has(t.Context(), missing); has || err != nil {
			t.Errorf("missing: %v %v", has, err)
		}
		for _, bad := range []string{"", "..", "../../etc/passwd", strings.ToUpper(missing), missing + "0", missing[:62] + "/."} {
			if _, err := s.Open(t.Context(), bad); err == nil || errors.Is(err, blobs.ErrNotFound) {
				t.Errorf("%q: %v", bad, err)
			}
			if has, err := s.Has(t.Context(), bad); has || err != nil {
				t.Errorf("%q: %v %v", bad, has, err)
			}
		}
	})
}

func TestAFileInTheFolderCannotBeWrittenAndADamagedOneIsReplaced(t *testing.T) {
	dir := t.TempDir()
	s, err := blobs.New(blobs.Configuration{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ref, err := s.Put(t.Context(), strings.NewReader(png), blobs.Limits{})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, ref.SHA256[:2], ref.SHA256[2:4], ref.SHA256)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o400 {
		t.Fatalf("%v, %v", info.Mode(), err)
	}
	if err := errors.Join(os.Remove(path), os.WriteFile(path, []byte("broken"), 0o600)); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Put(t.Context(), strings.NewReader(png), blobs.Limits{}); err != nil {
		t.Fatal(err)
	}
	blob, err := s.Open(t.Context(), ref.SHA256)
	if err != nil {
		t.Fatal(err)
	}
	_ = blob.Close()
}

func TestTheStorageRefusesAnotherKey(t *testing.T) {
	fake := newFakeS3(t, "netra", "rahasia-sekali")
	s := overS3(t, fake, "kunci lain")
	if _, err := s.Put(t.Context(), strings.NewReader(png), blobs.Limits{}); err == nil || fake.refused == 0 || len(fake.objects) != 0 {
		t.Errorf("error %v, %d refused, %d objects", err, fake.refused, len(fake.objects))
	}
}

func TestConfigurationNamesWhatIsWrong(t *testing.T) {
	for name, test := range map[string]struct {
		cfg  blobs.Configuration
		want string
	}{
		"nothing":     {blobs.Configuration{}, `"dir"`},
		"no scheme":   {blobs.Configuration{S3: blobs.S3Configuration{Endpoint: "s3.example"}}, `"s3.endpoint"`},
		"no bucket":   {blobs.Configuration{S3: blobs.S3Configuration{Endpoint: "https://s3.example"}}, `"s3.bucket"`},
		"no key":      {blobs.Configuration{S3: blobs.S3Configuration{Endpoint: "https://s3.example", Bucket: "b", AccessKeyID: "i"}}, `"s3.access_key_env"`},
		"key in text": {blobs.Configuration{S3: blobs.S3Configuration{Endpoint: "https://s3.example", Bucket: "b", AccessKeyID: "i", AccessKeyEnv: "a b"}}, `(not shown)`},
	} {
		if err := test.cfg.Validate(); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want it to contain %s", name, err, test.want)
		}
	}
}

func FuzzSniff(f *testing.F) {
	for _, head := range []string{png, jpeg, webp, gif, mp4, mov, webm, pdf, "<html>", ""} {
		f.Add([]byte(head))
	}
	s, err := blobs.New(blobs.Configuration{Dir: f.TempDir()})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		ref, err := s.Put(t.Context(), bytes.NewReader(data), blobs.Limits{MaxBytes: 1 << 16})
		if err == nil && (ref.Type == blobs.Unknown || bytes.HasPrefix(bytes.TrimSpace(data), []byte("<"))) {
			t.Errorf("%q is taken as %s", data, ref.Type)
		}
	})
}
