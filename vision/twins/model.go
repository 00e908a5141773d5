package twins

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var _ vision.Classifier = (*Model)(nil)

// Model is a Twins-SVT transformer, anchored or not: stages of blocks, a norm, and a linear layer that reads the class of the
// mean over the tokens. Its modules run in the order of the fields.
type Model struct {
	Config Config // with defaults filled in

	Stages []*Stage
	Norm   *nn.LayerNorm
	Head   *nn.Linear // [classes, width of the last stage]

	configs []stageConfig
	last    atomic.Pointer[arrangement] // of the last pass
}

// New returns a model with parameters drawn from seed: those of linear layers from a normal distribution of deviation
// Config.InitStd, biases 0, convolutions as PyTorch draws them. Models that differ in Config.Anchor alone begin with the same
// numbers. The error is that of [Config.Validate].
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	init := nn.NewInit(seed)
	m := &Model{Config: c, configs: c.stages()}
	all, number, in := 0, 0, c.Channels
	for _, s := range m.configs {
		all += s.layers
	}
	for s, stage := range m.configs {
		made := newStage(c, stage, in, init)
		made.name = "stage." + strconv.Itoa(s)
		for k := range stage.layers {
			dropPath := 0.0
			if all > 1 {
				dropPath = c.DropPath * float64(number) / float64(all-1)
			}
			made.Blocks = append(made.Blocks, newBlock(c, stage, k, dropPath, init))
			number++
		}
		in = stage.width
		m.Stages = append(m.Stages, made)
	}
	m.Norm, m.Head = nn.NewLayerNormEps(in, c.NormEps), nn.NewLinearNormal(in, c.Classes, c.InitStd, init)
	return m, nil
}

// Params declares the parameters.
func (m *Model) Params(c *nn.Params) {
	for _, s := range m.Stages {
		c.Sub(s.name, s)
	}
	c.Sub("norm", m.Norm)
	c.Sub("head", m.Head)
}

// Classes returns the number of classes.
func (m *Model) Classes() int { return m.Config.Classes }

// Channels returns the number of channels of the images that the model reads.
func (m *Model) Channels() int { return m.Config.Channels }

// Accepts reports why the model cannot read images of such a size: an anchored one wants patches, windows and reductions to
// divide what they are laid over in every stage, so that a shifted image has the same ones. Windows larger than an image
// are the whole of it. Without anchoring, windows at the border are smaller, and patches and reductions leave out what they
// do not fill.
func (m *Model) Accepts(size tensor.Size) error {
	if err := accepts(m.configs, m.Config.Anchor, size); err != nil {
		return fmt.Errorf("twins: %w", err)
	}
	return nil
}

// place is where the tokens of a stage are, in one pass.
type place struct {
	grid          tensor.Grid
	offsets, keys []int // of the images: their tokens, and their sub-sampled ones
}

// arrangement is where the tokens of a batch are, stage by stage. It is never changed once it is made, so passes on several
// tapes may share it.
type arrangement struct {
	pixels tensor.Grid
	stages []place
}

// arrange returns the arrangement of images; batches of one size follow each other, so the last one is kept.
func (m *Model) arrange(pixels tensor.Grid) *arrangement {
	if a := m.last.Load(); a != nil && a.pixels.Equal(pixels) {
		return a
	}
	a := &arrangement{pixels: pixels}
	grid := pixels
	for k, s := range m.Stages {
		grid = s.Projection.Grid(grid)
		p := place{grid: grid, offsets: grid.Offsets()}
		if m.configs[k].reduces() {
			side := m.configs[k].reduction
			square := tensor.Size{Height: side, Width: side}
			p.keys = tensor.ConvOptions{Stride: square}.Grid(grid, square).Offsets()
		}
		a.stages = append(a.stages, p)
	}
	m.last.Store(a)
	return a
}

// Forward returns the logits of the classes for a *vision.Batch: [images, classes]. Images that the model cannot read
// panic; vision.NewBatch and vision.Data refuse such.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*vision.Batch)
	if !ok {
		panic(fmt.Sprintf("twins: Forward: got a %T, want a *vision.Batch", batch))
	}
	if b.Channels() != m.Config.Channels && b.Items() > 0 {
		panic(fmt.Sprintf("twins: Forward: images of %d channels, want %d", b.Channels(), m.Config.Channels))
	}
	if b.Items() == 0 {
		return tp.Const(tensor.New(0, m.Config.Classes))
	}
	a := m.arrange(b.Grid)
	x := m.pool(tp, m.tokens(tp, tp.Const(b.Pixels), a), a)
	tp.Enter("head")
	defer tp.Leave()
	return m.Head.Apply(tp, x)
}

// tokens returns those of the last stage behind the norm, [tokens, width].
func (m *Model) tokens(tp *tensor.Tape, x *tensor.Var, a *arrangement) *tensor.Var {
	grid := a.pixels
	for k, s := range m.Stages {
		tp.Enter(s.name)
		x = s.apply(tp, x, grid, &a.stages[k], m.Config.Dropout)
		grid = a.stages[k].grid
		tp.Leave()
	}
	tp.Enter("norm")
	defer tp.Leave()
	return m.Norm.Apply(tp, x)
}

// pool returns the mean over the tokens of each image, which is all that is left of where they are: [images, width].
func (m *Model) pool(tp *tensor.Tape, x *tensor.Var, a *arrangement) *tensor.Var {
	return tp.Pool(x, a.stages[len(a.stages)-1].offsets, tensor.PoolMean)
}
