package gps

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/graphs/features"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// seen is what can be seen of a configuration: names and shapes of parameters, predictions in evaluation, predictions and
// gradients in training, running statistics.
func seen(t *testing.T, c Config) (all [4]string) {
	t.Helper()
	m := newModel(t, c, 5)
	b := newBatch(t, c, randomGraphs(c, 9)...)
	p := nn.Collect(m)
	for _, named := range p.All() {
		all[0] += fmt.Sprintln(named.Path, named.Tensor.Shape())
	}
	tape.Begin(tensor.Pass{})
	all[1] = fmt.Sprint(m.Forward(tape, b).Data())
	tape.Begin(tensor.Pass{Train: true, Grad: true, Seed: 2})
	pred := m.Forward(tape, b)
	all[2] = fmt.Sprint(pred.Data())
	tape.Backward(lossOf(c).Loss(tape, pred, b.Targets()))
	for _, named := range p.Trainable() {
		all[2] += fmt.Sprintln(named.Path, tape.Grad(named.Tensor))
	}
	for _, named := range p.Buffers() {
		all[3] += fmt.Sprintln(named.Path, named.Tensor.Data())
	}
	return all
}

// What a field must change: at least these.
const (
	params = iota
	evaluation
	training
	statistics
)

// field is two configurations that differ in it, and what must differ with it.
type field struct {
	base    func(*Config)
	change  func(*Config)
	changes []int
}

func fields() map[string]field {
	is := func(change func(*Config), changes ...int) field { return field{func(*Config) {}, change, changes} }
	performer := func(c *Config) { c.Attention, c.PerformerFeatures = Performer, 12 }
	bigbird := func(c *Config) { c.Attention, c.Window, c.RandomKeys, c.GlobalNodes = BigBird, 1, 1, 1 }
	columns := func(c *Config) {
		c.NodeEncoder, c.NodeColumns, c.EdgeEncoder, c.EdgeColumns = features.ColumnNodes, "3,2", features.ColumnEdges, "2,2"
	}
	linear := func(c *Config) {
		c.NodeEncoder, c.NodeFeatures, c.EdgeEncoder, c.EdgeFeatures = features.LinearNodes, 2, features.LinearEdges, 2
	}
	all := []int{evaluation, training}
	shapes := []int{params, evaluation, training}
	return map[string]field{
		"Layers":            is(func(c *Config) { c.Layers = 1 }, shapes...),
		"Width":             is(func(c *Config) { c.Width = 16 }, shapes...),
		"Heads":             is(func(c *Config) { c.Heads = 4 }, all...),
		"Local":             is(func(c *Config) { c.Local = LocalGIN }, shapes...),
		"Attention":         is(func(c *Config) { c.Attention = NoAttention }, shapes...),
		"Positions":         is(func(c *Config) { c.Positions = "" }, shapes...),
		"Encoding":          is(func(c *Config) { c.Encoding = "shortest-path" }, shapes...),
		"StableFrequencies": is(func(c *Config) { c.StableFrequencies = 2 }, shapes...),
		"NodeEncoder":       is(func(c *Config) { c.NodeEncoder = features.AtomNodes }, shapes...),
		"NodeTypes":         is(func(c *Config) { c.NodeTypes = 4 }, shapes...),
		"NodeFeatures":      {linear, func(c *Config) { c.NodeFeatures = 3 }, shapes},
		"NodeColumns":       {columns, func(c *Config) { c.NodeColumns = "3,4" }, shapes},
		"EdgeEncoder":       is(func(c *Config) { c.EdgeEncoder = features.DummyEdges }, shapes...),
		"EdgeTypes":         is(func(c *Config) { c.EdgeTypes = 3 }, shapes...),
		"EdgeFeatures":      {linear, func(c *Config) { c.EdgeFeatures = 3 }, shapes},
		"EdgeColumns":       {columns, func(c *Config) { c.EdgeColumns = "2,3" }, shapes},
		"Dropout":           is(func(c *Config) { c.Dropout = 0.5 }, training),
		"AttentionDropout":  is(func(c *Config) { c.AttentionDropout = 0.5 }, training),
		"Activation":        is(func(c *Config) { c.Activation = nn.GELU }, all...),
		"Norm":              is(func(c *Config) { c.Norm = GraphLayerNorm }, shapes...),
		"NormMomentum":      is(func(c *Config) { c.NormMomentum = 0.5 }, statistics),
		"NoFeedForward": {func(c *Config) { c.Attention = NoAttention }, func(c *Config) { c.NoFeedForward = true },
			shapes},
		"PerformerFeatures": {performer, func(c *Config) { c.PerformerFeatures = 13 }, shapes},
		"PerformerPadded":   {performer, func(c *Config) { c.PerformerPadded = true }, all},
		"Window":            {bigbird, func(c *Config) { c.Window = -1 }, all},
		"RandomKeys":        {bigbird, func(c *Config) { c.RandomKeys = -1 }, all},
		"GlobalNodes":       {bigbird, func(c *Config) { c.GlobalNodes = -1 }, all},
		"Head":              is(func(c *Config) { c.Head = features.GraphHead }, shapes...),
		"HeadLayers": {func(c *Config) { c.Head = features.GraphHead }, func(c *Config) { c.HeadLayers = 2 },
			shapes},
		"Pooling": is(func(c *Config) { c.Pooling = tensor.PoolMax }, all...),
		"Outputs": is(func(c *Config) { c.Outputs = 3 }, shapes...),
	}
}

