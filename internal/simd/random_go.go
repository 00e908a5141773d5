package simd

import "math/bits"

// Multipliers and key increments of Philox4x32.
const (
	philoxMul0 = 0xD2511F53
	philoxMul1 = 0xCD9E8D57
	philoxKey0 = 0x9E3779B9
	philoxKey1 = 0xBB67AE85
)

// philox returns block counter of the stream of key.
func philox(key, counter uint64) (w [4]uint32) {
	c0, c1, c2, c3 := uint32(counter), uint32(counter>>32), uint32(0), uint32(0)
	k0, k1 := uint32(key), uint32(key>>32)
	for range 10 {
		hi0, lo0 := bits.Mul32(philoxMul0, c0)
		hi1, lo1 := bits.Mul32(philoxMul1, c2)
		c0, c1, c2, c3 = hi1^c1^k0, lo1, hi0^c3^k1, lo0
		k0 += philoxKey0
		k1 += philoxKey1
	}
	return [4]uint32{c0, c1, c2, c3}
}

func randomBitsGo(dst []uint32, key, counter uint64) {
	for ; len(dst) > 0; counter++ {
		w := philox(key, counter)
		dst = dst[copy(dst, w[:]):]
	}
}

func dropoutMaskGo(dst []float32, key, counter uint64, threshold uint32, keep float32) {
	for i := 0; i < len(dst); i += 4 {
		w := philox(key, counter)
		counter++
		for j := range dst[i:min(i+4, len(dst))] {
			f := keep
			if w[j] < threshold {
				f = 0
			}
			dst[i+j] = f
		}
	}
}
