package files

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/xuri/excelize/v2"

	"github.com/netra-id/netra/pipeline/collect"
	"github.com/netra-id/netra/pipeline/post"
)

// mapped imports one file through a mapping.
func mapped(t *testing.T, mapping, path string) (Report, *inbox) {
	t.Helper()
	state := openState(t, filepath.Join(t.TempDir(), "s.db"))
	defer state.Close()
	var in inbox
	m := importer(t, state, &in)
	m.Configuration.Mapping = mapping
	return m.Import(t.Context(), []string{path}), &in
}

func posts(in *inbox) []post.Post {
	var all []post.Post
	for _, out := range in.posts {
		all = append(all, out.Post)
	}
	return all
}

var ignoreCollecting = cmpopts.IgnoreFields(post.Post{}, "CollectedAt", "Source", "RawSHA256")

func TestCrowdTangle(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "history.csv"), "Page Name,User Name,Facebook Id,Page Category,Post Created,Post Created Date,Post Created Time,Type,Likes,URL,Message,Link,Final Link,Image Text,Link Text,Description\n"+
		`Dinas Landak,dinaslandak,100064001234567,GOVERNMENT,2023-11-20 08:00:00 WIB,2023-11-20,08:00:00,Link,3,https://www.facebook.com/100064001234567/posts/777123,"Ayo, coblos 2",https://berita.example/1,,,Judul,Isi berita`+"\n"+
		`Dinas Landak,dinaslandak,100064001234567,GOVERNMENT,2023-11-20 01:00:00 EST,2023-11-20,01:00:00,Photo,3,https://www.facebook.com/photo.php?fbid=888&set=a.1,dua,https://www.facebook.com/photo.php?fbid=888,,,,`+"\n"+
		`Dinas Landak,dinaslandak,100064001234567,GOVERNMENT,kemarin,x,x,Photo,3,https://www.facebook.com/1/posts/9,tiga,,,,,`+"\n"+
		`Dinas Landak,dinaslandak,1.00064E+14,GOVERNMENT,2023-11-20 01:00:00 EST,x,x,Photo,3,https://www.facebook.com/1/posts/10,empat,,,,,`+"\n")
	report, in := mapped(t, "crowdtangle", path)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	account := post.Account{ID: "100064001234567", Handle: "dinaslandak", Name: "Dinas Landak"}
	want := []post.Post{
		{ID: "facebook:777123", Platform: "facebook", Kind: post.KindPost, Account: account, URL: "https://www.facebook.com/100064001234567/posts/777123",
			Text: "Ayo, coblos 2", Quoted: "Judul\n\nIsi berita", Media: []post.Media{{Type: "link", URL: "https://berita.example/1"}}, CreatedAt: time.Date(2023, 11, 20, 1, 0, 0, 0, time.UTC)},
		{ID: "facebook:888", Platform: "facebook", Kind: post.KindPost, Account: account, URL: "https://www.facebook.com/photo.php?fbid=888&set=a.1",
			Text: "dua", Media: []post.Media{{Type: "link", URL: "https://www.facebook.com/photo.php?fbid=888"}}, CreatedAt: time.Date(2023, 11, 20, 6, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, posts(in), ignoreCollecting, cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Error(diff)
	}
	reasons := strings.Join(in.reasons(), "\n")
	for _, part := range []string{
		`history.csv:4 column "Post Created" (created_at): value "kemarin": allowed: a date in the format %Y-%m-%d %H:%M:%S %Z`,
		`history.csv:5 column "Facebook Id" (account_id): value "1.00064E+14": allowed: the whole number`,
	} {
		if !strings.Contains(reasons, part) {
			t.Errorf("%s\nis not in\n%s", part, reasons)
		}
	}
}

func TestTikTokExports(t *testing.T) {
	folder := t.TempDir()
	ndjson := write(t, filepath.Join(folder, "export.ndjson"),
		`{"nr":1,"item_id":"7301","timestamp_collected":1732100000123,"source_platform":"tiktok.com","data":{"id":"7301","desc":"Coblos 2 #pilkada","createTime":1732000000,"author":{"id":"6801234567890123456","uniqueId":"budi.asn","nickname":"Budi"},"video":{"playAddr":"https://cdn.example/v.mp4"},"stickersOnItem":[{"stickerText":["all in","gas"]}]}}`+"\n"+
			`{"data":{"id":"7302","desc":"lama","createTime":"1732000001","author":"budi.asn","nickname":"Budi"}}`+"\n"+`{"data":7}`+"\n")
	report, in := mapped(t, "zeeschuimer-tiktok", ndjson)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	want := []post.Post{
		{ID: "tiktok:7301", Platform: "tiktok", Kind: post.KindPost, Account: post.Account{ID: "6801234567890123456", Handle: "@budi.asn", Name: "Budi"},
			URL: "https://www.tiktok.com/@budi.asn/video/7301", Text: "Coblos 2 #pilkada\nall in\ngas", Media: []post.Media{{Type: "video", URL: "https://cdn.example/v.mp4"}},
			CreatedAt: time.Unix(1732000000, 0)},
		{ID: "tiktok:7302", Platform: "tiktok", Kind: post.KindPost, Account: post.Account{ID: "budi.asn", Handle: "@budi.asn", Name: "Budi"}, Text: "lama", CreatedAt: time.Unix(1732000001, 0)},
	}
	same := cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })
	if diff := cmp.Diff(want, posts(in), ignoreCollecting, same); diff != "" {
		t.Error(diff)
	}
	if len(in.letters) != 1 || in.posts[0].Post.CollectedAt.UnixMilli() != 1732100000123 {
		t.Errorf("letters %v, collected at %s", in.reasons(), in.posts[0].Post.CollectedAt)
	}
	csv := write(t, filepath.Join(folder, "4cat.csv"), "id,thread_id,author,author_full,author_id,body,timestamp,unix_timestamp,tiktok_url,video_url,stickers\n"+
		"7301,7301,budi.asn,Budi,6801234567890123456,Coblos 2 #pilkada,2024-11-19 07:06:40,1732000000,https://www.tiktok.com/@budi.asn/video/7301,https://cdn.example/v.mp4,\"all in\ngas\"\n")
	report, in = mapped(t, "4cat-tiktok", csv)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want[:1], posts(in), ignoreCollecting, same); diff != "" {
		t.Errorf("both tools tell of the same post: %s", diff)
	}
}

