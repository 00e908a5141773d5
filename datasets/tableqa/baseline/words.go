package baseline

import (
	"math/bits"
	"strings"
	"unicode"
	"unicode/utf8"
)

// each calls do with every run of letters and digits of a text, in small letters. Points
// between digits stay, commas between them fall away: 1,234.5 is one word, 1234.5.
func each(text string, do func(word string)) {
	text = strings.ToLower(text)
	start, digit := -1, false // digit: the last character was one
	for i, r := range text {
		letter := unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.IsMark(r)
		if !letter && digit && (r == '.' || r == ',') {
			next, _ := utf8.DecodeRuneInString(text[i+1:])
			letter = unicode.IsDigit(next)
		}
		if digit = unicode.IsDigit(r); letter {
			if start < 0 {
				start = i
			}
			continue
		}
		if start >= 0 {
			do(strings.ReplaceAll(text[start:i], ",", ""))
			start = -1
		}
	}
	if start >= 0 {
		do(strings.ReplaceAll(text[start:], ",", ""))
	}
}

// numeric tells whether a word is written in digits.
func numeric(word string) bool {
	return word[0] >= '0' && word[0] <= '9' && !strings.ContainsFunc(word, unicode.IsLetter)
}

// plain are words that say little about what a text is about.
var plain = strings.Fields("a an the of in on at to for by with from and or is are was were be been being have has had do does did " +
	"that this these those it its as than then there their they he she his her which what who when where how many much not no more most")

// query is the different words of a question or statement, the first 64 of them, which
// are more than any published one has. A mask has a bit for each.
type query struct {
	words   []string
	number  map[string]int
	content uint64 // words that are not plain
	digits  uint64 // words in digits
}

func newQuery(text string) *query {
	q := &query{number: map[string]int{}}
	each(text, func(word string) {
		if _, known := q.number[word]; known || len(q.words) == 64 {
			return
		}
		bit := uint64(1) << len(q.words)
		q.number[word], q.words = len(q.words), append(q.words, word)
		q.content |= bit
		if numeric(word) {
			q.digits |= bit
		}
	})
	for _, word := range plain {
		if k, there := q.number[word]; there {
			q.content &^= 1 << k
		}
	}
	return q
}

// has tells whether a word is one of the query.
func (q *query) has(word string) bool {
	_, there := q.number[word]
	return there
}

// seen is what a text has of a query.
type seen struct {
	mask               uint64 // words of the query in it
	words, hits, digit int    // words, those of the query among them, those in digits
}

func (q *query) see(text string) (s seen) {
	each(text, func(word string) {
		s.words++
		if k, there := q.number[word]; there {
			s.mask |= 1 << k
			s.hits++
		}
		if numeric(word) {
			s.digit++
		}
	})
	return s
}

// share is the part of the words of a text that the query has.
func (s seen) share() float64 {
	if s.words == 0 {
		return 0
	}
	return float64(s.hits) / float64(s.words)
}

// part is the share of the words of a mask that another has, 0 of none.
func part(has, of uint64) float64 {
	if of == 0 {
		return 0
	}
	return float64(bits.OnesCount64(has&of)) / float64(bits.OnesCount64(of))
}

func truth(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
