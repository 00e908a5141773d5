package train

import (
	"math/bits"
	"math/rand/v2"
)

// orderStream keeps the data order's random numbers apart from other uses of the same seed.
const orderStream = 0x747261696e2e6f72

// shuffle fills order with a permutation of 0..len(order)-1 that depends on seed, epoch (from 0) and the length alone:
// an epoch's order can be had again without knowing those before it.
func shuffle(order []int, seed uint64, epoch int) {
	for i := range order {
		order[i] = i
	}
	rng := rand.NewPCG(seed^orderStream, spread(uint64(epoch)))
	for i := len(order) - 1; i > 0; i-- { // Fisher and Yates, in Durstenfeld's form
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

// spread is the finaliser of splitmix64 (Steele, Lea, Flood 2014): neighbouring epochs get unrelated streams.
func spread(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}
