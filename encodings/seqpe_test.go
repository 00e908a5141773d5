package encodings

import (
	"math"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"pgregory.net/rapid"
)

// smallSeqPE is a SeqPE for tests, that draws nothing.
func smallSeqPE(axes int) SeqPE {
	return SeqPE{Axes: axes, Width: 8, Heads: 2, MaxPosition: 50, Contrastive: SeqPEContrastive{Off: true}, Transfer: SeqPETransfer{Off: true}, Shift: SeqPEShift{Off: true}}
}

// normalTensor returns standard normal numbers.
func normalTensor(seed uint64, shape ...int) *tensor.Tensor {
	t := tensor.New(shape...)
	nn.NewInit(seed).Normal(t, 1)
	return t
}

// layerOf is an attention on queries, keys and values given.
func layerOf(tp *tensor.Tape, l *Layout, d Dims, q, k, v *tensor.Tensor) *Attention {
	return &Attention{Softmax: attention.Softmax{Heads: d.Heads, KVHeads: d.KVHeads}, SoftmaxInput: attention.SoftmaxInput{
		Queries: l.Offsets, Query: tp.Leaf(q), Key: tp.Leaf(k), Value: tp.Leaf(v)}}
}

func encoderFor(t testing.TB, e Encoding, d Dims) Encoder {
	t.Helper()
	enc, err := e.New(d, nn.NewInit(5))
	if err != nil {
		t.Fatal(err)
	}
	return enc
}

func beginOn(t testing.TB, enc Encoder, tp *tensor.Tape, l *Layout) Positions {
	t.Helper()
	p, err := enc.Begin(tp, l)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func layoutOf(t testing.TB, l *Layout, err error) *Layout {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSeqPEDigitsRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := SeqPE{Axes: rapid.IntRange(1, 3).Draw(t, "axes"), MaxDigits: rapid.IntRange(1, 6).Draw(t, "digits"), RightPadding: rapid.Bool().Draw(t, "right")}
		s.MaxPosition = int(power(10, s.MaxDigits))
		s.Contrastive.Off = true
		position := make([]int, s.Axes)
		for a := range position {
			position[a] = rapid.IntRange(0, s.MaxPosition-1).Draw(t, "coordinate")
		}
		digits, padding, err := s.Digits(position...)
		if err != nil {
			t.Fatal(err)
		}
		if len(digits) != s.Axes*s.MaxDigits || len(padding) != len(digits) {
			t.Fatalf("%d digits and %d paddings, want %d", len(digits), len(padding), s.Axes*s.MaxDigits)
		}
		back := make([]int, s.Axes)
		for k, d := range digits {
			if padding[k] && d != 0 {
				t.Fatalf("padding %d of %v is %d", k, position, d)
			}
			if !padding[k] {
				back[k/s.MaxDigits] = 10*back[k/s.MaxDigits] + d
			}
		}
		if !slices.Equal(back, position) {
			t.Fatalf("%v was written as %v, which reads %v", position, digits, back)
		}
		for _, masked := range []bool{false, true} {
			s.MaskPadding = masked
			filled, err := s.fill(1)
			if err != nil {
				t.Fatal(err)
			}
			w := filled.write(position)
			at := 0
			for k, d := range digits {
				if masked && padding[k] {
					continue
				}
				if int(w.digit[at]) != d || int(w.place[at]) != k || int(w.axis[at]) != k/s.MaxDigits {
					t.Fatalf("the reader gets digit %d at place %d of axis %d for %d at %d", w.digit[at], w.place[at], w.axis[at], d, k)
				}
				at++
			}
			if at != len(w.digit) || w.offsets[1] != at {
				t.Fatalf("the reader gets %d digits, want %d", len(w.digit), at)
			}
		}
	})
}

