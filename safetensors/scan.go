package safetensors

import (
	"bytes"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// maxNumber is 2^53: JSON numbers above it are read as different values by different parsers.
const maxNumber = 1 << 53

// scanner walks the JSON text of a header, which is known to be UTF-8. encoding/json would let the last of two equal keys
// win, build maps many times the size of the text, and take 1e3 for a whole number; this walk allocates nothing.
type scanner struct {
	b   []byte
	pos int
}

func (s *scanner) fail(what string) error {
	return headerError("byte "+strconv.Itoa(s.pos)+": "+what, "")
}

func (s *scanner) space() {
	for s.pos < len(s.b) {
		switch s.b[s.pos] {
		case ' ', '\t', '\n', '\r':
			s.pos++
		default:
			return
		}
	}
}

// peek skips white space and returns the next byte, 0 at the end.
func (s *scanner) peek() byte {
	s.space()
	if s.pos == len(s.b) {
		return 0
	}
	return s.b[s.pos]
}

func (s *scanner) expect(c byte) error {
	got := s.peek()
	if got != c {
		if s.pos == len(s.b) {
			return s.fail("the JSON text ends where " + strconv.QuoteRune(rune(c)) + " is expected")
		}
		return s.fail("expected " + strconv.QuoteRune(rune(c)) + ", found " + s.here())
	}
	s.pos++
	return nil
}

// here quotes the character at the position.
func (s *scanner) here() string {
	r, _ := utf8.DecodeRune(s.b[s.pos:])
	return strconv.QuoteRune(r)
}

// object walks an object. member is called with the position of the opening quote of each key, the scanner standing
// before the value, and must consume the value.
func (s *scanner) object(member func(key int) error) error {
	return s.list('{', '}', func() error {
		s.space()
		key := s.pos
		if err := s.skipString(); err != nil {
			return err
		}
		if err := s.expect(':'); err != nil {
			return err
		}
		return member(key)
	})
}

// list walks values between open and shut, separated by commas.
func (s *scanner) list(open, shut byte, item func() error) error {
	if err := s.expect(open); err != nil {
		return err
	}
	if s.peek() == shut {
		s.pos++
		return nil
	}
	for {
		if err := item(); err != nil {
			return err
		}
		switch s.peek() {
		case ',':
			s.pos++
		case shut:
			s.pos++
			return nil
		default:
			if s.pos == len(s.b) {
				return s.fail("the JSON text ends inside a list or object")
			}
			return s.fail("expected ',' or " + strconv.QuoteRune(rune(shut)) + ", found " + s.here())
		}
	}
}

// skipString consumes a string and checks its escapes.
func (s *scanner) skipString() error {
	if err := s.expect('"'); err != nil {
		return err
	}
	for s.pos < len(s.b) {
		switch c := s.b[s.pos]; {
		case c == '"':
			s.pos++
			return nil
		case c < 0x20:
			return s.fail("control character in a string")
		case c == '\\':
			_, size := unescape(s.b[s.pos:])
			if size == 0 {
				return s.fail("bad escape in a string")
			}
			s.pos += size
		default:
			s.pos++
		}
	}
	return s.fail("the JSON text ends inside a string")
}

// raw consumes a string and returns what stands between its quotes.
func (s *scanner) raw() ([]byte, error) {
	s.space()
	start := s.pos
	if err := s.skipString(); err != nil {
		return nil, err
	}
	return s.b[start+1 : s.pos-1], nil
}

// key returns the checked string whose opening quote is at the position. It does not move the scanner.
func (s *scanner) key(at int) string {
	k := scanner{b: s.b, pos: at}
	raw, _ := k.raw()
	return text(raw)
}

// is tells whether the checked string whose opening quote is at the position equals want, without allocating.
func (s *scanner) is(at int, want string) bool {
	k := scanner{b: s.b, pos: at}
	raw, _ := k.raw()
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw) == want
	}
	return text(raw) == want
}

// number consumes a whole number from 0 to 2^53.
func (s *scanner) number() (int64, error) {
	c := s.peek()
	start := s.pos
	switch {
	case c == '-':
		return 0, s.fail("negative number")
	case c < '0' || c > '9':
		if s.pos == len(s.b) {
			return 0, s.fail("the JSON text ends where a number is expected")
		}
		return 0, s.fail("expected a whole number, found " + s.here())
	}
	var n int64
	for s.pos < len(s.b) && s.b[s.pos] >= '0' && s.b[s.pos] <= '9' {
		n = n*10 + int64(s.b[s.pos]-'0')
		if n > maxNumber {
			return 0, s.fail("number above 2^53")
		}
		s.pos++
	}
	if s.b[start] == '0' && s.pos > start+1 {
		return 0, s.fail("number with a leading zero")
	}
	if s.pos < len(s.b) {
		switch s.b[s.pos] {
		case '.', 'e', 'E':
			return 0, s.fail("number with a fraction or exponent, a whole number is expected")
		}
	}
	return n, nil
}

// unescape returns the character of the escape at the start of b and the escape's length, 0 when it is not a valid one.
func unescape(b []byte) (rune, int) {
	if len(b) < 2 {
		return 0, 0
	}
	switch b[1] {
	case '"', '\\', '/':
		return rune(b[1]), 2
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		high, ok := hex4(b[2:])
		if !ok {
			return 0, 0
		}
		if !utf16.IsSurrogate(high) {
			return high, 6
		}
		if len(b) < 12 || b[6] != '\\' || b[7] != 'u' {
			return 0, 0
		}
		low, ok := hex4(b[8:])
		if r := utf16.DecodeRune(high, low); ok && r != utf8.RuneError {
			return r, 12
		}
	}
	return 0, 0
}

func hex4(b []byte) (rune, bool) {
	if len(b) < 4 {
		return 0, false
	}
	var r rune
	for _, c := range b[:4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// text returns the string whose content, as written, is raw.
func text(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			i++
			continue
		}
		r, size := unescape(raw[i:])
		out = utf8.AppendRune(out, r)
		i += size
	}
	return string(out)
}

// compareKeys orders two checked strings of a header by their content, whatever their spelling. a and b begin after the
// opening quote and reach beyond the closing one.
func compareKeys(a, b []byte) int {
	for {
		ca, cb := a[0], b[0]
		if ca == '\\' || cb == '\\' {
			ra, na := character(a)
			rb, nb := character(b)
			if ra != rb {
				return int(ra) - int(rb)
			}
			a, b = a[na:], b[nb:]
			continue
		}
		switch {
		case ca == cb && ca == '"':
			return 0
		case ca == cb:
			a, b = a[1:], b[1:]
		case ca == '"':
			return -1
		case cb == '"':
			return 1
		default:
			return int(ca) - int(cb)
		}
	}
}

// character returns the character that b begins with and its length, -1 at the closing quote.
func character(b []byte) (rune, int) {
	switch b[0] {
	case '"':
		return -1, 0
	case '\\':
		return unescape(b)
	}
	return utf8.DecodeRune(b)
}
