package simd

// The assembly writes whole groups of blocks; what is left goes through a group on the stack.

const (
	wordsAVX2   = 16 // words of a group
	wordsAVX512 = 32
)

// philoxKeys returns the two keys of each round, each in the lower half of a word.
func philoxKeys(key uint64) (keys [20]uint64) {
	k0, k1 := uint32(key), uint32(key>>32)
	for round := range 10 {
		keys[2*round], keys[2*round+1] = uint64(k0), uint64(k1)
		k0 += philoxKey0
		k1 += philoxKey1
	}
	return keys
}

func philoxBitsAVX2(dst []uint32, key, counter uint64) {
	keys := philoxKeys(key)
	whole := len(dst) &^ (wordsAVX2 - 1)
	if whole > 0 {
		randomBitsAVX2(dst[:whole], &keys, counter)
	}
	if rest := dst[whole:]; len(rest) > 0 {
		var group [wordsAVX2]uint32
		randomBitsAVX2(group[:], &keys, counter+uint64(whole/4))
		copy(rest, group[:])
	}
}

func philoxBitsAVX512(dst []uint32, key, counter uint64) {
	keys := philoxKeys(key)
	whole := len(dst) &^ (wordsAVX512 - 1)
	if whole > 0 {
		randomBitsAVX512(dst[:whole], &keys, counter)
	}
	if rest := dst[whole:]; len(rest) > 0 {
		var group [wordsAVX512]uint32
		randomBitsAVX512(group[:], &keys, counter+uint64(whole/4))
		copy(rest, group[:])
	}
}

func philoxMaskAVX2(dst []float32, key, counter uint64, threshold uint32, keep float32) {
	keys := philoxKeys(key)
	whole := len(dst) &^ (wordsAVX2 - 1)
	if whole > 0 {
		dropoutMaskAVX2(dst[:whole], &keys, counter, threshold, keep)
	}
	if rest := dst[whole:]; len(rest) > 0 {
		var group [wordsAVX2]float32
		dropoutMaskAVX2(group[:], &keys, counter+uint64(whole/4), threshold, keep)
		copy(rest, group[:])
	}
}

func philoxMaskAVX512(dst []float32, key, counter uint64, threshold uint32, keep float32) {
	keys := philoxKeys(key)
	whole := len(dst) &^ (wordsAVX512 - 1)
	if whole > 0 {
		dropoutMaskAVX512(dst[:whole], &keys, counter, threshold, keep)
	}
	if rest := dst[whole:]; len(rest) > 0 {
		var group [wordsAVX512]float32
		dropoutMaskAVX512(group[:], &keys, counter+uint64(whole/4), threshold, keep)
		copy(rest, group[:])
	}
}
