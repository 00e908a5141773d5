package optim

import (
	"fmt"
	"math"
)

// Schedule says how the learning rate changes from epoch to epoch.
type Schedule interface {
	// Factor returns what the base learning rate is multiplied by during the given epoch, counted from 0.
	Factor(epoch int) float64
}

var (
	_ Schedule = Constant{}
	_ Schedule = Cosine{}
	_ Schedule = Linear{}
)

// Constant leaves the learning rate as it is.
type Constant struct{}

// Factor returns 1.
func (Constant) Factor(int) float64 { return 1 }

// FloorMode says how a schedule keeps above its floor.
type FloorMode int

// The ways to keep above a floor m, for a factor f that falls from 1 to 0.
const (
	FloorRescale FloorMode = iota // f (1-m) + m: the whole curve is lifted
	FloorClamp                    // max(f, m): the curve ends early
)

// Cosine warms up, then falls from 1 along half a cosine (Loshchilov and Hutter 2017), as graph transformers in GraphGym
// are trained.
type Cosine struct {
	// Warmup is the number of epochs of the warm-up: epoch e of it has factor e/Warmup, the first one 1e-6.
	Warmup int
	// Epochs is the length of the training, with the warm-up.
	Epochs int
	// Floor is the lowest factor after the warm-up, a part of the base rate. (The official GRIT configurations name a
	// lowest rate, but in a mode that does nothing: their floor is 0.)
	Floor float64
	// FloorMode says how the floor is kept.
	FloorMode FloorMode
}

// Factor returns the factor of an epoch.
func (c Cosine) Factor(epoch int) float64 {
	if f, warm := warmup(epoch, c.Warmup); warm {
		return f
	}
	progress := float64(epoch-c.Warmup) / float64(max(1, c.Epochs-c.Warmup))
	f := math.Max(0, 0.5*(1+math.Cos(math.Pi*math.Min(progress, 1))))
	switch c.FloorMode {
	case FloorRescale:
		return f*(1-c.Floor) + c.Floor
	case FloorClamp:
		return math.Max(f, c.Floor)
	}
	panic(fmt.Sprintf("optim: Cosine: unknown floor mode %d", int(c.FloorMode)))
}

// Linear warms up, then falls from 1 to 0 in a straight line.
type Linear struct {
	Warmup int // as in [Cosine]
	Epochs int // as in [Cosine]
}

// Factor returns the factor of an epoch.
func (l Linear) Factor(epoch int) float64 {
	if f, warm := warmup(epoch, l.Warmup); warm {
		return f
	}
	return math.Max(0, float64(l.Epochs-epoch)/float64(max(1, l.Epochs-l.Warmup)))
}

// warmup returns the factor of an epoch of the warm-up, and whether it is one.
func warmup(epoch, epochs int) (float64, bool) {
	const first = 1e-6 // not 0, so that the first epoch trains a little
	if epoch >= epochs {
		return 1, false
	}
	return math.Max(first, float64(epoch)/float64(epochs)), true
}
