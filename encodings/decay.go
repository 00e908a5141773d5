package encodings

import (
	"fmt"

	"github.com/graft-ml/graft/attention"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Decayed is another encoding whose positive scores fade for keys beyond the window of training, so that a model runs on
// sequences several times as long without further training ("UltraViCo", arXiv 2511.20123; thu-ml/DiT-Extrapolation): a
// positive score of a key more than half of Trained away is multiplied by Alpha; in the bands around multiples of Period,
// where some video models repeat themselves, by Beta. Distances are those of tokens in their order, as in the official
// kernels, also for clips, whose frames are FrameTokens long.
//
// It serves sequences, tables in their first order and grids, as far as the other encoding does.
type Decayed struct {
	Of          Encoding // the encoding of the model; it must be set
	FrameTokens int      // tokens of a frame, the unit of Trained, Period and Radius; 0 means 1
	Trained     int      // L, frames of training: keys at most L/2 frames away keep their scores; it must be set
	Alpha       float64  // factor outside the window; 0 means 0.9
	Period      int      // T: bands of frames around T, 2T, ... take Beta; 0 means that there are none
	Radius      int      // gamma: a band reaches as many frames to either side; 4 for HunyuanVideo, whose Period is 50
	Beta        float64  // 0 means 0.6, the paper's for three times the length of training; it has 0.8 for four times
	Exempt      int      // tokens at the end of every item that keep their scores, such as text after a clip
	// SmoothKeys takes the mean of the keys of an item from each, after their rotation, as the attention library of the
	// official code does. The softmax ignores that; which scores are positive does not. It needs all keys at hand and so
	// refuses sequences that go on.
	SmoothKeys bool
}

// Name returns decayed- and the name of the other encoding.
func (e Decayed) Name() string {
	if e.Of == nil {
		return "decayed"
	}
	return "decayed-" + e.Of.Name()
}

// New makes the encoder of the other encoding, with a decay. Its parameters are those of the other.
func (e Decayed) New(d Dims, init *nn.Init) (Encoder, error) {
	if e.Of == nil {
		return nil, fmt.Errorf("encodings: decayed: Of is not set: want the encoding that the model was trained with, such as RoPE{}")
	}
	filled, err := d.fill(e.Name())
	if err != nil {
		return nil, err
	}
	if e.FrameTokens == 0 {
		e.FrameTokens = 1
	}
	if e.Alpha == 0 {
		e.Alpha = 0.9
	}
	if e.Beta == 0 {
		e.Beta = 0.6
	}
	if e.Trained < 1 || e.FrameTokens < 1 || e.Period < 0 || e.Radius < 0 || e.Exempt < 0 {
		return nil, fmt.Errorf("encodings: %s: Trained %d, FrameTokens %d, Period %d, Radius %d and Exempt %d: want the frames of training, at least 1, and nothing below 0",
			e.Name(), e.Trained, e.FrameTokens, e.Period, e.Radius, e.Exempt)
	}
	for _, s := range []struct {
		field string
		value float64
	}{{"Alpha", e.Alpha}, {"Beta", e.Beta}} {
		if !(s.value > 0 && s.value <= 1) {
			return nil, fmt.Errorf("encodings: %s: %s is %v: want a factor above 0 and at most 1; the paper finds 0.6 and above stable", e.Name(), s.field, s.value)
		}
	}
	of, err := e.Of.New(d, init)
	if err != nil {
		return nil, err
	}
	return &decayedEncoder{Encoder: of, set: e, kvHeads: filled.KVHeads}, nil
}

type decayedEncoder struct {
	Encoder
	set     Decayed // with its defaults filled in
	kvHeads int
}

// Relative passes on what the other encoding says: the decay goes by distances.
func (e *decayedEncoder) Relative() bool {
	r, ok := e.Encoder.(interface{ Relative() bool })
	return ok && r.Relative()
}

// Branches refuses what goes by all keys of an item or by where it ends, and passes on what the other encoding says.
func (e *decayedEncoder) Branches() string {
	switch of, ok := e.Encoder.(Branching); {
	case e.set.SmoothKeys:
		return "SmoothKeys takes the mean of all keys of a sequence, those of other branches too"
	case e.set.Exempt > 0:
		return "Exempt counts tokens from the end of a sequence, where the last branch is"
	case !ok:
		return "the encoding that it decays does not say that it goes by the places of tokens alone"
	default:
		return of.Branches()
	}
}

// Begin begins the other encoding's pass.
func (e *decayedEncoder) Begin(tp *tensor.Tape, l *Layout) (Positions, error) {
	if e.set.SmoothKeys && l.Past != nil {
		return nil, l.Refuse(e.set.Name(), "SmoothKeys needs the mean of all keys, of which those in a cache are not at hand: leave it out, or run the sequences whole")
	}
	if l.Kind == Points || l.Kind == Graph {
		return nil, l.Refuse(e.set.Name(), "it goes by how many tokens lie between two, and these have no order: lay them out as sequences or on a grid")
	}
	of, err := e.Encoder.Begin(tp, l)
	if err != nil {
		return nil, fmt.Errorf("encodings: %s: %w", e.set.Name(), err)
	}
	p := &decayedPass{Positions: of, encoder: e, layout: l}
	if r, ok := of.(Router); ok {
		return &decayedRouter{decayedPass: p, router: r}, nil
	}
	return p, nil
}

type decayedPass struct {
	Positions
	encoder *decayedEncoder
	layout  *Layout
}

// Attend lets the other encoding have its say and sets the decay.
func (p *decayedPass) Attend(tp *tensor.Tape, a *Attention) {
	p.Positions.Attend(tp, a)
	p.layout.onLine(a)
	e := p.encoder.set
	a.Decay = attention.Decay{Window: e.FrameTokens * e.Trained / 2, Factor: e.Alpha, Exempt: e.Exempt}
	if e.Period > 0 {
		a.Decay.Period, a.Decay.Radius, a.Decay.RiskFactor = e.FrameTokens*e.Period, e.FrameTokens*e.Radius, e.Beta
	}
	if !e.SmoothKeys {
		return
	}
	if a.RotateKey != nil {
		a.Key = a.RotateKey.Apply(tp, a.Key, p.encoder.kvHeads)
		a.RotateKey = nil
	}
	item := make([]int32, a.Key.Rows())
	for b := 1; b < len(p.layout.Offsets); b++ {
		for t := p.layout.Offsets[b-1]; t < p.layout.Offsets[b]; t++ {
			item[t] = int32(b - 1)
		}
	}
	mean := tp.Pool(a.Key, p.layout.Offsets, tensor.PoolMean)
	a.Key = tp.Sub(a.Key, tp.Gather(mean, item))
}

// decayedRouter is the pass of an encoding that runs the attention itself.
type decayedRouter struct {
	*decayedPass
	router Router
}

// Run is the other encoding's.
func (p *decayedRouter) Run(tp *tensor.Tape, a *Attention) *tensor.Var { return p.router.Run(tp, a) }
