package features

import (
	"fmt"
	"strconv"
	"strings"
)

// Sizes are the vocabulary sizes of several columns of type ids, in their order, as text: "119,8,7". The empty text is no
// columns.
type Sizes string

// Limits of what a configuration may ask for: rows of one embedding, and embeddings.
const (
	mostRows    = 1 << 24
	mostColumns = 1000
)

// NewSizes returns the text of a list of sizes.
func NewSizes(sizes []int) Sizes {
	words := make([]string, len(sizes))
	for k, n := range sizes {
		words[k] = strconv.Itoa(n)
	}
	return Sizes(strings.Join(words, ","))
}

// List returns the sizes; the error says what is no list of positive numbers.
func (s Sizes) List() ([]int, error) {
	if s == "" {
		return nil, nil
	}
	words := strings.Split(string(s), ",")
	if len(words) > mostColumns {
		return nil, fmt.Errorf("%d sizes of vocabularies: want at most %d", len(words), mostColumns)
	}
	list := make([]int, len(words))
	for k, word := range words {
		n, err := strconv.Atoi(word)
		if err != nil || n < 1 || n > mostRows {
			return nil, fmt.Errorf("%.20q is no size of a vocabulary: want numbers from 1 to %d with commas between them, such as 119,8,7", word, mostRows)
		}
		list[k] = n
	}
	return list, nil
}

// list is List of sizes that Validate has seen.
func (s Sizes) list() []int {
	list, err := s.List()
	if err != nil {
		panic("features: " + err.Error())
	}
	return list
}

// MarshalText returns the text.
func (s Sizes) MarshalText() ([]byte, error) { return []byte(s), nil }

// UnmarshalText accepts what List reads.
func (s *Sizes) UnmarshalText(text []byte) error {
	if _, err := Sizes(text).List(); err != nil {
		return err
	}
	*s = Sizes(text)
	return nil
}
