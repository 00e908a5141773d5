package nn

import (
	"fmt"
	"strings"

	"github.com/graft-ml/graft/internal/nearest"
	"github.com/graft-ml/graft/tensor"
)

// Activation is an elementwise non-linearity. The zero value is [ReLU].
type Activation int

// The activations.
const (
	ReLU     Activation = iota // max(x, 0)
	GELU                       // x Φ(x), with the exact Gaussian integral
	SiLU                       // x sigmoid(x)
	ELU                        // x for x > 0, exp(x) - 1 elsewhere
	Tanh                       // hyperbolic tangent
	Sigmoid                    // 1 / (1 + exp(-x))
	Identity                   // x

	GELUTanh    // 0.5 x (1 + tanh(sqrt(2/π) (x + 0.044715 x³))), GPT-2's form of GELU
	SquaredReLU // max(x, 0)², Primer's (So and others 2021)
)

var activationNames = [...]string{"relu", "gelu", "silu", "elu", "tanh", "sigmoid", "identity", "gelu-tanh", "squared-relu"}

// ActivationNames returns the names that [ParseActivation] knows.
func ActivationNames() []string { return append([]string(nil), activationNames[:]...) }

// ParseActivation returns the activation with the given name. The error of an unknown name tells the nearest known one.
func ParseActivation(name string) (Activation, error) {
	i, err := nearest.Index("activation", name, activationNames[:])
	return Activation(i), err
}

// String returns the name, as [ParseActivation] reads it.
func (a Activation) String() string {
	return nearest.Name("Activation", int(a), activationNames[:])
}

// MarshalText writes the name, for configuration files.
func (a Activation) MarshalText() ([]byte, error) {
	if a < 0 || int(a) >= len(activationNames) {
		return nil, fmt.Errorf("activation %d has no name", int(a))
	}
	return []byte(activationNames[a]), nil
}

// UnmarshalText reads a name, as [ParseActivation] does.
func (a *Activation) UnmarshalText(text []byte) error {
	parsed, err := ParseActivation(string(text))
	if err == nil {
		*a = parsed
	}
	return err
}

// Apply returns the activation of every element of x.
func (a Activation) Apply(tp *tensor.Tape, x *tensor.Var) *tensor.Var {
	switch a {
	case ReLU:
		return tp.ReLU(x)
	case GELU:
		return tp.GELU(x)
	case SiLU:
		return tp.SiLU(x)
	case ELU:
		return tp.ELU(x)
	case Tanh:
		return tp.Tanh(x)
	case Sigmoid:
		return tp.Sigmoid(x)
	case Identity:
		return x
	case GELUTanh:
		return tp.GELUTanh(x)
	case SquaredReLU:
		return tp.SquaredReLU(x)
	}
	panic(fmt.Sprintf("nn: Activation: %d is none of %s", int(a), strings.Join(activationNames[:], ", ")))
}
