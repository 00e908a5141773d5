package depict

import (
	"image/color"
	"math"
	"slices"
	"strconv"

	"gonum.org/v1/plot/vg"

	"github.com/graft-ml/graft/graphs"
)

// GraphOptions say how a graph is drawn. The zero value has no title. Nodes are
// coloured by their labels, or else by the first column of their types, edges by
// the first column of theirs, where there are several.
type GraphOptions struct {
	Title string
	Notes []string // lines below the title
	// NodeNames and EdgeNames are those of the types, or of the labels of nodes, for
	// the legend; a type without a name is called by its number.
	NodeNames, EdgeNames []string
	// NodeTitle is what the legend says above them; "" means "class" or "node type".
	NodeTitle string
}

// tints are the colours of Okabe and Ito, which colour-blind readers can tell
// apart, lighter ones of them after, for types.
var tints = []color.NRGBA{
	{86, 180, 233, 255}, {230, 159, 0, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {240, 228, 66, 255}, {213, 94, 0, 255}, {0, 114, 178, 255},
	{170, 215, 244, 255}, {243, 207, 128, 255}, {128, 207, 185, 255}, {230, 188, 211, 255}, {200, 200, 200, 255},
}

var (
	edgeInk  = color.NRGBA{90, 90, 90, 255}
	nodeInk  = color.NRGBA{40, 40, 40, 255}
	noLabel  = color.NRGBA{255, 255, 255, 255}
	edgeInks = []color.NRGBA{{90, 90, 90, 255}, {213, 94, 0, 255}, {0, 114, 178, 255}, {0, 158, 115, 255}, {204, 121, 167, 255}, {160, 120, 0, 255}}
)

// Sizes of pictures of graphs in points.
const (
	graphWidth  = 560.0
	graphHeight = 480.0
	edgeLength  = 46.0 // unless nodes lie nearer than edges are long
	nodeRadius  = 11.0 // at most
	leastRadius = 1.6
	legendSize  = 9.0
)

// kinds are the types by which nodes or edges are coloured.
type kinds struct {
	title string
	of    []int // of each node or edge
	names []string
	inks  []color.NRGBA
}

// newKinds gives each value that occurs a colour: the commonest ones of their own,
// what remains the last one.
func newKinds(title string, values []int, names []string, inks []color.NRGBA) *kinds {
	count := map[int]int{}
	for _, v := range values {
		if v >= 0 {
			count[v]++
		}
	}
	var known []int
	for v := range count {
		known = append(known, v)
	}
	slices.Sort(known)
	if len(known) < 2 && len(names) == 0 {
		return nil
	}
	rest := len(known) > len(inks)
	if rest {
		slices.SortFunc(known, func(a, b int) int {
			if count[a] != count[b] {
				return count[b] - count[a]
			}
			return a - b
		})
		known = known[:len(inks)-1]
		slices.Sort(known)
	}
	k := &kinds{title: title, of: make([]int, len(values))}
	for n, v := range known {
		name := strconv.Itoa(v)
		if v < len(names) {
			name = names[v]
		}
		k.names, k.inks = append(k.names, name), append(k.inks, inks[n])
	}
	if rest {
		k.names, k.inks = append(k.names, "others"), append(k.inks, inks[len(inks)-1])
	}
	if slices.Contains(values, graphs.NoLabel) {
		k.names, k.inks = append(k.names, "not given"), append(k.inks, noLabel)
	}
	for i, v := range values {
		switch k.of[i] = slices.Index(known, v); {
		case v == graphs.NoLabel:
			k.of[i] = len(k.names) - 1
		case k.of[i] < 0:
			k.of[i] = len(known)
		}
	}
	return k
}

// network is a graph with places, ready to be drawn.
type network struct {
	g            *graphs.Graph
	points       []Point // in points, from the lower left corner
	radius       float64
	numbered     bool
	nodes, edges *kinds
	legendX      float64
	directed     map[graphs.Edge]bool // without an edge back
}

// Graph draws a graph: nodes as circles, with their numbers where there is room,
// edges as lines, with arrows where there is no edge back, a loop for a node that
// is joined to itself, colours for types with a legend. The error is that of
// [LayoutGraph].
func Graph(g *graphs.Graph, o GraphOptions) (*Drawing, error) {
	places, err := LayoutGraph(g)
	if err != nil {
		return nil, err
	}
	b := boxOf(places)
	near := tightest(places)
	scale := min(max(edgeLength, 3*nodeRadius/near), graphWidth/max(b.width(), 1e-9), graphHeight/max(b.height(), 1e-9))
	n := &network{g: g, points: make([]Point, len(places)), directed: map[graphs.Edge]bool{}}
	for i, p := range places {
		n.points[i] = p.minus(b.low).times(scale)
	}
	n.radius = max(leastRadius, min(nodeRadius, 0.4*scale*near))
	n.numbered = n.radius >= 5.5
	n.nodes, n.edges = nodeKinds(g, o), edgeKinds(g, o)
	there := make(map[graphs.Edge]bool, len(g.Edges))
	for _, e := range g.Edges {
		there[e] = true
	}
	loops := 0.0
	for _, e := range g.Edges {
		n.directed[e] = !there[graphs.Edge{From: e.To, To: e.From}]
		if e.From == e.To {
			loops = 2.2 * n.radius
		}
	}
	width, height := b.width()*scale+2*n.radius+loops, b.height()*scale+2*n.radius+loops
	for i := range n.points {
		n.points[i] = n.points[i].plus(Point{n.radius, n.radius})
	}
	n.legendX = width + 18
	legendWidth, legendHeight := n.legend(nil, 0)
	if legendWidth > 0 {
		width, height = n.legendX+legendWidth, max(height, legendHeight)
	}
	return &Drawing{width: vg.Length(width), height: vg.Length(height), title: o.Title, notes: o.Notes, paint: func(p pen) {
		n.paint(p)
		n.legend(&p, height)
	}}, nil
}

// tightest is a small distance of nodes: that of the nearest neighbour, of all
// nodes but the closest tenth.
func tightest(points []Point) float64 {
	if len(points) == 1 {
		return 1
	}
	least := make([]float64, len(points))
	for i, p := range points {
		least[i] = math.Inf(1)
		for j, q := range points {
			if i != j {
				least[i] = min(least[i], p.distance(q))
			}
		}
	}
	slices.Sort(least)
	return max(least[len(least)/10], 1e-3)
}

// nodeKinds colours nodes by their classes, which are what is asked of them, or
// else by their types.
func nodeKinds(g *graphs.Graph, o GraphOptions) *kinds {
	values := make([]int, g.Nodes)
	title := o.NodeTitle
	if len(g.NodeLabels) > 0 {
		for i, label := range g.NodeLabels {
			values[i] = int(label)
		}
		if title == "" {
			title = "class"
		}
		return newKinds(title, values, o.NodeNames, tints)
	}
	columns := g.NodeTypeColumns()
	if columns == 0 {
		return nil
	}
	for i := range values {
		values[i] = int(g.NodeTypes[i*columns])
	}
	if title == "" {
		title = "node type"
	}
	return newKinds(title, values, o.NodeNames, tints)
}

func edgeKinds(g *graphs.Graph, o GraphOptions) *kinds {
	columns := g.EdgeTypeColumns()
	if columns == 0 {
		return nil
	}
	values := make([]int, len(g.Edges))
	for e := range values {
		values[e] = int(g.EdgeTypes[e*columns])
	}
	return newKinds("edge type", values, o.EdgeNames, edgeInks)
}

func (n *network) paint(p pen) {
	width, faint := 1.2, uint8(255)
	if edges := float64(len(n.g.Edges)) / 2; edges > 150 { // thinner and fainter, so that many do not make a blot
		width = max(0.35, 1.2*math.Sqrt(150/edges))
		faint = uint8(max(90, 255*math.Sqrt(150/edges)))
	}
	for e, edge := range n.g.Edges {
		ink := edgeInk
		if n.edges != nil {
			ink = n.edges.inks[n.edges.of[e]]
		}
		ink.A = faint
		from, to := n.points[edge.From], n.points[edge.To]
		switch {
		case edge.From == edge.To:
			p.circle(from.plus(Point{0.8 * n.radius, 0.8 * n.radius}), 0.8*n.radius, nil, width, ink)
		case n.directed[edge]:
			n.arrow(p, from, to, width, ink)
		case edge.From < edge.To: // the other direction is the same line
			p.line(width, ink, nil, from, to)
		}
	}
	for i, at := range n.points {
		fill := tints[0]
		if n.nodes != nil {
			fill = n.nodes.inks[n.nodes.of[i]]
		}
		p.circle(at, n.radius, fill, min(0.8, n.radius/4), nodeInk)
		if n.numbered {
			text := strconv.Itoa(i)
			size := min(1.1*n.radius, 1.5*n.radius/(0.56*float64(len(text))))
			ink := color.Color(color.Black)
			if 299*int(fill.R)+587*int(fill.G)+114*int(fill.B) < 110_000 {
				ink = color.White
			}
			p.text(text, at.minus(Point{0, capital * size / 2}), size, 0.5, ink)
		}
	}
}

// arrow draws a line with a head that touches the second node.
func (n *network) arrow(p pen, from, to Point, width float64, ink color.Color) {
	d := to.minus(from).unit()
	tip := to.minus(d.times(n.radius))
	size := max(4*width, 0.7*n.radius)
	back := tip.minus(d.times(size))
	p.line(width, ink, nil, from, back)
	side := d.normal().times(size / 2.6)
	p.fill(ink, tip, back.plus(side), back.minus(side))
}

// legend lists the colours at the right, from the top down, and gives the room it
// takes; without a pen it only measures.
func (n *network) legend(p *pen, top float64) (width, height float64) {
	line := 1.5 * legendSize
	y := top
	for _, k := range []*kinds{n.nodes, n.edges} {
		if k == nil {
			continue
		}
		if y < top {
			y -= line / 2
		}
		y -= line
		width = max(width, float64(textWidth(k.title, legendSize)))
		if p != nil {
			p.text(k.title, Point{n.legendX, y + 0.3*legendSize}, legendSize, 0, color.Black)
		}
		for i, name := range k.names {
			y -= line
			width = max(width, 16+float64(textWidth(name, legendSize)))
			if p == nil {
				continue
			}
			middle := y + 0.3*legendSize + capital*legendSize/2
			if k == n.nodes {
				p.circle(Point{n.legendX + 5, middle}, 4, k.inks[i], 0.8, nodeInk)
			} else {
				p.line(1.6, k.inks[i], nil, Point{n.legendX, middle}, Point{n.legendX + 10, middle})
			}
			p.text(name, Point{n.legendX + 16, y + 0.3*legendSize}, legendSize, 0, color.Black)
		}
	}
	return width, top - y
}