// Every position is read by itself: what else a batch holds does not change a bit of its vector.
func TestSeqPEVectorsStandAlone(t *testing.T) {
	for _, s := range []SeqPE{smallSeqPE(1), smallSeqPE(2), {Axes: 1, Width: 8, MaxPosition: 50, MaskPadding: true, Bidirectional: true, Contrastive: SeqPEContrastive{Off: true}}} {
		s, err := s.fill(8)
		if err != nil {
			t.Fatal(err)
		}
		r := newDigitReader(s, 6, nn.NewInit(3))
		positions := [][]int{{7, 0}, {0, 7}, {12, 49}, {33, 1}, {1, 33}, {49, 49}}
		var coords []int
		for _, p := range positions {
			coords = append(coords, p[:s.Axes]...)
		}
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Grad: true})
		all := r.read(tp, coords).Value().Clone()
		for i, p := range positions {
			tp.Begin(tensor.Pass{})
			one := r.read(tp, p[:s.Axes])
			if !slices.Equal(one.Data(), all.Row(i)) {
				t.Errorf("%d axes: position %v alone is %v, in a batch %v", s.Axes, p[:s.Axes], one.Data(), all.Row(i))
			}
			for j := range i {
				if slices.Equal(all.Row(j), all.Row(i)) && !slices.Equal(positions[j][:s.Axes], p[:s.Axes]) {
					t.Errorf("%v and %v have the same vector", positions[j], p)
				}
			}
		}
	}
}

// Equal positions share a row, leading tokens have the vector of their own, and sequences that go on find the vectors
// that they would have had in one piece.
func TestSeqPERows(t *testing.T) {
	enc := encoderFor(t, smallSeqPE(2), Dims{Width: 8, Heads: 2}).(*seqPE)
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	grid, err := OnGrid(3, 2, 2, 3)
	p := beginOn(t, enc, tp, layoutOf(t, grid, err)).(*seqPEPass)
	if got := p.vectors.Rows(); got != 1+6 {
		t.Errorf("%d vectors for a grid of 6 cells and a class, want 7", got)
	}
	for i, r := range p.rows {
		if want := int32(max(i%8-1, 0)); r != want {
			t.Errorf("token %d has vector %d, want %d", i, r, want)
		}
	}
	if !slices.Equal(p.vectors.Value().Row(0), enc.class.Data()) {
		t.Error("the vector of leading tokens is not the class vector")
	}

	line := encoderFor(t, smallSeqPE(1), Dims{Width: 8, Heads: 2}).(*seqPE)
	whole, err := Sequences([]int{0, 5, 6})
	p = beginOn(t, line, tp, layoutOf(t, whole, err)).(*seqPEPass)
	e := tp.Gather(p.vectors, p.rows).Value().Clone()
	rest, err := ContinuedSequences([]int{0, 2, 3}, []int{3, 0}, nil)
	tp.Begin(tensor.Pass{})
	p = beginOn(t, line, tp, layoutOf(t, rest, err)).(*seqPEPass)
	if got := tp.Gather(p.vectors, p.rows).Data(); !slices.Equal(got, e.Data()[3*e.Cols():]) {
		t.Errorf("going on after 3 and 0 tokens gives %v, in one piece %v", got, e.Data()[3*e.Cols():])
	}
	table, err := InOrders([]int{0, 5, 6}, []int32{4, 0, 3, 1, 2, 0}, []int32{0, 1, 2, 3, 4, 0})
	p = beginOn(t, line, tp, layoutOf(t, table, err)).(*seqPEPass)
	got := tp.Gather(p.vectors, p.rows).Value()
	for i, place := range []int{4, 0, 3, 1, 2, 0} {
		if !slices.Equal(got.Row(i), e.Row(place)) {
			t.Errorf("token %d of a table, at place %d, has another vector than the token there of a sequence", i, place)
		}
	}
}

