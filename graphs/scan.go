package graphs

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"
)

// scanner reads the JSON of one line value by value, straight into flat slices.
// encoding/json would build a tree of small slices first, several times the size
// of the line, and could not tell the column of a wrong value.
type scanner struct {
	line []byte
	pos  int
}

// syntax is the panic value by which a scanner gives up; see recovered.
type syntax struct {
	column int
	err    *SyntaxError
}

// maxDepth bounds the nesting of a skipped value, so that a hostile line cannot
// exhaust the stack.
const maxDepth = 64

func (s *scanner) fail(hint, format string, args ...any) {
	panic(syntax{s.pos + 1, &SyntaxError{Reason: fmt.Sprintf(format, args...), Hint: hint}})
}

func (s *scanner) malformed(expected string) {
	if s.pos >= len(s.line) {
		s.fail("the line may be cut off", "malformed JSON: the line ends where %s was expected", expected)
	}
	if b := s.line[s.pos]; b == 'N' || b == 'I' {
		s.fail("fill features in; write null for a missing target", "malformed JSON: NaN and Infinity are not numbers of JSON")
	}
	r, _ := utf8.DecodeRune(s.line[s.pos:])
	s.fail("each line must be one JSON object", "malformed JSON: %q where %s was expected", r, expected)
}

// peek is the next byte that is not blank, or 0 at the end of the line.
func (s *scanner) peek() byte {
	for s.pos < len(s.line) {
		switch b := s.line[s.pos]; b {
		case ' ', '\t', '\r', '\n':
			s.pos++
		default:
			return b
		}
	}
	return 0
}

func (s *scanner) want(b byte, what string) {
	if s.peek() != b || s.pos >= len(s.line) {
		s.malformed(what)
	}
	s.pos++
}

// more walks the items of an array: for first := true; s.more(&first); { ... }.
// The opening bracket must have been taken.
func (s *scanner) more(first *bool) bool {
	b := s.peek()
	if b == ']' {
		s.pos++
		return false
	}
	if !*first {
		s.want(',', `"," or "]"`)
		if s.peek() == ']' {
			s.malformed("a value")
		}
	}
	*first = false
	return true
}

// number takes the text of a JSON number.
func (s *scanner) number() []byte {
	s.peek()
	start := s.pos
	digits := func() {
		from := s.pos
		for s.pos < len(s.line) && s.line[s.pos] >= '0' && s.line[s.pos] <= '9' {
			s.pos++
		}
		if s.pos == from {
			s.malformed("a number")
		}
	}
	next := func(set string) bool {
		if s.pos < len(s.line) && bytes.IndexByte([]byte(set), s.line[s.pos]) >= 0 {
			s.pos++
			return true
		}
		return false
	}
	next("-")
	if !next("0") {
		digits()
	}
	if next(".") {
		digits()
	}
	if next("eE") {
		next("+-")
		digits()
	}
	return s.line[start:s.pos]
}

// integer takes a whole number within ±limit; what names it in messages.
func (s *scanner) integer(what string, limit int64) int64 {
	s.peek()
	start := s.pos
	text := s.number()
	v, err := strconv.ParseInt(string(text), 10, 64)
	if err != nil || v > limit || v < -limit {
		s.pos = start
		if bytes.ContainsAny(text, ".eE") {
			s.fail("write ids as whole numbers, and real features as a list of numbers per node or edge",
				"%s %s is not a whole number", what, clip(text))
		}
		s.fail("", "%s %s is out of range", what, clip(text))
	}
	return v
}

// real takes a number that a float32 can hold.
func (s *scanner) real(what string) float32 {
	if s.peek(); s.word("null") {
		s.pos -= len("null")
		s.fail("fill the value in, or leave the graph out", "%s is null", what)
	}
	start := s.pos
	text := s.number()
	v, err := strconv.ParseFloat(string(text), 32)
	if err != nil {
		s.pos = start
		s.fail("", "%s %s is too large for a float32", what, clip(text))
	}
	return float32(v)
}

// text takes a JSON string.
func (s *scanner) text(what string) string {
	if s.peek() != '"' {
		s.malformed(what)
	}
	start := s.pos
	for s.pos++; s.pos < len(s.line); s.pos++ {
		switch s.line[s.pos] {
		case '\\':
			s.pos++
		case '"':
			s.pos++
			var out string
			if err := json.Unmarshal(s.line[start:s.pos], &out); err != nil {
				s.pos = start
				s.fail("", "malformed JSON: a string with a wrong escape or a control character")
			}
			return out
		}
	}
	s.pos = len(s.line)
	s.malformed("the end of a string")
	return ""
}

func (s *scanner) word(w string) bool {
	if bytes.HasPrefix(s.line[s.pos:], []byte(w)) {
		s.pos += len(w)
		return true
	}
	return false
}

func (s *scanner) boolean() bool {
	s.peek()
	if s.word("true") {
		return true
	}
	if !s.word("false") {
		s.malformed("true or false")
	}
	return false
}

// skip passes over a value of any kind.
func (s *scanner) skip(depth int) {
	if depth > maxDepth {
		s.fail("", "more than %d levels of nesting", maxDepth)
	}
	switch s.peek() {
	case '[':
		s.pos++
		for first := true; s.more(&first); {
			s.skip(depth + 1)
		}
	case '{':
		s.object(func(string, int) { s.skip(depth + 1) })
	case '"':
		s.text("a string")
	case 't', 'f':
		s.boolean()
	case 'n':
		if !s.word("null") {
			s.malformed("a value")
		}
	default:
		s.number()
	}
}

// object walks the keys of an object and calls value with each key and the place
// where it stands; value takes the value.
func (s *scanner) object(value func(key string, at int)) {
	s.want('{', `"{"`)
	if s.peek() == '}' {
		s.pos++
		return
	}
	for {
		s.peek()
		at := s.pos
		key := s.text("a key in quotes")
		s.want(':', `":"`)
		value(key, at)
		if s.peek() == '}' {
			s.pos++
			return
		}
		s.want(',', `"," or "}"`)
	}
}

// ids takes a list of whole numbers from 0 to 2^31-1, or below 0, which Validate
// names with its node.
func (s *scanner) ids(what string) []int32 {
	s.want('[', "a list of ids")
	var out []int32
	for first := true; s.more(&first); {
		out = append(out, int32(s.integer(what, math.MaxInt32)))
	}
	return out
}

// reals takes a list of numbers.
func (s *scanner) reals(what string) []float32 {
	s.want('[', "a list of numbers")
	var out []float32
	for first := true; s.more(&first); {
		out = append(out, s.real(what))
	}
	return out
}

// rows takes a list of lists of the same length; value takes one item. It gives
// the number of rows; per names what there is one row of.
func (s *scanner) rows(per string, value func()) (rows, cols int) {
	s.want('[', "a list of lists")
	for first := true; s.more(&first); rows++ {
		s.peek()
		start := s.pos
		s.want('[', "a list for every "+per)
		n := 0
		for first := true; s.more(&first); n++ {
			value()
		}
		if rows == 0 {
			cols = n
		}
		if n != cols {
			s.pos = start
			s.fail("give every "+per+" the same number of values", "%s %d has %d values, %s 0 has %d", per, rows, n, per, cols)
		}
	}
	return rows, cols
}

// clip shortens a token for a message.
func clip(b []byte) string {
	if len(b) > 32 {
		return string(b[:29]) + "..."
	}
	return string(b)
}
