package sequences

import (
	"fmt"
	"slices"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/nn"
)

// Norm is how tokens are normalised before each part of a block and after the last.
type Norm int

// The norms.
const (
	RMSNorm   Norm = iota // Zhang and Sennrich 2019: T5, LLaMA
	LayerNorm             // Ba, Kiros and Hinton 2016: GPT-2
)

// FeedForward is the form of the second part of a block. The gated forms (Shazeer 2020) multiply the activation of one
// product with another: out(act(gate x) * up x). The plain ones have no gate: out(act(up x)).
type FeedForward int

// The feed-forward forms.
const (
	SwiGLU      FeedForward = iota // gated by SiLU: LLaMA
	GeGLU                          // gated by GELU
	ReGLU                          // gated by ReLU
	ReLU                           // plain: T5
	GELU                           // plain
	GELUTanh                       // plain, GPT-2's approximation of GELU
	SiLU                           // plain
	SquaredReLU                    // plain: Primer
)

// Init is how the parameters of a new model are drawn. What an encoding learns it draws itself.
type Init int

// The initialisations, all normal of mean 0. Biases begin at 0.
const (
	// LLaMAInit draws everything with the standard deviation InitStd.
	LLaMAInit Init = iota
	// GPT2Init is LLaMAInit, but what writes into the residual stream, the last products of attention and feed-forward,
	// is drawn with InitStd / sqrt(2 Layers).
	GPT2Init
	// T5Init draws every product by its input width, so that attention needs no scale: queries with (Width HeadDim)^-1/2;
	// keys, values and the products into the feed-forward part, and an untied head, with Width^-1/2; the outputs of
	// attention and feed-forward by their own input widths; the token table with InitStd 1.
	T5Init
)

var (
	normNames        = []string{"rms", "layer"}
	feedForwardNames = []string{"swiglu", "geglu", "reglu", "relu", "gelu", "gelu-tanh", "silu", "squared-relu"}
	initNames        = []string{"llama", "gpt2", "t5"}
)

// String returns the name used in configuration files.
func (n Norm) String() string { return nearest.Name("Norm", int(n), normNames) }

// MarshalText returns the name.
func (n Norm) MarshalText() ([]byte, error) { return kindText(n, int(n), normNames) }

// UnmarshalText accepts a name.
func (n *Norm) UnmarshalText(text []byte) error {
	i, err := kind("norm", string(text), normNames)
	if err == nil {
		*n = Norm(i)
	}
	return err
}

// String returns the name used in configuration files.
func (f FeedForward) String() string { return nearest.Name("FeedForward", int(f), feedForwardNames) }

// MarshalText returns the name.
func (f FeedForward) MarshalText() ([]byte, error) { return kindText(f, int(f), feedForwardNames) }

// UnmarshalText accepts a name.
func (f *FeedForward) UnmarshalText(text []byte) error {
	i, err := kind("feed-forward form", string(text), feedForwardNames)
	if err == nil {
		*f = FeedForward(i)
	}
	return err
}

// Gated tells whether the form has a gate, a third product.
func (f FeedForward) Gated() bool { return f <= ReGLU }

// activation returns the non-linearity of the form.
func (f FeedForward) activation() nn.Activation {
	return [...]nn.Activation{nn.SiLU, nn.GELU, nn.ReLU, nn.ReLU, nn.GELU, nn.GELUTanh, nn.SiLU, nn.SquaredReLU}[f]
}

// String returns the name used in configuration files.
func (i Init) String() string { return nearest.Name("Init", int(i), initNames) }

// MarshalText returns the name.
func (i Init) MarshalText() ([]byte, error) { return kindText(i, int(i), initNames) }

// UnmarshalText accepts a name.
func (i *Init) UnmarshalText(text []byte) error {
	k, err := kind("initialisation", string(text), initNames)
	if err == nil {
		*i = Init(k)
	}
	return err
}

func kindText(of fmt.Stringer, k int, names []string) ([]byte, error) {
	if k < 0 || k >= len(names) {
		return nil, fmt.Errorf("sequences: %v has no name (known: %q)", of, names)
	}
	return []byte(names[k]), nil
}

// kind returns the value with the given name.
func kind(what, name string, names []string) (int, error) {
	if i := slices.Index(names, name); i >= 0 {
		return i, nil
	}
	return 0, fmt.Errorf("sequences: unknown %s %q: did you mean %q? (known: %q)", what, name, nearest.To(name, names), names)
}
