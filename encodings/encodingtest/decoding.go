package encodingtest

import (
	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/tensor"
)

// decoding checks that a text in pieces, with a cache of keys and values, gives what it gives at once.
func (k *kit) decoding(l Layout) {
	if l.Kind != encodings.Sequence || l.Past != nil || !l.Causal {
		return
	}
	m := k.mustModel()
	x, width := m.input(l), m.dims.Width
	past := make([]int, l.Items())
	memory := encodings.NewMemory(l.Items())
	caches := make([]attention.Cache, len(m.layers))
	want := mustRun(m, pass{}, l, x)
	tp := tensor.NewTape()
	for _, piece := range []int{2, 1, 1, 3, 100} { // tokens at a time
		offsets := []int{0}
		var rows []int // of x
		for b := range l.Items() {
			n := min(piece, l.Offsets[b+1]-l.Offsets[b]-past[b])
			for t := range n {
				rows = append(rows, l.Offsets[b]+past[b]+t)
			}
			offsets = append(offsets, len(rows))
		}
		layout, err := encodings.ContinuedSequences(offsets, append([]int(nil), past...), memory)
		if err != nil {
			panic(err)
		}
		tp.Begin(tensor.Pass{})
		positions, err := m.encoder.Begin(tp, layout)
		if err != nil {
			if past[0] > 0 {
				k.fail("decoding", l.Name, "a text is begun but not gone on with: %v", err)
			}
			return
		}
		part := tensor.New(len(rows), width)
		for i, row := range rows {
			copy(part.Row(i), x.Row(row))
		}
		h := positions.Tokens(tp, tp.Const(part))
		for i := range m.layers {
			a := m.attention(tp, i, h, Layout{Layout: layout, Causal: l.Causal})
			a.Cache = &caches[i]
			h = tp.Add(h, m.layers[i].out.Apply(tp, a.Run(tp, positions)))
		}
		for i, row := range rows {
			if d, _ := apart(want.out[row*width:(row+1)*width], h.Data()[i*width:(i+1)*width]); d > 1e-3 {
				k.fail("decoding", l.Name, "row %d of the tokens, at place %d of what is decoded, differs by %.2g of its largest number from that of one pass", row, row-l.Offsets[itemOf(l, row)], d)
				return
			}
		}
		for b := range past {
			past[b] += offsets[b+1] - offsets[b]
		}
	}
}

func itemOf(l Layout, row int) int {
	b := 0
	for l.Offsets[b+1] <= row {
		b++
	}
	return b
}
