package unpickle

import (
	"encoding/binary"
	"strconv"
	"unicode/utf8"
)

// unescape replaces an opcode of protocol 0 with a string in notation by one of protocol
// 1 with the string itself, which the library does not decode.
func (g *guard) unescape(form argument) error {
	line := g.token[1 : len(g.token)-1]
	var text []byte
	code := byte('X')
	ok := false
	if form == quoted {
		code = 'T'
		text, ok = unquote(line)
	} else {
		text, ok = unescapeText(line)
	}
	if !ok {
		return g.fail("a string that is not in the notation of Python")
	}
	g.token = append(binary.LittleEndian.AppendUint32([]byte{code}, uint32(len(text))), text...)
	return nil
}

// unescapeText decodes what Python calls raw-unicode-escape: bytes are the first 256
// characters, \u with four and \U with eight hexadecimal digits any.
func unescapeText(line []byte) ([]byte, bool) {
	text := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' || i+1 >= len(line) || line[i+1] != 'u' && line[i+1] != 'U' {
			text = utf8.AppendRune(text, rune(line[i]))
			continue
		}
		n := 4
		if line[i+1] == 'U' {
			n = 8
		}
		if i+2+n > len(line) {
			return nil, false
		}
		r, err := strconv.ParseUint(string(line[i+2:i+2+n]), 16, 32)
		if err != nil || r > utf8.MaxRune {
			return nil, false
		}
		text = utf8.AppendRune(text, rune(r))
		i += 1 + n
	}
	return text, true
}

// unquote decodes how Python 2 writes a byte string.
func unquote(line []byte) ([]byte, bool) {
	n := len(line)
	if n < 2 || line[0] != line[n-1] || line[0] != '\'' && line[0] != '"' {
		return nil, false
	}
	line = line[1 : n-1]
	text := make([]byte, 0, len(line))
	for i := 0; i < len(line); i++ {
		if line[i] != '\\' {
			text = append(text, line[i])
			continue
		}
		if i++; i >= len(line) {
			return nil, false
		}
		switch c := line[i]; c {
		case '\\', '\'', '"':
			text = append(text, c)
		case 'n':
			text = append(text, '\n')
		case 'r':
			text = append(text, '\r')
		case 't':
			text = append(text, '\t')
		case 'x':
			if i+2 >= len(line) {
				return nil, false
			}
			b, err := strconv.ParseUint(string(line[i+1:i+3]), 16, 8)
			if err != nil {
				return nil, false
			}
			text = append(text, byte(b))
			i += 2
		default:
			return nil, false
		}
	}
	return text, true
}
