package graphs

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"

	"github.com/graft-ml/graft/internal/nearest"
)

// Reader reads graphs from JSON Lines, one object a line; blank lines are
// skipped. Fields may be set before the first Read. The keys of an object:
//
//	"x"        [id, id, ...] one type id per node, or [[r, r], ...] real features per node
//	"e"        [[u, v], ...] or [[u, v, type, ...], ...] edges between nodes counted from 0
//	"y"        number, list of numbers, or null in place of a missing one: the target
//	"i"        number or string: the ID; the file and line where it is absent
//	"n"        number of nodes; needed where "x" and "xt" are absent
//	"directed" true: "e" lists directed edges u->v; otherwise every edge is listed
//	           once and means both directions (a self loop is one edge)
//	"w"        [r, ...] one weight per listed edge
//	"ef"       [[r, r], ...] real features per listed edge
//	"l"        [class, ...] one label per node, -1 where it is not given
//	"el"       [class, ...] one label per listed edge, -1 where it is not given
//	"xt"       [[id, id], ...] several type ids per node, or ids beside real features in "x"
//
// This is what data files of molecule benchmarks hold ("i", "x", "e", "y") and
// enough to hold every valid [Graph].
type Reader struct {
	Name string // the file, for messages and IDs

	// NodeVocabulary and EdgeVocabulary, if not nil, hold one size per type
	// column; ids beyond them are refused (see [Graph.CheckTypes]).
	NodeVocabulary, EdgeVocabulary []int

	ExtraKeys bool // skip unknown keys rather than refuse them
	MaxLine   int  // longest line in bytes; 0 means 16 MiB
	MaxNodes  int  // most nodes in a graph; 0 means 1,000,000

	in    *bufio.Reader
	line  int
	buf   []byte
	bonds []int32 // [listed edges, 2 + types], reused
	valid validator
}

// NewReader reads from r.
func NewReader(r io.Reader) *Reader {
	return &Reader{in: bufio.NewReaderSize(r, 1<<16)}
}

// Line is the number of the line that was read last, from 1.
func (r *Reader) Line() int { return r.line }

// Read gives the next graph, which is valid, or io.EOF after the last one. Any
// other error is a *ParseError; after one that is about a line (rather than about
// reading), the next Read goes on with the line that follows.
func (r *Reader) Read() (*Graph, error) {
	for {
		line, err := r.nextLine()
		if err == io.EOF {
			return nil, io.EOF
		}
		if err != nil {
			return nil, &ParseError{File: r.Name, Line: r.line, Err: err}
		}
		s := scanner{line: line}
		if s.peek() == 0 && s.pos == len(line) {
			continue
		}
		g, column, err := r.decode(&s)
		if err != nil { // the graph may be half built
			return nil, &ParseError{File: r.Name, Line: r.line, Column: column, Err: err}
		}
		return g, nil
	}
}

// ReadAll gives all graphs that are left. On an error (see [Reader.Read]) it
// gives those before it as well.
func (r *Reader) ReadAll() ([]*Graph, error) {
	var all []*Graph
	for {
		g, err := r.Read()
		if err == io.EOF {
			return all, nil
		}
		if err != nil {
			return all, err
		}
		all = append(all, g)
	}
}

// nextLine gives the next line without its end, or io.EOF.
func (r *Reader) nextLine() ([]byte, error) {
	limit := r.MaxLine
	if limit == 0 {
		limit = 16 << 20
	}
	r.buf = r.buf[:0]
	tooLong := false
	for started := false; ; {
		part, err := r.in.ReadSlice('\n')
		if len(part) > 0 && !started {
			started = true
			r.line++
		}
		ended := err == nil
		if ended {
			part = part[:len(part)-1]
		}
		if tooLong = tooLong || len(r.buf)+len(part) > limit; !tooLong {
			r.buf = append(r.buf, part...)
		}
		switch {
		case ended, err == io.EOF && started:
			if tooLong {
				return nil, &SyntaxError{Reason: fmt.Sprintf("the line is longer than %d bytes", limit),
					Hint: "write one graph a line, or raise Reader.MaxLine"}
			}
			return r.buf, nil
		case err == io.EOF:
			return nil, io.EOF
		case !errors.Is(err, bufio.ErrBufferFull):
			if !started {
				r.line++
			}
			return nil, err
		}
	}
}

var knownKeys = []string{"x", "e", "y", "i", "n", "directed", "w", "ef", "l", "xt", "el"}

