package encodings

import (
	"math"
	"slices"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// Candidates are different from each other and from the pivot, in range, as many as asked for, and labelled by the first
// of the nearest. The three ways of drawing them come as often as they should.
func TestSeqPEPivots(t *testing.T) {
	for _, s := range []SeqPE{{Axes: 1}, {Axes: 2}, {Axes: 3, MaxPosition: 12, Contrastive: SeqPEContrastive{Candidates: 20}}, {Axes: 1, MaxPosition: 40}} {
		d := newDraw(t, s, 7)
		s = d.settings
		const draws = 600
		near := 0
		for range draws {
			p := d.pivot()
			if len(p.candidates) != s.Contrastive.Candidates {
				t.Fatalf("%d axes: %d candidates, want %d", s.Axes, len(p.candidates), s.Contrastive.Candidates)
			}
			seen := map[uint64]bool{d.number(p.at): true}
			label, best := 0, math.Inf(1)
			low, high := slices.Clone(p.candidates[0]), slices.Clone(p.candidates[0])
			for i, c := range p.candidates {
				if seen[d.number(c)] {
					t.Fatalf("%d axes: %v comes twice, or is the pivot", s.Axes, c)
				}
				seen[d.number(c)] = true
				for a, x := range c {
					if x < 0 || x >= s.MaxPosition {
						t.Fatalf("%d axes: candidate %v is outside 0 to %d", s.Axes, c, s.MaxPosition-1)
					}
					low[a], high[a] = min(low[a], x), max(high[a], x)
				}
				if dist := squaredDistance(p.at, c); dist < best {
					best, label = dist, i
				}
			}
			if p.label != label {
				t.Fatalf("%d axes: label %d, want %d", s.Axes, p.label, label)
			}
			side := max(s.Contrastive.Window, int(math.Pow(float64(5*s.Contrastive.Candidates), 1/float64(s.Axes))))
			inside := true
			for a := range low {
				inside = inside && high[a]-low[a] < side
			}
			if inside {
				near++
			}
		}
		// A pivot inside its window loses a candidate to it, which a random one replaces: hence a little below one in five.
		if s.MaxPosition > 40 && s.Axes < 3 && math.Abs(float64(near)/draws-0.2) > 0.06 {
			t.Errorf("%d axes: %d of %d pivots have candidates from one window, want about one in five", s.Axes, near, draws)
		}
	}
}

func TestSeqPEEdits(t *testing.T) {
	for _, axes := range []int{1, 2} {
		d := newDraw(t, SeqPE{Axes: axes}, 3)
		for _, p := range [][]int{{0, 0}, {7, 28}, {99, 5}} {
			p = p[:axes]
			found := map[uint64]bool{}
			for range 300 {
				q := d.edited(p)
				if q == nil {
					continue
				}
				for _, x := range q {
					if x < 0 || x >= d.settings.MaxPosition {
						t.Fatalf("edits of %v give %v", p, q)
					}
				}
				found[d.number(q)] = true
			}
			if len(found) < 20 {
				t.Errorf("300 times edited, %v became only %d positions", p, len(found))
			}
			for _, i := range d.hard(p, 50, 100) {
				if squaredDistance(p, d.position(i)) <= 100 {
					t.Errorf("%v is not farther than 10 from %v", d.position(i), p)
				}
			}
		}
	}
	// One edit of 28: delete gives 2 or 8, swap 82, and so on; every kind is met.
	d := newDraw(t, SeqPE{}, 4)
	lengths := map[int]int{}
	for range 400 {
		if next := d.edit([]byte{2, 8}); next != nil {
			lengths[len(next)]++
		}
	}
	if lengths[1] < 60 || lengths[2] < 120 || lengths[3] < 60 || len(lengths) != 3 {
		t.Errorf("edits of two digits have lengths %v", lengths)
	}
}

func TestSeqPEDistinct(t *testing.T) {
	d := newDraw(t, SeqPE{}, 5)
	counts := make([]int, 10)
	for range 2000 {
		list := d.distinct(10, 3)
		if len(list) != 3 || list[0] == list[1] || list[1] == list[2] || list[0] == list[2] {
			t.Fatalf("3 different numbers below 10: %v", list)
		}
		for _, i := range list {
			counts[i]++
		}
	}
	for i, n := range counts {
		if n < 500 || n > 700 {
			t.Errorf("%d came %d times in 6000 draws, want about 600", i, n)
		}
	}
	if list := d.distinct(4, 9); len(list) != 4 {
		t.Errorf("9 numbers below 4: %v, want all 4", list)
	}
	seen := map[uint64]bool{}
	for _, i := range d.distinct(1000, 200) {
		if i >= 1000 || seen[i] {
			t.Fatalf("%d comes twice or is not below 1000", i)
		}
		seen[i] = true
	}
}

// The distillation compares the cells of the window with the same cells of windows that begin outside it.
func TestSeqPEMovedWindows(t *testing.T) {
	for _, window := range [][]int{{9}, {3, 4}} {
		s := smallSeqPE(len(window))
		s.Transfer = SeqPETransfer{Windows: 40, Cells: 5}
		enc := encoderFor(t, s, Dims{Width: 8, Heads: 2}).(*seqPE)
		l, err := OnGrid(2, 0, window...)
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Seed: 3})
		p := &seqPEPass{seqPE: enc, layout: layoutOf(t, l, err)}
		set := newPositionSet(enc.SeqPE)
		coords, err := enc.coords(p.layout)
		if err != nil {
			t.Fatal(err)
		}
		if err := enc.draw(tp, p, set, coords); err != nil {
			t.Fatal(err)
		}
		if len(p.home) != 40*5 || len(p.away) != 40*5 || len(p.pivots) != 0 {
			t.Fatalf("%d and %d cells and %d pivots, want 200, 200 and none", len(p.home), len(p.away), len(p.pivots))
		}
		at := func(row int32) []int { return set.coords[int(row)*enc.Axes:][:enc.Axes] }
		for w := range 40 {
			outside := false
			for i := w * 5; i < (w+1)*5; i++ {
				for a, n := range window {
					home, away, first := at(p.home[i])[a], at(p.away[i])[a], at(p.away[w*5])[a]-at(p.home[w*5])[a]
					if home < 0 || home >= n || away >= enc.MaxPosition || away-home != first {
						t.Fatalf("window %d: cell %v moved to %v", w, at(p.home[i]), at(p.away[i]))
					}
					outside = outside || first >= n
				}
				for j := w * 5; j < i; j++ {
					if p.home[i] == p.home[j] {
						t.Fatalf("window %d: cell %v twice", w, at(p.home[i]))
					}
				}
			}
			if !outside {
				t.Fatalf("window %d begins inside", w)
			}
		}
	}
}

