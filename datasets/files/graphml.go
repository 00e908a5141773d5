package files

import (
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
)

// graphMLFile reads the graphs of a GraphML file (Brandes et al., 2002): keys, then
// graphs of nodes and edges with data. Nested graphs, hyperedges and ports are
// refused; data of keys without a name, such as drawings of editors, is passed over.
// Entities other than those of XML are not expanded.
type graphMLFile struct {
	dec    *xml.Decoder
	file   string
	o      *Options
	h      headers
	keys   map[string]*graphMLKey
	inside bool // the root element is open
	count  int  // graphs so far
	pool   words
}

// graphMLKey declares a column.
type graphMLKey struct {
	name              string // "" where the data is to be passed over
	node, edge, graph int    // places in the headers, -1 for none
	weight            bool   // of edges
	fallback          string // value where there is no data
}

var _ draftReader = (*graphMLFile)(nil)

func newGraphML(file string, in io.Reader, o *Options) *graphMLFile {
	return &graphMLFile{dec: xml.NewDecoder(in), file: file, o: o, keys: map[string]*graphMLKey{}, pool: words{}}
}

func (f *graphMLFile) headers() *headers { return &f.h }

// fail is an error at the place that was read last.
func (f *graphMLFile) fail(hint, format string, args ...any) error {
	line, _ := f.dec.InputPos()
	return &FileError{File: f.file, Line: line, Reason: fmt.Sprintf(format, args...), Hint: hint}
}

// token gives the next one, or io.EOF at the end of a complete document.
func (f *graphMLFile) token() (xml.Token, error) {
	t, err := f.dec.Token()
	if err == nil || err == io.EOF {
		return t, err
	}
	return nil, f.bad(err)
}

func (f *graphMLFile) bad(err error) error {
	line, _ := f.dec.InputPos()
	var syntax *xml.SyntaxError
	if errors.As(err, &syntax) {
		return &FileError{File: f.file, Line: syntax.Line, Reason: "malformed XML: " + syntax.Msg, Err: err}
	}
	return unreadable(f.file, line, err)
}

func (f *graphMLFile) next() (*draft, error) {
	for {
		t, err := f.token()
		if err == io.EOF {
			if f.count == 0 && !f.inside {
				return nil, &FileError{File: f.file, Reason: "the file holds no GraphML", Hint: "its root must be an element graphml"}
			}
			return nil, io.EOF
		}
		if err != nil {
			return nil, err
		}
		start, ok := t.(xml.StartElement)
		if !ok {
			continue
		}
		name := start.Name.Local
		if !f.inside {
			if name != "graphml" {
				return nil, f.fail("this is not GraphML", "the root is an element %q, expected graphml", clip(name))
			}
			f.inside = true
			continue
		}
		switch name {
		case "key":
			if f.count > 0 {
				return nil, f.fail("", "a key stands behind a graph: keys come first")
			}
			err = f.key(start)
		case "graph":
			return f.readGraph(start)
		default:
			err = f.skip()
		}
		if err != nil {
			return nil, err
		}
	}
}

// skip passes over the element that was opened last.
func (f *graphMLFile) skip() error {
	if err := f.dec.Skip(); err != nil {
		return f.bad(err)
	}
	return nil
}

// attribute gives the value of an attribute.
func attribute(start xml.StartElement, name string) (string, bool) {
	for _, a := range start.Attr {
		if a.Name.Local == name && a.Name.Space == "" {
			return a.Value, true
		}
	}
	return "", false
}

