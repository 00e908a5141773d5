package gps

import (
	"encoding"
	"errors"
	"fmt"
	"strings"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Validate reports the first field that no model can be built with, or two that do not go together. Zeros stand for
// their defaults.
func (c Config) Validate() error {
	c = c.WithDefaults()
	for _, check := range []func() error{c.checkNumbers, c.checkKinds, c.checkParts, c.checkAttention, c.checkPositions, c.checkEncoding} {
		if err := check(); err != nil {
			return fmt.Errorf("gps: %w", err)
		}
	}
	return nil
}

func (c Config) checkNumbers() error {
	for _, f := range []struct {
		name  string
		value int
	}{{"layers", c.Layers}, {"width", c.Width}, {"heads", c.Heads}, {"stableFrequencies", c.StableFrequencies},
		{"performerFeatures", c.PerformerFeatures}} {
		if f.value < 0 {
			return fmt.Errorf("%s is %d: want a positive number, or 0 for the default", f.name, f.value)
		}
	}
	if err := c.Features().Validate(c.Width); err != nil {
		return err
	}
	for _, p := range []struct {
		name  string
		value float64
	}{{"dropout", c.Dropout}, {"attentionDropout", c.AttentionDropout}} {
		if !(p.value >= 0 && p.value < 1) {
			return fmt.Errorf("%s is %v: want a probability below 1", p.name, p.value)
		}
	}
	switch {
	case c.Width%c.Heads != 0:
		return fmt.Errorf("heads %d do not divide width %d: choose a width that is a multiple of heads", c.Heads, c.Width)
	case !(c.NormMomentum > 0 && c.NormMomentum <= 1):
		return fmt.Errorf("normMomentum is %v: want a number above 0 and at most 1", c.NormMomentum)
	}
	return nil
}

func (c Config) checkKinds() error {
	for _, k := range []struct {
		name  string
		value encoding.TextMarshaler
	}{{"local", c.Local}, {"attention", c.Attention}, {"norm", c.Norm}, {"activation", c.Activation}} {
		if _, err := k.value.MarshalText(); err != nil {
			return fmt.Errorf("%s is %v: want one of the values that have a name", k.name, k.value)
		}
	}
	return nil
}

func (c Config) checkParts() error {
	switch {
	case c.Local == NoLocal && c.Attention == NoAttention:
		return errors.New("local is none and attention is none: nothing would tell a node of the others; choose one of them")
	case c.NoFeedForward && c.Attention != NoAttention:
		return fmt.Errorf("noFeedForward is true and attention is %v: only layers of message passing alone can do without; set attention to none", c.Attention)
	case c.StableFrequencies > 0 && !c.Local.gateable():
		return fmt.Errorf("stableFrequencies is %d and local is %v: only messages of gine and gatedgcn can be weighed by distances", c.StableFrequencies, c.Local)
	}
	return nil
}

// checkAttention refuses settings of another kind of attention.
func (c Config) checkAttention() error {
	set := func(n int) string {
		if n == 0 {
			return ""
		}
		return fmt.Sprint(n)
	}
	padded := ""
	if c.PerformerPadded {
		padded = "true"
	}
	for _, f := range []struct {
		name, value string
		of          Global
	}{
		{"performerFeatures", set(c.PerformerFeatures), Performer}, {"performerPadded", padded, Performer},
		{"window", set(c.Window), BigBird}, {"randomKeys", set(c.RandomKeys), BigBird}, {"globalNodes", set(c.GlobalNodes), BigBird},
		{"encoding", c.Encoding, Transformer},
	} {
		if f.value != "" && c.Attention != f.of {
			return fmt.Errorf("%s is %s and attention is %v: only %v has it", f.name, f.value, c.Attention, f.of)
		}
	}
	return nil
}

func (c Config) checkPositions() error {
	if c.StableFrequencies > 0 {
		if _, err := c.stable().New(nn.NewInit(0)); err != nil {
			return fmt.Errorf("stableFrequencies: %s", strings.TrimPrefix(err.Error(), "joined: "))
		}
	}
	p, err := c.positions()
	if err != nil {
		return fmt.Errorf("positions: %s", strings.TrimPrefix(err.Error(), "joined: "))
	}
	if p == nil {
		return nil
	}
	if _, err := p.New(nn.NewInit(0)); err != nil {
		return fmt.Errorf("positions: %s", strings.TrimPrefix(err.Error(), "joined: "))
	}
	if n := p.Channels(); n >= c.Width {
		return fmt.Errorf("positions %q have %d channels and width is %d: they leave no room for the features of nodes", c.Positions, n, c.Width)
	}
	return nil
}

// checkEncoding makes the encoding and begins a pass over a graph of two nodes, which no encoding of graphs refuses.
func (c Config) checkEncoding() error {
	e, err := c.encoding()
	if err == nil && e != nil {
		var encoder encodings.Encoder
		if encoder, err = e.New(c.dims(), nn.NewInit(0)); err == nil {
			err = begins(encoder)
		}
	}
	if err != nil {
		return fmt.Errorf("encoding: %s", strings.TrimPrefix(err.Error(), "encodings: "))
	}
	return nil
}

func begins(e encodings.Encoder) error {
	b, err := graphs.NewBatch([]*graphs.Graph{{Nodes: 2}})
	if err != nil {
		return err
	}
	tp := tensor.NewTape()
	tp.Begin(tensor.Pass{})
	_, err = e.Begin(tp, encodings.OfGraphs(b))
	return err
}

// dims are the sizes that an encoding has to know.
func (c Config) dims() encodings.Dims {
	return encodings.Dims{Width: c.Width, Heads: c.Heads, Layers: c.Layers}
}
