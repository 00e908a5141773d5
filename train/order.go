package train

import (
	"math/bits"
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/splitmix"
)

// orderStream keeps the data order's random numbers apart from other uses of the same seed.
const orderStream = 0x747261696e2e6f72

// shuffle fills order with a permutation of 0..len(order)-1 that depends on seed, epoch (from 0) and the length alone:
// an epoch's order can be had again without knowing those before it.
func shuffle(order []int, seed uint64, epoch int) {
	for i := range order {
		order[i] = i
	}
	rng := rand.NewPCG(seed^orderStream, splitmix.Mix(uint64(epoch))) // neighbouring epochs get unrelated streams
	for i := len(order) - 1; i > 0; i-- {                             // Fisher and Yates, in Durstenfeld's form
		j := below(rng, uint64(i+1))
		order[i], order[j] = order[j], order[i]
	}
}

// below draws a number from 0 to n-1, each as likely as the others (Lemire 2019). It is written out here because the
// order of a run's data must not change with the standard library.
func below(rng *rand.PCG, n uint64) uint64 {
	hi, lo := bits.Mul64(rng.Uint64(), n)
	for lo < n && lo < -n%n {
		hi, lo = bits.Mul64(rng.Uint64(), n)
	}
	return hi
}
