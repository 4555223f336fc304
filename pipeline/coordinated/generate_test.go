package coordinated_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/netra-id/netra/pipeline/post"
)

// world makes posts: ordinary ones of words as frequent as in a language (Zipf),
// and campaigns of which it is known who takes part.
type world struct {
	random   *rand.Rand
	zipf     *rand.Zipf
	words    []string
	agencies int
	serial   int
}

func newWorld(seed uint64) *world {
	random := rand.New(rand.NewPCG(seed, 1)) //nolint:gosec // a test's
	w := &world{random: random, zipf: rand.NewZipf(random, 1.2, 8, 29_999), agencies: 300}
	syllables := strings.Fields("ba ca da ga ja ka la ma na pa ra sa ta wa ya be de ke me pe se te bi di ki li mi ni pi ri si ti bu du ku lu mu nu pu ru su tu bo do ko lo mo no po ro so to ang eng ing ung an en in un ar er ir ur as is us at it ut")
	for range 30_000 {
		var b strings.Builder
		for range 2 + random.IntN(3) {
			b.WriteString(syllables[random.IntN(len(syllables))])
		}
		w.words = append(w.words, b.String())
	}
	return w
}

func (w *world) text(words int) []string {
	text := make([]string, words)
	for i := range text {
		text[i] = w.words[w.zipf.Uint64()]
	}
	return text
}

func (w *world) ordinary(accounts int, at time.Time) written {
	return w.write(strings.Join(w.text(6+w.random.IntN(25)), " "), fmt.Sprintf("a%d", w.random.IntN(accounts)), at)
}

// written is a post and the person behind it.
type written struct {
	post   post.Post
	person post.Person
}

func (w *world) write(text, account string, at time.Time) written {
	w.serial++
	agency := 0
	for _, c := range account {
		agency = agency*31 + int(c)
	}
	agency %= w.agencies
	return written{
		post.Post{
			ID: fmt.Sprintf("x:%d", w.serial), Platform: "x", Kind: post.KindPost, Account: post.Account{ID: account}, Text: text, CreatedAt: at, CollectedAt: at,
		},
		post.Person{PersonID: "hmac:" + account, Agency: fmt.Sprintf("Dinas %d", agency), Region: fmt.Sprintf("%d.%02d", 11+agency/20, agency%20+1)},
	}
}

// campaign makes copies of one text by so many accounts within a time: as they
// are, reworded by one or two words, shortened, with emoji, hashtags and links.
func (w *world) campaign(accounts int, from time.Time, within time.Duration) []written {
	text := w.text(16 + w.random.IntN(15))
	text = append(text, "coblos", "nomor", "2")
	var posts []written
	name := w.serial
	for i := range accounts {
		copied := append([]string(nil), text...)
		switch i % 5 {
		case 1:
			copied[w.random.IntN(len(copied)-3)] = w.words[w.random.IntN(len(w.words))]
		case 2:
			copied[w.random.IntN(len(copied)-3)] = w.words[w.random.IntN(len(w.words))]
			copied[w.random.IntN(len(copied)-3)] = w.words[w.random.IntN(len(w.words))]
		case 3:
			copied = append(copied[len(copied)/6:], "🔥🔥", "#menang", fmt.Sprintf("https://contoh.id/%d", i))
		case 4:
			copied = append(copied, "gaspol", "👍", "@teman")
		}
		at := from.Add(time.Duration(w.random.Int64N(int64(within))))
		posts = append(posts, w.write(strings.Join(copied, " "), fmt.Sprintf("c%d-%d", name, i), at))
	}
	return posts
}

// opposite is the same text with another number.
func opposite(posts []written, w *world) []written {
	var others []written
	name := w.serial
	for i, p := range posts {
		others = append(others, w.write(strings.Replace(p.post.Text, "nomor 2", "nomor 1", 1), fmt.Sprintf("o%d-%d", name, i), p.post.CreatedAt))
	}
	return others
}