// TestNoDeadField walks the fields of Config: each has an entry above, and changing it alone changes what the entry says.
func TestNoDeadField(t *testing.T) {
	table := fields()
	for _, f := range reflect.VisibleFields(reflect.TypeFor[Config]()) {
		entry, ok := table[f.Name]
		if !ok {
			t.Errorf("Config.%s has no entry: say in fields what it changes", f.Name)
			continue
		}
		delete(table, f.Name)
		base := with(entry.base)
		changed := base
		entry.change(&changed)
		a, b := reflect.ValueOf(base), reflect.ValueOf(changed)
		for k := range a.NumField() {
			if name := a.Type().Field(k).Name; a.Field(k).Equal(b.Field(k)) != (name != f.Name) {
				t.Errorf("Config.%s: the two configurations of its entry are to differ in it alone, not in %s", f.Name, name)
			}
		}
		before, after := seen(t, base), seen(t, changed)
		for what := range before {
			if slices.Contains(entry.changes, what) && before[what] == after[what] {
				t.Errorf("Config.%s does not change %s", f.Name, [...]string{"parameters", "evaluation", "training", "running statistics"}[what])
			}
		}
	}
	for name := range table {
		t.Errorf("the entry %s is of no field of Config", name)
	}
}

// TestKindsDiffer: no two values of an enumeration are the same model.
func TestKindsDiffer(t *testing.T) {
	for _, kind := range []struct {
		name string
		n    int
		set  func(c *Config, k int)
	}{
		{"local", len(localNames), func(c *Config, k int) { c.Local = Local(k) }},
		{"attention", len(globalNames), func(c *Config, k int) { c.Attention, c.PerformerFeatures = Global(k), 0 }},
		{"norm", len(normNames), func(c *Config, k int) { c.Norm = Norm(k) }},
		{"activation", len(nn.ActivationNames()), func(c *Config, k int) { c.Activation = nn.Activation(k) }},
		{"pooling", 3, func(c *Config, k int) { c.Head, c.Pooling = features.GraphHead, tensor.Pooling(k) }},
	} {
		found := map[string]int{}
		for k := range kind.n {
			c := toy()
			kind.set(&c, k)
			o := seen(t, c)[training]
			if other, ok := found[o]; ok {
				t.Errorf("%s %d is the same as %d", kind.name, k, other)
			}
			found[o] = k
		}
	}
}

