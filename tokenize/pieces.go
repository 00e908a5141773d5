package tokenize

import (
	"unicode"
	"unicode/utf8"
)

// maxPiece is the most bytes of a piece. It bounds the time that a piece takes and the length of tokens.
const maxPiece = 128

// class is the kind of a character.
type class uint8

const (
	mark class = iota // whatever is none of the others, bytes that are not UTF-8 among it
	letter
	digit
	space
)

// ascii are the classes of the characters below 128.
var ascii = func() (t [utf8.RuneSelf]class) {
	for c := range t {
		t[c] = classOf(rune(c))
	}
	return t
}()

func classOf(r rune) class {
	switch {
	case unicode.IsLetter(r), unicode.IsMark(r): // accents that combine belong to their letters
		return letter
	case unicode.IsDigit(r):
		return digit
	case unicode.IsSpace(r):
		return space
	}
	return mark
}

// first returns the class and the bytes of the first character of a text that is not empty.
func first(text string) (class, int) {
	if c := text[0]; c < utf8.RuneSelf {
		return ascii[c], 1
	}
	r, n := utf8.DecodeRuneInString(text)
	if r == utf8.RuneError && n == 1 {
		return mark, 1
	}
	return classOf(r), n
}

// run returns where the characters of a class end that begin at from, at most limit bytes into the text.
func run(text string, from int, want class, limit int) int {
	for from < len(text) {
		c, n := first(text[from:])
		if c != want || from+n > limit {
			break
		}
		from += n
	}
	return from
}

// pieceLength returns the bytes of the first piece of a text that is not empty: merges do not cross from one piece to the
// next. A piece is
//
//   - a run of letters, or one of marks, with the blank before it if there is one;
//   - group digits, or what is left of a number, counted from its left as GPT-4 does; no blank belongs to it, so that a
//     number has the same tokens wherever it stands;
//   - a run of white space, but for the blank that belongs to what follows;
//
// and is cut after maxPiece bytes, never inside a character. The pieces of a text are all of it.
func pieceLength(text string, group int) int {
	c, n := first(text)
	switch c {
	case digit:
		for ; group > 1 && n < len(text); group-- {
			c, m := first(text[n:])
			if c != digit {
				break
			}
			n += m
		}
		return n
	case letter, mark:
		return run(text, n, c, maxPiece)
	}
	end := run(text, n, space, maxPiece)
	if end == len(text) || text[end-1] != ' ' {
		return end
	}
	switch c, n := first(text[end:]); {
	case c == digit || c == space:
		return end
	case end > 1:
		return end - 1
	default:
		return run(text, 1+n, c, maxPiece)
	}
}
