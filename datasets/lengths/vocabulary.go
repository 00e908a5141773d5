package lengths

import (
	"fmt"
	"slices"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
)

// The first ids of every vocabulary: what fills a batch, what may begin a text and what ends one.
const (
	Pad int32 = iota
	BOS
	EOS
	firstWord // the words follow
)

// Vocabulary is the closed list of tokens of a family of tasks: its words, symbols, digits and marks, one id each. Texts
// are split at white space; marks that are written without a blank before them, such as the "." in "Yes.", are split off.
//
// Decode writes one blank between tokens, none before such marks. So whatever ids a model writes, Encode reads the same
// ids from the text that Decode makes of them; and what Encode and Decode make of an example's text differs from it in
// white space only, which the answers do not depend on.
type Vocabulary struct {
	family string
	tokens []string
	ids    map[string]int32
	tight  []string // longest first
	glued  []bool   // by id: written without a blank before it
}

func newVocabulary(d *definition) *Vocabulary {
	v := &Vocabulary{family: d.family, tokens: []string{"<pad>", "<bos>", "<eos>"}, ids: map[string]int32{}}
	v.tight = slices.Clone(d.tight)
	slices.SortStableFunc(v.tight, func(a, b string) int { return len(b) - len(a) })
	for _, w := range slices.Concat(d.tight, d.words) {
		if _, known := v.ids[w]; !known { // a word may be a marker too
			v.ids[w] = int32(len(v.tokens))
			v.tokens = append(v.tokens, w)
		}
	}
	v.glued = make([]bool, len(v.tokens))
	for _, w := range d.tight {
		v.glued[v.ids[w]] = true
	}
	return v
}

// Size is the number of tokens, [Pad], [BOS] and [EOS] included; ids are below it.
func (v *Vocabulary) Size() int { return len(v.tokens) }

// Token gives the text of an id.
func (v *Vocabulary) Token(id int32) string {
	if id < 0 || int(id) >= len(v.tokens) {
		panic(fmt.Sprintf("lengths: Token: id %d, expected 0..%d", id, len(v.tokens)-1))
	}
	return v.tokens[id]
}

// Encode gives the ids of a text. A token that is not in the vocabulary is an [*UnknownTokenError].
func (v *Vocabulary) Encode(text string) ([]int32, error) {
	var ids []int32
	for at := 0; ; {
		at += len(text[at:]) - len(strings.TrimLeft(text[at:], white))
		if at == len(text) {
			return ids, nil
		}
		chunk := text[at:]
		if end := strings.IndexAny(chunk, white); end >= 0 {
			chunk = chunk[:end]
		}
		first := len(ids)
		word := chunk
		for {
			id, known := v.ids[word]
			if known {
				ids = append(ids, id)
				break
			}
			mark := slices.IndexFunc(v.tight, func(mark string) bool { return strings.HasSuffix(word, mark) })
			if mark < 0 {
				return nil, &UnknownTokenError{Family: v.family, Token: word, Offset: at, Number: first + 1, Nearest: nearest.To(word, v.tokens[firstWord:])}
			}
			ids = append(ids, v.ids[v.tight[mark]])
			word = strings.TrimSuffix(word, v.tight[mark])
		}
		slices.Reverse(ids[first:]) // they were split off from the end
		at += len(chunk)
	}
}

// white is what separates tokens.
const white = " \t\r\n"

// Decode gives the text of ids up to the first [EOS], without [Pad] and [BOS].
func (v *Vocabulary) Decode(ids []int32) string {
	var b strings.Builder
	for _, id := range ids {
		token := v.Token(id)
		if id == EOS {
			break
		}
		if id < firstWord {
			continue
		}
		if b.Len() > 0 && !v.glued[id] {
			b.WriteByte(' ')
		}
		b.WriteString(token)
	}
	return b.String()
}

// UnknownTokenError is a token that is not in a vocabulary.
type UnknownTokenError struct {
	Family  string // of the vocabulary
	Token   string
	Number  int // of the token in the text, from 1
	Offset  int // of its first byte
	Nearest string
}

// Error gives the token, its place and the nearest one that is known.
func (e *UnknownTokenError) Error() string {
	return fmt.Sprintf("lengths: token %d of the text, %q at byte %d, is not in the vocabulary of %s; did you mean %q?", e.Number, e.Token, e.Offset, e.Family, e.Nearest)
}

// words splits a list of words at blanks.
func words(lists ...string) []string {
	var all []string
	for _, list := range lists {
		all = append(all, strings.Fields(list)...)
	}
	return all
}

// letters lists the characters of a text as words.
func letters(text string) []string { return strings.Split(text, "") }

// The words that all tasks with a scratchpad have: of the short markers, and of the verbose ones.
const (
	digits        = "0 1 2 3 4 5 6 7 8 9"
	scratchWords  = "Thinking step by step: Thus # in comp out [ ] re"
	verboseWords  = "; Next For We have: == and currently So the rest is:"
	answerWords   = "The answer is"
	separatorWord = "[SEP] "
)