// TestValidate: what no model can be built with is refused, with the field, or the two that do not go together.
func TestValidate(t *testing.T) {
	for want, change := range map[string]func(*Config){
		"layers is -1": func(c *Config) { c.Layers = -1 },
		"heads 5 do not divide width 12: choose a width":                   func(c *Config) { c.Heads = 5 },
		"dropout is 1: want a probability below 1":                         func(c *Config) { c.Dropout = 1 },
		"attentionDropout is -0.5":                                         func(c *Config) { c.AttentionDropout = -0.5 },
		"normMomentum is 2":                                                func(c *Config) { c.NormMomentum = 2 },
		"local is Local(9): want one of the values":                        func(c *Config) { c.Local = 9 },
		"attention is Global(-1)":                                          func(c *Config) { c.Attention = -1 },
		"norm is Norm(3)":                                                  func(c *Config) { c.Norm = 3 },
		"activation is":                                                    func(c *Config) { c.Activation = 99 },
		"local is none and attention is none":                              func(c *Config) { c.Local, c.Attention = NoLocal, NoAttention },
		"noFeedForward is true and attention is transformer":               func(c *Config) { c.NoFeedForward = true },
		"stableFrequencies is 3 and local is pna":                          func(c *Config) { c.StableFrequencies, c.Local = 3, LocalPNA },
		"stableFrequencies is -3":                                          func(c *Config) { c.StableFrequencies = -3 },
		"performerFeatures is 9 and attention is transformer":              func(c *Config) { c.PerformerFeatures = 9 },
		"performerPadded is true and attention is bigbird":                 func(c *Config) { c.PerformerPadded, c.Attention = true, BigBird },
		"window is 2 and attention is performer: only bigbird has it":      func(c *Config) { c.Window, c.Attention = 2, Performer },
		"randomKeys is 2 and attention is none":                            func(c *Config) { c.RandomKeys, c.Attention = 2, NoAttention },
		"globalNodes is -1 and attention is transformer":                   func(c *Config) { c.GlobalNodes = -1 },
		"encoding is shortest-path and attention is performer":             func(c *Config) { c.Encoding, c.Attention = "shortest-path", Performer },
		`positions: unknown encoding "rwsf"`:                               func(c *Config) { c.Positions = "rwsf" },
		"positions: rwse: -4 steps":                                        func(c *Config) { c.Positions = "rwse:steps=-4" },
		`positions "rwse:width=12" have 12 channels and width is 12`:       func(c *Config) { c.Positions = "rwse:width=12" },
		`encoding: unknown encoding "shortest-paths"`:                      func(c *Config) { c.Encoding = "shortest-paths" },
		"encoding: rope cannot serve graphs":                               func(c *Config) { c.Encoding = "rope" },
		"encoding: shortest-path cannot serve graphs: its virtual node":    func(c *Config) { c.Encoding = "shortest-path:virtual-node" },
		"nodeFeatures is 0: the linear node encoder wants the number":      func(c *Config) { c.NodeEncoder = features.LinearNodes },
		"width 2 is too small for the san head, which halves it twice":     func(c *Config) { c.Width, c.Positions = 2, "" },
		"edgeColumns is empty and edgeFeatures is 0: the encoder of colum": func(c *Config) { c.EdgeEncoder = features.ColumnEdges },
	} {
		c := with(change)
		err := c.Validate()
		if err == nil || !strings.HasPrefix(err.Error(), "gps: "+want) {
			t.Errorf("got %v, want gps: %s", err, want)
		}
		if _, other := New(c, 1); other == nil || err != nil && other.Error() != err.Error() {
			t.Errorf("New gives %v, Validate %v", other, err)
		}
		if _, other := NewData(c, nil); other == nil || err != nil && other.Error() != err.Error() {
			t.Errorf("NewData gives %v, Validate %v", other, err)
		}
	}
	for name, c := range kinds() {
		if err := c.Validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if d := c.WithDefaults(); d.WithDefaults() != d || d.Validate() != nil {
			t.Errorf("%s: defaults are not settled", name)
		}
	}
	if err := (Config{}).Validate(); err != nil {
		t.Errorf("the zero value: %v", err)
	}
}

// TestNames: names are read back, unknown ones answered with the nearest.
func TestNames(t *testing.T) {
	for k := range localNames {
		text, err := Local(k).MarshalText()
		var back Local
		if err != nil || back.UnmarshalText(text) != nil || back != Local(k) {
			t.Errorf("%s: %v, %v", text, back, err)
		}
	}
	var l Local
	var g Global
	var n Norm
	for _, c := range []struct {
		err  error
		want string
	}{
		{l.UnmarshalText([]byte("ginee")), `"gine"`}, {g.UnmarshalText([]byte("performers")), `"performer"`},
		{n.UnmarshalText([]byte("bach")), `"batch"`},
	} {
		if c.err == nil || !strings.Contains(c.err.Error(), c.want) {
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
}
