package ela

import (
	"sync/atomic"

	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ nn.Module = (*Gate)(nil)

// Gate is efficient local attention: it multiplies every pixel of a map by a number between 0 and 1 for its row and one for
// its column, channel by channel. With x [row i, column j], the strip means
//
//	z_row[i] = mean over j of x[i, j],  z_column[j] = mean over i of x[i, j]
//
// along which the convolution and the norm of a [Strip] run by themselves, it returns
//
//	y[i, j] = x[i, j] sigmoid(Norm(Conv(z_row)))[i] sigmoid(Norm(Conv(z_column)))[j]
//
// It has neither a residual connection nor, in T and B, a way from channel to channel.
type Gate struct {
	Config Config // with defaults filled in

	Rows    *Strip
	Columns *Strip // the same as Rows, but for Config.Separate

	last atomic.Pointer[arrangement] // of the last pass
}

// Strip is what runs along the strips of a direction.
type Strip struct {
	Conv *nn.Conv // of sequences, without a bias: [channels, group width, kernel]
	Norm *nn.GroupNorm
}

// New returns a gate for maps of so many channels. Convolutions are drawn as PyTorch draws them. At first every factor is
// near a half, so that the gate makes a map four times smaller: that is no matter for a network that is trained from the
// beginning, and it is one that has been. The error is that of [Config.Validate].
func New(c Config, channels int, init *nn.Init) (*Gate, error) {
	if err := c.Validate(channels); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	g := &Gate{Config: c, Rows: newStrip(c, channels, init)}
	if g.Columns = g.Rows; c.Separate {
		g.Columns = newStrip(c, channels, init)
	}
	return g, nil
}

func newStrip(c Config, channels int, init *nn.Init) *Strip {
	s := &Strip{Norm: nn.NewGroupNorm(c.NormGroups, channels), Conv: nn.NewConv(nn.ConvConfig{In: channels, Out: channels, Kernel: tensor.Size{Width: c.Kernel}, NoBias: true,
		Options: tensor.ConvOptions{Padding: tensor.Size{Width: c.Kernel / 2}, Groups: channels / c.GroupWidth}}, init)}
	s.Norm.Eps = c.NormEps
	return s
}

// Params declares the parameters: those of both directions at once where they share them.
func (g *Gate) Params(c *nn.Params) {
	if g.Columns == g.Rows {
		g.Rows.Params(c)
		return
	}
	c.Sub("rows", g.Rows)
	c.Sub("columns", g.Columns)
}

// Params declares convolution and norm.
func (s *Strip) Params(c *nn.Params) {
	c.Sub("conv", s.Conv)
	c.Sub("norm", s.Norm)
}

// apply returns the factors that means along strips z [pixels of all strips, channels] give.
func (s *Strip) apply(tp *tensor.Tape, z *tensor.Var, strips tensor.Grid) *tensor.Var {
	return tp.Sigmoid(s.Norm.Apply(tp, s.Conv.Apply(tp, z, strips), strips))
}

// arrangement is how maps and their strips lie: the means over the rows of a map are a sequence as long as the map is high,
// and those over its columns one as long as it is wide. It is never changed once it is made, so passes on several tapes may
// share it.
type arrangement struct {
	grid          tensor.Grid
	rows, columns tensor.Grid
}

// arrange returns the arrangement of maps; batches of one size follow each other, so the last one is kept.
func (g *Gate) arrange(grid tensor.Grid) *arrangement {
	if a := g.last.Load(); a != nil && a.grid.Equal(grid) {
		return a
	}
	rows, columns := make([]tensor.Size, grid.Items()), make([]tensor.Size, grid.Items())
	for b := range rows {
		s := grid.Size(b)
		if s.Height == 0 || s.Width == 0 {
			s = tensor.Size{} // a map without pixels has no strips
		}
		rows[b], columns[b] = tensor.Size{Height: 1, Width: s.Height}, tensor.Size{Height: 1, Width: s.Width}
	}
	a := &arrangement{grid: grid, rows: tensor.RaggedGrid(rows), columns: tensor.RaggedGrid(columns)}
	g.last.Store(a)
	return a
}

// Apply returns the maps of grid, x [pixels, channels], gated: tokens of a transformer that lie on a grid, or what a
// convolution gave. Maps may differ in size; each gives the same bits in any batch.
func (g *Gate) Apply(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) *tensor.Var {
	rows, columns := g.Factors(tp, x, grid)
	return applyFactors(tp, x, rows, columns, g.arrange(grid))
}

// Factors returns what [Gate.Apply] multiplies by: for the rows of all maps, [sum of heights, channels], and for the
// columns, [sum of widths, channels], a map after the other. A map without pixels has none.
func (g *Gate) Factors(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) (rows, columns *tensor.Var) {
	a := g.arrange(grid)
	rows, columns = stripMeans(tp, x, a)
	return g.Rows.apply(tp, rows, a.rows), g.Columns.apply(tp, columns, a.columns)
}
