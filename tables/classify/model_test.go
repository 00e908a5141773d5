package classify

import (
	"context"
	"errors"
	"math"
	"strings"
	"testing"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tables/decoder"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/tokenize"
	"github.com/graft-ml/graft/train"
)

// toy are rows of two columns, each a token of 8, whose class follows from both.
type toy struct{ n, classes int }

const (
	header = 10 // tokens: 6 marks, 4 classes, 2 names, 8 values
	value  = 12
)

func (t toy) Len() int { return t.n }

func (t toy) Class(i int) int {
	a, b := i%8, i/8%8
	if t.classes == 2 && a > b {
		return 1
	} else if t.classes == 2 {
		return 0
	}
	return (a + b) % t.classes
}

func (t toy) Cells(i int) [][]int32 {
	return [][]int32{{value + int32(i%8)}, {value + int32(i/8%8)}}
}

func (t toy) Tokens(int) int { return 2 }

// vocabulary has the tokens of toy.
func vocabulary(t testing.TB, classes int) Vocabulary {
	t.Helper()
	names := append(tables.MarkNames(), strings.Fields("c0 c1 c2 c3 a b v0 v1 v2 v3 v4 v5 v6 v7")...)
	tok, err := tokenize.NewWords([]string{"None"}, names)
	if err != nil {
		t.Fatal(err)
	}
	return Vocabulary{Tokenizer: tok, Header: [][]int32{{header}, {header + 1}}, Class: 6, Classes: classes}
}

func TestLearns(t *testing.T) {
	for _, c := range []struct {
		classes int
		loss    nn.Loss
	}{{2, nn.BinaryCrossEntropy{}}, {3, nn.CrossEntropy{}}} {
		m, err := New(decoder.Config{Layers: 2, Width: 32, Heads: 2, InitStd: 0.1, Encoding: "rope"}, vocabulary(t, c.classes), 1)
		if err != nil {
			t.Fatal(err)
		}
		data, err := NewData(m, toy{64, c.classes})
		if err != nil {
			t.Fatal(err)
		}
		if got := data.Length(0); got != 1+(3*2+2+2)*2+1 {
			t.Errorf("%d tokens a row", got)
		}
		r, err := train.Fit(context.Background(), train.Task{Model: m, Loss: c.loss, Metric: train.Accuracy{}, Train: data, Val: data},
			train.Options{Epochs: 60, BatchSize: 32, LR: 5e-3, Clip: 1, Seed: 1})
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Val.Value("accuracy"); got < 0.95 {
			t.Errorf("%d classes: accuracy %v", c.classes, got)
		}
	}
}

// unknown are rows without classes.
type unknown struct{ toy }

func (unknown) Class(int) int { return -1 }

// TestAlone holds rows in a batch to the bits of rows alone, whatever their classes are.
func TestAlone(t *testing.T) {
	m, err := New(decoder.Config{Layers: 2, Width: 16, Heads: 2, Encoding: "rope"}, vocabulary(t, 4), 1)
	if err != nil {
		t.Fatal(err)
	}
	forward := func(rows Rows, items ...int) *tensor.Tensor {
		data, err := NewData(m, rows)
		if err != nil {
			t.Fatal(err)
		}
		b, err := data.Prepare(items)
		if err != nil {
			t.Fatal(err)
		}
		if y := b.Targets().Data()[0]; y == y != (rows.Class(items[0]) >= 0) {
			t.Errorf("target %v of class %d", y, rows.Class(items[0]))
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{})
		return m.Forward(tp, b).Value().Clone()
	}
	all := forward(toy{8, 4}, 3, 5, 7)
	for k, i := range []int{3, 5, 7} {
		alone := forward(unknown{toy{8, 4}}, i)
		for c := range 4 {
			if got, want := alone.At(0, c), all.At(k, c); math.Float32bits(got) != math.Float32bits(want) {
				t.Errorf("row %d, class %d: %v alone, %v in a batch", i, c, got, want)
			}
		}
	}
}

func TestErrors(t *testing.T) {
	v := vocabulary(t, 2)
	v.Classes = 1
	if _, err := New(decoder.Config{}, v, 1); err == nil || !strings.Contains(err.Error(), "want at least two") {
		t.Errorf("one class: %v", err)
	}
	m, err := New(decoder.Config{Layers: 1, Width: 16, Heads: 2, MaxTokens: 10}, vocabulary(t, 2), 1)
	if err != nil {
		t.Fatal(err)
	}
	var long *tables.LongError
	if _, err := NewData(m, toy{8, 2}); !errors.As(err, &long) || long.Tokens != 22 {
		t.Errorf("rows that are too long: %v", err)
	}
}
