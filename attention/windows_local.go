package attention

import (
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/internal/simd"
	"github.com/graft-ml/graft/tensor"
)

// LocalTerm is a local term on the values of some heads: a depth-wise convolution with zeros around each window, whose
// kernel is odd. LePE, the locally enhanced positional encoding of CSWin (section 3.2), is one of 3 by 3 pixels.
type LocalTerm struct {
	Weight *tensor.Var // [width of the heads, 1, kernel, kernel], PyTorch's layout
	Bias   *tensor.Var // [width of the heads]; nil means none
}

// check panics where the term of part p does not fit heads of a width.
func (l *LocalTerm) check(p, width int) {
	shape := []int(nil)
	if l.Weight != nil {
		shape = l.Weight.Shape()
	}
	if len(shape) != 4 || shape[0] != width || shape[1] != 1 || shape[2] != shape[3] || shape[2]%2 == 0 {
		refuseWindows("the weight of local term %d has shape %s, want [%d 1 kernel kernel] with an odd kernel", p, shapeOf(l.Weight), width)
	}
	if l.Bias != nil && l.Bias.Value().Size() != width {
		refuseWindows("the bias of local term %d has shape %s, want [%d]", p, shapeOf(l.Bias), width)
	}
}

func (l *LocalTerm) needs() bool { return l.Weight.Needs() || l.Bias != nil && l.Bias.Needs() }

func needsLocal(terms []LocalTerm) bool {
	for p := range terms {
		if terms[p].needs() {
			return true
		}
	}
	return false
}

const (
	localPieces = 64  // pieces that the windows are cut into, at most
	localRows   = 256 // pixels whose biases are added, or whose gradients are summed, at a time
)

// localTerms is the local terms of all parts. Their columns lie side by side, as those of the heads do.
type localTerms struct {
	op      *windows
	terms   []LocalTerm
	bias    []float32 // [width]
	taps    []float32 // of the parts one after the other: [kernel*kernel, width of the heads], the weight turned
	begin   []int     // [parts+1]: where those of each part begin
	partial []float32 // [pieces, taps]: gradients of the taps, where these are wanted
	grain   int       // windows of a piece
	at      []int     // [workers, 2, taps]: see localWindow
	most    int       // taps of the largest kernel
	phase   localPhase
	dvalues []float32 // gradient of queries, keys and values
}

type localPhase int

const (
	localBias localPhase = iota
	localForward
	localWeights
	localValues
)

// forward adds the local terms to the result of attention.
func (l *localTerms) forward(tp *tensor.Tape, op *windows, terms []LocalTerm) {
	*l = localTerms{op: op, terms: append(l.terms[:0], terms...), begin: append(l.begin[:0], 0), at: l.at}
	if len(terms) == 0 {
		return
	}
	width := op.y.Cols()
	size := 0
	for _, t := range terms {
		size += t.Weight.Value().Size()
		l.begin = append(l.begin, size)
		l.most = max(l.most, t.Weight.Cols())
	}
	l.bias, l.taps = tp.Scratch(width), tp.Scratch(size)
	clear(l.bias)
	for p, t := range terms {
		w := t.Weight
		simd.Transpose(l.taps[l.begin[p]:], w.Rows(), w.Data(), w.Cols(), w.Rows(), w.Cols())
		if t.Bias != nil {
			copy(l.bias[op.parts[p].head*op.d:], t.Bias.Data())
		}
	}
	l.phase = localBias
	parallel.For(op.y.Rows(), localRows, l)
	l.run(localForward)
	tp.Release(l.bias)
	l.bias = nil
	if !tp.Recording() {
		tp.Release(l.taps)
		l.taps = nil
	}
}

// run does a phase over all windows.
func (l *localTerms) run(phase localPhase) {
	l.phase = phase
	windows := len(l.op.memory.seqs)
	l.grain = max((windows+localPieces-1)/localPieces, 1)
	for need := parallel.Workers() * 2 * l.most; len(l.at) < need; {
		l.at = append(l.at, 0)
	}
	parallel.For(windows, l.grain, l)
}

// Run does pixels, or windows, lo to hi.
func (l *localTerms) Run(worker, lo, hi int) {
	op := l.op
	if l.phase == localBias {
		c := op.y.Cols()
		simd.AddRow(op.y.Data()[lo*c:hi*c], op.result[lo*c:hi*c], l.bias, hi-lo, c)
		return
	}
	at := l.at[2*worker*l.most:][:2*l.most]
	w := localWindow{localTerms: l, at: at[:l.most], taps: at[l.most:]}
	if l.phase == localWeights {
		w.partial = l.partial[lo/l.grain*len(l.taps):][:len(l.taps)]
		clear(w.partial)
	}
	for n := lo; n < hi; n++ {
		w.run(&op.memory.seqs[n])
	}
}

// localWindow is the local term of a window.
type localWindow struct {
	*localTerms
	partial  []float32
	at, taps []int // where the taps of a stretch meet its first pixel, and where their weights lie
}

