package grit_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/graft-ml/graft/grit"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// effect is something that a field of Config changes.
type effect string

const (
	params      effect = "parameters"                // their names and shapes
	buffers     effect = "buffers"                   // the names and shapes of what is saved beside parameters
	training    effect = "predictions in training"   //
	evaluation  effect = "predictions in evaluation" // of the first, untrained model
	gradients   effect = "gradients"                 //
	statistics  effect = "running statistics"        // after one training pass
	afterwards  effect = "predictions in later evaluation"
	verdict     effect = "Validate's verdict"
	vocabulary  effect = "which graphs are accepted" //
	targetShape effect = "the shape of predictions"  //
)

// flag is two configurations that differ in one field, and what must differ with it: exactly these effects among
// params, buffers, evaluation, verdict and targetShape, and at least these among the others.
type flag struct {
	base, changed grit.Config
	effects       []effect
}

// toy is the configuration that most flags are tried on.
func toy() grit.Config {
	return grit.Config{Layers: 2, Width: 8, Heads: 2, Steps: 4, NodeTypes: 3, EdgeTypes: 2, Outputs: 2}
}

// flags has an entry for every field of Config.
func flags() map[string]flag {
	change := func(f func(*grit.Config), effects ...effect) flag {
		c := flag{toy(), toy(), effects}
		f(&c.changed)
		return c
	}
	on := func(base func(*grit.Config), f func(*grit.Config), effects ...effect) flag {
		c := flag{toy(), toy(), effects}
		base(&c.base)
		base(&c.changed)
		f(&c.changed)
		return c
	}
	all := []effect{training, evaluation, gradients}
	with := func(more ...effect) []effect { return append(slices.Clone(all), more...) }
	return map[string]flag{
		"Layers":        change(func(c *grit.Config) { c.Layers = 1 }, with(params, buffers)...),
		"Width":         change(func(c *grit.Config) { c.Width = 12 }, with(params, buffers)...),
		"Heads":         change(func(c *grit.Config) { c.Heads = 4 }, with(params)...),
		"Steps":         change(func(c *grit.Config) { c.Steps = 5 }, with(params)...),
		"ShortestPaths": change(func(c *grit.Config) { c.ShortestPaths = true }, all...),
		"NodeEncoder":   change(func(c *grit.Config) { c.NodeEncoder = grit.AtomNodes }, with(params, vocabulary)...),
		"NodeTypes":     change(func(c *grit.Config) { c.NodeTypes = 2 }, with(params, vocabulary)...),
		"NodeFeatures": on(func(c *grit.Config) { c.NodeEncoder, c.NodeFeatures = grit.LinearNodes, 2 },
			func(c *grit.Config) { c.NodeFeatures = 3 }, with(params, vocabulary)...),
		"NodeColumns": on(func(c *grit.Config) { c.NodeEncoder, c.NodeColumns = grit.ColumnNodes, "3,2" },
			func(c *grit.Config) { c.NodeColumns = "3,4" }, with(params, vocabulary)...),
		"EdgeColumns": on(func(c *grit.Config) { c.EdgeEncoder, c.EdgeColumns, c.EdgeFeatures = grit.ColumnEdges, "2", 1 },
			func(c *grit.Config) { c.EdgeColumns = "5" }, with(params, vocabulary)...),
		"EdgeEncoder": change(func(c *grit.Config) { c.EdgeEncoder = grit.BondEdges }, with(params, vocabulary)...),
		"EdgeTypes":   change(func(c *grit.Config) { c.EdgeTypes = 1 }, with(params, vocabulary)...),
		"EdgeFeatures": on(func(c *grit.Config) { c.EdgeEncoder = grit.LinearEdges },
			func(c *grit.Config) { c.EdgeFeatures = 2 }, with(params, vocabulary)...),
		"Dropout":             change(func(c *grit.Config) { c.Dropout = 0.5 }, training, gradients),
		"AttentionDropout":    change(func(c *grit.Config) { c.AttentionDropout = 0.5 }, training, gradients),
		"Activation":          change(func(c *grit.Config) { c.Activation = nn.GELU }, all...),
		"AttentionActivation": change(func(c *grit.Config) { c.AttentionActivation = nn.GELU }, all...),
		"Clamp":               change(func(c *grit.Config) { c.Clamp = 1e-3 }, all...),
		"KeyValueBias":        change(func(c *grit.Config) { c.KeyValueBias = true }, with(params)...),
		"NoEdgeEnhance":       change(func(c *grit.Config) { c.NoEdgeEnhance = true }, with(params)...),
		"NoDegreeScaler":      change(func(c *grit.Config) { c.NoDegreeScaler = true }, with(params)...),
		"NoPairOutput":        change(func(c *grit.Config) { c.NoPairOutput = true }, with(params)...),
		"NoPairNorm":          change(func(c *grit.Config) { c.NoPairNorm = true }, with(params, buffers)...),
		"NoPairUpdate":        change(func(c *grit.Config) { c.NoPairUpdate = true }, all...),
		"LayerNorm":           change(func(c *grit.Config) { c.LayerNorm = true }, with(params)...),
		"NoBatchNorm":         change(func(c *grit.Config) { c.NoBatchNorm = true }, with(params, buffers)...),
		"NormMomentum":        change(func(c *grit.Config) { c.NormMomentum = 0.9 }, statistics, afterwards),
		"NoRunningStats":      change(func(c *grit.Config) { c.NoRunningStats = true }, buffers, evaluation, afterwards),
		"NoResidual":          change(func(c *grit.Config) { c.NoResidual = true }, all...),
		"ReZero":              change(func(c *grit.Config) { c.ReZero = true }, with(params)...),
		"Head":                change(func(c *grit.Config) { c.Head = grit.GraphHead }, with(params)...),
		"HeadLayers": on(func(c *grit.Config) { c.Head = grit.GraphHead },
			func(c *grit.Config) { c.HeadLayers = 2 }, with(params)...),
		"Pooling": change(func(c *grit.Config) { c.Pooling = tensor.PoolMean }, all...),
		"Outputs": change(func(c *grit.Config) { c.Outputs = 3 }, with(params, targetShape)...),
	}
}

