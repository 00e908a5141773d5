package expressivity

import (
	"context"
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/nearest"
)

// Test is a way to tell graphs apart. It is one of two kinds: Sign looks at a graph by itself, Judge must see both. One
// of them is nil.
type Test struct {
	// Name is a short one, see [TestNames].
	Name string
	// Setting is what the outcome depends on besides the graphs, as "steps=21"; empty where there is nothing.
	Setting string
	// Seed is that of a test that trains a model; 0 elsewhere.
	Seed uint64
	// Sign gives what the test sees of a graph. Signatures may be made in several goroutines at once.
	Sign func(ctx context.Context, g *graphs.Graph) (Signature, error)
	// Judge compares two graphs.
	Judge func(ctx context.Context, a, b *graphs.Graph) (Verdict, error)
}

// Signature is what a test sees of a graph.
type Signature interface {
	// Apart tells whether the signature differs from that of another graph, made by the same test.
	Apart(other Signature) bool
}

// Verdict is what a test says of two graphs.
type Verdict struct {
	Apart bool `json:"apart"`
	// CopyApart: the test tells a graph from a relabelled copy of itself too, so that its word counts for little. Tests
	// that sign never say so of themselves; see [Study].
	CopyApart bool `json:"copyApart,omitempty"`
	// Distance is Hotelling's T^2 of the two graphs and CopyDistance that of a graph and its copies, where the test has
	// them.
	Distance     float64 `json:"distance,omitempty"`
	CopyDistance float64 `json:"copyDistance,omitempty"`
}

// Apart tells whether two graphs are told apart.
func (t Test) Apart(ctx context.Context, a, b *graphs.Graph) (Verdict, error) {
	if t.Judge != nil {
		return t.Judge(ctx, a, b)
	}
	sa, err := t.Sign(ctx, a)
	if err != nil {
		return Verdict{}, err
	}
	sb, err := t.Sign(ctx, b)
	if err != nil {
		return Verdict{}, err
	}
	return Verdict{Apart: sa.Apart(sb)}, nil
}

// Options are the settings of tests. Zeros mean what the tests' own comments say.
type Options struct {
	Steps  int      // walk lengths of rwse, rrwp, grit and rpc
	Seeds  []uint64 // of the models of grit and rpc; nil means 1, 2, 3 for grit and 1 for rpc
	Layers int      // of the models of grit and rpc
	Width  int      // of the models of grit and rpc
	Epochs int      // of the training of rpc
	LR     float64  // learning rate of rpc
}

// kinds are the tests by name.
var kinds = []struct {
	name, about string
	tests       func(o Options) []Test
}{
	{"wl", "colour refinement, the 1-WL test, which bounds message passing", func(Options) []Test {
		return []Test{{Sign: WL{}.Sign}}
	}},
	{"rwse", "1-WL that begins with the return probabilities of random walks", func(o Options) []Test {
		return []Test{{Setting: o.steps(), Sign: Returns{o.Steps}.Sign}}
	}},
	{"spd", "GD-WL with shortest-path distances, which bounds Graphormer", func(Options) []Test {
		return []Test{{Sign: Distances{}.Sign}}
	}},
	{"rrwp", "GD-WL with the random-walk probabilities of pairs, which bounds GRIT", func(o Options) []Test {
		return []Test{{Setting: o.steps(), Sign: Walks{o.Steps}.Sign}}
	}},
	{"wl2", "colour refinement of pairs, folklore 2-WL, which is 3-WL", func(Options) []Test {
		return []Test{{Sign: Folklore{}.Sign}}
	}},
	{"grit", "GRIT with random weights: apart where outputs differ beyond rounding for one of several seeds", func(o Options) []Test {
		u := NewUntrained(o)
		return []Test{{Setting: u.setting(), Sign: u.Sign}}
	}},
	{"rpc", "GRIT trained for the pair and judged by the protocol of BREC; a model a seed", func(o Options) []Test {
		seeds := o.Seeds
		if seeds == nil {
			seeds = []uint64{1}
		}
		var all []Test
		for _, seed := range seeds {
			p := Protocol{Steps: o.Steps, Layers: o.Layers, Width: o.Width, Epochs: o.Epochs, LR: o.LR, Seed: seed}
			all = append(all, Test{Setting: p.setting(), Seed: seed, Judge: p.Judge})
		}
		return all
	}},
}

func (o Options) steps() string { return fmt.Sprintf("steps=%d", steps(o.Steps)) }

// TestNames lists the tests, roughly from the weakest to the strongest, those with models last.
func TestNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

// About says in a line what a test is; empty for a name that is none.
func About(test string) string {
	for _, k := range kinds {
		if k.name == test {
			return k.about
		}
	}
	return ""
}

// TestsByName gives the tests of a name, of which rpc has one for each seed. The error names the nearest known one, or
// the option that makes no sense.
func TestsByName(name string, o Options) ([]Test, error) {
	if err := o.check(); err != nil {
		return nil, err
	}
	for _, k := range kinds {
		if k.name != name {
			continue
		}
		if err := o.model().Validate(); err != nil && (name == "grit" || name == "rpc") {
			return nil, fmt.Errorf("expressivity: %s: %w", name, err)
		}
		all := k.tests(o)
		for i := range all {
			all[i].Name = k.name
		}
		return all, nil
	}
	return nil, fmt.Errorf("expressivity: %w", nearest.Unknown("test", name, TestNames()))
}

// check reports settings that no test can have.
func (o Options) check() error {
	for _, n := range []struct {
		name  string
		value int
	}{{"steps", o.Steps}, {"layers", o.Layers}, {"width", o.Width}, {"epochs", o.Epochs}} {
		if n.value < 0 {
			return fmt.Errorf("expressivity: %s %d: want at least 1, or 0 for the default", n.name, n.value)
		}
	}
	if !(o.LR >= 0) {
		return fmt.Errorf("expressivity: learning rate %v: want a number above 0, or 0 for the default", o.LR)
	}
	return nil
}
