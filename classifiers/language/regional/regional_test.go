package regional

import (
	"bytes"
	"math"
	"strings"
	"testing"
)

func readWords(text string) []string {
	var buffer [longestWord]byte
	var words []string
	reader := wordReader{text: text}
	for {
		codes, _ := reader.next(buffer[:])
		if len(codes) == 0 {
			return words
		}
		letters := make([]byte, len(codes))
		for i, code := range codes {
			letters[i] = "_abcdefghijklmnopqrstuvwxyz'?"[code]
		}
		words = append(words, string(letters))
	}
}

func TestWordsAreReadAsPeopleWriteThem(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"case":               {"Saya MAKAN", "saya makan"},
		"diacritics":         {"bêko té dhèwé", "beko te dhewe"},
		"combining marks":    {"te\u0301", "te"},
		"apostrophes":        {"dha' ma’af 'kutip'", "dha' ma'af kutip'"},
		"repeated letters":   {"dukunggg aaaamiiin saat", "dukung amin saat"},
		"names and links":    {"@budi lihat https://t.co/x www.a.id #Tagar_Ini ya", "lihat ya"},
		"placeholders":       {"RT USER: ini URL username", "ini"},
		"numbers and hyphen": {"apa2 anak-anak 123", "apa anak anak"},
		"escapes":            {`baris\nbaru \xf0\x9f\x98\x82 ya`, "baris baru ya"},
		"entities":           {"ibu &amp; bapak a&b", "ibu bapak a b"},
		"other scripts":      {"saya بسم привет aпривет makan", "saya makan"},
		"long words":         {strings.Repeat("ab", 30), strings.Repeat("ab", 12)},
		"invalid UTF-8":      {"sa\xffya", "sa ya"},
		"nothing":            {"😀 !! 12", ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got := strings.Join(readWords(test.text), " "); got != test.want {
				t.Errorf("words of %q = %q, want %q", test.text, got, test.want)
			}
		})
	}
}

// tinySamples are enough to tell two languages apart.
func tinySamples() []Sample {
	var samples []Sample
	for range 20 {
		samples = append(samples,
			Sample{Text: "aku ora ngerti piye carane", Language: "jv"}, Sample{Text: "kowe arep menyang endi", Language: "jv"},
			Sample{Text: "saya tidak tahu bagaimana caranya", Language: "id"}, Sample{Text: "kamu mau pergi ke mana", Language: "id"})
	}
	return samples
}

func tinyOptions() TrainingOptions {
	options := DefaultTrainingOptions()
	options.BucketBits, options.Epochs = 10, 3
	return options
}

func TestTrainLearnsAndIsDeterministic(t *testing.T) {
	first, err := Train(tinySamples(), tinyOptions())
	if err != nil {
		t.Fatal(err)
	}
	second, err := Train(tinySamples(), tinyOptions())
	if err != nil {
		t.Fatal(err)
	}
	var one, two bytes.Buffer
	if err := first.Write(&one); err != nil {
		t.Fatal(err)
	}
	if err := second.Write(&two); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(one.Bytes(), two.Bytes()) {
		t.Error("the same samples gave two different models")
	}
	var scratch Scratch
	var answer Answer
	for text, want := range map[string]string{"aku arep ngerti": "jv", "saya mau tahu": "id"} {
		first.Answer(text, &scratch, &answer)
		if got := first.Codes()[answer.Best]; got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestWriteThenReadKeepsTheModel(t *testing.T) {
	model, err := Train(tinySamples(), tinyOptions())
	if err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := model.Write(&file); err != nil {
		t.Fatal(err)
	}
	again, err := Read(bytes.NewReader(file.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	var one, two Answer
	var first, second Scratch
	model.Answer("kowe tidak ngerti", &first, &one)
	again.Answer("kowe tidak ngerti", &second, &two)
	if one != two {
		t.Errorf("answer %v became %v", one, two)
	}
}

func TestReadRefusesWhatIsNoModel(t *testing.T) {
	whole := bytes.Clone(shipped)
	for name, data := range map[string][]byte{
		"empty": nil, "no gzip": []byte("netra-language-1\n"), "cut": whole[:len(whole)/2],
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := Read(bytes.NewReader(data)); err == nil {
				t.Error("Read accepts it")
			}
		})
	}
}

func TestProbabilitiesSumToOne(t *testing.T) {
	model, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var scratch Scratch
	var answer Answer
	for _, text := range []string{"aku", "saya makan nasi goreng di warung", strings.Repeat("kata ", 10_000)} {
		model.Answer(text, &scratch, &answer)
		sum := 0.0
		for _, probability := range answer.Probabilities {
			sum += float64(probability)
		}
		if math.Abs(sum-1) > 1e-4 {
			t.Errorf("the probabilities of %.20q sum to %v", text, sum)
		}
	}
}

func TestTheCacheDoesNotChangeAnswers(t *testing.T) {
	model, err := Shipped()
	if err != nil {
		t.Fatal(err)
	}
	var warm Scratch
	var answer Answer
	words := strings.Fields("aku ora ngerti saya tidak tahu kumaha damang ambo indak tau ulun kada tahu")
	for i := range 200 {
		text := words[i%len(words)] + " " + words[(i*7+3)%len(words)]
		model.Answer(text, &warm, &answer)
		var cold Scratch
		var fresh Answer
		model.Answer(text, &cold, &fresh)
		if answer != fresh {
			t.Fatalf("%q: %v with a used cache, %v with an empty one", text, answer, fresh)
		}
	}
}

func TestEvaluationMeasuresPrecisionAndRecall(t *testing.T) {
	samples := []Sample{
		{Text: "a", Language: "id"}, {Text: "b", Language: "id"}, {Text: "c", Language: "jv"}, {Text: "d", Language: "jv"},
	}
	answers := map[string]string{"a": "id", "b": "id", "c": "id", "d": "jv"}
	e := Evaluate(samples, func(text string) string { return answers[text] })
	if got := e.Of("id"); math.Abs(got.Precision-2.0/3) > 1e-9 || got.Recall != 1 || got.Support != 2 {
		t.Errorf("id: %+v, want precision 2/3, recall 1, support 2", got)
	}
	if got, want := e.MacroF1(), (0.8+2.0/3)/2; math.Abs(got-want) > 1e-9 {
		t.Errorf("macro F1 = %v, want %v", got, want)
	}
}

func BenchmarkAnswer(b *testing.B) {
	model, err := Shipped()
	if err != nil {
		b.Fatal(err)
	}
	text := "Selamat pagi @budi, besok kita rapat di kantor kelurahan jam sembilan, jangan lupa bawa KTP ya"
	var scratch Scratch
	var answer Answer
	b.ReportAllocs()
	for b.Loop() {
		model.Answer(text, &scratch, &answer)
	}
}
