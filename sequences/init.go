package sequences

import (
	"math"

	"github.com/graft-ml/graft/nn"
)

// draw fills the parameters, but for those of the encoding, in their order.
func (m *Model) draw(in *nn.Init) {
	c := &m.Config
	in.Normal(m.Embedding.Table, c.InitStd)
	for _, b := range m.Blocks {
		for _, l := range b.linears() {
			in.Normal(l.layer.Weight, c.std(l))
		}
	}
	if m.Head != nil {
		in.Normal(m.Head.Weight, c.std(drawn{layer: m.Head}))
	}
}

// drawn is a product of a block, with what its initialisation goes by.
type drawn struct {
	layer    *nn.Linear
	query    bool // T5 gives queries what it takes from the scores
	residual bool // it writes into the residual stream
}

// linears returns the products of the block in the order of the parameters.
func (b *Block) linears() []drawn {
	list := []drawn{{layer: b.Query, query: true}, {layer: b.Key}, {layer: b.Value}, {layer: b.Output, residual: true}}
	if b.Gate != nil {
		list = append(list, drawn{layer: b.Gate})
	}
	return append(list, drawn{layer: b.Up}, drawn{layer: b.Down, residual: true})
}

// std returns the standard deviation of a weight.
func (c *Config) std(l drawn) float64 {
	switch {
	case c.Init == T5Init && l.query:
		return 1 / math.Sqrt(float64(c.Width)*float64(c.HeadDim))
	case c.Init == T5Init:
		return 1 / math.Sqrt(float64(l.layer.In()))
	case c.Init == GPT2Init && l.residual:
		return c.InitStd / math.Sqrt(2*float64(c.Layers))
	}
	return c.InitStd
}
