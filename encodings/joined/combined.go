package joined

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Combined joins several encodings, one after the other: LapPE+RWSE of the official configurations is
// Combined{LapPE{}, RWSE{}}. Without any it has no channels.
type Combined []Encoding

var _ Encoding = Combined{}

// Name returns the names of the encodings, joined by plus signs.
func (c Combined) Name() string {
	names := make([]string, len(c))
	for i, e := range c {
		names[i] = e.Name()
	}
	return strings.Join(names, "+")
}

// Channels is the sum of those of the encodings.
func (c Combined) Channels() int {
	sum := 0
	for _, e := range c {
		sum += e.Channels()
	}
	return sum
}

// Prepare prepares all encodings.
func (c Combined) Prepare(b *graphs.Batch, items []int, cache *Cache, into *Features) error {
	for len(into.parts) < len(c) {
		into.parts = append(into.parts, Features{})
	}
	into.parts = into.parts[:len(c)]
	for i, e := range c {
		if err := e.Prepare(b, items, cache, &into.parts[i]); err != nil {
			return err
		}
	}
	return nil
}

// New refuses encodings whose settings do not fit, and an empty combination.
func (c Combined) New(init *nn.Init) (Encoder, error) {
	if len(c) == 0 {
		return nil, fmt.Errorf("joined: a combination of no encodings: want at least one")
	}
	var out combined
	for _, e := range c {
		encoder, err := e.New(init)
		if err != nil {
			return nil, err
		}
		out = append(out, encoder)
	}
	return out, nil
}

type combined []Encoder

// Params declares the encoders as 0, 1, ...
func (c combined) Params(p *nn.Params) {
	for i, e := range c {
		p.Sub(fmt.Sprint(i), e)
	}
}

// Apply returns the channels of all encoders, side by side.
func (c combined) Apply(tp *tensor.Tape, f *Features) *tensor.Var {
	if len(f.parts) != len(c) {
		panic(fmt.Sprintf("joined: Combined: features of %d encodings, expected those of %d", len(f.parts), len(c)))
	}
	out := c[0].Apply(tp, &f.parts[0])
	for i := 1; i < len(c); i++ {
		out = tp.Concat(out, c[i].Apply(tp, &f.parts[i]))
	}
	return out
}
