package simd

// Kernels of weighted sums are for one number of registers of columns. last is the number of columns of one register, or
// where the last of several begins; column c belongs to head (c*recip)>>16 of count; steps are in bytes.
type (
	headSumFunc    func(dst, w *float32, wstep, count int, x *float32, xstep, last int, recip uint32, n int)
	headOuterFunc  func(dst *float32, dstep int, w, g *float32, wstep, count, last int, recip uint32, n int)
	headOuter2Func func(dst *float32, dstep int, w1, g1, w2, g2 *float32, wstep, count, last int, recip uint32, n int)
)

// packedKernel is the dot products of heads of one width, so many heads at a time.
type packedKernel struct {
	dim, heads int

	run func(s *float32, sstep, add int, x *float32, xstep int, a *float32, n int)
}

// headLevel is the sums of heads at one level.
type headLevel struct {
	lanes  int // float32 in a register, 1 << shift
	shift  int
	sum    []headSumFunc
	outer  []headOuterFunc
	outer2 []headOuter2Func

	dots   func(s *float32, sstep, count, add int, x *float32, xstep int, a *float32, off1, off2, off3, full, last, n int)
	packed []packedKernel

	softmax     func(s *float32, step, lanes, rows, last, period int, eps float32)
	softmaxGrad func(g, a *float32, step, lanes, rows, last, period int)
}

var headsAVX512 = &headLevel{
	lanes:       16,
	shift:       4,
	sum:         []headSumFunc{headSum1AVX512, headSum2AVX512, headSum3AVX512, headSum4AVX512},
	outer:       []headOuterFunc{headOuter1AVX512, headOuter2AVX512, headOuter3AVX512, headOuter4AVX512},
	outer2:      []headOuter2Func{headOuterTwo1AVX512, headOuterTwo2AVX512, headOuterTwo3AVX512, headOuterTwo4AVX512},
	dots:        headDotsAVX512,
	packed:      []packedKernel{{8, 8, headDotsEightsAVX512}, {4, 16, headDotsQuadsAVX512}, {4, 8, headDotsQuadsAVX2}},
	softmax:     keySoftmaxAVX512,
	softmaxGrad: keySoftmaxGradAVX512,
}

var headsAVX2 = &headLevel{
	lanes:       8,
	shift:       3,
	sum:         []headSumFunc{headSum1AVX2, headSum2AVX2, headSum3AVX2, headSum4AVX2},
	outer:       []headOuterFunc{headOuter1AVX2, headOuter2AVX2, headOuter3AVX2, headOuter4AVX2},
	outer2:      []headOuter2Func{headOuterTwo1AVX2, headOuterTwo2AVX2, headOuterTwo3AVX2},
	dots:        headDotsAVX2,
	packed:      []packedKernel{{4, 8, headDotsQuadsAVX2}},
	softmax:     keySoftmaxAVX2,
	softmaxGrad: keySoftmaxGradAVX2,
}

// headBlocks cuts the columns of a row into what one call of a kernel of weighted sums covers: whole heads, or pieces of
// one that is wider than the kernels.
type headBlocks struct {
	heads, dim int
	width      int // of a row
	lanes      int
	room       int // columns of the widest kernel
	per        int // heads that fit in it
	recip      uint32

	head, count int // of the current block
	col, end    int
	vecs, last  int
}

func (l *headLevel) blocks(heads, dim, vecs int) headBlocks {
	b := headBlocks{heads: heads, dim: dim, width: heads * dim, lanes: l.lanes, room: l.lanes * vecs, per: min(heads, l.lanes)}
	if dim*b.per > b.room {
		b.per = b.room / dim
		// Heads that fill registers, if so many fit, leave nothing to compute twice.
		if unit := max(l.lanes/(dim&-dim), 1); b.per > unit {
			b.per -= b.per % unit
		}
	}
	// Exact for all columns below room, which is at most 64.
	b.recip = 1<<16/uint32(min(dim, b.room)) + 1
	return b
}

