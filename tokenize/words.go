package tokenize

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

var _ Tokenizer = (*Words)(nil)

// Unknown is the name of the special token for what a [Words] does not know.
const Unknown = "<unk>"

// Words is a closed vocabulary: a token for each of its words, which may be numbers, signed numbers and marks, and the
// special token [Unknown] for all else. [NewWords] and [Parse] make one; it may be used by many goroutines at once.
//
// White space separates words. What stands between white space is one token if it is in the vocabulary as a whole;
// otherwise it falls into runs of letters, numbers - with a sign, if it follows no letter or digit and the vocabulary has
// the signed number - and single marks, each known or unknown. [Words.Decode] puts a blank between tokens, so known words
// separated by single blanks come back exactly.
type Words struct {
	specials
	words   []string
	ids     map[string]int32
	unknown int32
}

// NewWords returns the vocabulary of these words. Ids go to the special tokens first, then to [Unknown] if it is not among
// them, then to the words in their order. The error names a word or special token that is empty, not valid UTF-8 or there
// twice, a word with white space in it, and one that is a special token's name.
func NewWords(words []string, special []string) (*Words, error) {
	special = slices.Clone(special)
	if !slices.Contains(special, Unknown) {
		special = append(special, Unknown)
	}
	w, err := newWords(slices.Clone(words), special)
	if err != nil {
		return nil, fmt.Errorf("tokenize: NewWords: %w", err)
	}
	return w, nil
}

func newWords(words []string, special specials) (*Words, error) {
	if err := special.check(); err != nil {
		return nil, err
	}
	unknown, ok := special.Special(Unknown)
	if !ok {
		return nil, fmt.Errorf("there is no special token %s, which stands for what is not in the vocabulary", Unknown)
	}
	if size := len(special) + len(words); size > maxSize {
		return nil, fmt.Errorf("%d tokens: want at most %d", size, maxSize)
	}
	if len(words) == 0 {
		return nil, errors.New("there are no words")
	}
	named := make(map[string]bool, len(special))
	for _, name := range special {
		named[name] = true
	}
	if err := distinct("word", words, func(word string) string {
		switch {
		case word == "":
			return "it is empty"
		case !utf8.ValidString(word):
			return "it is not valid UTF-8"
		case strings.ContainsFunc(word, unicode.IsSpace):
			return "there is white space in it, at which text is cut: make it several words"
		case named[word]:
			return "it is the name of a special token, which text must never yield"
		}
		return ""
	}); err != nil {
		return nil, err
	}
	w := &Words{specials: special, words: words, ids: make(map[string]int32, len(words)), unknown: unknown}
	for i, word := range words {
		w.ids[word] = int32(len(special) + i)
	}
	return w, nil
}

// Numbers lists the whole numbers from one to another, both included, as words: -1, 0, 1.
func Numbers(from, to int) []string {
	return numbers(from, to, func(n int) string { return strconv.Itoa(n) })
}

// SignedNumbers lists them with the sign that offsets have: -1, +0, +1.
func SignedNumbers(from, to int) []string {
	return numbers(from, to, func(n int) string { return fmt.Sprintf("%+d", n) })
}

func numbers(from, to int, word func(int) string) []string {
	var list []string
	for n := from; n <= to; n++ {
		list = append(list, word(n))
	}
	return list
}

// Size is the number of tokens: the special ones, then the words.
func (w *Words) Size() int { return len(w.specials) + len(w.words) }

// Append appends the tokens of a text to a slice, that of [Unknown] for each piece that is not in the vocabulary.
func (w *Words) Append(to []int32, text string) []int32 {
	c := cutter{words: w, text: text}
	for {
		word := c.next()
		if word == "" {
			return to
		}
		id, ok := w.ids[word]
		if !ok {
			id = w.unknown
		}
		to = append(to, id)
	}
}

// Missing returns the pieces of a text that are not in the vocabulary, each once, in the order in which they come up.
func (w *Words) Missing(text string) []string {
	var list []string
	c := cutter{words: w, text: text}
	for {
		word := c.next()
		if word == "" {
			return list
		}
		if _, ok := w.ids[word]; !ok && !slices.Contains(list, word) {
			list = append(list, word)
		}
	}
}

// Decode returns the words with blanks between them.
func (w *Words) Decode(ids []int32) string {
	var text strings.Builder
	for i, id := range ids {
		if i > 0 {
			text.WriteByte(' ')
		}
		switch at := int(id) - len(w.specials); {
		case id < 0 || at >= len(w.words):
			outside(id, w.Size())
		case at < 0:
			text.WriteString(w.specials[id])
		default:
			text.WriteString(w.words[at])
		}
	}
	return text.String()
}

// cutter cuts a text into pieces that are words or unknown.
type cutter struct {
	words  *Words
	text   string // after field
	field  string // what is left of what stands between white space
	before class  // of the character before it
}

// next returns the next piece, or nothing at the end.
func (c *cutter) next() string {
	if c.field == "" && c.nextField() {
		whole := c.field
		c.field = ""
		return whole
	}
	if c.field == "" {
		return ""
	}
	n := c.length()
	piece := c.field[:n]
	c.field = c.field[n:]
	return piece
}

// nextField goes on to the next field, and tells whether it is a word as a whole.
func (c *cutter) nextField() bool {
	c.text = strings.TrimLeftFunc(c.text, unicode.IsSpace)
	end := strings.IndexFunc(c.text, unicode.IsSpace)
	if end < 0 {
		end = len(c.text)
	}
	c.field, c.text, c.before = c.text[:end], c.text[end:], space
	_, known := c.words.ids[c.field]
	return known
}

// length returns the bytes of the first piece of the field.
func (c *cutter) length() int {
	before := c.before
	kind, n := first(c.field)
	c.before = kind
	if kind != mark {
		return run(c.field, n, kind, len(c.field))
	}
	if sign := c.field[0]; (sign == '+' || sign == '-') && before != letter && before != digit {
		end := run(c.field, n, digit, len(c.field))
		if _, known := c.words.ids[c.field[:end]]; known && end > n {
			c.before = digit
			return end
		}
	}
	return n
}
