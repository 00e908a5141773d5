package tokenize

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Texts is a stream of texts to learn from: it calls yield with one after another, ends at the first error that yield
// returns, and returns that or its own. No merge spans two texts.
type Texts func(yield func(text string) error) error

// Strings is the stream of the given texts.
func Strings(texts ...string) Texts {
	return func(yield func(string) error) error {
		for _, t := range texts {
			if err := yield(t); err != nil {
				return err
			}
		}
		return nil
	}
}

// BPEOptions say what tokenizer is learned. The zero value is one of 4096 tokens, none of them special, that reads numbers
// digit by digit.
type BPEOptions struct {
	Size    int      // tokens in all: the special ones, 256 bytes, merges; 0 means 4096
	Special []string // names of the special tokens
	// DigitGroup is the most digits that a token holds, 1 to 3, counted from the left of a number; 0 means 1.
	DigitGroup int
	// MinCount is how often a pair must stand in the texts to be merged; 0 means 2.
	MinCount int
}

// maxGroup is the most digits of a group, those of GPT-4.
const maxGroup = 3

// TrainBPE learns merges from texts: the pair of neighbouring tokens that is most frequent becomes a token, again and
// again, until there are Size of them. Of equally frequent pairs the one whose left token was there first is taken, then
// the one whose right token was. Where no pair stands MinCount times any more, there are fewer tokens than Size.
//
// Memory grows with the pieces that differ, not with the texts. The error is that of options that make no sense, of the
// stream, of the context, or that there is no text.
func TrainBPE(ctx context.Context, texts Texts, o BPEOptions) (*BPE, error) {
	if o.Size == 0 {
		o.Size = 4096
	}
	if o.DigitGroup == 0 {
		o.DigitGroup = 1
	}
	if o.MinCount == 0 {
		o.MinCount = 2
	}
	least := len(o.Special) + bytesInAll
	switch {
	case o.Size < least || o.Size > maxSize:
		return nil, fmt.Errorf("tokenize: TrainBPE: Size is %d: want %d, which are the special tokens and the bytes, to %d", o.Size, least, maxSize)
	case o.MinCount < 1:
		return nil, fmt.Errorf("tokenize: TrainBPE: MinCount is %d: want a positive number, or 0 for 2", o.MinCount)
	}
	special := append(specials(nil), o.Special...)
	if _, err := newBPE(special, o.DigitGroup, nil); err != nil { // before the work
		return nil, fmt.Errorf("tokenize: TrainBPE: %w", err)
	}
	pieces, err := countPieces(ctx, texts, o.DigitGroup)
	if err != nil {
		return nil, fmt.Errorf("tokenize: TrainBPE: %w", err)
	}
	merges, err := learnMerges(ctx, pieces, o.Size-least, int64(o.MinCount))
	if err != nil {
		return nil, fmt.Errorf("tokenize: TrainBPE: %w", err)
	}
	b, err := newBPE(special, o.DigitGroup, merges)
	if err != nil {
		return nil, fmt.Errorf("tokenize: TrainBPE: %w", err)
	}
	return b, nil
}

// pieceCounts are the pieces of a stream and how often each stands there.
type pieceCounts struct {
	texts  []string
	counts []int64
}

// countPieces reads the stream.
func countPieces(ctx context.Context, texts Texts, group int) (pieceCounts, error) {
	var p pieceCounts
	index := map[string]int32{}
	some := false
	err := texts(func(text string) error {
		some = some || text != ""
		for k := 0; len(text) > 0; k++ {
			if k%4096 == 0 && ctx.Err() != nil {
				return context.Cause(ctx)
			}
			n := pieceLength(text, group)
			i, known := index[text[:n]]
			if !known {
				piece := strings.Clone(text[:n]) // not to keep the text
				i = int32(len(p.texts))
				index[piece] = i
				p.texts, p.counts = append(p.texts, piece), append(p.counts, 0)
			}
			p.counts[i]++
			text = text[n:]
		}
		return nil
	})
	if err == nil && !some {
		err = errors.New("there is no text to learn from")
	}
	return p, err
}
