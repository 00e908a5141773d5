package golden

import (
	"encoding/json"
	"flag"
	"path/filepath"
	"sort"
	"strings"
	"sync"
	"testing"

	"github.com/graft-ml/graft/safetensors"
	"github.com/graft-ml/graft/tensor"
)

// Tolerances, relative to the largest magnitude of the golden tensor.
const (
	Forward  = 1e-5 // outputs of a forward pass
	Gradient = 1e-4 // gradients
)

// Case is one golden file. Its methods may be called from parallel tests.
type Case struct {
	Name     string            // the file's name without its ending
	Metadata map[string]string // its free strings: provenance, configuration, notes

	t    testing.TB // the test that opened the file
	path string
	file *safetensors.File

	mu       sync.Mutex
	used     map[string]bool
	ignored  map[string]string
	worst    map[float64]figure // by tolerance
	compares int
}

// figure is the worst deviation so far among comparisons of one tolerance.
type figure struct {
	deviation float64
	name      string
}

// Files opens every golden file of a system whose name begins with prefix, in order of name, and fails t when there is
// none or one cannot be read. When t and its subtests have ended it logs a line of figures per file and fails t for each
// tensor that was not used; cases that a -run pattern left out entirely are not blamed.
func Files(t testing.TB, system, prefix string) []*Case {
	t.Helper()
	var cases []*Case
	for _, path := range Paths(t, system, prefix, ".safetensors") {
		file, err := safetensors.Open(path, safetensors.Options{Convert: true})
		if err != nil {
			t.Fatalf("golden: %v", err)
		}
		c := &Case{
			Name:     strings.TrimSuffix(filepath.Base(path), ".safetensors"),
			Metadata: file.Metadata(),
			t:        t,
			path:     path,
			file:     file,
			used:     map[string]bool{},
			ignored:  map[string]string{},
			worst:    map[float64]figure{},
		}
		t.Cleanup(c.finish)
		cases = append(cases, c)
	}
	return cases
}

// Names returns the names of all tensors of the file, in order; this does not count as using them.
func (c *Case) Names() []string { return c.file.Names() }

// Has tells whether the file has a tensor of this name; this does not count as using it.
func (c *Case) Has(name string) bool { return c.file.Has(name) }

// Shape returns the shape of a tensor; this does not count as using it.
func (c *Case) Shape(name string) []int {
	c.t.Helper()
	info, err := c.file.Info(name)
	if err != nil {
		c.t.Fatalf("golden: %v", err)
	}
	return info.Shape
}

// Tensor returns the values of a tensor of floats as a new tensor; float64 figures are rounded to float32.
func (c *Case) Tensor(name string) *tensor.Tensor {
	c.t.Helper()
	data, shape, err := c.file.Float32(name)
	if err != nil {
		c.t.Fatalf("golden: %v", err)
	}
	c.use(name)
	return tensor.FromSlice(data, shape...)
}

// Float64s returns the values of a tensor of floats in full precision.
func (c *Case) Float64s(name string) []float64 {
	c.t.Helper()
	data, _, err := c.file.Float64(name)
	if err != nil {
		c.t.Fatalf("golden: %v", err)
	}
	c.use(name)
	return data
}

// Ints returns the values of a tensor of whole numbers or booleans.
func (c *Case) Ints(name string) []int64 {
	c.t.Helper()
	data, _, err := c.file.Int64(name)
	if err != nil {
		c.t.Fatalf("golden: %v", err)
	}
	c.use(name)
	return data
}

// Ignore excuses a tensor from being used. why, which must not be empty, appears in the log.
func (c *Case) Ignore(name, why string) {
	c.t.Helper()
	if !c.Has(name) {
		c.t.Errorf("golden: %s: Ignore: there is no tensor %q", c.path, name)
	}
	if why == "" {
		c.t.Errorf("golden: %s: Ignore: %q is ignored without a reason", c.path, name)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ignored[name] = why
}

// JSON decodes the metadata string of this key, which holds JSON, into what v points to. Fields that v does not have are
// passed over.
func (c *Case) JSON(t testing.TB, key string, v any) {
	t.Helper()
	value, ok := c.Metadata[key]
	if !ok {
		t.Fatalf("golden: %s: the metadata have no %q", c.path, key)
	}
	if err := json.Unmarshal([]byte(value), v); err != nil {
		t.Fatalf("golden: %s: metadata %q: %v", c.path, key, err)
	}
}

func (c *Case) use(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.used[name] = true
}

// finish reports the figures and what was left out.
func (c *Case) finish() {
	c.t.Helper()
	if err := c.file.Close(); err != nil {
		c.t.Errorf("golden: %v", err)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(c.used) == 0 && len(c.ignored) == 0 && partialRun() {
		return
	}
	c.t.Log(c.summary())
	var ignored []string
	for name := range c.ignored {
		ignored = append(ignored, name)
	}
	sort.Strings(ignored)
	for _, name := range ignored {
		c.t.Logf("golden: %s: %s was ignored: %s", c.Name, name, c.ignored[name])
	}
	if c.t.Failed() || c.t.Skipped() {
		return // it stopped somewhere before the rest
	}
	var unused []string
	for _, name := range c.Names() {
		if !c.used[name] && c.ignored[name] == "" {
			unused = append(unused, name)
		}
	}
	if len(unused) > 0 {
		c.t.Errorf("golden: %s: %d of %d tensors were never compared or used: %s; use them or Ignore them with a reason",
			c.path, len(unused), c.file.Len(), strings.Join(unused, ", "))
	}
}

// partialRun tells whether -run picks subtests, so that whole cases may be left out on purpose.
func partialRun() bool {
	f := flag.Lookup("test.run")
	return f != nil && strings.Contains(f.Value.String(), "/")
}
