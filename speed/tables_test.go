package speed

import (
	"math"
	"testing"
	"time"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/internal/simd"
)

// TestTableShape holds the tables to the counts that the package comment gives.
func TestTableShape(t *testing.T) {
	a, err := tablesMeasured.attention(encodings.TwoOrder{})
	if err != nil {
		t.Fatal(err)
	}
	if n := a.layout.Tokens(); n != 16*292 || a.layout.Spans[15] != [2]int{10, 282} || a.shape.width/a.shape.heads != 32 {
		t.Errorf("%d tokens, spans %v", n, a.layout.Spans)
	}
	examples, err := tablesMeasured.examples()
	if err != nil {
		t.Fatal(err)
	}
	for i, e := range examples {
		if read := len(e.Prompt) + len(e.Target) - 1; read != 292 || len(e.Target) != answerTokens {
			t.Errorf("table %d: a decoder reads %d tokens and learns %d", i, read, len(e.Target))
		}
	}
}

// TestTables takes a sample of each figure on two small tables, and sees that what is compared is not the same.
func TestTables(t *testing.T) {
	s := tableShape{tables: 2, rows: 3, columns: 2, text: 4, width: 16, heads: 2, layers: 1}
	w := &workshop{options: Options{Sample: time.Millisecond}.withDefaults()}
	sums := map[string]float64{}
	for _, e := range []encodings.Encoding{encodings.RoPE{}, encodings.TwoOrder{}} {
		rate, err := s.trainRate(w, e)
		if err != nil {
			t.Fatal(err)
		}
		if r := rate(); !(r > 0) || math.IsInf(r, 0) {
			t.Errorf("%s: %v tokens a second", e.Name(), r)
		}
		a, err := s.attention(e)
		if err != nil {
			t.Fatal(err)
		}
		a.pass(true)
		if g := a.tape.Grad(a.x); !simd.AllFinite(g) || simd.SumSquares(g) == 0 {
			t.Errorf("%s: the gradient of the tokens is zero or not finite", e.Name())
		}
		sums[e.Name()] = simd.SumSquares(a.pass(false).Data())
	}
	if sums["rope"] == sums["two-order"] {
		t.Error("one order and two compute the same")
	}
	for _, back := range []bool{false, true} {
		ratio, err := s.ordersRatio(w, back)
		if err != nil {
			t.Fatal(err)
		}
		if r := ratio(); !(r > 0) || math.IsInf(r, 0) {
			t.Errorf("backward %v: ratio %v", back, r)
		}
	}
}
