package datasets

import (
	"math/rand/v2"

	"github.com/graft-ml/graft/internal/splitmix"
)

// The random streams of one seed: one kind per set and split, plus that of the
// patterns. The numbers are part of the data: changing one changes the graphs.
const (
	streamCSL = iota + 1
	streamPatternShapes
	streamPattern                     // + split
	streamCluster = streamPattern + 3 // + split

	streamRandomSplit = streamCluster + 3
	streamFolds       = streamRandomSplit + 1
	streamBridges     = streamFolds + 1 // + split
)

// stream gives the random numbers of graph i of a kind. Seed, kind and number are
// hashed, so that neighbouring graphs start at unrelated places.
func stream(seed uint64, kind int, i int) *rand.Rand {
	high := splitmix.Mix(seed + splitmix.Mix(uint64(kind)))
	return rand.New(rand.NewPCG(high, splitmix.Mix(high+splitmix.Mix(uint64(i)+1))))
}
