package encodings

import (
	"fmt"
	"math"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

var _ Encoding = SeqPE{}

// SeqPE writes a position as its decimal digits and lets a small transformer read them into a vector (Li and others,
// "SeqPE: Transformer with Sequential Position Encoding", arXiv 2506.13277; code ghrua/seqpe). In training two losses
// shape the space of these vectors: a contrastive one, by which near positions get near vectors, and a distillation, by
// which a window far away looks like the one that the model is trained on. With the vector e of a position,
// [e_q, e_k] = W e + b, and d the head dim, the scores are (q ⊙ e_q) · (k ⊙ e_k) / sqrt d, (q + e_q) · (k + e_k) / sqrt d,
// or (q · k + e_q · e_k) / sqrt d; see [SeqPEUse]. Every distinct position of a batch is read once.
//
// It serves sequences, and tables in their first order, with one axis; grids and points of Axes whole coordinates from 0.
// Leading tokens get a learned vector in place of e, the same for all; with one axis only where Leading asks for it.
//
// The zero value is the published GPT-2 but for its dropout; [SeqPEGPT2], [SeqPEViTS] and [SeqPEViTB] are the published
// settings. New positions are read like all others; the code can also stretch the map of the images it was trained on, by
// bicubic interpolation, which is left out.
type SeqPE struct {
	Axes int // coordinates of a position; 0 means 1
	Use  SeqPEUse
	// PerLayer gives every layer a W and b of its own ("multi"); otherwise the model has one ("single").
	PerLayer bool
	// SharedHead makes e, e_q and e_k as wide as one head, the same for all heads.
	SharedHead bool
	// Leading makes the vector of leading tokens with one axis too.
	Leading bool

	Width  int // of the transformer that reads digits; 0 means that of the model
	Heads  int // of it; 0 means one for 64 of its Width, at least 1
	Layers int // of it; 0 means 2
	// MaxPosition bounds the positions that losses and shifts draw: the coordinates 0 to MaxPosition-1. 0 means 20000, or
	// 100 with several axes.
	MaxPosition int
	// MaxDigits is the number of digits that a coordinate is written with, and so bounds the positions of all passes; 0
	// means as many as MaxPosition-1 has.
	MaxDigits    int
	RightPadding bool // writes 12 as 12000 instead of 00012
	// Bidirectional lets digits attend to later ones too, in all layers but the last, whose class token sees all anyway.
	Bidirectional bool
	MaskPadding   bool    // leaves the padding zeros unread
	Temperature   float64 // divides e; 0 means 1
	// Dropout and AttentionDropout are those of the transformer; 0 means none.
	Dropout, AttentionDropout float64

	Contrastive SeqPEContrastive
	Transfer    SeqPETransfer
	Shift       SeqPEShift
	LogitScale  float64 // multiplies the products of vectors in both losses; 0 means 1
	// WarmUp is the number of steps in which the weights of both losses rise from 0; 0 means none.
	WarmUp int
}

// SeqPEUse is what is done with the vectors of positions.
type SeqPEUse int

// The uses, with the names of the official code.
const (
	SeqPEScalar SeqPEUse = iota // attn_scalar: e_q · e_k is added to q · k
	SeqPEMul                    // attn_mul: queries and keys are multiplied by e_q and e_k, element by element
	SeqPEAdd                    // attn_add: e_q and e_k are added to queries and keys
	SeqPEInput                  // input_add: e is added to the tokens; there is no W
)

var seqPEUses = []string{"scalar", "mul", "add", "input"}

// String returns scalar, mul, add or input.
func (u SeqPEUse) String() string {
	if u < 0 || int(u) >= len(seqPEUses) {
		return fmt.Sprintf("SeqPEUse(%d)", int(u))
	}
	return seqPEUses[u]
}

// MarshalText returns the name, for configuration files.
func (u SeqPEUse) MarshalText() ([]byte, error) {
	if u < 0 || int(u) >= len(seqPEUses) {
		return nil, fmt.Errorf("use %d of seqpe has no name", int(u))
	}
	return []byte(seqPEUses[u]), nil
}

// UnmarshalText reads a name. The error of an unknown one tells the nearest known one.
func (u *SeqPEUse) UnmarshalText(text []byte) error {
	for k, name := range seqPEUses {
		if name == string(text) {
			*u = SeqPEUse(k)
			return nil
		}
	}
	return fmt.Errorf("unknown use %q of seqpe; did you mean %q? (known: %s)", text, nearest.To(string(text), seqPEUses), strings.Join(seqPEUses, ", "))
}

// SeqPEGPT2 is the published setting of GPT-2 small on WikiText-103.
func SeqPEGPT2() SeqPE { return SeqPE{Dropout: 0.1} }

// SeqPEViTS is the published setting of ViT-S/16.
func SeqPEViTS() SeqPE {
	return SeqPE{Axes: 2, Use: SeqPEMul, PerLayer: true, Width: 384, Dropout: 0.1}
}

// SeqPEViTB is the published setting of ViT-B/16.
func SeqPEViTB() SeqPE {
	return SeqPE{Axes: 2, Use: SeqPEMul, PerLayer: true, Width: 384, Dropout: 0.3}
}

// Name returns seqpe.
func (SeqPE) Name() string { return "seqpe" }

// New makes the transformer and W for a model.
func (s SeqPE) New(d Dims, init *nn.Init) (Encoder, error) {
	d, err := d.fill(s.Name())
	if err != nil {
		return nil, err
	}
	if s, err = s.fill(d.Width); err != nil {
		return nil, err
	}
	enc := &seqPE{SeqPE: s, d: d, out: d.Heads * d.HeadDim, lossHeads: d.Heads}
	if s.SharedHead {
		enc.out, enc.lossHeads = d.HeadDim, 1
	}
	if s.Use == SeqPEInput {
		enc.out, enc.lossHeads = d.Width, 1
	}
	enc.reader = newDigitReader(s, enc.out, init)
	if s.Leading || s.Axes > 1 {
		enc.class = tensor.New(1, enc.out)
		truncatedNormal(init, enc.class)
	}
	if s.Use != SeqPEInput {
		enc.queryWidth, enc.keyWidth = d.Heads*d.HeadDim, d.KVHeads*d.HeadDim
		if s.SharedHead {
			enc.queryWidth, enc.keyWidth = d.HeadDim, d.HeadDim
		}
		layers := 1
		if s.PerLayer {
			layers = d.Layers
		}
		for range layers {
			enc.maps = append(enc.maps, smallLinear(enc.out, enc.queryWidth+enc.keyWidth, init))
		}
	}
	var bits [2]float32
	init.Uniform(tensor.FromSlice(bits[:], len(bits)), 1)
	enc.seed = uint64(math.Float32bits(bits[0]))<<32 | uint64(math.Float32bits(bits[1]))
	return enc, nil
}

// fill puts the defaults in, and refuses settings that do not fit a model of this width.
func (s SeqPE) fill(width int) (SeqPE, error) {
	several := s.Axes > 1
	pick := func(field *int, one, more int) {
		if *field == 0 {
			*field = one
			if several {
				*field = more
			}
		}
	}
	pick(&s.Axes, 1, 1)
	pick(&s.Width, width, width)
	pick(&s.Heads, max(s.Width/64, 1), max(s.Width/64, 1))
	pick(&s.Layers, 2, 2)
	pick(&s.MaxPosition, 20000, 100)
	pick(&s.MaxDigits, len(fmt.Sprint(max(s.MaxPosition-1, 0))), len(fmt.Sprint(max(s.MaxPosition-1, 0))))
	pick(&s.Contrastive.Pivots, 32, 32)
	pick(&s.Contrastive.Candidates, 32, 64)
	pick(&s.Contrastive.Window, 256, 14)
	pick(&s.Transfer.Windows, 32, 32)
	pick(&s.Transfer.Cells, 32, 64)
	pick(&s.Shift.Starts, 320, 320)
	pick(&s.Shift.Splits, 32, 32)
	for _, f := range []struct {
		field *float64
		value float64
	}{{&s.Temperature, 1}, {&s.LogitScale, 1}, {&s.Contrastive.Weight, 0.1}, {&s.Transfer.Weight, 0.1}, {&s.Transfer.Beta, 1}, {&s.Shift.Rate, 0.1}} {
		if *f.field == 0 {
			*f.field = f.value
		}
	}
	return s, s.check()
}

// check returns the error of the first setting that does not fit.
func (s SeqPE) check() error {
	refuse := func(format string, args ...any) error {
		return fmt.Errorf("encodings: seqpe: "+format, args...)
	}
	for _, f := range []struct {
		name  string
		value int
	}{{"Axes", s.Axes}, {"Width", s.Width}, {"Heads", s.Heads}, {"Layers", s.Layers}, {"MaxPosition", s.MaxPosition}, {"MaxDigits", s.MaxDigits},
		{"Contrastive.Pivots", s.Contrastive.Pivots}, {"Contrastive.Window", s.Contrastive.Window}, {"Transfer.Windows", s.Transfer.Windows},
		{"Transfer.Cells", s.Transfer.Cells}, {"Shift.Starts", s.Shift.Starts}, {"Shift.Splits", s.Shift.Splits}} {
		if f.value < 1 {
			return refuse("%s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	digits := len(fmt.Sprint(s.MaxPosition - 1))
	switch {
	case s.Use < SeqPEScalar || s.Use > SeqPEInput:
		return refuse("Use is %v: want SeqPEScalar, SeqPEMul, SeqPEAdd or SeqPEInput", s.Use)
	case s.Use == SeqPEInput && (s.SharedHead || s.PerLayer):
		return refuse("SharedHead and PerLayer have no meaning where Use is SeqPEInput, which adds to the tokens once")
	case s.Width%s.Heads != 0:
		return refuse("Heads %d do not divide Width %d", s.Heads, s.Width)
	case s.MaxDigits*s.Axes > maxCodeDigits:
		return refuse("MaxDigits %d for each of %d Axes make more than %d digits", s.MaxDigits, s.Axes, maxCodeDigits)
	case digits > s.MaxDigits:
		return refuse("MaxDigits %d are too few for MaxPosition %d, which needs %d", s.MaxDigits, s.MaxPosition, digits)
	case !(s.Temperature > 0):
		return refuse("Temperature is %v: want a positive number", s.Temperature)
	case s.WarmUp < 0:
		return refuse("WarmUp is %d steps", s.WarmUp)
	case s.Transfer.Beta < 0 || s.Transfer.Beta > 1:
		return refuse("Transfer.Beta is %v: want a number from 0 to 1", s.Transfer.Beta)
	case !(s.Shift.Rate >= 0 && s.Shift.Rate <= 1):
		return refuse("Shift.Rate is %v: want a probability", s.Shift.Rate)
	case s.Contrastive.Candidates < 2:
		return refuse("Contrastive.Candidates is %d: want at least 2", s.Contrastive.Candidates)
	case !s.Contrastive.Off && math.Pow(float64(s.MaxPosition), float64(s.Axes)) < float64(s.Contrastive.Candidates+1):
		return refuse("MaxPosition %d with %d Axes gives fewer positions than Contrastive.Candidates %d and one more: raise it, lower them, or set Contrastive.Off",
			s.MaxPosition, s.Axes, s.Contrastive.Candidates)
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"Dropout", s.Dropout}, {"AttentionDropout", s.AttentionDropout}} {
		if !(p.value >= 0 && p.value < 1) {
			return refuse("%s is %v: want a probability below 1", p.name, p.value)
		}
	}
	return nil
}
