package attention

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Windows is scaled dot-product attention among the pixels of windows of images, on the kernel of [Softmax]: every pixel
// attends to those of its window, and heads may have windows of different forms. The stripes of CSWin (Dong and others,
// "CSWin Transformer", CVPR 2022, section 3.1) are
//
//	attention.Windows{Parts: []attention.WindowHeads{
//		{Heads: heads / 2, Window: tensor.Size{Width: width}},  // vertical stripes, as high as the image
//		{Heads: heads / 2, Window: tensor.Size{Height: width}}, // horizontal ones
//	}}
//
// A window is a sequence of the kernel's ragged batch. The kernel reads queries, keys and values where they lie, as columns
// of one matrix, and nothing is cut apart or put together in between.
//
// Windows are laid from the upper left corner on. Where they do not divide the image, those at the right and the lower
// border are smaller. That is the same as images padded with zeros after the projection, whose padding nobody attends to,
// without its cost: the results have the same bits.
type Windows struct {
	Parts []WindowHeads // the heads in their order, all of one width
	// Scale multiplies the product of query and key; 0 means one over the root of the head dim.
	Scale   float64
	Dropout float64 // probability of dropping an attention weight in training
	// KeepWeights asks for the attention weights, at the price of memory for every pair of a window and head.
	KeepWeights bool
}

// WindowHeads is consecutive heads that attend in windows of the same size.
type WindowHeads struct {
	Heads  int         // at least 1
	Window tensor.Size // 0 means the whole height or width, and so does more than an image has
}

// WindowsInput is what [Windows] works on.
type WindowsInput struct {
	Grid tensor.Grid // how the pixels lie
	// QueryKeyValue [pixels, 3 width] is what one linear layer makes of the pixels: queries, keys and values side by side,
	// each head after head.
	QueryKeyValue *tensor.Var
}

// WindowsOutput is what [Windows] computes.
type WindowsOutput struct {
	Tokens *tensor.Var // [pixels, width]
	// Weights are those of every part before dropout, where asked for: a row for every pair (query, key) of a window, query
	// by query, window by window, image by image, [pairs, heads].
	Weights []*tensor.Tensor
}

// windows is the recorded operation.
type windows struct {
	softmax
	grid  tensor.Grid
	parts []windowPart
	y     *tensor.Var // the result with the local term; that of attention alone where there is none
	local localTerms
}

// windowPart is a part of the heads.
type windowPart struct {
	WindowHeads
	head         int // the first
	seqs, values int // the end of its windows among the sequences, of its weights
}

// Apply computes the attention of in and records it on the tape. local has for every part a local term on values, which is
// added to what attention gives; or it is empty.
func (o Windows) Apply(tp *tensor.Tape, in WindowsInput, local ...LocalTerm) WindowsOutput {
	op, ok := tp.Spare().(*windows)
	if !ok {
		op = new(windows)
	}
	x := in.QueryKeyValue
	heads := o.check(x, in.Grid, local)
	op.softmax = softmax{Softmax: Softmax{Heads: heads, KVHeads: heads, Scale: o.Scale, Dropout: o.Dropout}, memory: op.memory,
		in: SoftmaxInput{Query: x, Key: x, Value: x}, kv: heads, group: 1, packed: true, steady: true}
	op.grid = in.Grid
	width := x.Cols() / 3
	op.d, op.dv = width/heads, width/heads
	for k, operand := range []*operand{&op.q, &op.k, &op.v} {
		operand.data, operand.ld, operand.col = x.Data(), 3*width, k*width
	}
	op.setFactor()
	op.layOut(o.Parts)
	op.prepare(tp)
	if o.KeepWeights && heads > 0 {
		op.weights = make([]float32, op.parts[len(op.parts)-1].values)
	}
	op.y = tp.Out(x.Needs() || needsLocal(local), x.Rows(), width)
	op.result = op.y.Data()
	if len(local) > 0 {
		op.result = tp.Scratch(x.Rows() * width)
	}
	op.compute(tp)
	op.local.forward(tp, op, local)
	if !tp.Recording() {
		op.releaseResult(tp)
	}
	out := WindowsOutput{Tokens: op.y, Weights: op.weightsByPart()}
	op.weights = nil
	tp.Record("Window attention", op, op.y)
	return out
}

// releaseResult gives the result of attention alone back.
func (op *windows) releaseResult(tp *tensor.Tape) {
	if len(op.local.terms) > 0 {
		tp.Release(op.result)
	}
	op.result = nil
}