// observed is what can be seen of a configuration, as text or numbers to compare.
func observed(t *testing.T, c grit.Config) map[effect]string {
	t.Helper()
	seen := map[effect]string{verdict: fmt.Sprint(c.Validate())}
	m := newModel(t, c, 5)
	b := newBatch(t, c, randomGraphs(c, 9)...)
	list := func(named []nn.Named) (s string) {
		for _, p := range named {
			s += fmt.Sprintln(p.Path, p.Tensor.Shape())
		}
		return s
	}
	p := nn.Collect(m)
	seen[params], seen[buffers] = list(p.Trainable()), list(p.Buffers())
	tp := tape
	run := func(pass tensor.Pass) *tensor.Var {
		tp.Begin(pass)
		return m.Forward(tp, b)
	}
	pred := run(tensor.Pass{})
	seen[evaluation], seen[targetShape] = fmt.Sprint(pred.Data()), fmt.Sprint(pred.Shape())
	pred = run(tensor.Pass{Train: true, Grad: true, Seed: 2})
	seen[training] = fmt.Sprint(pred.Data())
	tp.Backward(lossOf(c).Loss(tp, pred, b.Targets()))
	for _, p := range p.Trainable() {
		seen[gradients] += fmt.Sprintln(p.Path, tp.Grad(p.Tensor))
	}
	for _, p := range p.Buffers() {
		seen[statistics] += fmt.Sprintln(p.Path, p.Tensor.Data())
	}
	seen[afterwards] = fmt.Sprint(run(tensor.Pass{}).Data())
	return seen
}

// accepts lists which graphs, made for some configurations, a configuration accepts.
func accepts(c grit.Config) string {
	var s strings.Builder
	for _, name := range []string{"NodeEncoder", "NodeTypes", "NodeFeatures", "NodeColumns", "EdgeEncoder", "EdgeTypes", "EdgeFeatures", "EdgeColumns"} {
		f := flags()[name]
		for _, of := range []grit.Config{f.base, f.changed} {
			_, err := grit.NewBatch(c, randomGraphs(of, 9))
			fmt.Fprint(&s, err == nil, " ")
		}
	}
	return s.String()
}

// TestNoDeadFlag walks the fields of Config: each has an entry above, and toggling it changes what the entry says.
func TestNoDeadFlag(t *testing.T) {
	table := flags()
	known := map[string]bool{}
	for _, field := range reflect.VisibleFields(reflect.TypeFor[grit.Config]()) {
		known[field.Name] = true
		f, ok := table[field.Name]
		if !ok {
			t.Errorf("Config.%s has no entry: say in flags what it changes", field.Name)
			continue
		}
		base, changed := reflect.ValueOf(f.base), reflect.ValueOf(f.changed)
		for k := range base.NumField() {
			same := reflect.DeepEqual(base.Field(k).Interface(), changed.Field(k).Interface())
			if name := base.Type().Field(k).Name; same != (name != field.Name) {
				t.Errorf("Config.%s: the two configurations of its entry are to differ in it alone; %s differs: %v", field.Name, name, !same)
			}
		}
		a, b := observed(t, f.base), observed(t, f.changed)
		a[vocabulary], b[vocabulary] = accepts(f.base), accepts(f.changed)
		for what := range a {
			want := slices.Contains(f.effects, what)
			exact := slices.Contains([]effect{params, buffers, evaluation, training, verdict, targetShape, vocabulary}, what)
			switch differs := a[what] != b[what]; {
			case want && !differs:
				t.Errorf("Config.%s does not change %s", field.Name, what)
			case differs && !want && exact:
				t.Errorf("Config.%s changes %s, which its entry does not say", field.Name, what)
			}
		}
	}
	for name := range table {
		if !known[name] {
			t.Errorf("the entry %s is of no field of Config", name)
		}
	}
}

// TestKindsDiffer: no two values of an enumeration are the same model.
func TestKindsDiffer(t *testing.T) {
	for _, kind := range []struct {
		name string
		set  func(c *grit.Config, k int)
		n    int
	}{
		{"activation", func(c *grit.Config, k int) { c.Activation = nn.Activation(k) }, len(nn.ActivationNames())},
		{"attention activation", func(c *grit.Config, k int) { c.AttentionActivation = nn.Activation(k) }, len(nn.ActivationNames())},
		{"pooling", func(c *grit.Config, k int) { c.Pooling = tensor.Pooling(k) }, 3},
		{"graph head's pooling", func(c *grit.Config, k int) { c.Head, c.Pooling = grit.GraphHead, tensor.Pooling(k) }, 3},
		{"head", func(c *grit.Config, k int) { c.Head = grit.Head(k) }, 3},
		{"node encoder", func(c *grit.Config, k int) {
			c.NodeEncoder, c.NodeFeatures, c.NodeColumns = grit.NodeEncoder(k), 2, "3,2"
		}, 4},
		{"edge encoder", func(c *grit.Config, k int) { c.EdgeEncoder, c.EdgeColumns = grit.EdgeEncoder(k), "2,3" }, 5},
	} {
		seen := map[string]int{}
		for k := range kind.n {
			c := toy()
			kind.set(&c, k)
			o := observed(t, c)[training]
			if other, ok := seen[o]; ok {
				t.Errorf("%s %d is the same as %d", kind.name, k, other)
			}
			seen[o] = k
		}
	}
}
