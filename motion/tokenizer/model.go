package tokenizer

import (
	"fmt"
	"sync/atomic"

	"github.com/graft-ml/graft/motion"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var (
	_ nn.Model     = (*Model)(nil)
	_ nn.LossParts = (*Model)(nil)
)

// Model is the motion tokenizer. It may encode and decode in many goroutines at once, but not while it is trained.
type Model struct {
	Config   Config // with defaults filled in
	Encoder  *Encoder
	Codebook *Codebook
	Decoder  *Decoder
	// Mean and Std [joints, 3] are what places are standardised by, in the unit of the clips. They are buffers: checkpoints
	// have them.
	Mean, Std *tensor.Tensor

	last atomic.Pointer[pass]
}

// New returns a model with parameters drawn from seed: PyTorch's defaults, as the official code has them. Mean is 0 and
// Std 1 until [Model.SetMoments], and the codebook empty until the first training pass. The error is that of
// [Config.Validate].
func New(c Config, seed uint64) (*Model, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.WithDefaults()
	init := nn.NewInit(seed)
	m := &Model{Config: c, Encoder: newEncoder(c, init), Codebook: newCodebook(c), Decoder: newDecoder(c, init),
		Mean: tensor.New(c.Joints, 3), Std: tensor.New(c.Joints, 3)}
	m.Std.Fill(1)
	return m, nil
}

// Params declares the parameters of encoder and decoder, and the buffers codebook, mean and std.
func (m *Model) Params(c *nn.Params) {
	c.Sub("encoder", m.Encoder)
	c.Sub("codebook", m.Codebook)
	c.Sub("decoder", m.Decoder)
	c.Buffer("mean", m.Mean)
	c.Buffer("std", m.Std)
}

// Reconstruction is what a model makes of clips in one pass.
type Reconstruction struct {
	Places    *tensor.Var // [rows, 3]: standardised, what the decoder makes of the codes
	Grid      tensor.Grid // of Places: the slices
	Latent    *tensor.Var // [latent rows, CodeWidth]
	Quantised             // the codes of the latents
}

// Reconstruct runs the model over the slices x [rows, 3], standardised places of joints: every image of grid is a slice,
// frames by joints. A training pass moves the codebook.
func (m *Model) Reconstruct(tp *tensor.Tape, x *tensor.Var, grid tensor.Grid) Reconstruction {
	var r Reconstruction
	r.Latent, grid = m.Encoder.Apply(tp, x, grid)
	tp.Enter("codebook")
	r.Quantised = m.Codebook.Apply(tp, r.Latent)
	tp.Leave()
	r.Places, r.Grid = m.Decoder.Apply(tp, r.Vectors, grid)
	return r
}

// Forward returns the standardised places [rows, 3] that come back of a *[Batch]. Where gradients are recorded, that of
// the commitment loss is added on the way back; [Model.LossParts] tells its value.
func (m *Model) Forward(tp *tensor.Tape, batch nn.Batch) *tensor.Var {
	b, ok := batch.(*Batch)
	if !ok {
		panic(fmt.Sprintf("tokenizer: Forward: got a %T, want a *tokenizer.Batch", batch))
	}
	r := m.Reconstruct(tp, tp.Const(b.places), b.grid)
	p := &pass{tape: tp, use: r.Use}
	if tp.Recording() {
		loss := tp.Scale(r.Commitment, float32(m.Config.Commitment))
		r.Places = nn.WithLoss(tp, r.Places, loss)
		p.parts = []nn.LossPart{{Name: "commitment", Value: float64(loss.Data()[0])}}
	}
	m.last.Store(p)
	return r.Places
}

// pass is what is remembered of a pass of Forward.
type pass struct {
	tape  *tensor.Tape
	use   Use
	parts []nn.LossPart
}

// LossParts returns the commitment loss with its weight, where the last pass of [Model.Forward] was on tp and recorded
// gradients.
func (m *Model) LossParts(tp *tensor.Tape) []nn.LossPart {
	if p := m.last.Load(); p != nil && p.tape == tp {
		return p.parts
	}
	return nil
}

// LastUse returns how the codes were used in the last pass of [Model.Forward], for a hook of training.
func (m *Model) LastUse() Use {
	if p := m.last.Load(); p != nil {
		return p.use
	}
	return Use{}
}

// Moments returns the mean and deviation that places are standardised by, as copies.
func (m *Model) Moments() motion.Moments {
	return motion.Moments{Mean: append([]float32(nil), m.Mean.Data()...), Std: append([]float32(nil), m.Std.Data()...)}
}

// SetMoments sets the mean and deviation that places are standardised by: those of [MomentsOf] the training clips, or of
// the files that come with the official code. The error says which joint has none that will do.
func (m *Model) SetMoments(to motion.Moments) error {
	if len(to.Mean) != m.Mean.Size() || len(to.Std) != m.Std.Size() {
		return fmt.Errorf("tokenizer: moments of %d joints for a model of %d", to.Joints(), m.Config.Joints)
	}
	for i, s := range to.Std {
		if !(s > 0) || s-s != 0 || to.Mean[i]-to.Mean[i] != 0 {
			return fmt.Errorf("tokenizer: moments of joint %d: mean %g and deviation %g: want finite numbers, and a deviation above 0", i/3, to.Mean[i], s)
		}
	}
	copy(m.Mean.Data(), to.Mean)
	copy(m.Std.Data(), to.Std)
	return nil
}

// MomentsOf takes mean and deviation of what a model of reference r is given of clips: of the places themselves, or of
// those in windows of some frames less those of the window's first.
func MomentsOf(clips []*motion.Clip, r Reference, frames int) motion.Moments {
	if r == Absolute {
		return motion.MomentsOf(clips)
	}
	var windows []*motion.Clip
	for _, c := range clips {
		for _, w := range c.Windows(frames, max(1, frames/2)) {
			d := w.Clone()
			subtract(d.Positions, w.Frame(0))
			windows = append(windows, d)
		}
	}
	if len(windows) == 0 {
		return motion.MomentsOf(clips)
	}
	return motion.MomentsOf(windows)
}

// subtract takes a frame off every frame.
func subtract(positions, frame []float32) {
	for i := range positions {
		positions[i] -= frame[i%len(frame)]
	}
}