// run goes over the lines of a window along its longer side, in stretches of pixels that meet the same taps, so that high
// narrow stripes go as fast as wide ones.
func (w *localWindow) run(s *sequence) {
	k := w.kernel(s.number)
	r, width := k/2, s.atKey.across
	height := s.keys / width
	long, across, upright := width, height, height > width
	if upright {
		long, across = height, width
	}
	for o := range across {
		for at := 0; at < long; {
			n := 1
			if at >= r && at < long-r {
				n = long - r - at
			}
			y, x := o, at
			if upright {
				y, x = at, o
			}
			w.stretch(s, y, x, n, upright, tapsWithin(y, r, height), tapsWithin(x, r, width))
			at += n
		}
	}
}

// kernel returns the side of the kernel of a part.
func (l *localTerms) kernel(part int) int { return l.terms[part].Weight.Shape()[2] }

// tapsWithin returns the taps along an axis of a window of so many pixels that meet pixels of it, around the one at.
func tapsWithin(at, r, pixels int) [2]int { return [2]int{max(r-at, 0), min(2*r+1, pixels+r-at)} }

// stretch does n pixels from (y, x) on with the taps of the given rows and columns.
func (w *localWindow) stretch(s *sequence, y, x, n int, upright bool, rows, cols [2]int) {
	op, k, lines := w.op, w.kernel(s.number), &s.atKey
	dim := (s.kv1 - s.kv0) * op.d
	col, step := s.kv0*op.d, lines.right
	if upright {
		step = lines.down
	}
	pixel := lines.first + y*lines.down + x*lines.right
	ldy, ldv := op.y.Cols(), op.v.ld
	source, lds, shift := op.v.data, ldv, op.v.col+col
	if w.phase == localValues {
		source, lds, shift = op.back.dout, ldy, col
	}
	m := 0
	for i := rows[0]; i < rows[1]; i++ {
		for j := cols[0]; j < cols[1]; j++ {
			w.at[m] = (pixel+(i-k/2)*lines.down+(j-k/2)*lines.right)*lds + shift
			w.taps[m] = w.begin[s.number] + (i*k+j)*dim
			if w.phase == localValues { // a pixel's value went where the opposite tap met it
				w.taps[m] = w.begin[s.number] + (k*k-1-(i*k+j))*dim
			}
			m++
		}
	}
	at, taps := w.at[:m], w.taps[:m]
	switch w.phase {
	case localForward:
		simd.TapSums(op.y.Data()[pixel*ldy+col:], step*ldy, source, step*lds, at, taps, w.localTerms.taps, nil, n, dim, true)
	case localWeights:
		simd.TapDots(w.partial, op.back.dout[pixel*ldy+col:], step*ldy, source, step*lds, at, taps, n, dim)
	case localValues:
		simd.TapSums(w.dvalues[pixel*ldv+op.v.col+col:], step*ldv, source, step*lds, at, taps, w.localTerms.taps, nil, n, dim, true)
	}
}

// backward computes the gradients of values, weights and biases. That of the values adds to what attention has written.
func (l *localTerms) backward(tp *tensor.Tape, op *windows) {
	if len(l.terms) == 0 {
		return
	}
	if x := op.in.Value; x.Needs() {
		l.dvalues = x.AccumulateZeroed()
		l.run(localValues)
		l.dvalues = nil
	}
	if needsLocal(l.terms) {
		l.weightsBack(tp)
		l.biasBack(tp)
	}
	tp.Release(l.taps)
	l.taps = nil
}

// weightsBack sums the gradients of the taps over the pieces, in their order.
func (l *localTerms) weightsBack(tp *tensor.Tape) {
	size := len(l.taps)
	l.grain = max((len(l.op.memory.seqs)+localPieces-1)/localPieces, 1)
	pieces := parallel.Chunks(len(l.op.memory.seqs), l.grain)
	l.partial = tp.Scratch((pieces + 2) * size)
	sums, turned := l.partial[pieces*size:][:size], l.partial[(pieces+1)*size:][:size]
	clear(sums)
	l.run(localWeights)
	for p := range pieces {
		simd.Add(sums, sums, l.partial[p*size:][:size])
	}
	for p, t := range l.terms {
		w := t.Weight
		if !w.Needs() {
			continue
		}
		part := turned[:w.Value().Size()]
		simd.Transpose(part, w.Cols(), sums[l.begin[p]:], w.Rows(), w.Cols(), w.Rows())
		grad := w.AccumulateZeroed()
		simd.Add(grad, grad, part)
	}
	tp.Release(l.partial)
	l.partial = nil
}

// biasBack sums the gradient of the result over the pixels.
func (l *localTerms) biasBack(tp *tensor.Tape) {
	op := l.op
	c, rows, dy := op.y.Cols(), op.y.Rows(), op.back.dout
	room := tp.Scratch(2 * c)
	sum, part := room[:c], room[c:]
	clear(sum)
	for lo := 0; lo < rows; lo += localRows {
		hi := min(lo+localRows, rows)
		clear(part)
		simd.ColSums(part, dy[lo*c:hi*c], hi-lo, c)
		simd.Add(sum, sum, part)
	}
	for p, t := range l.terms {
		if t.Bias == nil || !t.Bias.Needs() {
			continue
		}
		grad := t.Bias.AccumulateZeroed()
		simd.Add(grad, grad, sum[op.parts[p].head*op.d:][:len(grad)])
	}
	tp.Release(room)
}
