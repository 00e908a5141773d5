package datasets

import "math/rand/v2"

// The random streams of one seed: one kind per set and split, plus that of the
// patterns. The numbers are part of the data: changing one changes the graphs.
const (
	streamCSL = iota + 1
	streamPatternShapes
	streamPattern                     // + split
	streamCluster = streamPattern + 3 // + split

	streamRandomSplit = streamCluster + 3
	streamFolds       = streamRandomSplit + 1
)

// stream gives the random numbers of graph i of a kind. Seed, kind and number are
// hashed, so that neighbouring graphs start at unrelated places.
func stream(seed uint64, kind int, i int) *rand.Rand {
	high := mix(seed + mix(uint64(kind)))
	return rand.New(rand.NewPCG(high, mix(high+mix(uint64(i)+1))))
}

// mix is the output function of SplitMix64 (Steele, Lea, Flood 2014, figure 16).
func mix(z uint64) uint64 {
	z += 0x9e3779b97f4a7c15
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
