package corpus

import (
	"bufio"
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"github.com/netra-id/netra/classifiers/judge"
	"github.com/netra-id/netra/deploy/sample"
	"github.com/netra-id/netra/pipeline/post"
)

// FlaggedEvery is that one post in so many is flagged, as at national scale.
const FlaggedEvery = 100

// tweetsFile is where real tweets are, on machines that have them.
const tweetsFile = "/work/shared/data/hate/okky_train.tsv"

// Corpus is a pool of texts, apart by whether the classifier flags them, of
// which posts are made with a fixed share of flagged ones. It is the same in
// every run.
type Corpus struct {
	// From says what the texts are.
	From            string
	benign, flagged []post.Post
}

// New reads the sample's posts, and real tweets where they are, and varies them
// until there are n texts of which hardly one is the same.
func New(j *judge.Judge, n int) (*Corpus, error) {
	samples, err := samplePosts()
	if err != nil {
		return nil, err
	}
	tweets := readTweets()
	c := &Corpus{From: "sample posts with variations"}
	if len(tweets) > 0 {
		c.From = "half real tweets, half sample posts with variations"
	}
	random := rand.New(rand.NewPCG(1, 2))
	vary := newVariation(random, samples, tweets)
	// Of the flagged there must be enough: they are rarer in the pool.
	for made := 0; (len(c.benign) < n || len(c.flagged) < n/FlaggedEvery) && made < 4*n; made++ {
		p := samples[made%len(samples)]
		switch {
		case len(tweets) > 0 && made%2 == 1:
			p.Text, p.Quoted = tweets[made/2%len(tweets)], ""
			if made/2 >= len(tweets) {
				p.Text = vary.of(p.Text)
			}
		case made >= len(samples):
			p.Text = vary.of(p.Text)
		}
		c.add(j, p)
	}
	if len(c.benign) == 0 || len(c.flagged) == 0 {
		return nil, fmt.Errorf("of %d texts %d are flagged; both kinds are needed", len(c.benign)+len(c.flagged), len(c.flagged))
	}
	return c, nil
}

func (c *Corpus) add(j *judge.Judge, p post.Post) {
	if j.Classify(&p, Region).Flagged {
		c.flagged = append(c.flagged, p)
		return
	}
	c.benign = append(c.benign, p)
}

// Post makes the n-th post: one in `every` is flagged.
func (c *Corpus) Post(n, every int, prefix string) post.Post {
	p := c.benign[n%len(c.benign)]
	if n%every == 0 {
		p = c.flagged[n/every%len(c.flagged)]
	}
	p.ID = fmt.Sprintf("%s:%s-%d", p.Platform, prefix, n)
	p.Account.ID = fmt.Sprintf("%s-%d", p.Account.ID, n%997)
	return p
}

// Lines makes n posts as they travel: a JSON object each.
func (c *Corpus) Lines(n int) ([][]byte, error) {
	lines := make([][]byte, n)
	for i := range lines {
		p := c.Post(i, FlaggedEvery, "bench")
		line, err := post.Encode(&p)
		if err != nil {
			return nil, err
		}
		lines[i] = line
	}
	return lines, nil
}

func samplePosts() ([]post.Post, error) {
	data, err := sample.Files.ReadFile("posts.jsonl")
	if err != nil {
		return nil, fmt.Errorf("read the sample posts: %w", err)
	}
	var posts []post.Post
	for lines := bufio.NewScanner(bytes.NewReader(data)); lines.Scan(); {
		p, err := post.Decode(lines.Bytes())
		if err != nil {
			return nil, err
		}
		posts = append(posts, p)
	}
	return posts, nil
}

// readTweets reads the first column of a TSV with a header line.
func readTweets() []string {
	data, err := os.ReadFile(tweetsFile)
	if err != nil {
		return nil
	}
	var tweets []string
	for line := range strings.Lines(string(data)) {
		text, _, _ := strings.Cut(line, "\t")
		tweets = append(tweets, strings.ToValidUTF8(text, "\uFFFD"))
	}
	return slices.Delete(tweets, 0, 1)
}

// variation makes new posts of known ones, as people write the same things in
// other words, with other names, tags and links.
type variation struct {
	random *rand.Rand
	words  []string
	texts  []string
}

func newVariation(random *rand.Rand, samples []post.Post, tweets []string) *variation {
	v := &variation{random: random, texts: tweets}
	for i := range samples {
		v.texts = append(v.texts, samples[i].Text)
	}
	for _, text := range v.texts {
		v.words = append(v.words, strings.Fields(text)...)
	}
	return v
}

// of changes one word in six, for another of the corpus or for one that was
// never seen, and adds now and then what stands around the words of posts.
func (v *variation) of(text string) string {
	words := strings.Fields(text)
	for i := range words {
		switch roll := v.random.IntN(100); {
		case roll < 4:
			words[i] = v.name()
		case roll < 16:
			words[i] = v.words[v.random.IntN(len(v.words))]
		}
	}
	switch roll := v.random.IntN(100); {
	case roll < 8:
		words = append(words, "https://contoh.id/"+v.name())
	case roll < 18:
		words = append(words, "#"+v.name()+v.name())
	case roll < 28:
		words = append([]string{"@" + v.name() + "_" + v.name()}, words...)
	case roll < 40:
		words = append(words, []string{"😂😂", "🔥", "✌️", "🙏🏽", "👍"}[v.random.IntN(5)])
	}
	return strings.Join(words, " ")
}

// name invents a word of two to four syllables.
func (v *variation) name() string {
	var word strings.Builder
	for range 2 + v.random.IntN(3) {
		word.WriteByte("bcdghjklmnprstwy"[v.random.IntN(16)])
		word.WriteByte("aiueoa"[v.random.IntN(6)])
	}
	name := word.String()
	if v.random.IntN(2) == 0 {
		name = strings.ToUpper(name[:1]) + name[1:]
	}
	return name
}
