package neighbours

import "fmt"

// Options say what belongs to the neighbourhood of a node.
type Options struct {
	// Hops is how many edges a neighbourhood reaches; default 2. Edges are followed both ways.
	Hops int
	// FanOut is how many neighbours are drawn of a node, for each hop from the centre; its last number is that of all
	// further hops. None, or 0, is all of them.
	FanOut []int
	// MostNodes is the largest number of nodes, the centre among them; default 64, a negative number is no limit. Of a
	// hop that does not fit as many nodes are drawn as do.
	MostNodes int
	// Seed is that of the drawing.
	Seed uint64
}

// The defaults of Options.
const (
	DefaultHops      = 2
	DefaultMostNodes = 64
)

// WithDefaults returns o with every zero that stands for a default replaced by it.
func (o Options) WithDefaults() Options {
	if o.Hops == 0 {
		o.Hops = DefaultHops
	}
	if o.MostNodes == 0 {
		o.MostNodes = DefaultMostNodes
	}
	return o
}

// Validate reports the first option that no neighbourhood can be made with. The error begins with the option's name in
// configuration files and has no prefix: whoever reads the settings says where they stand.
func (o Options) Validate() error {
	if o.Hops < 0 {
		return fmt.Errorf("hops is %d: want a number of edges, or 0 for the default, %d", o.Hops, DefaultHops)
	}
	for hop, n := range o.FanOut {
		if n < 0 {
			return fmt.Errorf("fanOut of hop %d is %d: want a number of neighbours, or 0 for all", hop+1, n)
		}
	}
	return nil
}

// fanOut returns the number of neighbours to draw of a node that lies hop edges from the centre; 0 is all.
func (o Options) fanOut(hop int) int {
	if len(o.FanOut) == 0 {
		return 0
	}
	return o.FanOut[min(hop, len(o.FanOut)-1)]
}