const ownMapping = `
mapping: laporan
zone: Asia/Pontianak
fields:
  id: {template: "web:{Nomor}"}
  platform: {from: [Media], map: {FB: facebook, IG: instagram}}
  kind: {from: [Jenis], map: {Komentar: comment, "*": post}, optional: true}
  account_id: {from: [Akun]}
  text: {from: [Isi, Isi 2], join: " / "}
  created_at: {from: [Tanggal], formats: ["%d %B %Y %H.%M", excel, "%d/%m/%Y"]}
`

func own(t *testing.T) string {
	t.Helper()
	return write(t, filepath.Join(t.TempDir(), "laporan.yaml"), ownMapping)
}

func brief(all []post.Post) []string {
	var lines []string
	for _, p := range all {
		lines = append(lines, fmt.Sprintf("%s %s %s %s %q %s", p.ID, p.Platform, p.Kind, p.Account.ID, p.Text, p.CreatedAt.Format(time.RFC3339)))
	}
	return lines
}

func TestSpreadsheets(t *testing.T) {
	book := excelize.NewFile()
	rows := [][]any{
		{"Nomor", "Media", "Jenis", "Akun", "Isi", "Isi 2", "Tanggal"}, {},
		{1, "FB", "Komentar", "100064001234567", "satu", "dua", "20 November 2024 08.30"},
		{2, "IG", "", "budi", "tiga", "", time.Date(2024, 11, 20, 8, 30, 0, 0, time.UTC)},
		{3, "Path", "", "budi", "empat", "", "20/11/2024"},
		{4, "FB", "", "budi", "lima", "", "20 Agustus 2024 23.59"},
		{5, "FB", "", 1.23456789012345678e18, "enam", "", "20/11/2024"},
	}
	for n, cells := range rows {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "laporan.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	report, in := mapped(t, own(t), path)
	if err := report.Err(); err != nil {
		t.Fatal(err)
	}
	want := []string{
		`web:1 facebook comment 100064001234567 "satu / dua" 2024-11-20T08:30:00+07:00`,
		`web:2 instagram post budi "tiga" 2024-11-20T08:30:00+07:00`,
		`web:4 facebook post budi "lima" 2024-08-20T23:59:00+07:00`,
	}
	if diff := cmp.Diff(want, brief(posts(in))); diff != "" {
		t.Error(diff)
	}
	reasons := strings.Join(in.reasons(), "\n")
	for _, part := range []string{
		`laporan.xlsx:5 column "Media" (platform): value "Path": allowed: the values FB, IG, which the mapping names`,
		`laporan.xlsx:7 column "Akun" (account_id): value "1.23`,
	} {
		if !strings.Contains(reasons, part) {
			t.Errorf("%s\nis not in\n%s", part, reasons)
		}
	}
}

func TestSpreadsheetsOfPostsNeedNoMapping(t *testing.T) {
	book := excelize.NewFile()
	for n, cells := range [][]any{{"id", "platform", "account_id", "text", "created_at"}, {"1", "web", "budi", "satu", "2024-11-20 08:00:00"}, {"2", "web", "budi", "dua", 45616.25}} {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &cells); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(t.TempDir(), "a.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	report, in := mapped(t, "", path)
	if diff := cmp.Diff([]string{"satu 1", "dua 1"}, in.texts()); diff != "" || report.Err() != nil {
		t.Error(diff, report.Err())
	}
}

func TestSpreadsheetsThatAreNone(t *testing.T) {
	packed := func(parts map[string]int) []byte {
		var b bytes.Buffer
		w := zip.NewWriter(&b)
		for name, size := range parts {
			part, err := w.Create(name)
			if err != nil {
				t.Fatal(err)
			}
			zeros := make([]byte, 1<<20)
			for range size {
				if _, err := part.Write(zeros); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := w.Close(); err != nil {
			t.Fatal(err)
		}
		return b.Bytes()
	}
	tests := map[string]struct {
		content []byte
		want    string
	}{
		"no zip":    {[]byte("PK"), "not a spreadsheet"},
		"empty":     {nil, "not a spreadsheet"},
		"other zip": {packed(map[string]int{"a.txt": 0}), "a.xlsx: "},
		"a bomb":    {packed(map[string]int{"xl/worksheets/sheet1.xml": 300}), "times its size: allowed"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "a.xlsx")
			if err := os.WriteFile(path, test.content, 0o600); err != nil {
				t.Fatal(err)
			}
			report, _ := mapped(t, "", path)
			var typed *collect.Error
			if err := report.Err(); !errors.As(err, &typed) || typed.Kind != collect.KindMalformed || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
}

func TestJSONLists(t *testing.T) {
	nested := strings.Replace(ownMapping, "zone:", "format: json\nrecords: hasil.daftar\nzone:", 1)
	record := `{"Nomor":1,"Media":"FB","Akun":"budi","Isi":"satu","Tanggal":"20/11/2024"}`
	tests := map[string]struct {
		mapping, content string
		want             int
		letters          []string
		err              string
	}{
		"a list":                 {ownMapping, "[" + record + ",\n" + strings.Replace(record, "1", "2", 1) + "]", 2, nil, ""},
		"over several lines":     {ownMapping, "[\n{\n\"Nomor\":1},\n" + record + "\n]", 1, []string{`a.json:2 key "platform": value missing`}, ""},
		"under a path":           {nested, `{"x":[1,{"y":2}],"hasil":{"n":1,"daftar":[` + record + `]},"z":1}`, 1, nil, ""},
		"one behind the other":   {strings.Replace(ownMapping, "zone:", "format: json\nzone:", 1), "{\n" + record[1:] + "\n\n" + record, 1, nil, ""},
		"under another path":     {nested, `{"x":[]}`, 0, nil, `the file has no member "hasil"`},
		"no list under the path": {nested, `{"hasil":{"daftar":{}}}`, 0, nil, "allowed: the path of a list"},
		"broken":                 {ownMapping, "[" + record + ",\n{\"Nomor\":", 1, nil, "a.json:2: not valid JSON"},
		"no record":              {ownMapping, `[7,` + record + `]`, 1, []string{"a.json:1 not a record"}, ""},
		"empty":                  {ownMapping, `[]`, 0, nil, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			folder := t.TempDir()
			report, in := mapped(t, write(t, filepath.Join(folder, "m.yaml"), test.mapping), write(t, filepath.Join(folder, "a.json"), test.content))
			if err := report.Err(); (err == nil) != (test.err == "") || err != nil && !strings.Contains(err.Error(), test.err) {
				t.Errorf("got %v, want %q", err, test.err)
			}
			if len(in.posts) != test.want || len(in.letters) != len(test.letters) {
				t.Errorf("%v, %v", in.texts(), in.reasons())
			}
			for n, part := range test.letters {
				if !strings.Contains(in.reasons()[n], part) {
					t.Errorf("got %q, want %q", in.reasons()[n], part)
				}
			}
		})
	}
}

func TestMappingsAreReadStrictly(t *testing.T) {
	tests := map[string]struct{ from, to, want string }{
		"unknown key":      {"zone:", "zona:", `m.yaml:3: key "zona"`},
		"unknown field":    {"  text:", "  teks:", `m.yaml:9: key "fields.teks": value "teks": allowed: the fields id, platform`},
		"unknown platform": {"FB: facebook", "FB: friendster", `key "fields.platform.map.FB": value "friendster": allowed: bluesky`},
		"unknown kind":     {"Komentar: comment", "Komentar: comments", `key "fields.kind.map.Komentar": value "comments": allowed: post, reply`},
		"unknown zone":     {"Asia/Pontianak", "Kalimantan", `m.yaml:3: key "zone"`},
		"unknown format":   {"excel,", "besok,", `key "fields.created_at.formats[1]": value "besok": allowed: rfc3339, unix`},
		"odd format":       {"%d/%m/%Y", "dd/mm/%Y", `stands for nothing`},
		"missing field":    {"  account_id: {from: [Akun]}\n", "", `value account_id missing: allowed: a mapping with the fields id, platform, account_id, created_at`},
		"empty rule":       {"{from: [Akun]}", "{}", `key "fields.account_id": value nothing`},
		"open brace":       {"{Nomor}", "{Nomor", `key "fields.id.template"`},
		"bad expression":   {"{from: [Akun]}", `{from: [Akun], match: "("}`, `key "fields.account_id.match"`},
		"formats at text":  {`join: " / "`, `formats: [unix]`, `formats only at created_at`},
		"two ways":         {"{from: [Akun]}", `{from: [Akun], template: x}`, "either from or template"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(ownMapping, test.from, test.to, 1)
			if changed == ownMapping {
				t.Fatal("the test changes nothing")
			}
			_, err := ParseMapping("m.yaml", []byte(changed))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v, want %q", err, test.want)
			}
		})
	}
	if _, err := LoadMapping("crowdtangel"); err == nil || !strings.Contains(err.Error(), "did you mean crowdtangle?") {
		t.Errorf("got %v", err)
	}
	for _, name := range Mappings() {
		if _, err := LoadMapping(name); err != nil {
			t.Error(err)
		}
	}
}

func TestAFileWithoutTheColumnsOfAMappingIsRefused(t *testing.T) {
	path := write(t, filepath.Join(t.TempDir(), "a.csv"), "Nomor,Media,Isi,Tanggal\n1,FB,x,20/11/2024\n")
	report, _ := mapped(t, own(t), path)
	err := report.Err()
	for _, part := range []string{"a.csv:1", `key "account_id": value of the missing column Akun`, "the missing column Isi 2", "the file has Nomor, Media, Isi, Tanggal"} {
		if err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%q is not in %v", part, err)
		}
	}
}

func TestDates(t *testing.T) {
	jakarta, err := time.LoadLocation("Asia/Jakarta")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ format, value, want string }{
		{"rfc3339", "2024-11-20T08:00:00+09:00", "2024-11-20T08:00:00+09:00"},
		{"unix", "1732000000", "2024-11-19T14:06:40+07:00"},
		{"unix", "1e30", ""},
		{"unix", "NaN", ""},
		{"unix_ms", "1732000000500", "2024-11-19T14:06:40.5+07:00"},
		{"excel", "45616.5", "2024-11-20T12:00:00+07:00"},
		{"excel", "-1", ""},
		{"%d %B %Y", "17 Mei 2024", "2024-05-17T00:00:00+07:00"},
		{"%e %b %Y, %H.%M", "7 Okt 2024, 09.05", "2024-10-07T09:05:00+07:00"},
		{"%Y-%m-%d %H:%M:%S %Z", "2024-11-20 08:00:00 WITA", "2024-11-20T08:00:00+08:00"},
		{"%Y-%m-%d %H:%M:%S %Z", "2024-11-20 08:00:00 EDT", "2024-11-20T08:00:00-04:00"},
		{"%Y-%m-%d %H:%M:%S %Z", "2024-11-20 08:00:00 XYZ", ""},
		{"%Y-%m-%dT%H:%M:%S%z", "2024-11-20T08:00:00-0300", "2024-11-20T08:00:00-03:00"},
		{"%m/%d/%y %I:%M %p", "11/20/24 08:00 PM", "2024-11-20T20:00:00+07:00"},
		{"%d/%m/%Y", "31/02/2024", ""},
	}
	for _, test := range tests {
		format, err := parseDateFormat(test.format)
		if err != nil {
			t.Fatal(err)
		}
		at, ok := format(test.value, jakarta)
		if got := at.Format(time.RFC3339Nano); ok != (test.want != "") || ok && got != test.want {
			t.Errorf("%s %s: got %s, %v, want %s", test.format, test.value, got, ok, test.want)
		}
	}
}

