package tables

import (
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// TestChecked reads random bytes in pieces of every size: what comes out is the text
// up to the first byte that is not UTF-8, and that byte's place.
func TestChecked(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOf(rapid.SampledFrom([]string{"a", "\n", "ö", "€", "𝄞", "\xff", "\xc3", "\xe2\x82", "\r"})).Draw(t, "parts"), "")
		good, line, column := 0, 1, 1
		for good < len(text) {
			r, size := utf8.DecodeRuneInString(text[good:])
			if r == utf8.RuneError && size == 1 {
				break
			}
			if good, column = good+size, column+size; r == '\n' {
				line, column = line+1, 1
			}
		}
		for name, pieces := range map[string]func(io.Reader) io.Reader{"whole": func(r io.Reader) io.Reader { return r }, "bytes": iotest.OneByteReader, "halves": iotest.HalfReader, "error with data": iotest.DataErrReader} {
			got, err := io.ReadAll(newChecked("", pieces(strings.NewReader(text))))
			if good == len(text) {
				if err != nil || string(got) != text {
					t.Fatalf("%s: %q, %v of %q", name, got, err, text)
				}
				continue
			}
			file, ok := err.(*FileError)
			if !ok || file.Line != line || file.Column != column {
				t.Fatalf("%s: %v, want one in line %d, byte %d of %q", name, err, line, column, text)
			}
			if len(got) < good || string(got[:good]) != text[:good] {
				t.Fatalf("%s: %q of %q", name, got, text)
			}
		}
	})
}

func TestCheckedInSmallReads(t *testing.T) {
	const text = "aö\n€𝄞"
	got, err := io.ReadAll(iotest.OneByteReader(newChecked("", strings.NewReader("\xef\xbb\xbf"+text))))
	if err != nil || string(got) != text {
		t.Errorf("%q, %v", got, err)
	}
	_, err = io.ReadAll(iotest.OneByteReader(newChecked("", strings.NewReader(text+"\xe2\x82x"))))
	if file, ok := err.(*FileError); !ok || file.Line != 2 || file.Column != 8 {
		t.Error(err)
	}
}
