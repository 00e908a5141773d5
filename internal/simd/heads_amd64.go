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

// fit returns how many heads a call of a kernel of weighted sums does that has room for so many columns, at least one,
// and the factor that numbers the heads of its columns, which is exact up to 64 columns. A head wider than the room takes
// more calls than one.
func (l *headLevel) fit(heads, dim, room int) (per int, recip uint32) {
	recip = 1<<16/uint32(min(dim, room)) + 1
	per = min(heads, l.lanes)
	if dim*per <= room {
		return per, recip
	}
	per = max(room/dim, 1)
	// Heads that fill registers, if so many fit, leave nothing to compute twice.
	if unit := l.lanes / min(dim&-dim, l.lanes); per > unit {
		per -= per % unit
	}
	return per, recip
}

// registers returns how many registers hold cols columns, and what kernels want to know of the last one.
func (l *headLevel) registers(cols int) (vecs, last int) {
	if vecs = (cols-1)>>l.shift + 1; vecs > 1 {
		return vecs, cols - l.lanes
	}
	return vecs, cols
}

func (l *headLevel) headSum(dst, w, x []float32, n, heads, dim, ldx int) {
	room := l.lanes * len(l.sum)
	per, recip := l.fit(heads, dim, room)
	for h := 0; h < heads; h += per {
		count := min(per, heads-h)
		for c := h * dim; c < (h+count)*dim; c += room {
			vecs, last := l.registers(min(room, (h+count)*dim-c))
			l.sum[vecs-1](&dst[c], &w[h], heads*4, count, &x[c], ldx*4, last, recip, n)
		}
	}
}

func (l *headLevel) headOuter(dst, w, g []float32, n, heads, dim, ldd int) {
	room := l.lanes * len(l.outer)
	per, recip := l.fit(heads, dim, room)
	for h := 0; h < heads; h += per {
		count := min(per, heads-h)
		for c := h * dim; c < (h+count)*dim; c += room {
			vecs, last := l.registers(min(room, (h+count)*dim-c))
			l.outer[vecs-1](&dst[c], ldd*4, &w[h], &g[c], heads*4, count, last, recip, n)
		}
	}
}

func (l *headLevel) headOuter2(dst, w1, g1, w2, g2 []float32, n, heads, dim, ldd int) {
	room := l.lanes * len(l.outer2)
	per, recip := l.fit(heads, dim, room)
	for h := 0; h < heads; h += per {
		count := min(per, heads-h)
		for c := h * dim; c < (h+count)*dim; c += room {
			vecs, last := l.registers(min(room, (h+count)*dim-c))
			l.outer2[vecs-1](&dst[c], ldd*4, &w1[h], &g1[c], &w2[h], &g2[c], heads*4, count, last, recip, n)
		}
	}
}

func (l *headLevel) headDots(s, x, a []float32, n, heads, dim, ldx int, add bool) {
	more := 0 // heads of a block that are added to s
	if add {
		more = 1
	}
	h := 0
	for i := range l.packed {
		if p := &l.packed[i]; p.dim == dim {
			for ; h+p.heads <= heads; h += p.heads {
				p.run(&s[h], heads*4, p.heads*more, &x[h*dim], ldx*4, &a[h*dim], n)
			}
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

// walk says how the kernels walk the keys for the heads from h on, and how many heads that does. Heads that divide a
// register are walked as they lie, all rows in one, others row by row.
func (l *headLevel) walk(n, heads, h int) (done, step, lanes, rows, last, period int) {
	if heads <= l.lanes && heads&(heads-1) == 0 {
		all := n * heads
		return heads, l.lanes * 4, l.lanes, all >> l.shift, all & (l.lanes - 1), heads
	}
	done = min(l.lanes, heads-h)
	return done, heads * 4, done, n, 0, l.lanes
}

func (l *headLevel) keySoftmax(s []float32, n, heads int, eps float32) {
	for h := 0; h < heads; {
		done, step, lanes, rows, last, period := l.walk(n, heads, h)
		l.softmax(&s[h], step, lanes, rows, last, period, eps)
		h += done
	}
}

func (l *headLevel) keySoftmaxGrad(g, a []float32, n, heads int) {
	for h := 0; h < heads; {
		done, step, lanes, rows, last, period := l.walk(n, heads, h)
		l.softmaxGrad(&g[h], &a[h], step, lanes, rows, last, period)
		h += done
	}
}
