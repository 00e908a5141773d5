package encodings

import (
	"fmt"
	"math"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// T5Bias adds a learned number to every score, which depends on the head and on the bucket that the difference of the
// places falls in (Raffel and others, "Exploring the limits of transfer learning with a unified text-to-text
// transformer", 2020, section 2.1; T5Attention of transformers 4.51):
//
//	s_ij = q_i · k_j + table[bucket(j - i), h]
//
// Half the buckets of a direction hold one difference each, the others ranges that grow logarithmically up to
// MaxDistance; all farther differences share the last bucket. T5 does not scale the product of query and key, its
// initial distributions having taken that in. All layers share one table, which belongs to the stack: an encoder and a
// decoder have one each, cross attention has none.
//
// The zero value is the published default of an encoder.
type T5Bias struct {
	Buckets     int // 0 means 32
	MaxDistance int // 0 means 128
	// Causal gives all buckets to keys before the query, as in a decoder. Later ones, which a causal mask hides, share the
	// bucket of the query's own place.
	Causal bool
	// KeepScale leaves the scale of the scores as the model has it, rather than setting it to 1.
	KeepScale bool
	Std       float64 // of the table's initial values; 0 means 1 over the root of the width
}

var _ Encoding = T5Bias{}

// Name returns t5-bias.
func (T5Bias) Name() string { return "t5-bias" }

// fill puts the defaults in.
func (t T5Bias) fill() (T5Bias, error) {
	if t.Buckets == 0 {
		t.Buckets = 32
	}
	if t.MaxDistance == 0 {
		t.MaxDistance = 128
	}
	if !t.Causal && t.Buckets%2 != 0 {
		return t, fmt.Errorf("encodings: %s: %d buckets cannot be shared by two directions: want an even number, or Causal", t.Name(), t.Buckets)
	}
	if t.each() < 2 {
		return t, fmt.Errorf("encodings: %s: %d buckets: want at least 2 in a direction", t.Name(), t.Buckets)
	}
	if exact := t.each() / 2; t.MaxDistance <= exact || t.MaxDistance > math.MaxInt32 {
		return t, fmt.Errorf("encodings: %s: the farthest distance is %d, and the %d nearest have a bucket each: want more", t.Name(), t.MaxDistance, exact)
	}
	return t, nil
}

// each is the number of buckets of one direction.
func (t T5Bias) each() int {
	if t.Causal {
		return t.Buckets
	}
	return t.Buckets / 2
}

// bucket returns the bucket of a difference of places, key minus query.
func (t T5Bias) bucket(difference int) int {
	n, offset, distance := t.each(), 0, -difference
	if difference > 0 {
		if t.Causal {
			return 0
		}
		offset, distance = n, difference
	}
	exact := n / 2
	if distance < exact {
		return offset + distance
	}
	log := math.Log(float64(distance)/float64(exact)) / math.Log(float64(t.MaxDistance)/float64(exact))
	return offset + min(n-1, exact+int(log*float64(n-exact)))
}

// New refuses numbers of buckets and distances that do not fit together.
func (t T5Bias) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(t.Name())
	if err != nil {
		return nil, err
	}
	if t, err = t.fill(); err != nil {
		return nil, err
	}
	if t.Std == 0 {
		t.Std = 1 / math.Sqrt(float64(d.Width))
	}
	e := &t5Bias{T5Bias: t, table: tensor.New(t.Buckets, d.Heads), min: -t.MaxDistance}
	init.Normal(e.table, t.Std)
	last := t.MaxDistance
	if t.Causal {
		last = 0
	}
	for difference := e.min; difference <= last; difference++ {
		e.rows = append(e.rows, int32(t.bucket(difference)))
	}
	return e, nil
}

type t5Bias struct {
	T5Bias
	table *tensor.Tensor // [buckets, heads]
	rows  []int32        // the bucket of the difference min + t
	min   int
}

// Params declares the table.
func (e *t5Bias) Params(c *nn.Params) { c.Param("table", e.table) }

// Begin serves sequences, those that go on too, and the first order of tables.
func (e *t5Bias) Begin(_ *tensor.Tape, l *Layout) (Positions, error) {
	if _, err := l.places(e.Name()); err != nil {
		return nil, err
	}
	return &bucketBias{t5Bias: e, layout: l}, nil
}

// Relative reports that scores depend on differences of places only.
func (e *t5Bias) Relative() bool { return true }

// Branches says that it goes by places alone.
func (e *t5Bias) Branches() string { return "" }

type bucketBias struct {
	Silent
	*t5Bias
	layout *Layout
}

// Attend adds the bias, the same in every layer, and sets the scale.
func (p *bucketBias) Attend(tp *tensor.Tape, a *Attention) {
	p.layout.onLine(a)
	if !p.KeepScale {
		a.Scale = 1
	}
	a.Biases = append(a.Biases, attention.RelativeBias{Table: tp.Leaf(p.table), Rows: p.rows, Min: p.min})
}
