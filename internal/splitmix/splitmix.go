// Package splitmix spreads numbers that lie close together, such as seeds, kinds
// and counters, over all 64 bits.
//
// # Use
//
//	rng := rand.New(rand.NewPCG(seed, splitmix.Mix(uint64(epoch))))
//
// [Mix] is all there is: no types, no state. What it gives is part of generated data
// and of the order of training, and must never change.
//
// # Errors
//
// There are none.
//
// # Imports
//
// Nothing.
package splitmix

// Step is what the state of a SplitMix64 stream grows by, 2^64 over the golden ratio.
const Step = 0x9e3779b97f4a7c15

// Mix is what a SplitMix64 stream gives next in state z (Steele, Lea, Flood 2014,
// figure 16); its state is then z + Step.
func Mix(z uint64) uint64 {
	z += Step
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}