// The scores are what the paper says, for all uses, for grouped and for shared heads.
func TestSeqPEScores(t *testing.T) {
	l, err := Sequences([]int{0, 3, 3, 4})
	l = layoutOf(t, l, err)
	for _, use := range []SeqPEUse{SeqPEScalar, SeqPEMul, SeqPEAdd} {
		for _, d := range []Dims{{Width: 12, Heads: 4, KVHeads: 2, HeadDim: 3, Layers: 2}, {Width: 6, Heads: 2, HeadDim: 5, Layers: 2}} {
			for _, shared := range []bool{false, true} {
				s := smallSeqPE(1)
				s.Use, s.SharedHead, s.PerLayer = use, shared, true
				enc := encoderFor(t, s, d).(*seqPE)
				for _, m := range enc.maps {
					nn.NewInit(9).Normal(m.Weight, 8) // large enough to tell
					nn.NewInit(8).Normal(m.Bias, 0.3)
				}
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{})
				p := beginOn(t, enc, tp, l).(*seqPEPass)
				d = enc.d
				q, k := normalTensor(1, 4, d.Heads*d.HeadDim), normalTensor(2, 4, d.KVHeads*d.HeadDim)
				a := layerOf(tp, l, d, q, k, k)
				a.Layer = 1
				p.Attend(tp, a)
				mapped := enc.maps[1].Apply(tp, p.vectors).Value()
				for h := range d.Heads {
					g := h / (d.Heads / d.KVHeads)
					for i := range 4 {
						for j := range 4 {
							var want, got float64
							for c := range d.HeadDim {
								eq, ek := mapped.Row(int(p.rows[i])), mapped.Row(int(p.rows[j]))[enc.queryWidth:]
								ec, kc := h*d.HeadDim+c, g*d.HeadDim+c
								if shared {
									ec, kc = c, c
								}
								x, y, u, w := float64(q.Row(i)[h*d.HeadDim+c]), float64(k.Row(j)[g*d.HeadDim+c]), float64(eq[ec]), float64(ek[kc])
								switch use {
								case SeqPEMul:
									want += x * u * y * w
								case SeqPEAdd:
									want += (x + u) * (y + w)
								default:
									want += x*y + u*w
								}
							}
							wide := a.Query.Cols() / d.Heads
							for c := range wide {
								got += float64(a.Query.Value().Row(i)[h*wide+c]) * float64(a.Key.Value().Row(j)[g*wide+c])
							}
							scale := a.Scale
							if scale == 0 {
								scale = 1 / math.Sqrt(float64(wide))
							}
							want /= math.Sqrt(float64(d.HeadDim))
							if got *= scale; math.Abs(got-want) > 1e-5*(1+math.Abs(want)) {
								t.Fatalf("%v, shared %v, head %d: score of %d and %d is %v, want %v", use, shared, h, i, j, got, want)
							}
						}
					}
				}
			}
		}
	}
}

// A training pass depends on the seed alone, not on the number of processors.
func TestSeqPEDeterminism(t *testing.T) {
	s := SeqPE{Axes: 2, Use: SeqPEMul, Width: 8, Heads: 2, MaxPosition: 30, Dropout: 0.2, AttentionDropout: 0.1}
	s.Contrastive.Pivots, s.Contrastive.Candidates, s.Transfer.Windows, s.Transfer.Cells = 5, 6, 3, 4
	run := func(seed uint64, workers int) []float32 {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(workers))
		enc := encoderFor(t, s, Dims{Width: 8, Heads: 2})
		tp := tensor.NewTape()
		grid, err := OnGrid(2, 1, 3, 4)
		grid = layoutOf(t, grid, err)
		x := normalTensor(1, grid.Tokens(), 8)
		var out []float32
		for step := range uint64(4) { // the same tape again and again
			tp.Begin(tensor.Pass{Train: true, Grad: true, Seed: seed, Step: step})
			p := beginOn(t, enc, tp, grid)
			a := layerOf(tp, grid, Dims{Heads: 2, KVHeads: 2}, x, x, x)
			loss := tp.Add(tp.Mean(tp.Square(a.Run(tp, p))), p.Loss(tp)).Keep()
			tp.Backward(loss)
			out = append(out, loss.Data()...)
			for _, param := range nn.Collect(enc).Trainable() {
				out = append(out, tp.Grad(param.Tensor)...)
			}
		}
		return out
	}
	one := run(1, 1)
	if !slices.Equal(one, run(1, 3)) {
		t.Error("other bits with other processors")
	}
	if slices.Equal(one, run(2, 1)) {
		t.Error("the same draws with another seed")
	}
}

