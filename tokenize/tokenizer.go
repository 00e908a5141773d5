package tokenize

import (
	"fmt"
	"slices"
	"unicode/utf8"
)

// Tokenizer turns text into token ids and back.
type Tokenizer interface {
	// Size is the number of tokens: ids are 0 to Size - 1.
	Size() int
	// Append appends the tokens of a text to a slice. None of them is special.
	Append(to []int32, text string) []int32
	// Decode returns the text of tokens. Special ones stand in it by their names. An id outside the vocabulary panics.
	Decode(ids []int32) string
	// Special returns the id of the special token of this name, and whether there is one.
	Special(name string) (int32, bool)
	// Marshal returns the tokenizer as JSON that [Parse] reads.
	Marshal() ([]byte, error)
}

// maxSize is the most tokens that a tokenizer has: eight times those of the largest vocabularies in use.
const maxSize = 1 << 21

// specials are the special tokens, whose ids are their places.
type specials []string

// Special returns the id of the special token of this name, and whether there is one.
func (s specials) Special(name string) (int32, bool) {
	i := slices.Index(s, name)
	return int32(max(i, 0)), i >= 0
}

// Specials returns the names of the special tokens, in the order of their ids, which are the first.
func (s specials) Specials() []string { return slices.Clone(s) }

// check reports the first name that is none, or stands twice.
func (s specials) check() error {
	return distinct("special token", s, func(name string) string {
		switch {
		case name == "":
			return "it is empty"
		case !utf8.ValidString(name):
			return "it is not valid UTF-8"
		}
		return ""
	})
}

// distinct reports the first entry of a list that is wrong by itself, or stands twice.
func distinct(what string, list []string, wrong func(string) string) error {
	at := make(map[string]int, len(list))
	for i, name := range list {
		if reason := wrong(name); reason != "" {
			return fmt.Errorf("%s %d, %q: %s", what, i, name, reason)
		}
		if first, twice := at[name]; twice {
			return fmt.Errorf("%s %d, %q: it is the same as number %d", what, i, name, first)
		}
		at[name] = i
	}
	return nil
}

// outside panics for an id that is not in the vocabulary.
func outside(id int32, size int) {
	panic(fmt.Sprintf("tokenize: Decode: id %d, want 0 to %d", id, size-1))
}