// key reads the declaration of a column.
func (f *graphMLFile) key(start xml.StartElement) error {
	id, _ := attribute(start, "id")
	if _, twice := f.keys[id]; id == "" || twice {
		return f.fail("", "a key has the id %q, which is empty or that of another", clip(id))
	}
	if len(f.keys) >= 10_000 {
		return f.fail("", "more than 10000 keys")
	}
	k := &graphMLKey{node: -1, edge: -1, graph: -1}
	f.keys[id] = k
	k.name, _ = attribute(start, "attr.name")
	kind := undecided
	switch t, _ := attribute(start, "attr.type"); t {
	case "string", "boolean":
		kind = categorical
	case "int", "long", "float", "double":
		kind = numeric
	case "":
	default:
		return f.fail("", "the key %q has the type %q, expected boolean, int, long, float, double or string", clip(id), clip(t))
	}
	domain, given := attribute(start, "for")
	if !given {
		domain = "all"
	}
	for _, c := range []struct {
		domain string
		h      *header
		place  *int
	}{{"node", &f.h.node, &k.node}, {"edge", &f.h.edge, &k.edge}, {"graph", &f.h.graph, &k.graph}} {
		if k.name == "" || domain != "all" && domain != c.domain {
			continue
		}
		if c.domain == "edge" && k.name == f.o.WeightColumn {
			k.weight = true
			continue
		}
		if c.h.find(k.name) >= 0 {
			return f.fail("give each key a name of its own", "two keys of a %s are called %q", c.domain, clip(k.name))
		}
		*c.place = len(c.h.names)
		c.h.add(k.name, kind)
	}
	return f.children(start.Name.Local, func(child xml.StartElement) error {
		if child.Name.Local != "default" {
			return f.skip()
		}
		var err error
		k.fallback, err = f.text()
		return err
	})
}

// children calls use with each element inside the one that was opened last; use reads
// to its end.
func (f *graphMLFile) children(of string, use func(child xml.StartElement) error) error {
	for {
		t, err := f.token()
		if err == io.EOF {
			return f.fail("the file is cut off", "the element %s does not end", of)
		}
		if err != nil {
			return err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return nil
		case xml.StartElement:
			if err := use(t); err != nil {
				return err
			}
		}
	}
}

// text reads the text of the element that was opened last to its end.
func (f *graphMLFile) text() (string, error) {
	var b strings.Builder
	for {
		t, err := f.token()
		if err == io.EOF {
			return "", f.fail("the file is cut off", "an element does not end")
		}
		if err != nil {
			return "", err
		}
		switch t := t.(type) {
		case xml.EndElement:
			return f.pool.keep(strings.TrimSpace(b.String())), nil
		case xml.StartElement:
			return "", f.fail("data of a key with a name is one value", "an element %s stands in the middle of data", clip(t.Name.Local))
		case xml.CharData:
			if b.Len()+len(t) > f.o.MaxRow {
				return "", f.fail("if it is meant to be, raise data.files.maxRow", "a value is longer than %d bytes", f.o.MaxRow)
			}
			b.Write(t)
		}
	}
}

// graphMLEdge is an edge whose nodes may come behind it.
type graphMLEdge struct {
	source, target string
	edge
	row []string
}

// readGraph reads a graph to its end.
func (f *graphMLFile) readGraph(start xml.StartElement) (*draft, error) {
	f.count++
	line, _ := f.dec.InputPos()
	d := &draft{file: f.file, edgeFile: f.file, line: line, nodeIDs: []string{}, id: strconv.Itoa(f.count)}
	if id, ok := attribute(start, "id"); ok && id != "" {
		d.id = id
	}
	mode, _ := attribute(start, "edgedefault")
	if mode != "directed" && mode != "undirected" && mode != "" {
		return nil, f.fail("", "edgedefault is %q, expected directed or undirected", clip(mode))
	}
	d.graph = f.row(f.h.graph.names, func(k *graphMLKey) int { return k.graph })
	nodes := map[string]int32{}
	var edges []graphMLEdge
	err := f.children("graph", func(child xml.StartElement) error {
		switch name := child.Name.Local; name {
		case "node":
			return f.node(d, nodes, child)
		case "edge":
			e, err := f.edge(child, mode == "directed")
			edges = append(edges, e)
			return err
		case "data":
			return f.data(child, d.graph, nil, func(k *graphMLKey) int { return k.graph })
		case "hyperedge", "port", "graph":
			return f.fail("write a plain graph", "an element %s, which plain graphs do not have", name)
		}
		return f.skip()
	})
	if err != nil {
		return nil, err
	}
	for _, e := range edges {
		for _, end := range []struct {
			id  string
			row *int32
		}{{e.source, &e.from}, {e.target, &e.to}} {
			at, known := nodes[end.id]
			if !known {
				return nil, &FileError{File: f.file, Line: e.line, Reason: fmt.Sprintf("there is no node %q in the graph %q", clip(end.id), clip(d.id))}
			}
			*end.row = at
		}
		keep, err := d.addEdge(f.o, e.edge)
		if row, ok := err.(*RowError); ok {
			return nil, &FileError{File: row.File, Line: row.Line, Reason: row.Reason, Hint: row.Hint}
		}
		if keep {
			d.edge.addText(e.row)
		}
	}
	d.pairs = nil
	return d, nil
}

