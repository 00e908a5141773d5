package encodingtest_test

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/encodings/encodingtest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// rising adds to every token its place, and believes that only differences of places show.
type rising struct{}

func (rising) Name() string { return "rising" }

func (rising) New(d encodings.Dims, _ *nn.Init) (encodings.Encoder, error) {
	if d.Width < 1 {
		return nil, fmt.Errorf("rising: width %d", d.Width)
	}
	return risingEncoder{}, nil
}

type risingEncoder struct{ encodings.Bare }

func (risingEncoder) Begin(_ *tensor.Tape, l *encodings.Layout) (encodings.Positions, error) {
	if l.Kind != encodings.Sequence {
		return nil, l.Refuse("rising", "it is for sequences")
	}
	return &risingPositions{l: l}, nil
}

func (risingEncoder) Relative() bool { return true }

type risingPositions struct {
	encodings.Silent
	l *encodings.Layout
}

func (p *risingPositions) Tokens(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	places := tensor.New(x.Rows(), x.Cols())
	for t := range places.Rows() {
		places.Row(t)[0] = float32(p.l.At(t)[0])
	}
	return tp.Add(x, tp.Const(places))
}

// An encoding of one's own that claims too much.
func ExampleCheck() {
	for _, f := range encodingtest.Check(rising{}, encodingtest.Options{}) {
		fmt.Println(f.Property, "on", f.Layout)
	}
	// Output:
	// relative on sequences
}
