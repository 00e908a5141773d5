package golden

import (
	"fmt"
	"math"
	"slices"
	"sort"
	"strings"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// Compare fails t unless got has the shape of the golden tensor and no element is farther from it than tol times the
// golden tensor's largest finite magnitude (than tol itself where that is 0). NaN never passes, an infinity only where the
// golden has the same.
func (c *Case) Compare(t testing.TB, name string, got *tensor.Tensor, tol float64) {
	t.Helper()
	if want := c.Shape(name); !slices.Equal(got.Shape(), want) {
		c.use(name)
		t.Errorf("golden: %s: %s: shape %v, want %v", c.path, name, got.Shape(), want)
		return
	}
	c.CompareFlat(t, name, got.Data(), tol)
}

// CompareFlat is [Case.Compare] for values without a shape: only their number must agree.
func (c *Case) CompareFlat(t testing.TB, name string, got []float32, tol float64) {
	t.Helper()
	values := make([]float64, len(got))
	for i, v := range got {
		values[i] = float64(v)
	}
	c.CompareFloat64s(t, name, values, tol)
}

// CompareFloat64s is [Case.CompareFlat] for float64 results.
func (c *Case) CompareFloat64s(t testing.TB, name string, got []float64, tol float64) {
	t.Helper()
	want := c.Float64s(name)
	if len(got) != len(want) {
		t.Errorf("golden: %s: %s: %d values, want %d of shape %v", c.path, name, len(got), len(want), c.Shape(name))
		return
	}
	scale := 0.0
	for _, v := range want {
		if a := math.Abs(v); a > scale && !math.IsInf(a, 0) {
			scale = a
		}
	}
	if scale == 0 {
		scale = 1
	}
	worst, at := 0.0, 0
	for i, v := range want {
		d := math.Abs(got[i]-v) / scale
		switch {
		case math.IsInf(v, 0) && got[i] == v:
			d = 0
		case math.IsNaN(d):
			d = math.Inf(1)
		}
		if d > worst {
			worst, at = d, i
		}
	}
	c.keep(name, worst, tol)
	if worst > tol {
		t.Errorf("golden: %s: %s%v: got %v, want %v; deviation %.3g of the largest magnitude %.6g, tolerance %.3g",
			c.path, name, index(at, c.Shape(name)), got[at], want[at], worst, scale, tol)
	}
}

// CompareInts fails t unless got equals the golden whole numbers.
func (c *Case) CompareInts(t testing.TB, name string, got []int64) {
	t.Helper()
	want := c.Ints(name)
	if len(got) != len(want) {
		t.Errorf("golden: %s: %s: %d numbers, want %d of shape %v", c.path, name, len(got), len(want), c.Shape(name))
		return
	}
	c.mu.Lock()
	c.compares++
	c.mu.Unlock()
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("golden: %s: %s%v: got %d, want %d", c.path, name, index(i, c.Shape(name)), got[i], want[i])
			return
		}
	}
}

// keep remembers the worst deviation of each tolerance.
func (c *Case) keep(name string, deviation, tol float64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.compares++
	if old, ok := c.worst[tol]; !ok || deviation > old.deviation {
		c.worst[tol] = figure{deviation, name}
	}
}

// summary is the line of a file: how many tensors were compared and the worst deviation for each tolerance.
func (c *Case) summary() string {
	var b strings.Builder
	fmt.Fprintf(&b, "golden: %-28s %3d tensors, %3d compared", c.Name, c.file.Len(), c.compares)
	tols := make([]float64, 0, len(c.worst))
	for tol := range c.worst {
		tols = append(tols, tol)
	}
	sort.Float64s(tols)
	for _, tol := range tols {
		fmt.Fprintf(&b, " | worst %.2e of %.0e (%s)", c.worst[tol].deviation, tol, c.worst[tol].name)
	}
	return b.String()
}

// index returns the multi-dimensional index of element i.
func index(i int, shape []int) []int {
	out := make([]int, len(shape))
	for d := len(shape) - 1; d >= 0; d-- {
		out[d] = i % shape[d]
		i /= shape[d]
	}
	return out
}