// row is one of fallback values.
func (f *graphMLFile) row(names []string, place func(*graphMLKey) int) []string {
	row := make([]string, len(names))
	for _, k := range f.keys {
		if at := place(k); at >= 0 {
			row[at] = k.fallback
		}
	}
	return row
}

// node reads a node to its end.
func (f *graphMLFile) node(d *draft, nodes map[string]int32, start xml.StartElement) error {
	id, _ := attribute(start, "id")
	if _, twice := nodes[id]; id == "" || twice {
		return f.fail("give every node of a graph an id of its own", "the id %q of a node is empty or that of another", clip(id))
	}
	if d.nodes >= f.o.MaxNodes {
		return f.fail(hintNodes, "the graph %q has more than %d nodes, the limit", clip(d.id), f.o.MaxNodes)
	}
	line, _ := f.dec.InputPos()
	nodes[id] = int32(d.nodes)
	d.nodes++
	d.nodeIDs, d.nodeLines = append(d.nodeIDs, id), append(d.nodeLines, line)
	row := f.row(f.h.node.names, func(k *graphMLKey) int { return k.node })
	err := f.children("node", func(child xml.StartElement) error {
		switch name := child.Name.Local; name {
		case "data":
			return f.data(child, row, nil, func(k *graphMLKey) int { return k.node })
		case "graph", "port":
			return f.fail("write a plain graph", "an element %s within a node, which plain graphs do not have", name)
		}
		return f.skip()
	})
	d.node.addText(row)
	return err
}

// edge reads an edge to its end.
func (f *graphMLFile) edge(start xml.StartElement, directed bool) (e graphMLEdge, err error) {
	e.line, _ = f.dec.InputPos()
	e.directed, e.weight = directed, 1
	e.source, _ = attribute(start, "source")
	e.target, _ = attribute(start, "target")
	switch d, given := attribute(start, "directed"); {
	case d == "true", d == "1":
		e.directed = true
	case d == "false", d == "0":
		e.directed = false
	case given:
		return e, f.fail("", "directed is %q, expected true or false", clip(d))
	}
	weight := ""
	for _, k := range f.keys {
		if k.weight {
			weight = k.fallback
		}
	}
	e.row = f.row(f.h.edge.names, func(k *graphMLKey) int { return k.edge })
	err = f.children("edge", func(child xml.StartElement) error {
		if child.Name.Local != "data" {
			return f.skip()
		}
		return f.data(child, e.row, &weight, func(k *graphMLKey) int { return k.edge })
	})
	if err == nil && weight != "" {
		var ok bool
		if e.weight, ok = number(weight); !ok {
			err = f.fail("", "the weight %q is not a finite number", clip(weight))
		}
	}
	return e, err
}

// data reads a value to its end, into the row or the weight.
func (f *graphMLFile) data(start xml.StartElement, row []string, weight *string, place func(*graphMLKey) int) error {
	id, _ := attribute(start, "key")
	k := f.keys[id]
	switch {
	case k == nil:
		var known []string
		for id := range f.keys {
			known = append(known, id)
		}
		slices.Sort(known)
		return f.fail("declare it in front of the graphs", "data of a key %q, which is not declared; there are %s", clip(id), columnsOr(known))
	case k.name == "":
		return f.skip()
	case k.weight && weight != nil:
		text, err := f.text()
		*weight = text
		return err
	}
	at := place(k)
	if at < 0 {
		return f.fail("", "the key %q is declared for other elements than this", clip(id))
	}
	text, err := f.text()
	row[at] = text
	return err
}
