package recipes

import (
	"fmt"

	"github.com/graft-ml/graft/datasets"
	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/graphs/neighbours"
)

// Neighbours cuts graphs whose nodes have classes into the neighbourhoods of those nodes,
// as package neighbours does, so that a model of all pairs of nodes learns from graphs of
// thousands. Sizes of splits and batches then count neighbourhoods; limits of a data set
// still count graphs.
type Neighbours struct {
	// Hops is how many edges a neighbourhood reaches; 0 leaves graphs whole, whatever the
	// other settings are.
	Hops int `yaml:"hops"`
	// FanOut is how many neighbours are drawn of a node: one number, or one for each hop,
	// such as 10,5. Empty is all of them.
	FanOut features.Sizes `yaml:"fanOut"`
	// MostNodes is the largest number of nodes in a neighbourhood; default 64, a negative
	// number is no limit.
	MostNodes int `yaml:"mostNodes"`
	// Seed draws the neighbours: the same seed, the same neighbourhoods.
	Seed uint64 `yaml:"seed"`
}

// On tells whether graphs are cut.
func (n Neighbours) On() bool { return n.Hops != 0 }

// Options are the settings as package neighbours takes them. The error says what is no
// list of numbers.
func (n Neighbours) Options() (neighbours.Options, error) {
	fanOut, err := n.FanOut.List()
	if err != nil {
		return neighbours.Options{}, fmt.Errorf("fanOut: %w", err)
	}
	return neighbours.Options{Hops: n.Hops, FanOut: fanOut, MostNodes: n.MostNodes, Seed: n.Seed}, nil
}

// settle fills in the defaults of what is on.
func (n *Neighbours) settle() {
	if n.On() && n.MostNodes == 0 {
		n.MostNodes = neighbours.DefaultMostNodes
	}
}

// checkNeighbours looks at the settings of neighbourhoods.
func (r *Recipe) checkNeighbours() *SettingError {
	n := r.Data.Neighbours
	o, err := n.Options()
	if err == nil {
		err = o.Validate()
	}
	if err != nil {
		return setting("data.neighbours", "%s", err)
	}
	// What files ask for may be known only when they are read: see cut.
	if task, err := r.Data.Task(); n.On() && r.Data.Kind == NamedSet && err == nil && task != datasets.NodeClassification {
		return noNeighbours(task)
	}
	return nil
}

func noNeighbours(task datasets.Task) *SettingError {
	return setting("data.neighbours.hops", "only graphs whose nodes are classified can be cut into neighbourhoods, and this is %s: set it to 0", task)
}

// cut replaces the graphs by neighbourhoods, where that is wanted.
func (d *graphData) cut() error {
	n := d.recipe.Data.Neighbours
	if !n.On() {
		return nil
	}
	if task := d.set.Info.Task; task != datasets.NodeClassification {
		return noNeighbours(task)
	}
	o, err := n.Options()
	if err != nil {
		return setting("data.neighbours", "%s", err)
	}
	set := *d.set
	for _, split := range []*datasets.Source{&set.Train, &set.Val, &set.Test} {
		if *split, err = neighbours.Labelled(*split, o); err != nil {
			return fmt.Errorf("recipes: data.neighbours: %w", err)
		}
	}
	d.set = &set
	d.notes = append(d.notes, fmt.Sprintf("data.neighbours: each graph is the neighbourhood of a node with a class, %d hops and at most %d nodes", n.Hops, n.MostNodes))
	return nil
}
