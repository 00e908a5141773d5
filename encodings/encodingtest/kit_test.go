package encodingtest

import (
	"testing"

	"github.com/graft-ml/graft/encodings"
)

// TestOurs runs the kit over encodings of several kinds; the tests of the encodings run it over all.
func TestOurs(t *testing.T) {
	for _, e := range []encodings.Encoding{
		encodings.None{}, encodings.Sinusoidal{}, encodings.T5Bias{Causal: true}, encodings.RWSE{Steps: 3}, encodings.RCMHA{MaxDistance: 12},
	} {
		t.Run(e.Name(), func(t *testing.T) { Run(t, e, Options{}) })
	}
}
