package tensor

import (
	"runtime"
	"testing"
)

// net is a small model that uses most kinds of operations.
type net struct {
	x, w1, b1, w2, b3, scale, shift, table *Tensor
	index                                  []int32
	offsets                                []int
}

func newNet() *net {
	return &net{x: random(1, 700, 33), w1: random(2, 17, 33), b1: random(3, 17), w2: random(4, 5, 17), b3: random(8, 66),
		scale: random(5, 17), shift: random(6, 17), table: random(7, 9, 33), index: indices(700, 9), offsets: []int{0, 300, 300, 700}}
}

func (n *net) loss(tp *Tape) *Var {
	h := tp.Add(tp.Const(n.x), tp.Gather(tp.Leaf(n.table), n.index))
	h = tp.Linear(h, tp.Leaf(n.w1), tp.Leaf(n.b1))
	h = tp.BatchNorm(h, tp.Leaf(n.scale), tp.Leaf(n.shift), NormStats{Eps: 1e-5})
	h = tp.Dropout(tp.GELU(h), 0.1)
	h = tp.LayerNorm(h, tp.Leaf(n.scale), tp.Leaf(n.shift), 1e-5)
	h = tp.Softmax(tp.Linear(h, tp.Leaf(n.w2), nil))
	return tp.Mean(tp.Abs(tp.Pool(tp.Reshape(h, 700, 5), n.offsets, PoolMean)))
}

// sequenceLoss is net's loss with the operations of models of sequences.
func (n *net) sequenceLoss(tp *Tape) *Var {
	h := tp.Add(tp.Const(n.x), tp.Gather(tp.Leaf(n.table), n.index))
	h = tp.RMSNorm(tp.CausalConv(h, tp.Reshape(tp.Leaf(n.b3), 33, 2), nil, n.offsets), nil, 1e-6)
	h = tp.ConcatRows(tp.Rows(h, 300, 700), tp.Rows(h, 0, 300))
	h = tp.CumSum(tp.Mul(tp.Sin(h), tp.GELUTanh(h)), n.offsets)
	return tp.Mean(tp.Square(tp.LogSoftmax(tp.Linear(h, tp.Leaf(n.w1), tp.Leaf(n.b1)))))
}

// TestSteadyStateAllocatesNothing holds that a pass like the ones before it takes no memory from the heap.
func TestSteadyStateAllocatesNothing(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1)) // more may start a goroutine now and then
	tp, n := NewTape(), newNet()
	for name, loss := range map[string]func(tp *Tape) *Var{"graphs": n.loss, "sequences": n.sequenceLoss} {
		pass := func() {
			tp.Begin(Pass{Train: true, Grad: true})
			tp.Backward(loss(tp))
		}
		for range 3 {
			pass()
		}
		peak := tp.PeakBytes()
		const most = 4
		if allocs := testing.AllocsPerRun(20, pass); allocs > most {
			t.Errorf("%s: %v allocations a pass, want %d at most", name, allocs, most)
		}
		if tp.PeakBytes() != peak {
			t.Errorf("%s: peak memory grew from %d to %d", name, peak, tp.PeakBytes())
		}
	}
}

// TestPeakMemory holds that Backward lives in the memory of the forward pass: gradients of a chain need two more values
// and not one for each.
func TestPeakMemory(t *testing.T) {
	const size, depth = 1 << 12, 20
	tp, x := NewTape(), New(size)
	tp.Begin(Pass{Grad: true})
	v := tp.Leaf(x)
	for range depth {
		v = tp.Tanh(v)
	}
	loss := tp.Sum(v)
	forward := tp.PeakBytes()
	tp.Backward(loss)
	if got, most := tp.PeakBytes(), forward+3*4*size; got > most {
		t.Errorf("Backward takes the peak from %d to %d bytes, want %d at most", forward, got, most)
	}
}

func TestArena(t *testing.T) {
	a := arena{free: map[int][][]float32{}}
	first := a.take(10)
	if len(first) != 10 || cap(first) != blockFloats {
		t.Fatalf("a block of 10 has length %d and capacity %d", len(first), cap(first))
	}
	second := a.take(17)
	if cap(second) != 2*blockFloats {
		t.Errorf("a block of 17 has capacity %d", cap(second))
	}
	a.give(first)
	if again := a.take(16); &again[0] != &first[0] {
		t.Error("a block that was given back is not used again")
	}
	large := a.take(slabFloats + 1) // larger than a slab
	if len(large) != slabFloats+1 || len(a.slabs) != 2 {
		t.Errorf("a block of %d floats in %d slabs", len(large), len(a.slabs))
	}
	if none := a.take(0); len(none) != 0 {
		t.Errorf("a block of nothing has length %d", len(none))
	}
	a.give(nil)
	a.reset()
	if a.inUse != 0 || a.peak != 3*blockFloats+slabFloats+blockFloats {
		t.Errorf("%d in use and a peak of %d", a.inUse, a.peak)
	}
	if again := a.take(1); &again[0] != &first[0] {
		t.Error("after a reset the first slab is not used again")
	}
	if again := a.take(slabFloats + 1); &again[0] != &large[0] || len(a.slabs) != 2 {
		t.Error("after a reset the second slab is not used again")
	}
}

// TestArenaOfUnlikePasses holds that passes over batches of ever other sizes share their memory.
func TestArenaOfUnlikePasses(t *testing.T) {
	a := arena{free: map[int][][]float32{}}
	for _, percent := range []int{60, 75, 100, 70, 110, 80, 120, 130, 65} {
		for range 8 {
			a.take(slabFloats / 100 * percent)
		}
		a.reset()
	}
	if most := 2*a.peak + slabFloats; a.reserved() > most {
		t.Errorf("%d floats are reserved for a peak of %d, want %d at most", a.reserved(), a.peak, most)
	}
}

func TestScratch(t *testing.T) {
	tp := NewTape()
	s := tp.Scratch(100)
	if len(s) != 100 {
		t.Errorf("%d floats, want 100", len(s))
	}
	tp.Release(s)
	if again := tp.Scratch(100); &again[0] != &s[0] {
		t.Error("scratch that was released is not used again")
	}
}

// TestTapesSideBySide runs several tapes at once: none may see another's values.
func TestTapesSideBySide(t *testing.T) {
	n := newNet()
	gradient := func() []float32 {
		tp := NewTape()
		var g []float32
		for range 3 {
			tp.Begin(Pass{Train: true, Grad: true, Seed: 3})
			tp.Backward(n.loss(tp))
			g = clone(tp.Grad(n.w1))
		}
		return g
	}
	want := gradient()
	results := make(chan []float32)
	const tapes = 4
	for range tapes {
		go func() { results <- gradient() }()
	}
	for range tapes {
		if !sameBits(<-results, want) {
			t.Error("tapes that run side by side give other bits")
		}
	}
}
