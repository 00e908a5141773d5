package images

import (
	"math"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/splitmix"
)

// Key says which random numbers an augmentation draws: the same for the same key, whatever
// else is drawn, in whatever order and on however many goroutines.
type Key struct {
	Seed  uint64
	Epoch int // or the number of the step: whatever is to change from one use of an item to the next
	Item  int
}

// The streams of a key. Each operation has one of its own, so that switching one on changes
// nothing about the others. The numbers are part of every seeded run.
const (
	streamCrop = iota + 1
	streamFlip
	streamRandAugment
	streamJitter
	streamErase
	streamMix
	streamOrder
)

// stream gives the random numbers of one operation. Everything is hashed, so that
// neighbouring keys start at unrelated places.
func (k Key) stream(kind int) *rand.Rand {
	high := splitmix.Mix(k.Seed + splitmix.Mix(uint64(kind)))
	high = splitmix.Mix(high + splitmix.Mix(uint64(k.Epoch)+1))
	return rand.New(rand.NewPCG(high, splitmix.Mix(high+splitmix.Mix(uint64(k.Item)+1))))
}

// Shuffled is a permutation of the numbers from 0 to n-1 that depends on nothing but n, the
// seed and the epoch.
func Shuffled(n int, seed uint64, epoch int) []int {
	return Key{Seed: seed, Epoch: epoch}.stream(streamOrder).Perm(n)
}

// beta draws from the symmetric Beta(a, a): X / (X + Y) with X and Y from Gamma(a). It stays
// in logarithms, since gammas of a small shape underflow.
func beta(rng *rand.Rand, a float64) float64 {
	x, y := logGamma(rng, a), logGamma(rng, a)
	return 1 / (1 + math.Exp(y-x))
}

// logGamma draws the logarithm of a Gamma(a, 1) variable by the squeeze of Marsaglia and
// Tsang (A Simple Method for Generating Gamma Variables, 2000, without their first test,
// which only saves logarithms); a shape below 1 is had from a+1 by a power of a uniform
// variable (their section 6).
func logGamma(rng *rand.Rand, a float64) float64 {
	boost := 0.0
	if a < 1 {
		boost = math.Log(1-rng.Float64()) / a
		a++
	}
	d := a - 1.0/3
	c := 1 / math.Sqrt(9*d)
	for {
		x := rng.NormFloat64()
		v := 1 + c*x
		if v <= 0 {
			continue
		}
		v *= v * v
		if math.Log(1-rng.Float64()) < 0.5*x*x+d-d*v+d*math.Log(v) {
			return math.Log(d*v) + boost
		}
	}
}