// A moved pass has all its positions moved, by at most Splits starts of a pool of Starts, and no distillation.
func TestSeqPEShift(t *testing.T) {
	s := smallSeqPE(2)
	s.Transfer.Off, s.Shift = false, SeqPEShift{Rate: 0.25, Starts: 6, Splits: 3}
	enc := encoderFor(t, s, Dims{Width: 8, Heads: 2}).(*seqPE)
	l, err := OnGrid(8, 1, 3, 4)
	l = layoutOf(t, l, err)
	pool, moved := map[[2]int]bool{}, 0
	const passes = 400
	for step := range uint64(passes) {
		tp := tensor.NewTape()
		tp.Begin(tensor.Pass{Train: true, Step: step})
		p := &seqPEPass{seqPE: enc, layout: l}
		coords, err := enc.coords(l)
		if err != nil {
			t.Fatal(err)
		}
		home := slices.Clone(coords)
		if err := enc.draw(tp, p, newPositionSet(enc.SeqPE), coords); err != nil {
			t.Fatal(err)
		}
		starts := map[[2]int]bool{}
		for b := range l.Items() {
			var start [2]int
			for i := l.Offsets[b] + 1; i < l.Offsets[b+1]; i++ {
				by := [2]int{coords[2*i] - home[2*i], coords[2*i+1] - home[2*i+1]}
				if i > l.Offsets[b]+1 && by != start {
					t.Fatalf("item %d is torn: moved by %v and %v", b, start, by)
				}
				if start = by; coords[2*i] >= enc.MaxPosition || coords[2*i+1] >= enc.MaxPosition {
					t.Fatalf("moved out of range: %v", coords[2*i:2*i+2])
				}
			}
			starts[start] = true
		}
		if len(p.home) > 0 { // a pass at home
			if len(starts) != 1 || !starts[[2]int{}] {
				t.Fatalf("a pass with a distillation was moved by %v", starts)
			}
			continue
		}
		moved++
		if len(starts) > 3 {
			t.Fatalf("%d starts in a pass, want at most 3", len(starts))
		}
		for s := range starts {
			pool[s] = true
		}
	}
	if moved < passes/6 || moved > passes/3 {
		t.Errorf("%d of %d passes were moved, want about a quarter", moved, passes)
	}
	if len(pool) > 6 || len(pool) < 4 {
		t.Errorf("the pool has %d starts, want 6 or a few less", len(pool))
	}
}
