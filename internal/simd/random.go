package simd

import (
	"fmt"
	"math"
)

// RandomBits fills dst with the stream of Philox4x32-10 (Salmon et al., "Parallel random numbers: as easy as 1, 2, 3",
// 2011): word i of dst is word i%4 of block counter + i/4. The low and high halves of key are the two key words; the
// block number is the low half of Philox's 128-bit counter, whose high half is 0. Every level gives the same bits.
func RandomBits(dst []uint32, key, counter uint64) {
	active.randomBits(dst, key, counter)
}

// DropoutMask fills dst with the factors of dropout with probability p, in [0, 1]: 0 where the word that [RandomBits]
// would give is below p * 2^32, and 1/(1-p) elsewhere. Every level gives the same bits.
func DropoutMask(dst []float32, key, counter uint64, p float64) {
	active.dropout(dst, key, counter, p)
}

func (t *kernels) dropout(dst []float32, key, counter uint64, p float64) {
	if !(p >= 0 && p <= 1) {
		panic(fmt.Sprintf("simd: DropoutMask: probability %v, expected one in [0, 1]", p))
	}
	threshold := math.Ceil(p * (1 << 32))
	if threshold == 1<<32 {
		clear(dst) // the threshold does not fit in a word
		return
	}
	t.dropoutMask(dst, key, counter, uint32(threshold), float32(1/(1-p)))
}