// next goes to the first or the next block.
func (b *headBlocks) next() bool {
	b.col = b.end
	switch {
	case b.col == b.width:
		return false
	case b.per > 0:
		b.head += b.count
		b.count = min(b.per, b.heads-b.head)
		b.end += b.count * b.dim
	default:
		b.head, b.count = b.col/b.dim, 1
		b.end = min(b.col+b.room, (b.head+1)*b.dim)
	}
	b.last = b.end - b.col
	for b.vecs = 1; b.last > b.vecs*b.lanes; b.vecs++ {
	}
	if b.vecs > 1 {
		b.last -= b.lanes
	}
	return true
}

func (l *headLevel) headSum(dst, w, x []float32, n, heads, dim, ldx int) {
	for b := l.blocks(heads, dim, len(l.sum)); b.next(); {
		l.sum[b.vecs-1](&dst[b.col], &w[b.head], heads*4, b.count, &x[b.col], ldx*4, b.last, b.recip, n)
	}
}

func (l *headLevel) headOuter(dst, w, g []float32, n, heads, dim, ldd int) {
	for b := l.blocks(heads, dim, len(l.outer)); b.next(); {
		l.outer[b.vecs-1](&dst[b.col], ldd*4, &w[b.head], &g[b.col], heads*4, b.count, b.last, b.recip, n)
	}
}

func (l *headLevel) headOuter2(dst, w1, g1, w2, g2 []float32, n, heads, dim, ldd int) {
	for b := l.blocks(heads, dim, len(l.outer2)); b.next(); {
		l.outer2[b.vecs-1](&dst[b.col], ldd*4, &w1[b.head], &g1[b.col], &w2[b.head], &g2[b.col], heads*4, b.count, b.last, b.recip, n)
	}
}

func (l *headLevel) headDots(s, x, a []float32, n, heads, dim, ldx int, add bool) {
	more := 0 // heads of a block that are added to s
	if add {
		more = 1
	}
	h := 0
	for _, p := range l.packed {
		for ; p.dim == dim && h+p.heads <= heads; h += p.heads {
			p.run(&s[h], heads*4, p.heads*more, &x[h*dim], ldx*4, &a[h*dim], n)
		}
	}
	if dim <= headsAVX2.lanes {
		l = headsAVX2 // half of every wide register would be idle; the bits are the same
	}
	last := (dim-1)&(l.lanes-1) + 1
	for ; h < heads; h += 4 {
		count := min(4, heads-h)
		// Missing heads repeat the last one.
		step, end := dim*4, (count-1)*dim*4
		l.dots(&s[h], heads*4, count, count*more, &x[h*dim], ldx*4, &a[h*dim], min(step, end), min(2*step, end), end, (dim-last)*4, last, n)
	}
}

// keyWalk says how the keys of heads are walked: see the kernels.
type keyWalk struct{ step, lanes, rows, last, period int }

// walk returns the walk for the heads from h on, and how many heads it does. Heads that divide a register are walked as
// they lie, all rows in one, others row by row.
func (l *headLevel) walk(n, heads, h int) (w keyWalk, done int) {
	if heads <= l.lanes && heads&(heads-1) == 0 {
		all := n * heads
		return keyWalk{l.lanes * 4, l.lanes, all >> l.shift, all & (l.lanes - 1), heads}, heads
	}
	done = min(l.lanes, heads-h)
	return keyWalk{heads * 4, done, n, 0, l.lanes}, done
}

func (l *headLevel) keySoftmax(s []float32, n, heads int, eps float32) {
	for h := 0; h < heads; {
		w, done := l.walk(n, heads, h)
		l.softmax(&s[h], w.step, w.lanes, w.rows, w.last, w.period, eps)
		h += done
	}
}

func (l *headLevel) keySoftmaxGrad(g, a []float32, n, heads int) {
	for h := 0; h < heads; {
		w, done := l.walk(n, heads, h)
		l.softmaxGrad(&g[h], &a[h], w.step, w.lanes, w.rows, w.last, w.period)
		h += done
	}
}
