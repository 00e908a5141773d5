package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// GroupNorm normalises each group of neighbouring channels over the pixels of each image, then scales and shifts the
// channels (Wu and He 2018).
type GroupNorm struct {
	Weight, Bias *tensor.Tensor // [width]
	Groups       int
	Eps          float64 // added to the variance
}

// NewGroupNorm returns a layer that neither scales nor shifts yet, with eps 1e-5.
func NewGroupNorm(groups, width int) *GroupNorm {
	n := &GroupNorm{Weight: normVector("GroupNorm", width, 1), Bias: tensor.New(width), Groups: groups, Eps: defaultEps}
	if groups <= 0 || width%groups != 0 {
		panic(fmt.Sprintf("nn: GroupNorm: %d groups do not divide width %d", groups, width))
	}
	return n
}

// Params declares weight and bias.
func (n *GroupNorm) Params(c *Params) {
	c.Param("weight", n.Weight)
	c.Param("bias", n.Bias)
}

// Apply returns the images of grid, x [pixels, width], normalised. A group without variance gives the bias.
func (n *GroupNorm) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	return tp.GroupNorm(x, tp.Leaf(n.Weight), tp.Leaf(n.Bias), grid, n.Groups, n.Eps)
}
