package sequences

import (
	"fmt"

	"github.com/graft-ml/graft/encodings"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// encodingSlots returns the tensors of the encoding that have names in the form.
func encodingSlots(c Config) []llamaSlot {
	form, ok := c.Encoding.(encodings.LLaMAForm)
	if !ok {
		return nil
	}
	var list []llamaSlot
	for _, t := range form.LLaMATensors(c.dims()) {
		of := func(m *Model) *tensor.Tensor { return nn.Collect(m.Encoder).Find(t.Path) }
		list = append(list, llamaSlot{name: t.Name, shape: t.Shape, of: of, encoding: true})
	}
	return list
}

// withoutEncoding returns the slots but for those of the encoding where a state dict has none of these, with what to say
// of that; otherwise all.
func withoutEncoding(slots []llamaSlot, where map[string]*safetensors.File) (_ []llamaSlot, absent string) {
	var rest []llamaSlot
	first := ""
	for _, s := range slots {
		switch {
		case !s.encoding:
			rest = append(rest, s)
		case where[s.name] != nil:
			return slots, ""
		case first == "":
			first = s.name
		}
	}
	if first == "" {
		return slots, ""
	}
	return rest, fmt.Sprintf("missing %s and all else that the encoding learns (LLaMAOptions.FreshEncoding has it drawn)", first)
}

// unnamed reports an encoding that learns what no state dict of the form has.
func (m *Model) unnamed(o LLaMAOptions) error {
	if _, named := m.Config.Encoding.(encodings.LLaMAForm); named || o.FreshEncoding || len(nn.Collect(m.Encoder).All()) == 0 {
		return nil
	}
	return fmt.Errorf("sequences: the LLaMA form has no names for what the encoding %s learns: LLaMAOptions.FreshEncoding has it drawn", m.Config.Encoding.Name())
}

// foreign recognises tensors of encodings that a model does not have.
type foreign struct {
	of    map[string]encodings.Encoding // by the names of their tensors
	first map[string]string             // by the names of the encodings, the least name that was found
}

func newForeign(c Config) *foreign {
	f := &foreign{of: map[string]encodings.Encoding{}, first: map[string]string{}}
	for _, k := range encodings.List() {
		form, ok := k.Encoding.(encodings.LLaMAForm)
		if !ok || c.Encoding.Name() == form.Name() {
			continue
		}
		for _, t := range form.LLaMATensors(c.dims()) {
			f.of[t.Name] = form
		}
	}
	return f
}

// has tells whether a tensor is of such an encoding, and remembers it.
func (f *foreign) has(name string) bool {
	e, ok := f.of[name]
	if !ok {
		return false
	}
	if first := f.first[e.Name()]; first == "" || name < first {
		f.first[e.Name()] = name
	}
	return true
}

// found returns what to say of the encodings that were recognised.
func (f *foreign) found() []string {
	var list []string
	for encoding, name := range f.first {
		list = append(list, fmt.Sprintf("unexpected %s, of the encoding %s: set Encoding to that", name, encoding))
	}
	return list
}
