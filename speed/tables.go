package speed

import (
	"time"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/sequences"
	"github.com/graft-ml/graft/tables"
	"github.com/graft-ml/graft/tensor"
)

// tableShape is the work of the figures of tables: a batch of tables whose cells are one token each, and a decoder.
type tableShape struct {
	tables        int
	rows, columns int // of a table, header included
	text          int // tokens before a table, and as many after it
	width, heads  int
	layers        int
}

// tablesMeasured are 16 tables of 8 x 8 cells, 272 tokens as the extended grid of 2D-TPE and 20 of text, for the sizes that
// tables/decoder has by default.
var tablesMeasured = tableShape{tables: 16, rows: 8, columns: 8, text: 10, width: 256, heads: 8, layers: 4}

// The vocabulary of the decoder: words, then the marks of tables.
const (
	tableWords      = 1000
	tableVocabulary = tableWords + 7
	answerTokens    = 3 // whose loss is minimised, the end of the answer included
)

// reading lays out table number n.
func (s tableShape) reading(n int) (*tables.Reading, error) {
	marks := tables.Marks{BOS: tableWords, EOS: tableWords + 1, Bar: tableWords + 2, Dash: tableWords + 3, RowEnd: tableWords + 4, ColumnEnd: tableWords + 5, Answer: tableWords + 6}
	word := func(k int) int32 { return int32((k*k + 7*k + 31*n) % tableWords) }
	cells := make([][][]int32, s.rows)
	for r := range cells {
		for c := range s.columns {
			cells[r] = append(cells[r], []int32{word(r*s.columns + c)})
		}
	}
	before, after := []int32{marks.BOS}, []int32(nil)
	for k := range s.text {
		if k > 0 {
			before = append(before, word(100+k))
		}
		after = append(after, word(200+k))
	}
	return tables.Read(before, cells, after, marks)
}

// examples are the tables with answers; a decoder reads each with all tokens of its answer but the last, which take the
// place of tokens of the text.
func (s tableShape) examples() ([]sequences.Example, error) {
	list := make([]sequences.Example, s.tables)
	for n := range list {
		r, err := s.reading(n)
		if err != nil {
			return nil, err
		}
		prompt := len(r.IDs) - (answerTokens - 1)
		target := append(append([]int32(nil), r.IDs[prompt:]...), tableWords+1)
		list[n] = sequences.Example{Prompt: r.IDs[:prompt], Target: target,
			Places: &sequences.Places{Orders: [][]int32{r.Row, r.Column}, Cells: r.Span}}
	}
	return list, nil
}

// trainRate measures training steps of a decoder with an encoding, in tokens that it reads a second.
func (s tableShape) trainRate(w *workshop, e encodings.Encoding) (func() float64, error) {
	m, err := sequences.New(sequences.Config{Vocabulary: tableVocabulary, Layers: s.layers, Width: s.width, Heads: s.heads, Encoding: e}, workloadSeed)
	if err != nil {
		return nil, err
	}
	examples, err := s.examples()
	if err != nil {
		return nil, err
	}
	batch, err := sequences.NewBatch(m, examples, sequences.BatchOptions{})
	if err != nil {
		return nil, err
	}
	t := newTrainer(m)
	t.loss = nn.CrossEntropy{}
	t.train(batch)
	return func() float64 {
		return float64(batch.Layout.Tokens()) / w.over(func() { t.train(batch) })
	}, nil
}

// tableAttention is the attention part of one layer over the tables: the projections to queries, keys and values, the
// rotations, the kernels, the router where there is one, the output projection.
type tableAttention struct {
	shape                     tableShape
	encoder                   encodings.Encoder
	layout                    *encodings.Layout
	query, key, value, output *nn.Linear
	x, dy                     *tensor.Tensor
	tape                      *tensor.Tape
}

