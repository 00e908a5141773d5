package speed

import (
	"strings"
	"testing"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/internal/simd"
)

func TestAttentionFlops(t *testing.T) {
	for _, c := range []struct {
		products int
		causal   bool
		lengths  []int
		want     float64
	}{
		{2, false, []int{3}, 2 * 2 * 9 * attentionWidth},
		{5, false, []int{3, 0, 1}, 2 * 5 * 10 * attentionWidth},
		{2, true, []int{3}, 2 * 2 * 6 * attentionWidth},
	} {
		if got := attentionFlops(c.products, c.causal, c.lengths...); got != c.want {
			t.Errorf("%d products over %v, causal %v: %v operations, want %v", c.products, c.lengths, c.causal, got, c.want)
		}
	}
}

// TestAttentionPass runs what the figures time, on a few tokens, and sees that each form is another attention.
func TestAttentionPass(t *testing.T) {
	sums := map[float64]string{}
	for _, form := range attentionForms() {
		p := newAttentionPass(form, 70, 1, 9)
		if took := p.backward(); took <= 0 {
			t.Errorf("%q: gradients took %v", form.suffix, took)
		}
		for name, in := range map[string][]float32{"query": p.tp.Grad(p.query), "key": p.tp.Grad(p.key), "value": p.tp.Grad(p.value)} {
			if !simd.AllFinite(in) || simd.SumSquares(in) == 0 {
				t.Errorf("%q: the gradient of the %s is zero or not finite", form.suffix, name)
			}
		}
		sum := simd.SumSquares(p.pass(false).Data())
		if other, ok := sums[sum]; ok {
			t.Errorf("%q and %q compute the same", form.suffix, other)
		}
		sums[sum] = form.suffix
	}
}

// TestAttentionDecode sees that a step attends to the cache and leaves it as it was.
func TestAttentionDecode(t *testing.T) {
	cache := &attention.Cache{}
	p, one := newAttentionPass(attentionForms()[0], 20), newAttentionPass(attentionForms()[0], 1)
	p.cache, one.cache = cache, cache
	p.forward()
	one.forward()
	if cache.Len(0) != 21 {
		t.Errorf("the cache holds %d tokens after 20 and 1", cache.Len(0))
	}
}

func TestAttentionNames(t *testing.T) {
	found := 0
	for _, name := range Names() {
		if strings.HasPrefix(name, "attention_") {
			found++
		}
	}
	if want := 2*len(attentionForms()) + 3; found != want {
		t.Errorf("%d attention figures, want %d", found, want)
	}
}
