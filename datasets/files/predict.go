package files

import (
	"context"
	"io"
	"math"
	"strconv"

	"github.com/graft-ml/graft/graphs"
)

// GraphReader reads graphs for prediction, of every kind but tables of molecules, and
// makes the numbers of them that the schema says. It does not look at targets.
type GraphReader struct {
	in     draftReader
	encode *encoder
	draft  *draft
}

// NewGraphReader reads from in, which messages call name. The kind must be one whose
// graphs come in one stream: GraphML, Graph6 or JSONLines, else it panics.
func NewGraphReader(name string, in io.Reader, k Kind, o Options, s *Schema) *GraphReader {
	q := &Request{Kind: k, Options: o.WithDefaults(k)}
	r := &GraphReader{in: q.drafts(name, in), encode: newEncoder(s, &q.Options)}
	if l, ok := r.in.(*jsonLines); ok {
		l.inputsOnly = true
	}
	return r
}

// ReadTables reads the tables of edges and nodes that the request's options name.
func ReadTables(ctx context.Context, q Request, s *Schema) (*GraphReader, error) {
	q.Options = q.Options.WithDefaults(Graphs)
	in, err := q.readEdgeLists(ctx)
	if err != nil {
		return nil, err
	}
	return &GraphReader{in: in, encode: newEncoder(s, &q.Options)}, nil
}

// Read gives the next graph, or io.EOF. One that cannot be used is a *RowError, and
// the next call gives the graph behind it; any other error is final.
func (r *GraphReader) Read() (*graphs.Graph, error) {
	d, err := r.in.next()
	if err != nil {
		return nil, err
	}
	r.draft = d
	return r.encode.encode(d, r.in.headers())
}

// Line is the line where the graph that was read last begins.
func (r *GraphReader) Line() int { return r.draft.line }

// NodeIDs are those of the graph that was read last; nil where nodes are numbered.
func (r *GraphReader) NodeIDs() []string { return r.draft.nodeIDs }

// Prediction is what a model says of one target.
type Prediction struct {
	// Value is the number, in the units of the files; NaN for classes.
	Value float64
	// Class is the number of the most probable class, -1 where scores are NaN, and for
	// a regression.
	Class int
	// Probabilities are those of all classes; nil for a regression.
	Probabilities []float64
}

// Predict turns the scores of a graph or a node, one an output of the model, into a
// prediction a target.
func (s *Schema) Predict(scores []float32) []Prediction {
	out := make([]Prediction, len(s.Targets))
	for k, t := range s.Targets {
		p := Prediction{Value: math.NaN(), Class: -1}
		switch {
		case t.Classes == nil:
			p.Value = float64(scores[k])*t.SD + t.Mean
		case len(t.Classes) == 2 && len(scores) == len(s.Targets): // one score stands for both
			yes := 1 / (1 + math.Exp(-float64(scores[k])))
			p.Probabilities = []float64{1 - yes, yes}
			switch {
			case scores[k] > 0:
				p.Class = 1
			case scores[k] <= 0:
				p.Class = 0
			}
		default:
			p.Class, p.Probabilities = softmax(scores)
		}
		out[k] = p
	}
	return out
}

// softmax gives the probabilities of scores and the place of the largest, the first of
// equal ones; -1 where one is NaN.
func softmax(scores []float32) (class int, p []float64) {
	for c, s := range scores {
		if s > scores[class] {
			class = c
		}
	}
	sum := 0.0
	p = make([]float64, len(scores))
	for c, s := range scores {
		p[c] = math.Exp(float64(s - scores[class]))
		sum += p[c]
	}
	for c := range p {
		p[c] /= sum
	}
	if sum != sum {
		class = -1
	}
	return class, p
}

// AnswerColumns names the columns that [Schema.Answer] fills: predicted_TARGET, and
// probability_TARGET_CLASS for each class.
func (s *Schema) AnswerColumns() []string {
	var names []string
	for _, t := range s.Targets {
		names = append(names, "predicted_"+t.Name)
		for _, c := range t.Classes {
			names = append(names, "probability_"+t.Name+"_"+c)
		}
	}
	return names
}

// Answer gives the scores of a graph or a node as cells of a table: numbers in original
// units, names of classes and their probabilities.
func (s *Schema) Answer(scores []float32) []string {
	var cells []string
	for k, p := range s.Predict(scores) {
		switch t := s.Targets[k]; {
		case t.Classes == nil:
			cells = append(cells, cell(p.Value))
		case p.Class < 0:
			cells = append(cells, "NaN")
		default:
			cells = append(cells, t.Classes[p.Class])
		}
		for _, v := range p.Probabilities {
			cells = append(cells, cell(v))
		}
	}
	return cells
}

// cell is the text of a number, in the digits that a float32 has.
func cell(v float64) string { return strconv.FormatFloat(v, 'g', -1, 32) }