func (s tableShape) attention(e encodings.Encoding) (*tableAttention, error) {
	a := &tableAttention{shape: s, tape: tensor.NewTape()}
	offsets, orders, spans := []int{0}, make([][]int32, 2), make([][2]int, s.tables)
	for n := range s.tables {
		r, err := s.reading(n)
		if err != nil {
			return nil, err
		}
		offsets = append(offsets, offsets[n]+len(r.IDs))
		orders[0], orders[1], spans[n] = append(orders[0], r.Row...), append(orders[1], r.Column...), r.Span
	}
	layout, err := encodings.InOrders(offsets, orders...)
	if err != nil {
		return nil, err
	}
	if a.layout, err = layout.WithSpans(spans); err != nil {
		return nil, err
	}
	init := nn.NewInit(workloadSeed)
	for _, l := range []**nn.Linear{&a.query, &a.key, &a.value, &a.output} {
		*l = nn.NewLinearNoBias(s.width, s.width, init)
	}
	n := a.layout.Tokens()
	a.x, a.dy = tensor.FromSlice(values(n*s.width, 1), n, s.width), tensor.FromSlice(values(n*s.width, 2), n, s.width)
	a.encoder, err = e.New(encodings.Dims{Width: s.width, Heads: s.heads, Layers: 1}, init)
	return a, err
}

// pass runs the attention, and with back computes the gradients of a weighted sum of its result.
func (a *tableAttention) pass(back bool) *tensor.Var {
	tp := a.tape
	tp.Begin(tensor.Pass{Train: back, Grad: back})
	p, err := a.encoder.Begin(tp, a.layout)
	if err != nil {
		panic("speed: tables: " + err.Error()) // the layouts are ours, and the encodings serve them
	}
	x := tp.Leaf(a.x)
	at := &encodings.Attention{Input: x, Softmax: attention.Softmax{Heads: a.shape.heads}, SoftmaxInput: attention.SoftmaxInput{
		Queries: a.layout.Offsets, Query: a.query.Apply(tp, x), Key: a.key.Apply(tp, x), Value: a.value.Apply(tp, x)}}
	at.Mask.Causal = true
	out := a.output.Apply(tp, at.Run(tp, p))
	if back {
		loss := tp.Sum(tp.Mul(out, tp.Const(a.dy)))
		if own := p.Loss(tp); own != nil {
			loss = tp.Add(loss, own)
		}
		tp.Backward(loss)
	}
	return out
}

// ordersRatio measures the attention part of a layer that reads in two orders over that of one that reads in one, in
// turns.
func (s tableShape) ordersRatio(w *workshop, back bool) (func() float64, error) {
	one, err := s.attention(encodings.RoPE{})
	if err != nil {
		return nil, err
	}
	two, err := s.attention(encodings.TwoOrder{})
	if err != nil {
		return nil, err
	}
	return func() float64 {
		var spent [2]time.Duration
		for n := 0; n == 0 || spent[0] < w.options.Sample; n++ {
			for k, a := range []*tableAttention{one, two} {
				start := time.Now()
				a.pass(back)
				spent[k] += time.Since(start)
			}
		}
		return spent[1].Seconds() / spent[0].Seconds()
	}, nil
}

// tableKinds are the figures of tables.
func tableKinds() []kind {
	s := tablesMeasured
	return []kind{
		{Entry: Entry{"tables_rope_train", tokensUnit, "a decoder of tables in one order: training steps on 16 tables of 8 x 8 cells"},
			sample: func(w *workshop) (func() float64, error) { return s.trainRate(w, encodings.RoPE{}) }},
		{Entry: Entry{"tables_two_order_train", tokensUnit, "the same in two orders with a router (2D-TPE)"},
			sample: func(w *workshop) (func() float64, error) { return s.trainRate(w, encodings.TwoOrder{}) }},
		{Entry: Entry{"tables_two_order_fwd", "ratio", "the attention of a layer in two orders over that in one: time forward"},
			sample: func(w *workshop) (func() float64, error) { return s.ordersRatio(w, false) }},
		{Entry: Entry{"tables_two_order_both", "ratio", "the same, forward and backward"},
			sample: func(w *workshop) (func() float64, error) { return s.ordersRatio(w, true) }},
	}
}