func TestSeqPELossInTrainingOnly(t *testing.T) {
	s := smallSeqPE(1)
	s.Contrastive, s.WarmUp = SeqPEContrastive{Pivots: 4, Candidates: 5}, 10
	enc := encoderFor(t, s, Dims{Width: 8, Heads: 2})
	l, err := Sequences([]int{0, 3})
	l = layoutOf(t, l, err)
	tp := tensor.NewTape()
	at := func(step uint64, train bool) *tensor.Var {
		tp.Begin(tensor.Pass{Train: train, Step: step})
		return beginOn(t, enc, tp, l).Loss(tp)
	}
	if at(0, false) != nil {
		t.Error("an evaluation pass has a loss")
	}
	// The draws of a step differ from those of another: the same step again gives the same ones.
	for _, step := range []uint64{0, 4, 9, 100} {
		loss := float64(at(step, true).Data()[0])
		tp.Begin(tensor.Pass{Train: true, Step: step})
		p := beginOn(t, enc, tp, l).(*seqPEPass)
		plain := float64(contrastiveLoss(tp, p.of(tp, p.pivots), p.of(tp, p.candidates), p.labels, 1, 1).Data()[0])
		if want := 0.1 * min(1, float64(step+1)/10) * plain; math.Abs(loss-want) > 1e-6*want {
			t.Errorf("step %d: loss %v, want %v", step, loss, want)
		}
	}
	enc = encoderFor(t, smallSeqPE(1), Dims{Width: 8, Heads: 2})
	if at(0, true) != nil {
		t.Error("a loss although both are off")
	}
}

func TestSeqPEEmpty(t *testing.T) {
	s := smallSeqPE(1)
	s.Use = SeqPEScalar
	s.Contrastive, s.Transfer, s.Shift = SeqPEContrastive{}, SeqPETransfer{}, SeqPEShift{Rate: 1}
	for _, use := range []SeqPEUse{SeqPEScalar, SeqPEInput} {
		s.Use = use
		enc := encoderFor(t, s, Dims{Width: 8, Heads: 2})
		for _, offsets := range [][]int{{0}, {0, 0}, {0, 1}, {0, 0, 1, 1, 3}} {
			l, err := Sequences(offsets)
			l = layoutOf(t, l, err)
			for _, train := range []bool{false, true} {
				tp := tensor.NewTape()
				tp.Begin(tensor.Pass{Train: train, Grad: train})
				p := beginOn(t, enc, tp, l)
				x := normalTensor(1, l.Tokens(), 8)
				h := p.Tokens(tp, tp.Leaf(x))
				a := layerOf(tp, l, Dims{Heads: 2, KVHeads: 2}, x, x, x)
				total := tp.Add(tp.Sum(a.Run(tp, p)), tp.Sum(h))
				if loss := p.Loss(tp); loss != nil {
					total = tp.Add(total, loss)
				}
				if total.Keep(); train {
					tp.Backward(total)
				}
				if math.IsNaN(float64(total.Data()[0])) {
					t.Errorf("%v, offsets %v: NaN", use, offsets)
				}
			}
		}
	}
}

