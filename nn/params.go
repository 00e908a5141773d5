package nn

import (
	"fmt"

	"github.com/graft-ml/graft/tensor"
)

// Module is anything with parameters: a layer, a block, a model.
type Module interface {
	// Params declares the module's parameters, buffers and children to c, always in the same order.
	Params(c *Params)
}

// Named is a tensor with its path in the model, such as block.3.attention.query.weight.
type Named struct {
	Path   string
	Tensor *tensor.Tensor
}

// Params is the list of a model's tensors, in the order of their declaration. [Collect] makes one.
type Params struct {
	prefix  string
	all     []declared
	paths   map[string]bool
	tensors map[*tensor.Tensor]string
}

type declared struct {
	Named
	buffer bool
}

// Collect returns the parameters and buffers of m.
func Collect(m Module) *Params {
	c := &Params{paths: map[string]bool{}, tensors: map[*tensor.Tensor]string{}}
	m.Params(c)
	return c
}

// Param declares a trainable tensor of the module at hand. A nil tensor, the bias of a layer that has none, is passed
// over. A name, or a tensor, that was declared before panics: an optimiser would move such a tensor twice.
func (c *Params) Param(name string, t *tensor.Tensor) { c.declare(name, t, false) }

// Buffer declares a tensor that belongs to the state of the module but is not trained, such as the running statistics
// of a batch normalisation. The rules are those of [Params.Param].
func (c *Params) Buffer(name string, t *tensor.Tensor) { c.declare(name, t, true) }

// Sub declares all of a child's tensors below name.
func (c *Params) Sub(name string, m Module) {
	outer := c.prefix
	c.prefix = c.path(name) + "."
	m.Params(c)
	c.prefix = outer
}

func (c *Params) path(name string) string {
	if name == "" {
		panic(fmt.Sprintf("nn: Params: a tensor or a module of %q has no name", c.prefix))
	}
	return c.prefix + name
}

func (c *Params) declare(name string, t *tensor.Tensor, buffer bool) {
	path := c.path(name)
	if t == nil {
		return
	}
	if c.paths[path] {
		panic(fmt.Sprintf("nn: Params: %s is declared twice", path))
	}
	if other, seen := c.tensors[t]; seen {
		panic(fmt.Sprintf("nn: Params: %s is the tensor of %s; declare a shared tensor once", path, other))
	}
	c.paths[path], c.tensors[t] = true, path
	c.all = append(c.all, declared{Named{path, t}, buffer})
}

// Trainable returns the parameters that an optimiser moves.
func (c *Params) Trainable() []Named { return c.filter(func(d declared) bool { return !d.buffer }) }

// Buffers returns the tensors that are saved with the parameters but not trained.
func (c *Params) Buffers() []Named { return c.filter(func(d declared) bool { return d.buffer }) }

// All returns parameters and buffers: the state of the model.
func (c *Params) All() []Named { return c.filter(func(declared) bool { return true }) }

func (c *Params) filter(keep func(declared) bool) []Named {
	var out []Named
	for _, d := range c.all {
		if keep(d) {
			out = append(out, d.Named)
		}
	}
	return out
}

// Find returns the tensor at path, or nil where there is none.
func (c *Params) Find(path string) *tensor.Tensor {
	for _, d := range c.all {
		if d.Path == path {
			return d.Tensor
		}
	}
	return nil
}

// Count returns the number of trainable numbers, the figure papers give as a model's parameters.
func (c *Params) Count() int {
	n := 0
	for _, p := range c.Trainable() {
		n += p.Tensor.Size()
	}
	return n
}
