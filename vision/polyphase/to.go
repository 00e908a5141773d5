package polyphase

import (
	"fmt"

	"github.com/graft-ml/graft/internal/nearest"
)

// To says what an [Anchoring] brings to the origin.
type To int

// What is brought to the origin.
const (
	// ToPhase brings the strongest phase there: a shift of the image is left as a shift by whole strides. What sees tokens
	// as a set, or goes over a torus, has the same sums after a shift, formed in another order: results differ by rounding.
	ToPhase To = iota
	// ToPixel brings the strongest pixel of the strongest phase there: nothing is left of a shift, and results have the same
	// bits. (The official code has it as invariance, and no model of the paper uses it: what a model learns then hangs on one
	// pixel of the image.)
	ToPixel
	// Nowhere leaves images as they are, for comparison.
	Nowhere
)

var toNames = []string{"phase", "pixel", "none"}

// String returns the name used in configuration files.
func (t To) String() string { return nearest.Name("To", int(t), toNames) }

// MarshalText returns the name.
func (t To) MarshalText() ([]byte, error) { return nearest.Text("To", int(t), toNames) }

// UnmarshalText accepts a name. The error of an unknown one tells the nearest known one.
func (t *To) UnmarshalText(text []byte) error {
	k, err := nearest.Index("anchor", string(text), toNames)
	if err != nil {
		return fmt.Errorf("polyphase: %w", err)
	}
	*t = To(k)
	return nil
}