// listed is what a line says before the listed edges become directed ones.
type listed struct {
	nodes        int // "n"; -1 where absent
	bonds, cols  int // rows and columns of Reader.bonds
	directed     bool
	weights      []float32
	features     []float32 // "ef"
	featureRows  int
	labels       []int32 // "el"
	rowsX, rowsT int     // nodes that "x" and "xt" describe; -1 where absent
}

// decode reads one line into a valid graph, or gives an error and its column
// (0 for an error about the graph as a whole).
func (r *Reader) decode(s *scanner) (g *Graph, column int, err error) {
	defer func() {
		if p := recover(); p != nil {
			bad, ok := p.(syntax)
			if !ok {
				panic(p)
			}
			column, err = bad.column, bad.err
		}
	}()
	g = new(Graph)
	l := listed{nodes: -1, rowsX: -1, rowsT: -1}
	var seen [16]bool
	hasID := false
	s.object(func(key string, at int) {
		k := slices.Index(knownKeys, key)
		if k < 0 {
			if !r.ExtraKeys {
				short := clip([]byte(key))
				s.pos = at
				s.fail(fmt.Sprintf("did you mean %q? Reader.ExtraKeys skips keys it does not know", nearest.To(short, knownKeys)),
					"unknown key %q", short)
			}
			s.skip(0)
			return
		}
		if seen[k] {
			s.pos = at
			s.fail("", "key %q comes twice", key)
		}
		seen[k] = true
		hasID = hasID || key == "i"
		r.field(s, key, g, &l)
	})
	if s.peek(); s.pos < len(s.line) {
		s.fail("write one graph a line", "malformed JSON: more text after the object")
	}
	if !hasID {
		g.ID = r.Name + ":" + strconv.Itoa(r.line)
		if r.Name == "" {
			g.ID = "line " + strconv.Itoa(r.line)
		}
	}
	return g, 0, r.build(g, &l)
}

// field reads the value of one key.
func (r *Reader) field(s *scanner, key string, g *Graph, l *listed) {
	switch key {
	case "i":
		if s.peek() == '"' {
			g.ID = s.text("an id")
		} else {
			g.ID = strconv.FormatInt(s.integer("id", math.MaxInt64), 10)
		}
	case "n":
		if l.nodes = int(s.integer("n", math.MaxInt32)); l.nodes < 0 {
			s.fail("", "n is negative")
		}
	case "directed":
		l.directed = s.boolean()
	case "x":
		if nested(s) {
			l.rowsX, _ = s.rows("node", func() { g.NodeFeatures = append(g.NodeFeatures, s.real("node feature")) })
			return
		}
		types := s.ids("node type")
		l.rowsX = len(types)
		if g.NodeTypes != nil && len(types) > 0 {
			s.fail(`give type ids in "x" or in "xt", not in both`, `"x" and "xt" both hold type ids`)
		}
		g.NodeTypes = append(g.NodeTypes, types...)
	case "xt":
		if g.NodeTypes != nil {
			s.fail(`give type ids in "x" or in "xt", not in both`, `"x" and "xt" both hold type ids`)
		}
		l.rowsT, _ = s.rows("node", func() { g.NodeTypes = append(g.NodeTypes, int32(s.integer("node type", math.MaxInt32))) })
	case "e":
		r.bonds = r.bonds[:0]
		l.bonds, l.cols = s.rows("edge", func() { r.bonds = append(r.bonds, int32(s.integer("node or edge type", math.MaxInt32))) })
		if l.bonds > 0 && l.cols < 2 {
			s.fail("write an edge as [u, v] or [u, v, type]", "edges of %d numbers", l.cols)
		}
	case "ef":
		l.featureRows, _ = s.rows("edge", func() { l.features = append(l.features, s.real("edge feature")) })
	case "w":
		l.weights = s.reals("weight")
	case "l":
		g.NodeLabels = s.ids("label")
	case "el":
		l.labels = s.ids("label")
	case "y":
		target(s, g)
	}
}

// nested tells whether the list that follows holds lists.
func nested(s *scanner) bool {
	if s.peek() != '[' {
		s.malformed("a list")
	}
	at := s.pos
	s.pos++
	b := s.peek()
	s.pos = at
	return b == '['
}

func target(s *scanner, g *Graph) {
	one := func() {
		v := float32(math.NaN())
		if s.peek(); !s.word("null") {
			v = s.real("target")
		}
		g.Target = append(g.Target, v)
	}
	if s.peek() != '[' {
		one()
		return
	}
	s.pos++
	for first := true; s.more(&first); {
		one()
	}
}
