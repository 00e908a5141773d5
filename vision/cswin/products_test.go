package cswin

import (
	"math"
	"testing"

	"github.com/graft-ml/graft/tensor"
)

// TestPublishedMultiplyAdds: the numbers of the paper's tables, in billions. Of L, which the official code gives as many
// parameters as the paper, they say 5 % less than its layers come to: 31.5, and 96.8 at 384.
func TestPublishedMultiplyAdds(t *testing.T) {
	for name, c := range map[string]struct {
		config Config
		want   float64
	}{"T": {T(), 4.3}, "S": {S(), 6.9}, "B": {B(), 15.0}, "L": {L(), 33.1}, "B at 384": {At384(B()), 47.0}, "L at 384": {At384(L()), 101.9}} {
		forward, backward, err := c.config.MultiplyAdds(c.config.ImageSize())
		if err != nil || math.Abs(float64(forward)/1e9/c.want-1) > 0.02 {
			t.Errorf("CSWin-%s: %d multiply-adds, %v, want %v billion", name, forward, err, c.want)
		}
		side := int64(c.config.ImageHeight / 4)
		if pixels := side * side * 7 * 7 * 3 * int64(c.config.Width); backward != 2*forward-pixels {
			t.Errorf("CSWin-%s: %d multiply-adds backward for %d forward", name, backward, forward)
		}
	}
}

// TestMultiplyAdds counts again, from the modules of a model and the windows of its attention, for images of any size.
func TestMultiplyAdds(t *testing.T) {
	m := mustNew(t, tiny(), 1)
	for _, image := range []tensor.Size{{Height: 24, Width: 20}, {Height: 27, Width: 44}, {Height: 3, Width: 3}} {
		a, want := m.arrange(tensor.NewGrid(1, image)), m.Head.Weight.Size()
		for n, s := range m.Stages {
			tokens, size := a.stages[n].grid.Rows(), a.stages[n].grid.Size(0)
			want += tokens * s.Down.Conv.Weight.Size()
			for _, b := range s.Blocks {
				w := b.Attention.Out.In()
				want += tokens * (4*w*w + 2*w*b.FeedForward.In.Out())
				for p, l := range b.Attention.Local {
					window, seen := b.Attention.op.Parts[p].Window, tokens // all tokens, or a stripe down or across
					switch {
					case window.Width > 0:
						seen = size.Height * min(window.Width, size.Width)
					case window.Height > 0:
						seen = size.Width * min(window.Height, size.Height)
					}
					want += tokens * l.Weight.Rows() * (2*seen + 9)
				}
			}
		}
		if got, _, err := tiny().MultiplyAdds(image); err != nil || got != int64(want) {
			t.Errorf("%v: %d multiply-adds, %v; the modules say %d", image, got, err, want)
		}
	}
	if _, _, err := tiny().MultiplyAdds(tensor.Size{Height: 2, Width: 20}); err == nil {
		t.Error("an image without tokens has a number")
	}
	if _, _, err := (Config{}).MultiplyAdds(tensor.Size{Height: 24, Width: 20}); err == nil {
		t.Error("a configuration without classes has a number")
	}
}
