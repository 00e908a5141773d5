package joined

import (
	"fmt"

	"github.com/graft-ml/graft/graphs"
	"github.com/graft-ml/graft/internal/parallel"
	"github.com/graft-ml/graft/messages"
	"github.com/graft-ml/graft/nn"
	"github.com/graft-ml/graft/tensor"
)

// Encoding is the setting of an encoding of nodes, a plain struct such as [RWSE].
type Encoding interface {
	// Name is the name that [ByName] knows, in kebab case.
	Name() string
	// Channels is the number of columns that are joined to the node features.
	Channels() int
	// Prepare computes what the encoder reads of a batch. items are the numbers of the graphs in their source, by which the
	// cache keeps what is expensive; both may be nil. The error is a *[graphs.ItemError] that names the graph that the
	// encoding cannot serve, most often for its size, and what would do. After an error into is not to be read.
	Prepare(b *graphs.Batch, items []int, c *Cache, into *Features) error
	// New makes the encoder. The error is about settings that do not fit.
	New(init *nn.Init) (Encoder, error)
}

// Encoder is an encoding made for a model, with what it learns.
type Encoder interface {
	nn.Module
	// Apply returns the channels of a batch, [nodes, channels]. The features are those that the encoding of the same
	// settings prepared; they must not change while the pass lasts.
	Apply(tp *tensor.Tape, f *Features) *tensor.Var
}

// Features is what an encoder reads of a batch. The zero value is ready to be filled by [Encoding.Prepare], again and
// again; it is read only in between, and one goroutine at a time may fill it.
type Features struct {
	// Statistics holds what was computed of the graphs: numbers of nodes [nodes, columns], or of the frequencies of nodes
	// [rows, 2], see [LapPE].
	Statistics *tensor.Tensor
	// Rows, where a node has several rows, says that those of node i are Rows[i] to Rows[i+1]; [nodes+1].
	Rows []int

	parts   []Features     // of a combination
	padded  *tensor.Tensor // eigenvectors with zeros in place of those that there are not, as the encoding wants them
	present []float32      // [nodes, frequencies] 1 where there is one, 0 elsewhere
	places  []int32        // [2 rows] where in padded the numbers of Statistics are
	groups  []int          // [nodes+1] the rows of present that belong to a node
	degrees [2][]int32     // [nodes] rows of the tables of degrees
	ends    [2][]int32     // [edges] node rows
	edges   messages.Edges

	at      []int // [graphs+1] where the numbers of each graph begin
	errors  []error
	scratch []scratch // of the workers
}

// statistic computes numbers of a graph that do not depend on what is learned. As a value it is the key of what a cache
// keeps, so it must be comparable and hold all that the numbers depend on.
type statistic interface {
	size(g *graphs.Graph) int
	compute(g *graphs.Graph, out []float32, s *scratch) error
}

// scratch is the working memory of one worker.
type scratch struct {
	walks walks
}

// fill computes a statistic of every graph of a batch and returns the numbers, end to end.
func (f *Features) fill(s statistic, b *graphs.Batch, items []int, c *Cache) ([]float32, error) {
	if items != nil && len(items) != b.Len() {
		panic(fmt.Sprintf("joined: Prepare: %d items for %d graphs", len(items), b.Len()))
	}
	f.at, f.errors = resize(f.at, b.Len()+1), resize(f.errors, b.Len())
	for g := range b.Len() {
		f.at[g+1], f.errors[g] = f.at[g]+s.size(b.Graphs[g]), nil
	}
	for len(f.scratch) < parallel.Workers() {
		f.scratch = append(f.scratch, scratch{})
	}
	var old []float32
	if f.Statistics != nil {
		old = f.Statistics.Data()
	}
	job := fillJob{f, s, b, items, c, resize(old, f.at[b.Len()])}
	parallel.For(b.Len(), 1, &job)
	for g, err := range f.errors {
		if err != nil {
			return nil, &graphs.ItemError{Item: g, Graph: b.Graphs[g].ID, Err: err}
		}
	}
	return job.out, nil
}

type fillJob struct {
	*Features
	statistic statistic
	batch     *graphs.Batch
	items     []int
	cache     *Cache
	out       []float32
}

func (j *fillJob) Run(worker, lo, hi int) {
	for g := lo; g < hi; g++ {
		out := j.out[j.at[g]:j.at[g+1]]
		if j.items != nil && j.cache.get(j.statistic, j.items[g], out) {
			continue
		}
		clear(out)
		if j.errors[g] = j.statistic.compute(j.batch.Graphs[g], out, &j.scratch[worker]); j.errors[g] == nil && j.items != nil {
			j.cache.put(j.statistic, j.items[g], out)
		}
	}
}

// resize returns a slice of n elements, in the memory of s where that suffices. What it holds is not defined, but for
// the first element of a new one, which is zero.
func resize[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n, n+n/8)
	}
	return s[:n]
}