func TestSeqPEBadSettings(t *testing.T) {
	for want, s := range map[string]SeqPE{
		"Axes is -1":                  {Axes: -1},
		"Heads 3 do not divide":       {Heads: 3},
		"Layers is -2":                {Layers: -2},
		"MaxDigits 1 are too few":     {MaxDigits: 1},
		"MaxDigits 5 for each of 4":   {Axes: 4, MaxDigits: 5},
		"Temperature is -1":           {Temperature: -1},
		"Dropout is 1":                {Dropout: 1},
		"AttentionDropout is -0.1":    {AttentionDropout: -0.1},
		"Use is SeqPEUse(9)":          {Use: 9},
		"SharedHead and PerLayer":     {Use: SeqPEInput, PerLayer: true},
		"WarmUp is -1":                {WarmUp: -1},
		"Transfer.Beta is 1.5":        {Transfer: SeqPETransfer{Beta: 1.5}},
		"Shift.Rate is 2":             {Shift: SeqPEShift{Rate: 2}},
		"Contrastive.Candidates is 1": {Contrastive: SeqPEContrastive{Candidates: 1}},
		"MaxPosition 10 with 1 Axes":  {MaxPosition: 10},
	} {
		if _, err := s.New(Dims{Width: 8, Heads: 2}, nn.NewInit(1)); err == nil || !strings.Contains(err.Error(), "seqpe: "+want) {
			t.Errorf("got the error %v, want one with %q", err, want)
		}
	}
	for _, s := range []SeqPE{SeqPEGPT2(), SeqPEViTS(), SeqPEViTB()} {
		if _, err := s.New(Dims{Width: 384, Heads: 6, Layers: 2}, nn.NewInit(1)); err != nil {
			t.Errorf("%+v: %v", s, err)
		}
	}
}

func TestSeqPERefusesLayouts(t *testing.T) {
	points := func(x ...float64) *Layout {
		l, err := AtPoints([]int{0, len(x)}, 0, 1, x)
		return layoutOf(t, l, err)
	}
	grid, err := OnGrid(1, 0, 2, 2)
	grid = layoutOf(t, grid, err)
	far, err := ContinuedSequences([]int{0, 1}, []int{100}, nil)
	far = layoutOf(t, far, err)
	long, err := Sequences([]int{0, 60})
	long = layoutOf(t, long, err)
	half, err := Sequences([]int{0, 25})
	half = layoutOf(t, half, err)
	drawing := smallSeqPE(1)
	drawing.Transfer.Off = false
	for _, c := range []struct {
		want string
		s    SeqPE
		l    *Layout
	}{
		{"nodes have none", smallSeqPE(1), &Layout{Kind: Graph, Offsets: []int{0}}},
		{"Axes is 1 and tokens have 2", smallSeqPE(1), grid},
		{"coordinate 1.5 is no whole number", smallSeqPE(1), points(0, 1.5)},
		{"coordinate -1 is no whole number", smallSeqPE(1), points(-1)},
		{"coordinate 100 has more digits than MaxDigits 2", smallSeqPE(1), far},
		{"axis 0 is 60 long", drawing, long},
		{"no window of [25] outside", drawing, half},
	} {
		enc := encoderFor(t, c.s, Dims{Width: 8, Heads: 2})
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true})
		if _, err := enc.Begin(tp, c.l); err == nil || !strings.Contains(err.Error(), "seqpe cannot serve") || !strings.Contains(err.Error(), c.want) {
			t.Errorf("got the error %v, want one with %q", err, c.want)
		}
	}
	if _, _, err := smallSeqPE(1).Digits(100); err == nil || !strings.Contains(err.Error(), "MaxDigits 2") {
		t.Errorf("Digits(100): %v", err)
	}
	if _, _, err := smallSeqPE(2).Digits(1); err == nil {
		t.Error("Digits of one coordinate where there are two axes: no error")
	}
}

func TestSeqPEUseText(t *testing.T) {
	for u := SeqPEScalar; u <= SeqPEInput; u++ {
		text, err := u.MarshalText()
		var back SeqPEUse
		if err != nil || back.UnmarshalText(text) != nil || back != u {
			t.Errorf("%v is written as %q and read as %v (%v)", u, text, back, err)
		}
	}
	var u SeqPEUse
	if err := u.UnmarshalText([]byte("scaler")); err == nil || !strings.Contains(err.Error(), `"scalar"`) {
		t.Errorf("got the error %v, want one that names scalar", err)
	}
	if _, err := SeqPEUse(-1).MarshalText(); err == nil {
		t.Error("a use without a name was written")
	}
}

// newDraw returns a sampler with small settings.
func newDraw(t testing.TB, s SeqPE, seed uint64) *seqPEDraw {
	s, err := s.fill(8)
	if err != nil {
		t.Fatal(err)
	}
	return &seqPEDraw{settings: s, rng: rand.New(rand.NewPCG(seed, 1))}
}
