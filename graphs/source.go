package graphs

// Source is where graphs come from: a slice, a file, a generator. It is safe for
// concurrent use, and graph i is the same at every call.
type Source interface {
	Len() int
	Graph(i int) (*Graph, error)
}

var _ Source = Slice(nil)

// Slice is a Source over graphs in memory.
type Slice []*Graph

// Len returns the number of graphs.
func (s Slice) Len() int { return len(s) }

// Graph returns graph i, the slice's own; i outside the slice panics.
func (s Slice) Graph(i int) (*Graph, error) { return s[i], nil }