// check panics where shapes do not fit, and returns the number of heads.
func (o Windows) check(x *tensor.Var, grid tensor.Grid, local []LocalTerm) (heads int) {
	for p, part := range o.Parts {
		if part.Heads < 1 || part.Window.Height < 0 || part.Window.Width < 0 {
			refuseWindows("part %d has %d heads in windows of %v, want at least one, and no negative side", p, part.Heads, part.Window)
		}
		heads += part.Heads
	}
	if heads == 0 || x == nil || x.Rows() != grid.Rows() || x.Cols() == 0 || x.Cols()%(3*heads) != 0 {
		refuseWindows("queries, keys and values have shape %s, want a row for each pixel of %v, three times as wide as %d heads", shapeOf(x), grid, heads)
	}
	if !(o.Dropout >= 0 && o.Dropout < 1) {
		refuseWindows("dropout %v is outside [0, 1)", o.Dropout)
	}
	if len(local) > 0 && len(local) != len(o.Parts) {
		refuseWindows("%d local terms for %d parts", len(local), len(o.Parts))
	}
	for p := range local {
		local[p].check(p, x.Cols()/3/heads*o.Parts[p].Heads)
	}
	return heads
}

func refuseWindows(format string, args ...any) {
	panic("attention: Windows: " + fmt.Sprintf(format, args...))
}

// layOut writes down the windows of every part, image by image, as sequences of the kernel. Those of a part take every
// pixel once, so that a pixel's place among them, together with a head, names it once.
func (op *windows) layOut(parts []WindowHeads) {
	m, rows := &op.memory, op.grid.Rows()
	m.seqs, m.tiles = m.seqs[:0], m.tiles[:0]
	m.placesTo(rows)
	op.in.QueryIndex, op.in.KeyIndex = m.keys, m.keys
	op.parts = op.parts[:0]
	head, values := 0, 0
	for p, part := range parts {
		s := sequence{number: p, dense: true, kv0: head, kv1: head + part.Heads, weights: values, draw: p * rows}
		for b := range op.grid.Items() {
			op.cut(&s, part.Window, op.grid.Size(b), op.grid.Offset(b))
		}
		head, values = head+part.Heads, s.weights
		op.parts = append(op.parts, windowPart{part, s.kv0, len(m.seqs), values})
	}
}

// cut appends the windows of an image; s is the next of its part.
func (op *windows) cut(s *sequence, window, size tensor.Size, offset int) {
	m := &op.memory
	window = windowOf(window, size)
	for y := 0; y < size.Height; y += window.Height {
		for x := 0; x < size.Width; x += window.Width {
			w := min(window.Width, size.Width-x)
			n := min(window.Height, size.Height-y) * w
			s.queries, s.keys, s.tile = n, n, len(m.tiles)
			s.atQuery = lattice{first: offset + y*size.Width + x, across: w, right: 1, down: size.Width}
			s.atKey = s.atQuery
			m.seqs = append(m.seqs, *s)
			for j := 0; j < n; j += keyTile {
				m.tiles = append(m.tiles, span{})
			}
			s.q, s.k = s.q+n, s.k+n
			s.draw += n
			s.weights += n * n * (s.kv1 - s.kv0)
		}
	}
}

// windowOf returns the size of the windows of an image that has pixels.
func windowOf(window, size tensor.Size) tensor.Size {
	if window.Height == 0 || window.Height > size.Height {
		window.Height = size.Height
	}
	if window.Width == 0 || window.Width > size.Width {
		window.Width = size.Width
	}
	return window
}

// placesTo makes the keys have the places 0 to n.
func (m *softmaxMemory) placesTo(n int) {
	m.keys = m.keys[:0]
	for j := range n {
		m.keys = append(m.keys, int32(j))
	}
}

// weightsByPart cuts the weights.
func (op *windows) weightsByPart() []*tensor.Tensor {
	if op.weights == nil {
		return nil
	}
	list := make([]*tensor.Tensor, len(op.parts))
	from := 0
	for p, part := range op.parts {
		w := op.weights[from:part.values]
		list[p] = tensor.FromSlice(w, len(w)/part.Heads, part.Heads)
		from = part.values
	}
	return list
}

// Backward computes the gradients of queries, keys and values, and those of the local terms.
func (op *windows) Backward(tp *tensor.Tape) {
	x := op.in.Query
	op.back.dout = op.y.OutGrad()
	if x.Needs() {
		op.softmax.backward(tp)
	} else {
		op.release(tp)
	}
	op.releaseResult(tp)
	op.local.backward(tp, op)
}
