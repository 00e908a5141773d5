package datasets

import (
	"fmt"
	"io"

	"github.com/graft-ml/graft/graphs"
)

// Graph6Reader reads undirected graphs without features in McKay's graph6 form,
// one a line, as nauty and the expressivity sets write them. Blank lines and the
// optional header >>graph6<< are skipped. Fields may be set before the first Read.
//
// gonum's graph6 package reads the same texts, but goes through the whole text
// again for every neighbour of every node, and squares whatever number of nodes a
// text claims; this reader checks first and takes time linear in the text.
type Graph6Reader struct {
	// MaxNodes is the most nodes of a graph; 0 means 10,000.
	MaxNodes int
	in       *lines
}

// NewGraph6Reader reads from in, which messages call name.
func NewGraph6Reader(name string, in io.Reader) *Graph6Reader {
	return &Graph6Reader{in: newLines(name, in)}
}

// Line is the number of the line that was read last, from 1.
func (r *Graph6Reader) Line() int { return r.in.n }

// Read gives the next graph, whose ID is the number of its line, or io.EOF after
// the last. Any other error is a *FileError with the line.
func (r *Graph6Reader) Read() (*graphs.Graph, error) {
	text, err := r.next()
	if err != nil {
		return nil, err
	}
	g := decodeGraph6(text)
	g.ID = fmt.Sprint(r.in.n)
	return g, nil
}

// next gives the text of the next graph, which is valid.
func (r *Graph6Reader) next() (string, error) {
	for {
		line, err := r.in.next()
		if err != nil {
			return "", err
		}
		const header = ">>graph6<<"
		text := string(line)
		if r.in.n == 1 && len(text) >= len(header) && text[:len(header)] == header {
			if text = text[len(header):]; text == "" {
				continue
			}
		}
		if reason := checkGraph6(text, r.maxNodes()); reason != "" {
			return "", r.in.fail("each line must be one graph in graph6 form", "%s", reason)
		}
		return text, nil
	}
}

func (r *Graph6Reader) maxNodes() int {
	if r.MaxNodes == 0 {
		return 10_000
	}
	return r.MaxNodes
}

// checkGraph6 tells what is wrong with a text, before anything is made of it: the
// number of nodes that it claims is checked against the limit and the length.
func checkGraph6(text string, maxNodes int) string {
	for i := range len(text) {
		if text[i] < 63 || text[i] > 126 {
			return fmt.Sprintf("column %d: the byte %q is none of graph6, which has 63 to 126", i+1, text[i])
		}
	}
	if text == "" {
		return "there is no graph"
	}
	if text[0] == 126 && (len(text) < 4 || text[1] == 126 && len(text) < 8) {
		return "the number of nodes is cut off"
	}
	n, bits := graph6Nodes(text)
	switch {
	case n == 0:
		return "the graph has no nodes"
	case n > maxNodes:
		return fmt.Sprintf("%d nodes, the limit is %d", n, maxNodes)
	}
	pairs := n * (n - 1) / 2
	want := (pairs + 5) / 6
	if len(bits) != want {
		return fmt.Sprintf("%d bytes for the edges of %d nodes, expected %d", len(bits), n, want)
	}
	if pad := 6*want - pairs; pad > 0 && (text[len(text)-1]-63)&(1<<pad-1) != 0 {
		return "the last byte has bits beyond the last pair of nodes"
	}
	return ""
}

// six reads a number of six bits a byte, the highest first.
func six(text string) int {
	n := 0
	for i := range len(text) {
		n = n<<6 | int(text[i]-63)
	}
	return n
}

// decodeGraph6 makes a graph of a valid text: bonds (u, v), u < v, in the order of
// the text, which is by v first, and all node types 0.
func decodeGraph6(text string) *graphs.Graph {
	n, bits := graph6Nodes(text)
	g := &graphs.Graph{Nodes: n, NodeTypes: make([]int32, n)}
	at := 0
	for v := range n {
		for u := range v {
			if (bits[at/6]-63)>>(5-at%6)&1 != 0 {
				g.AddBond(u, v)
			}
			at++
		}
	}
	return g
}

// graph6Nodes is the number of nodes of a valid text, and the rest of the text.
func graph6Nodes(text string) (n int, bits string) {
	switch {
	case text[0] != 126:
		return int(text[0] - 63), text[1:]
	case text[1] != 126:
		return six(text[1:4]), text[4:]
	}
	return six(text[2:8]), text[8:]
}

var _ Source = (*graph6Source)(nil)

// graph6Source holds graphs as text and makes each when it is asked for.
type graph6Source struct {
	texts   []string
	classes bool // the class of a graph is its number
}

// Len is the number of graphs.
func (s *graph6Source) Len() int { return len(s.texts) }

// Graph makes graph i; the error is always nil.
func (s *graph6Source) Graph(i int) (*graphs.Graph, error) {
	mustHave(i, len(s.texts))
	g := decodeGraph6(s.texts[i])
	g.ID = fmt.Sprint(i)
	if s.classes {
		g.Target = []float32{float32(i)}
	}
	return g, nil
}

// readGraph6 reads a file whose graphs all have the same number of nodes.
func readGraph6(path string, count, nodes int) ([]string, error) {
	file, err := openData(path)
	if err != nil {
		return nil, err
	}
	defer file.Close() // only read from: closing cannot lose anything
	r := NewGraph6Reader(path, file)
	r.MaxNodes = nodes
	var all []string
	for {
		text, err := r.next()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if n, _ := graph6Nodes(text); n != nodes {
			return nil, notPublished(path, r.Line(), "%d nodes, expected %d", n, nodes)
		}
		all = append(all, text)
	}
	if len(all) != count {
		return nil, notPublished(path, 0, "%d graphs, expected %d", len(all), count)
	}
	return all, nil
}
