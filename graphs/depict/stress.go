package depict

import (
	"math"
	"slices"

	"gonum.org/v1/gonum/mat"

	"github.com/graft-ml/graft/graphs"
)

// LayoutGraph gives each node of a graph its place, an edge being about 1 long:
// the distances in the plane come as near as they can to those in the graph, where
// nearer ones count more. Connected parts lie side by side. The error is a
// *SizeError, or that of [graphs.Graph.Validate].
//
// It is the layout by stress majorisation of Gansner, Koren and North (Graph
// Drawing 2004), with weights of one by the squared distance, from a start by
// classical scaling: no random numbers, the same graph always gets the same
// places, and a symmetric graph tends to look symmetric.
func LayoutGraph(g *graphs.Graph) ([]Point, error) {
	if err := checkGraph(g); err != nil {
		return nil, err
	}
	near := neighbourhoods(g)
	ends := make([][]end, g.Nodes)
	for i, list := range near {
		for _, j := range list {
			ends[i] = append(ends[i], end{j, -1})
		}
	}
	points := make([]Point, g.Nodes)
	components := parts(g.Nodes, ends)
	for _, part := range components {
		for k, p := range stress(part, near) {
			points[part[k]] = p
		}
	}
	pack(points, components, 1)
	return points, nil
}

func checkGraph(g *graphs.Graph) error {
	if g.Nodes > MostNodes {
		return &SizeError{"nodes", g.Nodes, MostNodes}
	}
	if len(g.Edges) > MostEdges {
		return &SizeError{"edges", len(g.Edges), MostEdges}
	}
	return g.Validate()
}

// neighbourhoods lists the other ends of the edges of each node, whatever their
// direction, ascending.
func neighbourhoods(g *graphs.Graph) [][]int {
	near := make([][]int, g.Nodes)
	for _, e := range g.Edges {
		if e.From != e.To {
			near[e.From], near[e.To] = append(near[e.From], e.To), append(near[e.To], e.From)
		}
	}
	for i := range near {
		slices.Sort(near[i])
		near[i] = slices.Compact(near[i])
	}
	return near
}

// stress lays out one connected part.
func stress(part []int, near [][]int) []Point {
	n := len(part)
	if n == 1 {
		return []Point{{}}
	}
	place := make(map[int]int, n)
	for k, i := range part {
		place[i] = k
	}
	distance := make([][]int, n) // in edges
	for k, i := range part {
		distance[k] = steps(i, part, place, near)
	}
	points := scaled(distance)
	springs := make([]spring, 0, n*(n-1)/2)
	for b := range n {
		for a := range b {
			d := float64(distance[a][b])
			springs = append(springs, spring{a: a, b: b, length: d, weight: 1 / (d * d)})
		}
	}
	settle(points, springs, 30+6_000_000/len(springs)/(1+n/200), 1e-4)
	level(points)
	return points
}

// steps gives the distance of each node of a part from one of them.
func steps(from int, part []int, place map[int]int, near [][]int) []int {
	d := make([]int, len(part))
	for k := range d {
		d[k] = -1
	}
	d[place[from]] = 0
	queue := []int{from}
	for k := 0; k < len(queue); k++ {
		for _, j := range near[queue[k]] {
			if at := place[j]; d[at] < 0 {
				d[at] = d[place[queue[k]]] + 1
				queue = append(queue, j)
			}
		}
	}
	return d
}

// scaled gives points whose distances are near those of a matrix: the two leading
// eigenvectors of the doubly centred matrix of squared distances (classical
// scaling, Torgerson 1952). A tiny offset by number parts nodes with the same
// neighbours.
func scaled(distance [][]int) []Point {
	n := len(distance)
	mean := make([]float64, n)
	all := 0.0
	for i, row := range distance {
		for _, d := range row {
			mean[i] += float64(d*d) / float64(n)
		}
		all += mean[i] / float64(n)
	}
	b := mat.NewSymDense(n, nil)
	for i := range n {
		for j := range i + 1 {
			d := float64(distance[i][j])
			b.SetSym(i, j, -0.5*(d*d-mean[i]-mean[j]+all))
		}
	}
	points := make([]Point, n)
	var eigen mat.EigenSym
	if eigen.Factorize(b, true) {
		values := eigen.Values(nil)
		var vectors mat.Dense
		eigen.VectorsTo(&vectors)
		axis := func(k int) []float64 {
			if n <= k {
				return make([]float64, n)
			}
			v := mat.Col(nil, n-1-k, &vectors)
			scale := math.Sqrt(max(values[n-1-k], 0))
			// The sign of an eigenvector is arbitrary: the first entry that counts is
			// positive.
			for _, x := range v {
				if math.Abs(x) > 1e-6 {
					scale = math.Copysign(scale, x)
					break
				}
			}
			for i := range v {
				v[i] *= scale
			}
			return v
		}
		x, y := axis(0), axis(1)
		for i := range points {
			points[i] = Point{x[i], y[i]}
		}
	}
	for i := range points {
		points[i] = points[i].plus(direction(2.4 * float64(i)).times(1e-3 * float64(1+i%7)))
	}
	return points
}

// level turns points so that they spread along the x axis.
func level(points []Point) {
	c := middle(points)
	var xx, xy, yy float64
	for _, p := range points {
		d := p.minus(c)
		xx, xy, yy = xx+d.X*d.X, xy+d.X*d.Y, yy+d.Y*d.Y
	}
	angle := math.Atan2(2*xy, xx-yy) / 2
	for i, p := range points {
		points[i] = p.minus(c).turned(-angle)
	}
}
