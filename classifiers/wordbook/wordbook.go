// Package wordbook reads a text once for all that look at its words: the
// analysis for the rules, the linear models, the claims and the two readers of
// its language. It finds the words, and gives each a place in a book of the
// words that were met lately. What a reader works out of a word, it keeps by
// that place (Notes), so that the few words that make up most of any language are
// worked out once and not once a post.
//
// It says nothing of a word itself. Only runs of the letters of ASCII have a
// place; whatever else stands in a text (digits, signs for letters, other
// letters, addresses) each reader reads as it always did.
//
// Package judge makes one Book a goroutine and hands its readings to all;
// whoever reads a text alone has a book of its own.
package wordbook

// Longest is how many letters a word with a place has at most.
const Longest = 24

// Word is a run of ASCII letters in a text.
type Word struct {
	// Start and End are byte offsets into the text.
	Start, End int32
	// From is where the separators before the word begin: from any place between
	// From and Start the word comes next, for all readers that pass over separators.
	From int32
	// place is the word's place in the book, noPlace for one that is too long; stamp
	// tells whether another has taken it since.
	place, stamp uint32
	// Plain says that the run is a word for every reader: nothing that goes on with
	// it, and no mask of data sets or beginning of an address.
	Plain bool
	// Capital and AllCaps say that the first letter, or every letter, is upper
	// case; Repeated that some letter stands twice in a row.
	Capital, AllCaps, Repeated bool
}

const noPlace = ^uint32(0)

// HasPlace says whether there is a note of the word.
func (w *Word) HasPlace() bool { return w.place != noPlace }

// Reading is one text with its words in order. It stands until something else is
// read into it.
type Reading struct {
	Text  string
	Words []Word
	// ASCII says that no other characters are in the text.
	ASCII   bool
	book    *Book
	letters [][3]uint64 // of each word, eight to a number
}

// Serve prepares the book for a reader of the words. What was noted for another
// owner of the same part is forgotten.
func (r *Reading) Serve(reader Reader, owner any) {
	if r.book.owners[reader] == owner {
		return
	}
	r.book.owners[reader] = owner
	for i := range r.book.notes {
		r.book.notes[i].known &^= 1 << reader
	}
}

// Note is the note of a word that has a place.
func (r *Reading) Note(w *Word) *Note {
	if note := &r.book.notes[w.place%Places]; note.stamp == w.stamp {
		return note
	}
	return r.again(w)
}

// again finds a place for a word that another has taken the place of.
func (r *Reading) again(w *Word) *Note {
	letters := lettersOf(r.Text[w.Start:w.End])
	w.place, w.stamp = r.book.find(&letters)
	return &r.book.notes[w.place]
}

// NoteOf is the note of a word of 1 to Longest letters in lower case, eight to a
// number, that stands in the text in another form.
func (r *Reading) NoteOf(letters [3]uint64) *Note {
	place, _ := r.book.find(&letters)
	return &r.book.notes[place]
}

func lettersOf(word string) (letters [3]uint64) {
	for i := range len(word) {
		letters[i>>3] |= uint64(word[i]|0x20) << (i & 7 * 8)
	}
	return letters
}
