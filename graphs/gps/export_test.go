package gps

// What tests outside of the package need of those inside.
var (
	FlatBiases   = flatBiases
	RandomGraphs = randomGraphs
)
