package unpickle

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// argument is the form of an opcode's argument.
type argument int8

const (
	refused argument = iota // an opcode that plain data does not need
	bare                    // no argument
	line                    // one line of text
	lines2                  // two lines
	text                    // a line in which \u and four digits stands for a character
	quoted                  // a line of Python's notation of a byte string
	one                     // so many bytes
	two
	four
	eight
	count1 // a length of so many bytes, little-endian, and that many bytes
	count4
	count8
	long1 // as count1, a number: of any length in the pickle, of 16 bytes here
	put1  // an index into the memo
	put4
	putLine
	memoize
	get1
	get4
	getLine
	frame // a length that only helps reading ahead
)

// opcodes says which opcodes are let through.
var opcodes = func() (t [256]argument) {
	for _, g := range []struct {
		codes string
		form  argument
	}{
		{"(.012NRabdelst]})u", bare}, {"\x81\x85\x86\x87\x88\x89\x93", bare}, {"Q", bare},
		{"FIL", line}, {"c", lines2}, {"V", text}, {"S", quoted}, {"K", one}, {"M", two}, {"J", four}, {"G", eight}, {"\x80", one},
		{"UC\x8c", count1}, {"TBX", count4}, {"\x8d\x8e", count8}, {"\x8a", long1},
		{"q", put1}, {"r", put4}, {"p", putLine}, {"\x94", memoize}, {"h", get1}, {"j", get4}, {"g", getLine}, {"\x95", frame},
	} {
		for i := range len(g.codes) {
			t[g.codes[i]] = g.form
		}
	}
	return t
}()

// guard reads a pickle opcode by opcode and gives it on, without what is refused, too
// long, or not needed.
type guard struct {
	in     *bufio.Reader
	limits Limits
	keep   map[uint32]bool // memo entries that are referred to; nil: all are kept
	refers map[uint32]bool // where references are noted; nil: nowhere
	offset int64           // of what is read next
	at     int64           // of the opcode at hand
	ops    int64           // opcodes of all pickles read
	memos  uint32          // MEMOIZE opcodes of this pickle
	puts   bool            // this pickle names its memo entries
	out    []byte          // checked, and not given on yet
	token  []byte          // the opcode at hand
	ended  bool            // STOP has been read
	err    error
}

func newGuard(in io.Reader, limits Limits) *guard {
	return &guard{in: bufio.NewReaderSize(in, 16<<10), limits: limits}
}

// begin has the guard read something else, in which its first byte has the given offset,
// after so many opcodes.
func (g *guard) begin(in io.Reader, offset, ops int64) {
	g.in.Reset(in)
	g.offset, g.ops, g.out, g.err = offset, ops, nil, nil
}

// next begins another pickle of the stream.
func (g *guard) next() { g.ended, g.memos, g.puts = false, 0, false }

func (g *guard) fail(format string, args ...any) error {
	return &Error{Offset: g.at, Reason: fmt.Sprintf(format, args...)}
}

// Read gives checked bytes.
func (g *guard) Read(p []byte) (int, error) {
	for len(g.out) == 0 {
		if err := g.step(); err != nil {
			return 0, err
		}
	}
	n := copy(p, g.out)
	g.out = g.out[n:]
	return n, nil
}

// ReadByte gives a checked byte.
func (g *guard) ReadByte() (byte, error) {
	for len(g.out) == 0 {
		if err := g.step(); err != nil {
			return 0, err
		}
	}
	b := g.out[0]
	g.out = g.out[1:]
	return b, nil
}

// step reads one opcode; what of it is to be given on is in out then.
func (g *guard) step() error {
	if g.err == nil {
		g.err = g.read()
	}
	return g.err
}

