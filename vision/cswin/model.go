package cswin

import (
	"fmt"
	"strconv"
	"sync/atomic"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
	"github.com/graft-ml/graft/vision"
)

var (
	_ vision.Classifier = (*Model)(nil)
	_ vision.Explainer  = (*Model)(nil)
)

// Model is a CSWin transformer: tokens of overlapping patches, stages of blocks with a [Downsampling] before each, a norm,
// and a linear layer that reads the class of the mean over the tokens. Its modules run in the order of the fields.
type Model struct {
	Config Config // with defaults filled in

	Stages []*Stage
	Norm   *nn.LayerNorm
	Head   *nn.Linear // [classes, width of the last stage]

	last atomic.Pointer[arrangement] // of the last pass
}

// Stage is blocks at one resolution.
type Stage struct {
	Down   *Downsampling // from pixels, or from the tokens of the stage before
	Blocks []*Block

	name string
}

// New returns a model with parameters drawn from seed: those of linear layers from a normal distribution of deviation
// Config.InitStd, biases 0, convolutions as PyTorch draws them. The error is that of [Config.Validate].
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	init := nn.NewInit(seed)
	m := &Model{Config: c}
	stages := c.stages()
	all, number := 0, 0
	for _, s := range stages {
		all += s.layers
	}
	for s, stage := range stages {
		in, f := c.Channels, c.patches()
		if s > 0 {
			in, f = stages[s-1].width, merge
		}
		made := &Stage{Down: newDownsampling(f, in, stage.width, c.NormEps, init), name: "stage." + strconv.Itoa(s)}
		for range stage.layers {
			dropPath := 0.0
			if all > 1 {
				dropPath = c.DropPath * float64(number) / float64(all-1)
			}
			made.Blocks = append(made.Blocks, newBlock(c, stage, dropPath, init))
			number++
		}
		m.Stages = append(m.Stages, made)
	}
	width := stages[len(stages)-1].width
	m.Norm, m.Head = nn.NewLayerNormEps(width, c.NormEps), nn.NewLinearNormal(width, c.Classes, c.InitStd, init)
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

// Params declares the parameters.
func (s *Stage) Params(c *nn.Params) {
	c.Sub("down", s.Down)
	for k, b := range s.Blocks {
		c.Sub(nn.BlockName(k), b)
	}
}

// Classes returns the number of classes.
func (m *Model) Classes() int { return m.Config.Classes }

// Channels returns the number of channels of the images that the model reads.
func (m *Model) Channels() int { return m.Config.Channels }

// Accepts reports why the model cannot read images of such a size.
func (m *Model) Accepts(size tensor.Size) error {
	_, err := m.Stages[0].Down.Grid(size)
	return err
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
	for _, s := range m.Stages {
		grid = s.Down.Conv.Grid(grid)
		a.stages = append(a.stages, place{grid: grid, offsets: grid.Offsets()})
	}
	m.last.Store(a)
	return a
}

// Forward returns the logits of the classes for a *vision.Batch: [images, classes]. Images that the model cannot read
// panic; vision.NewBatch and vision.Data refuse such.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*vision.Batch)
	if !ok {
		panic(fmt.Sprintf("cswin: Forward: got a %T, want a *vision.Batch", batch))
	}
	if b.Channels() != m.Config.Channels && b.Items() > 0 {
		panic(fmt.Sprintf("cswin: Forward: images of %d channels, want %d", b.Channels(), m.Config.Channels))
	}
	if b.Items() == 0 {
		return tp.Const(tensor.New(0, m.Config.Classes))
	}
	a := m.arrange(b.Grid)
	return m.classify(tp, m.features(tp, m.tokens(tp, tp.Const(b.Pixels), a), a))
}

// tokens returns the tokens of the last stage.
func (m *Model) tokens(tp *tensor.Tape, x *tensor.Var, a *arrangement) *tensor.Var {
	grid := a.pixels
	for n, s := range m.Stages {
		x = s.apply(tp, x, grid, &a.stages[n])
		grid = a.stages[n].grid
	}
	return x
}

// apply returns the tokens of the stage for those of the stage before, which lie on the grid from.
func (s *Stage) apply(tp *tensor.Tape, x *tensor.Var, from tensor.Grid, at *place) *tensor.Var {
	tp.Enter(s.name)
	defer tp.Leave()
	mark := tp.Mark()
	tp.Enter("down")
	x = s.Down.apply(tp, x, from)
	tp.Leave()
	for k, b := range s.Blocks {
		tp.Enter(nn.BlockName(k))
		x = b.apply(tp, x, at)
		tp.Leave()
		tp.Sweep(mark, x)
	}
	return x
}

// features returns what the head reads: [images, width].
func (m *Model) features(tp *tensor.Tape, x *tensor.Var, a *arrangement) *tensor.Var {
	tp.Enter("norm")
	x = m.Norm.Apply(tp, x)
	tp.Leave()
	return tp.Pool(x, a.stages[len(a.stages)-1].offsets, tensor.PoolMean)
}

// classify returns the logits.
func (m *Model) classify(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	tp.Enter("head")
	defer tp.Leave()
	return m.Head.Apply(tp, x)
}
