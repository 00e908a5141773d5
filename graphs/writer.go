package graphs

import (
	"encoding/json"
	"github.com/graft-ml/graft/internal/appendjson"
	"io"
	"slices"
	"strconv"
)

// Writer writes graphs as JSON Lines that [Reader] reads back unchanged.
type Writer struct {
	out io.Writer
	buf []byte
}

// NewWriter writes to w, one call of w.Write a graph.
func NewWriter(w io.Writer) *Writer { return &Writer{out: w} }

// Write appends one line. A graph whose edges come in pairs of both directions
// side by side, as [Undirected] makes them, is written with one entry per pair;
// any other one as directed. The error is an *InvalidError or that of the
// underlying writer.
func (w *Writer) Write(g *Graph) error {
	if err := g.Validate(); err != nil {
		return err
	}
	b := append(w.buf[:0], '{')
	if g.ID != "" {
		b = appendID(append(b, `"i":`...), g.ID)
		b = append(b, ',')
	}
	b = appendNodes(b, g)
	b = appendEdges(b, g)
	if len(g.NodeLabels) > 0 {
		b = appendjson.List(append(b, `,"l":`...), len(g.NodeLabels), func(b []byte, i int) []byte {
			return strconv.AppendInt(b, int64(g.NodeLabels[i]), 10)
		})
	}
	switch len(g.Target) {
	case 0:
	case 1:
		b = appendjson.Float(append(b, `,"y":`...), g.Target[0])
	default:
		b = appendjson.Floats(append(b, `,"y":`...), g.Target)
	}
	w.buf = append(b, '}', '\n')
	_, err := w.out.Write(w.buf)
	return err
}

// appendID writes a whole number as such, so that numeric ids keep their form.
func appendID(b []byte, id string) []byte {
	if n, err := strconv.ParseInt(id, 10, 64); err == nil && strconv.FormatInt(n, 10) == id && n != -1<<63 {
		return append(b, id...)
	}
	text, err := json.Marshal(id)
	if err != nil { // a string always has a JSON form
		panic("graphs: Writer: " + err.Error())
	}
	return append(b, text...)
}

func appendNodes(b []byte, g *Graph) []byte {
	types, features := g.NodeTypeColumns(), g.NodeFeatureColumns()
	if types == 0 && features == 0 {
		return strconv.AppendInt(append(b, `"n":`...), int64(g.Nodes), 10)
	}
	if features > 0 {
		b = appendjson.List(append(b, `"x":`...), g.Nodes, func(b []byte, i int) []byte {
			return appendjson.Floats(b, g.NodeFeatures[i*features:(i+1)*features])
		})
		if types == 0 {
			return b
		}
		b = append(b, ',')
	}
	if features == 0 && types == 1 {
		return appendjson.List(append(b, `"x":`...), g.Nodes, func(b []byte, i int) []byte {
			return strconv.AppendInt(b, int64(g.NodeTypes[i]), 10)
		})
	}
	return appendjson.List(append(b, `"xt":`...), g.Nodes, func(b []byte, i int) []byte {
		return appendjson.List(b, types, func(b []byte, c int) []byte {
			return strconv.AppendInt(b, int64(g.NodeTypes[i*types+c]), 10)
		})
	})
}

func appendEdges(b []byte, g *Graph) []byte {
	types, features := g.EdgeTypeColumns(), g.EdgeFeatureColumns()
	kept := g.listedEdges()
	if kept == nil {
		b = append(b, `,"directed":true`...)
		kept = make([]int, len(g.Edges))
		for e := range kept {
			kept[e] = e
		}
	}
	b = appendjson.List(append(b, `,"e":`...), len(kept), func(b []byte, i int) []byte {
		e := kept[i]
		b = strconv.AppendInt(append(b, '['), int64(g.Edges[e].From), 10)
		b = strconv.AppendInt(append(b, ','), int64(g.Edges[e].To), 10)
		for _, t := range g.EdgeTypes[e*types : (e+1)*types] {
			b = strconv.AppendInt(append(b, ','), int64(t), 10)
		}
		return append(b, ']')
	})
	if len(g.EdgeWeights) > 0 {
		b = appendjson.List(append(b, `,"w":`...), len(kept), func(b []byte, i int) []byte {
			return appendjson.Float(b, g.EdgeWeights[kept[i]])
		})
	}
	if features > 0 {
		b = appendjson.List(append(b, `,"ef":`...), len(kept), func(b []byte, i int) []byte {
			return appendjson.Floats(b, g.EdgeFeatures[kept[i]*features:(kept[i]+1)*features])
		})
	}
	if len(g.EdgeLabels) > 0 {
		b = appendjson.List(append(b, `,"el":`...), len(kept), func(b []byte, i int) []byte {
			return strconv.AppendInt(b, int64(g.EdgeLabels[kept[i]]), 10)
		})
	}
	return b
}

// listedEdges gives the first edge of each pair of directions, or nil if the
// edges are not such pairs throughout. A graph without edges gives an empty list.
func (g *Graph) listedEdges() []int {
	types, features := g.EdgeTypeColumns(), g.EdgeFeatureColumns()
	kept := make([]int, 0, len(g.Edges)/2)
	for e := 0; e < len(g.Edges); e++ {
		kept = append(kept, e)
		edge := g.Edges[e]
		if edge.From == edge.To {
			continue
		}
		back := e + 1
		if back == len(g.Edges) || g.Edges[back] != (Edge{edge.To, edge.From}) || g.Weight(back) != g.Weight(e) ||
			len(g.EdgeLabels) > 0 && g.EdgeLabels[back] != g.EdgeLabels[e] ||
			!slices.Equal(g.EdgeTypes[e*types:back*types], g.EdgeTypes[back*types:(back+1)*types]) ||
			!slices.Equal(g.EdgeFeatures[e*features:back*features], g.EdgeFeatures[back*features:(back+1)*features]) {
			return nil
		}
		e = back
	}
	return kept
}