func (g *guard) read() error {
	if g.ended {
		return io.EOF
	}
	g.at, g.token = g.offset, g.token[:0]
	if cap(g.token) > 1<<20 {
		g.token = nil // one long string must not hold its room for ever
	}
	if err := g.take(1); err != nil {
		return err
	}
	if g.ops++; g.ops > g.limits.Opcodes {
		return g.fail("it has more than %d opcodes", g.limits.Opcodes)
	}
	code := g.token[0]
	switch form := opcodes[code]; form {
	case bare:
		g.ended = code == '.'
	case line, lines2:
		for range 1 + int(form-line) {
			if err := g.takeLine(); err != nil {
				return err
			}
		}
	case text, quoted:
		if err := g.takeLine(); err != nil {
			return err
		}
		if err := g.unescape(form); err != nil {
			return err
		}
	case one, two, four, eight:
		if err := g.take(1 << (form - one)); err != nil {
			return err
		}
	case count1, count4, count8:
		if err := g.takeCounted([...]int64{1, 4, 8}[form-count1]); err != nil {
			return err
		}
	case long1:
		if err := g.takeCounted(1); err != nil {
			return err
		}
		switch {
		case len(g.token) == 2:
			g.token = append(g.token[:0], 'K', 0) // Python writes 0L so
		case len(g.token) > 2+16:
			return g.fail("a whole number of more than 16 bytes")
		}
	case put1, put4, putLine, memoize, get1, get4, getLine:
		if err := g.memo(form); err != nil {
			return err
		}
	case frame:
		if err := g.take(8); err != nil {
			return err
		}
		g.token = g.token[:0]
	default:
		return g.fail("opcode %q is not for plain data", code)
	}
	g.out = g.token
	return nil
}

// memo reads an opcode that stores or recalls a value. Values that nothing recalls are
// not stored, and indices that are only implied are made explicit, since leaving some out
// would shift them.
func (g *guard) memo(form argument) error {
	index := uint32(0)
	switch form {
	case put1, get1:
		if err := g.take(1); err != nil {
			return err
		}
		index = uint32(g.token[1])
	case put4, get4:
		if err := g.take(4); err != nil {
			return err
		}
		index = binary.LittleEndian.Uint32(g.token[1:])
	case putLine, getLine:
		if err := g.takeLine(); err != nil {
			return err
		}
		var n uint64
		for _, c := range g.token[1 : len(g.token)-1] {
			if c < '0' || c > '9' || n > 1<<32 {
				return g.fail("a place in the memo is no number")
			}
			n = 10*n + uint64(c-'0')
		}
		if n >= 1<<32 || len(g.token) < 3 {
			return g.fail("a place in the memo is no number")
		}
		index = uint32(n)
	case memoize:
		index = g.memos
		g.memos++
	}
	switch form {
	case get1, get4, getLine:
		if g.refers != nil {
			g.refers[index] = true
		}
		return nil
	}
	if g.puts = g.puts || form != memoize; g.puts && g.memos > 0 {
		return g.fail("it stores values both by number and without")
	}
	switch {
	case g.keep != nil && !g.keep[index]:
		g.token = g.token[:0]
	case form == memoize:
		g.token = binary.LittleEndian.AppendUint32(append(g.token[:0], 'r'), index)
	}
	return nil
}

// take reads n more bytes into the token. Room is made as they come.
func (g *guard) take(n int64) error {
	for n > 0 {
		have := len(g.token)
		part := int(min(n, 64<<10))
		g.token = append(g.token, make([]byte, part)...)
		got, err := io.ReadFull(g.in, g.token[have:])
		g.offset += int64(got)
		if g.offset > g.limits.Bytes {
			return g.fail("it is longer than %d bytes", g.limits.Bytes)
		}
		if err != nil {
			if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
				return &Error{Offset: g.at, Reason: "it ends in the middle", Err: io.ErrUnexpectedEOF}
			}
			return err
		}
		n -= int64(part)
	}
	return nil
}

// takeCounted reads a length of so many bytes, and what it counts.
func (g *guard) takeCounted(bytes int64) error {
	if err := g.take(bytes); err != nil {
		return err
	}
	var number [8]byte
	copy(number[:], g.token[1:])
	n := binary.LittleEndian.Uint64(number[:])
	if n > uint64(g.limits.String) {
		return g.fail("a string of %d bytes, at most %d are accepted", n, g.limits.String)
	}
	return g.take(int64(n))
}

// longestLine is more than any line of plain data has.
const longestLine = 1 << 20

// takeLine reads a line with its end.
func (g *guard) takeLine() error {
	for begin := len(g.token); ; {
		if err := g.take(1); err != nil {
			return err
		}
		if g.token[len(g.token)-1] == '\n' {
			return nil
		}
		if len(g.token)-begin > longestLine {
			return g.fail("a line of more than %d bytes", longestLine)
		}
	}
}
