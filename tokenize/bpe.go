package tokenize

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
)

var _ Tokenizer = (*BPE)(nil)

// BPE is a byte-level byte pair encoding. Its tokens are the special ones, then the 256 bytes, then one for every merge of
// two earlier tokens, in the order in which they were learned. Text is cut into pieces - words with the blank before them,
// digits, marks, white space - and in each the two neighbours are joined whose merge was learned first, until none is left
// to join. [TrainBPE] and [Parse] make one; it may be used by many goroutines at once.
type BPE struct {
	specials
	group  int
	merges [][2]int32       // of tokens counted without the special ones
	joined map[uint64]int32 // the token that a pair of tokens becomes, likewise
	texts  []string         // of all tokens, by id

	mu   sync.Mutex
	free []*encoder
}

// bytesInAll is the number of tokens that are single bytes.
const bytesInAll = 256

// newBPE checks the parts and puts them together.
func newBPE(special specials, group int, merges [][2]int32) (*BPE, error) {
	if err := special.check(); err != nil {
		return nil, err
	}
	if group < 1 || group > maxGroup {
		return nil, fmt.Errorf("digit group %d: want 1 to %d digits", group, maxGroup)
	}
	if size := len(special) + bytesInAll + len(merges); size > maxSize {
		return nil, fmt.Errorf("%d tokens: want at most %d", size, maxSize)
	}
	b := &BPE{specials: special, group: group, merges: merges, joined: make(map[uint64]int32, len(merges))}
	b.texts = append(make([]string, 0, len(special)+bytesInAll+len(merges)), special...)
	for c := range bytesInAll {
		b.texts = append(b.texts, string([]byte{byte(c)}))
	}
	for i, m := range merges {
		token := int32(bytesInAll + i)
		if err := b.join(m, token); err != nil {
			return nil, fmt.Errorf("merge %d of tokens %d and %d: %w", i, m[0], m[1], err)
		}
	}
	return b, nil
}

// join adds the merge that makes a token, the next one.
func (b *BPE) join(m [2]int32, token int32) error {
	if min(m[0], m[1]) < 0 || max(m[0], m[1]) >= token {
		return fmt.Errorf("want two of the %d tokens before it", token)
	}
	if _, twice := b.joined[pairKey(m)]; twice {
		return errors.New("the same merge stands before it")
	}
	text := b.texts[len(b.specials)+int(m[0])] + b.texts[len(b.specials)+int(m[1])]
	if len(text) > maxPiece {
		return fmt.Errorf("it makes a token of %d bytes: no piece of text has more than %d", len(text), maxPiece)
	}
	b.joined[pairKey(m)] = token
	b.texts = append(b.texts, text)
	return nil
}

func pairKey(m [2]int32) uint64 { return uint64(m[0])<<32 | uint64(uint32(m[1])) }

// Size is the number of tokens: the special ones, 256 bytes, and the merges.
func (b *BPE) Size() int { return len(b.texts) }

// Append appends the tokens of a text to a slice.
func (b *BPE) Append(to []int32, text string) []int32 {
	e := b.encoder()
	for len(text) > 0 {
		n := pieceLength(text, b.group)
		to = e.piece(b, to, text[:n])
		text = text[n:]
	}
	b.mu.Lock()
	b.free = append(b.free, e)
	b.mu.Unlock()
	return to
}

// encoder returns one that nobody uses.
func (b *BPE) encoder() *encoder {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n := len(b.free); n > 0 {
		e := b.free[n-1]
		b.free = b.free[:n-1]
		return e
	}
	return newEncoder()
}

// Decode returns the bytes of tokens, which are the text they were made from. Special tokens stand in it by their names.
func (b *BPE) Decode(ids []int32) string {
	var text strings.Builder
	for _, id := range ids {
		if id < 0 || int(id) >= len(b.texts) {
			outside(id, len(b.texts))
		}
		text.WriteString(b.texts[id])
	}
	return text.String()
}

// Merges returns the merges in the order in which they were learned, as pairs of ids.
func (b *BPE) Merges() [][2]int32 {
	list := slices.Clone(b.merges)
	for i := range list {
		list[i][0] += int32(len(b.specials))
		list[i][1] += int32(len(b.specials))
	}
	return list
}