func TestPaths(t *testing.T) {
	o, err := parseObject([]byte(`{"a":{"b":[{"c":1},{"c":"x","d":null}],"e.f":{"g":true}},"h":12345678901234567890}`))
	if err != nil {
		t.Fatal(err)
	}
	tests := map[string]string{
		"a.b[0].c": "1", "a.b[1].c": "x", "a.b[*].c": "1 x", "a.b[2].c": "", "a.b[1].d": "", "a.e.f.g": "true", "h": "12345678901234567890", "a": "", "x.y": "", "a.b[x]": "", "a.b.c": "",
	}
	for path, want := range tests {
		if got := strings.Join(o.values(path), " "); got != want {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestAnImportOfASpreadsheetOrListThatWasBrokenOffGoesOn(t *testing.T) {
	book := excelize.NewFile()
	var list []string
	if err := book.SetSheetRow("Sheet1", "A1", &[]any{"id", "platform", "account_id", "text", "created_at"}); err != nil {
		t.Fatal(err)
	}
	const all = 1200
	for n := range all {
		if err := book.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+2), &[]any{fmt.Sprint("x", n), "web", "budi", "teks", "2024-11-20 08:00:00"}); err != nil {
			t.Fatal(err)
		}
		list = append(list, strings.TrimSuffix(lines(fmt.Sprint("j", n)), "\n"))
	}
	folder := t.TempDir()
	sheet := filepath.Join(folder, "a.xlsx")
	if err := book.SaveAs(sheet); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{sheet, write(t, filepath.Join(folder, "a.json"), "["+strings.Join(list, ",\n")+"]")} {
		t.Run(filepath.Base(path), func(t *testing.T) {
			state := openState(t, filepath.Join(t.TempDir(), "s.db"))
			defer state.Close()
			var in inbox
			ctx, stop := contextThatStops(t)
			in.onSend = func() error { stop(); return nil }
			m := importer(t, state, &in)
			m.Import(ctx, []string{path})
			if got := len(in.posts); got == 0 || got == all {
				t.Fatalf("%d posts before the stop", got)
			}
			in.onSend = nil
			report := m.Import(t.Context(), []string{path})
			if len(in.posts) != all || report.Files[0].Resumed == 0 || len(report.Total.Dropped) != 0 {
				t.Errorf("%d posts, resumed at %d, %v, %v", len(in.posts), report.Files[0].Resumed, report.Total.Dropped, report.Err())
			}
		})
	}
}

func FuzzMapping(f *testing.F) {
	f.Add([]byte(ownMapping), []byte(`{"Nomor":1,"Media":"FB","Akun":"budi","Isi":"satu","Tanggal":"20/11/2024"}`))
	f.Add([]byte(`{mapping: x, fields: {id: {from: ["a[*].b"]}, platform: {value: web}, account_id: {template: "{{x{c}"}, created_at: {from: [d], formats: [unix]}}}`), []byte(`{"a":[{"b":1}],"c":2,"d":1732000000}`))
	f.Fuzz(func(t *testing.T, mapping, data []byte) {
		m, err := ParseMapping("m.yaml", mapping)
		if err != nil {
			return
		}
		from, err := parseObject(data)
		if err != nil {
			return
		}
		if p, problem := m.post(from, time.UTC); problem == nil {
			if _, err := post.Encode(&p); err != nil {
				t.Errorf("a post that cannot be encoded: %v", err)
			}
		}
	})
}

func FuzzJSONList(f *testing.F) {
	f.Add([]byte("[" + jsonl("a") + ",\n" + jsonl("b") + "]"))
	f.Add([]byte("[[],{},7]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, err := newJSONReader(bytes.NewReader(data), testOptions)
		if err != nil {
			return
		}
		for n := 0; ; n++ {
			_, err := r.next()
			if err != nil {
				break
			}
			if n > len(data) {
				t.Fatal("more records than bytes")
			}
		}
	})
}

// TestTheMappingInTheDocumentation reads the example of docs/formats.md.
func TestTheMappingInTheDocumentation(t *testing.T) {
	page, err := os.ReadFile(filepath.Join("..", "..", "..", "docs", "formats.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, after, found := strings.Cut(string(page), "    mapping: laporan-posko")
	example, _, ended := strings.Cut(after, "\n\n")
	if !found || !ended {
		t.Fatal("there is no example")
	}
	if _, err := ParseMapping("formats.md", []byte("    mapping: laporan-posko"+example)); err != nil {
		t.Error(err)
	}
	for _, name := range Mappings() {
		if !strings.Contains(string(page), "| `"+name+"` |") {
			t.Errorf("mapping %s is not documented", name)
		}
	}
	for name := range directives {
		if name != '%' && !strings.Contains(string(page), "%"+string(name)) {
			t.Errorf("%%%c is not documented", name)
		}
	}
}
