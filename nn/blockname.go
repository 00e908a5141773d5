package nn

import "strconv"

// blockNames holds the paths of the first blocks, so that a pass need not make strings.
var blockNames = func() (names [128]string) {
	for k := range names {
		names[k] = "block." + strconv.Itoa(k)
	}
	return names
}()

// BlockName returns the path that block k of a model has among its parameters and on the tape, block.k, counted from 0.
// For the first 128 blocks nothing is allocated.
func BlockName(k int) string {
	if k < len(blockNames) {
		return blockNames[k]
	}
	return "block." + strconv.Itoa(k)
}
